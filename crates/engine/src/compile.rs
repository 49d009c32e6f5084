//! From component to native code. Runs inside the compiling child process; see [`crate::worker`].

use proofmark_criteria::limits::{MAX_MEMORY_BYTES, MAX_TABLE_ELEMENTS};
use wasmtime::component::Component;

use crate::config::{self, OptLevel};
use crate::fault::HostFault;
use crate::gate;
use crate::prepare::PrepareError;
use crate::profile;

/// Longest text of the compiler that an author is shown.
const MAX_REASON_CHARS: usize = 400;

/// Check the structure of `component` and compile it.
///
/// # Errors
/// See [`PrepareError`].
pub fn compile(
    component: &[u8],
    opt: OptLevel,
    extra_imports: &[&str],
) -> Result<Vec<u8>, PrepareError> {
    gate::check(component, extra_imports)?;
    let engine = config::compiling_engine(opt).map_err(|error| host(&error))?;
    let compiled = Component::from_binary(&engine, component).map_err(|error| {
        let reason: String = format!("{error:#}")
            .chars()
            .take(MAX_REASON_CHARS)
            .collect();
        PrepareError::Invalid(reason)
    })?;
    check_resources(&compiled)?;
    compiled.serialize().map_err(|error| host(&error))
}

/// What instantiation alone takes. A component that imports modules hides it; there is none to import.
fn check_resources(compiled: &Component) -> Result<(), PrepareError> {
    let Some(needs) = compiled.resources_required() else {
        return Ok(());
    };
    let table = needs.max_initial_table_size.unwrap_or_default();
    let memory = needs.max_initial_memory_size.unwrap_or_default();
    gate::limit(
        "memories",
        u64::from(needs.num_memories),
        profile::MAX_MEMORIES as u64,
    )?;
    gate::limit(
        "tables",
        u64::from(needs.num_tables),
        profile::MAX_TABLES as u64,
    )?;
    gate::limit("initial-memory-bytes", memory, MAX_MEMORY_BYTES)?;
    gate::limit(
        "initial-table-elements",
        table,
        u64::from(MAX_TABLE_ELEMENTS),
    )
}

fn host(error: &wasmtime::Error) -> PrepareError {
    PrepareError::Host(HostFault::internal(format!("{error:#}")))
}

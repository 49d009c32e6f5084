//! From component to native code. Runs inside the compiling child process; see [`crate::worker`].

use std::panic::{AssertUnwindSafe, catch_unwind};

use proofmark_criteria::limits::{MAX_MEMORY_BYTES, MAX_TABLE_ELEMENTS};
use wasmtime::component::Component;

use crate::config::{self, OptLevel};
use crate::fault::{HostFault, host_cause};
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
    let translated = catch_unwind(AssertUnwindSafe(|| {
        Component::from_binary(&engine, component)
    }));
    // A panic of the compiler comes of what it was given, so it is the component that is refused.
    let compiled = translated
        .map_err(|_| PrepareError::Invalid("the compiler cannot translate it".into()))?
        .map_err(|error| refused(&error))?;
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

/// The component's fault, unless the system failed meanwhile.
fn refused(error: &wasmtime::Error) -> PrepareError {
    if let Some(fault) = host_cause(error) {
        return PrepareError::Host(fault);
    }
    PrepareError::Invalid(
        format!("{error:#}")
            .chars()
            .take(MAX_REASON_CHARS)
            .collect(),
    )
}

fn host(error: &wasmtime::Error) -> PrepareError {
    PrepareError::Host(HostFault::internal(format!("{error:#}")))
}

//! The engine, the cache and the log from the global options.

use std::io::IsTerminal;
use std::path::PathBuf;

use proofmark_engine::{Engine, EngineOptions, HostFault, WorkerCommand};
use tracing_subscriber::EnvFilter;

use crate::args::Global;
use crate::failure::Failure;
use crate::printer::Printer;

/// Log lines of the host go to standard error; `PROOFMARK_LOG` chooses which (default: warnings).
pub(crate) fn logging(_: &Global) {
    let filter =
        EnvFilter::try_from_env("PROOFMARK_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    let layer = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .without_time();
    let _ = layer.with_ansi(std::io::stderr().is_terminal()).try_init();
}

/// Where compiled code is kept: `--cache`, or `proofmark` in the user's cache directory.
pub(crate) fn cache_directory(global: &Global) -> Option<PathBuf> {
    if global.no_cache {
        return None;
    }
    let from_environment = || {
        let base = std::env::var_os("XDG_CACHE_HOME")
            .filter(|path| !path.is_empty())
            .map(PathBuf::from);
        let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
        base.or_else(home).map(|base| base.join("proofmark"))
    };
    global.cache.clone().or_else(from_environment)
}

/// An engine as the global options say. Measures that the system lacks are said aloud.
///
/// # Errors
/// When the cache or the machine cannot be used.
pub(crate) fn engine(global: &Global, printer: &Printer) -> Result<Engine, Failure> {
    let worker = WorkerCommand::current().map_err(|error| HostFault {
        code: proofmark_criteria::fault::HostFaultCode::WorkerSpawn,
        detail: error.to_string(),
    })?;
    let mut options = EngineOptions::new(worker);
    options.isolation = global.isolation.into();
    options.opt = global.opt_level.into();
    options.cache = cache_directory(global);
    let engine = Engine::new(options)?;
    warn_about_isolation(&engine, printer)?;
    Ok(engine)
}

fn warn_about_isolation(engine: &Engine, printer: &Printer) -> Result<(), Failure> {
    match engine.isolation() {
        proofmark_engine::Isolation::None => {
            printer.warn("isolation is off: validators run in this process");
        }
        proofmark_engine::Isolation::Process => {
            for measure in engine
                .isolation_report()?
                .measures
                .iter()
                .filter(|measure| !measure.applied)
            {
                printer.warn(format!(
                    "isolation is weaker here, no {}: {}",
                    measure.name, measure.detail
                ));
            }
        }
    }
    Ok(())
}

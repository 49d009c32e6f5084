//! Engines and jobs as the tests need them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use proofmark_criteria::Limits;
use proofmark_engine::{Engine, EngineOptions, FileSet, Isolation, Job, WorkerCommand};

/// The root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .expect("the workspace is there")
}

/// Options of an engine whose workers are `program`.
pub fn options(program: &str, isolation: Isolation) -> EngineOptions {
    let command = WorkerCommand {
        program: program.into(),
        arguments: Vec::new(),
    };
    let mut options = EngineOptions::new(command);
    options.isolation = isolation;
    options
}

/// An engine whose workers are `program`.
pub fn engine(program: &str, isolation: Isolation) -> Engine {
    Engine::new(options(program, isolation)).expect("an engine can be made here")
}

/// A job over files in memory, with default limits and no parameters.
pub fn job(checks: &[&str], files: &[(&str, &[u8])]) -> Job {
    Job {
        params: "{}".into(),
        limits: Limits::default(),
        checks: checks.iter().map(|id| (*id).to_owned()).collect(),
        submission: Arc::new(FileSet::from_memory(files.iter().copied())),
        reference: Arc::default(),
    }
}

/// Most memory that a process and its living children have had at once, in bytes (`VmHWM`).
pub fn peak_memory_bytes(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let kib = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = kib.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or_default() << 10
}

/// The living children of this process.
pub fn children() -> Vec<u32> {
    let mut found = Vec::new();
    for task in std::fs::read_dir("/proc/self/task")
        .expect("Linux has /proc")
        .flatten()
    {
        let text = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
        found.extend(
            text.split_whitespace()
                .filter_map(|pid| pid.parse::<u32>().ok()),
        );
    }
    found
}

//! Engines and jobs as the tests need them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

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

/// Processor time that a process has used, in ticks of the system's clock (10 ms); nothing if it is gone.
pub fn cpu_time(pid: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The second field is a name, which may hold spaces.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks = fields.split_whitespace().skip(11).take(2);
    let ticks: u64 = ticks.filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 1_000 / rustix::param::clock_ticks_per_second().max(1))
}

/// Whether a child runs a program of its own by now. Before, it seems to have all our memory.
pub fn is_worker(pid: u32) -> bool {
    let program = |of: String| std::fs::read_link(format!("/proc/{of}/exe")).ok();
    program(pid.to_string()) != program("self".into())
}

/// The living children of this process.
pub fn children() -> Vec<u32> {
    children_of(std::process::id())
}

/// The living children of a process.
pub fn children_of(pid: u32) -> Vec<u32> {
    let mut found = Vec::new();
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task"));
    for task in tasks.into_iter().flatten().flatten() {
        let text = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
        found.extend(
            text.split_whitespace()
                .filter_map(|pid| pid.parse::<u32>().ok()),
        );
    }
    found
}

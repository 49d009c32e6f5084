//! How an engine is set up, and what a compilation may cost.

use std::path::PathBuf;
use std::time::Duration;

use crate::config::OptLevel;
use crate::job::ClockLimits;
use crate::worker::process::Budget;
use crate::worker::sandbox::ProcessLimits;
use crate::worker::serve::ServeOptions;
use crate::worker::{Isolation, WorkerCommand};

/// How an engine is set up.
pub struct EngineOptions {
    /// Where guests run.
    pub isolation: Isolation,
    /// How worker processes are started: for every run, or with isolation off for compiling only.
    pub worker: WorkerCommand,
    /// Where compiled code is kept; nowhere by default.
    pub cache: Option<PathBuf>,
    /// How hard to optimise; see [`OptLevel`].
    pub opt: OptLevel,
    /// Runs at once inside this process, with isolation off.
    pub slots: u32,
    /// How long a worker may take to start and lock itself down.
    pub start: Budget,
    /// Clock limits of runs in workers.
    pub clock: ClockLimits,
    /// What a compilation may cost.
    pub compilation: CompilationLimits,
    /// More imports, offered by a test to runs in this process.
    #[doc(hidden)]
    pub extra: ServeOptions,
}

impl EngineOptions {
    /// The defaults: isolated, optimised, no cache.
    pub fn new(worker: WorkerCommand) -> Self {
        Self {
            isolation: Isolation::Process,
            worker,
            cache: None,
            opt: OptLevel::Speed,
            slots: 16,
            start: Budget {
                cpu: Duration::from_secs(10),
                wall: Duration::from_secs(30),
            },
            clock: ClockLimits::default(),
            compilation: CompilationLimits::default(),
            extra: ServeOptions::default(),
        }
    }
}

/// How much a compilation may cost. What was admitted once must never fail to compile later, so
/// publication is stricter than any later time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// The first time, when criteria are made.
    Publish,
    /// Any later time.
    Published,
}

impl Admission {
    /// Is what was prepared under these limits good enough for `asked`?
    pub(crate) fn serves(self, asked: Self) -> bool {
        self == Self::Publish || asked == Self::Published
    }
}

/// What the compiling child is given. CPython, the largest guest we know, takes 18 s here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompilationLimits {
    /// When criteria are made.
    pub publish: ProcessLimits,
    /// At any later time.
    pub published: ProcessLimits,
}

impl Default for CompilationLimits {
    fn default() -> Self {
        Self {
            publish: ProcessLimits {
                data_bytes: 1 << 30,
                cpu_seconds: Some(30),
            },
            published: ProcessLimits {
                data_bytes: 3 << 30,
                cpu_seconds: Some(120),
            },
        }
    }
}

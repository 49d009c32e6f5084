//! Prepares and runs validators deterministically, meters them, and attributes every fault.
//!
//! In scope: the engine profile, structural limits, compilation in a limited child, the cache of
//! compiled code, runs in a locked-down child, the host side of the validator contract, and reading
//! submissions from disk. Out of scope: what a verdict is (`proofmark-criteria`), signing it (the
//! engine never signs), and the command line (`proofmark-cli`).
//!
//! **Invariants.** Report, fuel and log digest are a function of validator, submission, parameters,
//! references, limits and profile; nothing survives a run; no text of the engine enters a record; a
//! clock limit never decides a verdict.

#[cfg(not(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu")))]
compile_error!(
    "proofmark-engine runs hostile code on x86_64-unknown-linux-gnu only: the lock-down needs Landlock, \
     seccomp and /proc, and wasmtime's compiler is tier 1 there"
);

pub mod cache;
pub mod compile;
pub mod config;
pub mod fault;
pub mod files;
pub mod gate;
pub mod intake;
pub mod job;
pub mod judge;
pub mod prepare;
pub mod profile;
pub mod run;
pub mod worker;

mod code;
mod engine;
mod mapped;
mod options;

pub use config::OptLevel;
pub use engine::{Engine, Prepared};
pub use fault::HostFault;
pub use files::FileSet;
pub use job::{ClockLimits, Evaluation, Job};
pub use options::{Admission, CompilationLimits, EngineOptions};
pub use prepare::{PrepareError, PublishError};
pub use profile::EngineProfile;
pub use worker::{Isolation, IsolationReport, WorkerCommand};

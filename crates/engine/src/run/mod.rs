//! One run: a fresh store and instance, metered and bounded, that ends in a report or in a fault.
//!
//! This is the code that executes inside the locked-down worker process, and, with isolation off, in
//! the caller's own. It opens nothing by itself: artifacts come through [`ArtifactHost`].

pub mod wasi;

mod bindings;
mod bounded;
mod evaluate;
mod host;
mod lift;
mod limiter;
mod program;
mod state;

pub use evaluate::{LoadError, Loaded, Runner};
pub use host::INTERFACES as VALIDATOR_INTERFACES;
pub use state::{
    ArtifactHost, ArtifactListing, ArtifactSet, Bytes, ExtraImports, LogLevel, LogLine, RunState,
    Usage,
};

use proofmark_core::Digest;
use proofmark_criteria::fault::FaultCode;
use proofmark_criteria::limits::Limits;
use proofmark_criteria::report::Check;
use serde::{Deserialize, Serialize};

/// Everything a run is a function of, besides the validator, the files and the profile.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RunInput {
    /// Parameters as RFC 8785 canonical JSON.
    pub params: String,
    /// The criterion's limits.
    pub limits: Limits,
    /// Fuel for `evaluate`: the limits' own, scaled by the size of the submission.
    pub fuel: u64,
    /// Most bytes the run may read: likewise.
    pub read_bytes: u64,
}

/// What came out of a run, before it is checked against what the criteria declare.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunOutput {
    /// How it ended.
    pub end: RawEnd,
    /// Fuel that `evaluate` used, where wasmtime's counter is exact: after a normal return, and (as
    /// the whole limit) when it ran out.
    pub fuel_used: Option<u64>,
    /// Digest over the log; only after a normal return, because how far a run came before a stack
    /// overflow depends on generated code.
    pub log_digest: Option<Digest>,
    /// The log itself, for the validator's author.
    pub log: Vec<LogLine>,
    /// Peaks, for `validator test`; not part of the record.
    pub usage: Usage,
}

/// How a run ended, as the runner saw it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum RawEnd {
    /// `evaluate` returned a report. Its texts are cleaned and bounded, its contents not yet checked.
    Reported(Vec<Check>),
    /// `evaluate` declined.
    Refused(FaultCode, String),
    /// The run was ended.
    Faulted(FaultCode),
}

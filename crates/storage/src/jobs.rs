//! Work that is due, and what it came to.

use proofmark_core::{Digest, Timestamp};

/// Work that must be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Made by whoever orders it, and never used again.
    pub id: String,
    /// Who can do it.
    pub kind: String,
    /// Not before.
    pub due_at: Timestamp,
    /// What.
    pub body: String,
}

/// A job that a worker holds. After `leased_until` another may claim it, under the next epoch; what the first one
/// then says of it counts for nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Its id.
    pub id: String,
    /// What.
    pub body: String,
    /// How often it was claimed: the fencing token.
    pub epoch: u64,
    /// Until when it is this worker's.
    pub leased_until: Timestamp,
}

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunResult {
    /// Names the run: everything that its result depends on.
    pub run_key: Digest,
    /// The result.
    pub body: Vec<u8>,
}

/// What became of the result of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Results {
    /// It is the first.
    New,
    /// The same was known.
    Same,
    /// Another one was known, which stays: the run is not deterministic, or somebody lies. It is kept as an incident.
    Conflict {
        /// What was known.
        known: Vec<u8>,
    },
}

//! Watching a log: that it only grows, and what a stranger can be shown where it does not.

mod fork;
#[cfg(test)]
mod tests;

use proofmark_tlog::{NoteKey, VerifiedCheckpoint};

use crate::source::{LogReader, ReadError, Source};

pub use fork::{FORK_V1, ForkError, ForkProof, MAX_FORK_BYTES};

/// What became of a log since it was looked at last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observation {
    /// It was not looked at before.
    First,
    /// It is what it was.
    Unchanged,
    /// It has grown, and begins with what it was.
    Grown {
        /// Number of entries that are new.
        entries: u64,
    },
    /// It shows fewer entries than it did. That is no proof of anything, as a cache may show what is old; if it
    /// stays so, entries were taken back.
    Behind {
        /// Number of entries that it showed before.
        remembered: u64,
    },
    /// It shows another tree than it did, and has signed both.
    Forked(Box<ForkProof>),
}

/// Compares a log with what it was when it was looked at last. The checkpoint of `reader` is what to remember
/// next, unless the log is behind or forked.
///
/// # Errors
/// [`ReadError`]. A log that serves tiles which do not lead to its own root ends here: it proves nothing, and
/// neither does this.
pub fn observe<S: Source>(
    reader: &LogReader<S>,
    remembered: Option<&VerifiedCheckpoint>,
) -> Result<Observation, ReadError> {
    let Some(remembered) = remembered else {
        return Ok(Observation::First);
    };
    let (old, new) = (remembered.checkpoint(), reader.checkpoint().checkpoint());
    if new.size() < old.size() {
        return Ok(Observation::Behind {
            remembered: old.size(),
        });
    }
    let (root, proof) = reader.prefix(old.size())?;
    if root != *old.root() {
        let fork = ForkProof {
            first: remembered.note().clone(),
            second: reader.checkpoint().note().clone(),
            root,
            proof,
        };
        return Ok(Observation::Forked(Box::new(fork)));
    }
    match new.size() - old.size() {
        0 => Ok(Observation::Unchanged),
        entries => Ok(Observation::Grown { entries }),
    }
}

/// Reads a checkpoint that was remembered. That it carries the log's signature is what makes it evidence.
///
/// # Errors
/// [`ReadError::Note`] and [`ReadError::Checkpoint`].
pub fn remembered(
    bytes: &[u8],
    place: &str,
    log: &NoteKey,
) -> Result<VerifiedCheckpoint, ReadError> {
    crate::source::verified(bytes, place, log)
}

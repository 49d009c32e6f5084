//! What a witness decides (C2SP tlog-witness, `add-checkpoint`), as a function of what it knows and what it
//! is asked. Keeping the state, and keeping it before answering, is the caller's.

use std::fmt;

use crate::Hash;
use crate::checkpoint::{CheckpointError, VerifiedCheckpoint};
use crate::lines::{decimal, line};
use crate::merkle::{MAX_SIZE, ProofError, empty_root, verify_consistency};
use crate::note::{MAX_NOTE_BYTES, NoteError, NoteKey, SignedNote};
use crate::proof::parse_hashes;

/// Most hashes of a consistency proof in a request.
pub const MAX_PROOF_LINES: usize = 63;

/// Longest request in bytes: a note, 63 lines of 45 bytes, and the old size.
pub const MAX_REQUEST_BYTES: usize = MAX_NOTE_BYTES + (4 << 10);

/// The content type of the answer to [`Refusal::Stale`].
pub const SIZE_CONTENT_TYPE: &str = "text/x.tlog.size";

/// The body of a request to cosign a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size that the witness has cosigned last, as the log believes.
    pub old_size: u64,
    /// The proof that the checkpoint's tree begins with the one of that size.
    pub proof: Vec<Hash>,
    /// The checkpoint.
    pub note: SignedNote,
}

/// What a witness remembers of a log: the head that it has cosigned last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WitnessState {
    /// Number of leaves.
    pub size: u64,
    /// Root of the tree.
    pub root: Hash,
}

/// The witness will cosign. The new state must be kept before the cosignature is given away, and only if
/// the state is still the one that was decided on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    checkpoint: VerifiedCheckpoint,
}

/// The witness will not cosign. The log, or who speaks for it, is to blame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The request is too long, or not of its form.
    #[error("this is no request to add a checkpoint")]
    Malformed,
    /// What it holds is no note, no checkpoint, or the checkpoint of another log.
    #[error("what is to be added is no checkpoint of this log")]
    Checkpoint(#[source] CheckpointError),
    /// What is in the request is no note.
    #[error("what is to be added is no signed note")]
    Note(#[source] NoteError),
    /// The log has not signed it.
    #[error("the checkpoint is not signed by its log")]
    Unsigned(#[source] CheckpointError),
    /// The old size is above the checkpoint's.
    #[error("the old size {old_size} is above the checkpoint's {size}")]
    OldSize {
        /// What the request says.
        old_size: u64,
        /// Of the checkpoint.
        size: u64,
    },
    /// The witness has cosigned another size last. The log asks again with this one.
    #[error("the last size that was cosigned is {known}, not {old_size}")]
    Stale {
        /// What the request says.
        old_size: u64,
        /// What the witness knows.
        known: u64,
    },
    /// Two trees of one size: proof that the log shows different people different trees.
    #[error("the checkpoint has another root than the one that was cosigned at size {size}")]
    SplitView {
        /// Of both.
        size: u64,
        /// What the witness knows.
        known: Hash,
        /// What the log says now.
        found: Hash,
    },
    /// The proof does not show that the log has only grown.
    #[error("the checkpoint is not consistent with the last one")]
    Inconsistent(#[source] ProofError),
}

impl Refusal {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "add-checkpoint-malformed",
            Self::Checkpoint(error) | Self::Unsigned(error) => error.code(),
            Self::Note(error) => error.code(),
            Self::OldSize { .. } => "add-checkpoint-old-size",
            Self::Stale { .. } => "add-checkpoint-stale",
            Self::SplitView { .. } => "add-checkpoint-split-view",
            Self::Inconsistent(error) => error.code(),
        }
    }

    /// The HTTP status. 404, for a log that the witness does not know, is the caller's: it has no key then.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Malformed | Self::Checkpoint(_) | Self::Note(_) | Self::OldSize { .. } => 400,
            Self::Unsigned(_) => 403,
            Self::Stale { .. } | Self::SplitView { .. } => 409,
            Self::Inconsistent(_) => 422,
        }
    }

    /// The body that goes with the status, of type [`SIZE_CONTENT_TYPE`]: the size to ask with.
    #[must_use]
    pub fn size_body(&self) -> Option<String> {
        match self {
            Self::Stale { known, .. } => Some(format!("{known}\n")),
            _ => None,
        }
    }
}

impl AddCheckpoint {
    /// Reads the body of a request. What it gives is written again as the same bytes.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] and [`Refusal::Note`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() > MAX_REQUEST_BYTES {
            return Err(Refusal::Malformed);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| Refusal::Malformed)?;
        let old = text.strip_prefix("old ").and_then(line);
        let (old, rest) = old.ok_or(Refusal::Malformed)?;
        let old_size = decimal(old, MAX_SIZE).ok_or(Refusal::Malformed)?;
        let (proof, note) = parse_hashes(rest, MAX_PROOF_LINES).map_err(|_| Refusal::Malformed)?;
        let note = SignedNote::parse(note.as_bytes()).map_err(Refusal::Note)?;
        Ok(Self {
            old_size,
            proof,
            note,
        })
    }

    /// Of which log it speaks, to find its key: a claim until [`decide`]. `None` where it is no checkpoint.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        self.note
            .text()
            .lines()
            .next()
            .filter(|origin| !origin.is_empty())
    }
}

impl fmt::Display for AddCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old_size)?;
        for hash in &self.proof {
            writeln!(f, "{hash}")?;
        }
        write!(f, "\n{}", self.note)
    }
}

impl WitnessState {
    /// Of a log of which nothing was cosigned yet.
    #[must_use]
    pub const fn initial() -> Self {
        Self {
            size: 0,
            root: empty_root(),
        }
    }
}

impl Accepted {
    /// What is to be cosigned.
    #[must_use]
    pub const fn checkpoint(&self) -> &VerifiedCheckpoint {
        &self.checkpoint
    }

    /// What is to be remembered.
    #[must_use]
    pub const fn state(&self) -> WitnessState {
        let head = self.checkpoint.checkpoint();
        WitnessState {
            size: head.size(),
            root: *head.root(),
        }
    }
}

/// Whether a witness cosigns, by what it has cosigned of this log last.
///
/// # Errors
/// [`Refusal`], the first of: not signed by the log (403), old size above the checkpoint's (400), another
/// size known (409), another root at this size (409), no consistency (422).
pub fn decide(
    state: Option<&WitnessState>,
    request: &AddCheckpoint,
    log: &NoteKey,
) -> Result<Accepted, Refusal> {
    let state = state.copied().unwrap_or(WitnessState::initial());
    let checkpoint = VerifiedCheckpoint::open(&request.note, log).map_err(refuse_checkpoint)?;
    let (old_size, head) = (request.old_size, checkpoint.checkpoint());
    let (size, found) = (head.size(), *head.root());
    if old_size > size {
        return Err(Refusal::OldSize { old_size, size });
    }
    if old_size != state.size {
        return Err(Refusal::Stale {
            old_size,
            known: state.size,
        });
    }
    if old_size == size && state.root != found {
        return Err(Refusal::SplitView {
            size,
            known: state.root,
            found,
        });
    }
    verify_consistency(old_size, size, &request.proof, &state.root, &found)
        .map_err(Refusal::Inconsistent)?;
    Ok(Accepted { checkpoint })
}

fn refuse_checkpoint(error: CheckpointError) -> Refusal {
    match error {
        CheckpointError::Signature(_) => Refusal::Unsigned(error),
        _ => Refusal::Checkpoint(error),
    }
}

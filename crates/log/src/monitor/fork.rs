//! Proof that a log showed two trees: two checkpoints that it signed, neither of which begins with the other.

use proofmark_core::canonical::{self, ParseLimits};
use proofmark_tlog::merkle::{MAX_CONSISTENCY_HASHES, ProofError, verify_consistency};
use proofmark_tlog::note::MAX_NOTE_BYTES;
use proofmark_tlog::{CheckpointError, Hash, NoteKey, SignedNote, VerifiedCheckpoint};
use serde::{Deserialize, Serialize};

/// `schema` member of such a proof.
pub const FORK_V1: &str = "https://proofmark.example/log-fork/v1";

/// Longest proof in bytes: two notes, whose every byte may take two, 64 hashes, and the rest.
pub const MAX_FORK_BYTES: usize = 4 * MAX_NOTE_BYTES + (16 << 10);

/// Two checkpoints of one log that cannot both be true. `root` is the root of the second tree's first leaves, as
/// many as the first tree has; `proof` shows that (RFC 6962 §2.1.2); the first checkpoint has another root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForkProof {
    /// The checkpoint of the smaller tree, or of one of the same size.
    pub first: SignedNote,
    /// The other checkpoint.
    pub second: SignedNote,
    /// What the first one would have to say, were the second one true.
    pub root: Hash,
    /// From `root` to the root of the second.
    pub proof: Vec<Hash>,
}

/// What proves no fork. Whoever made it is to blame.
#[derive(Debug, thiserror::Error)]
pub enum ForkError {
    /// Not a document of this form.
    #[error("this is no proof of a fork: {0}")]
    Malformed(String),
    /// One of the checkpoints is not the log's.
    #[error("the {which} checkpoint is not one of the log")]
    Checkpoint {
        /// `first` or `second`.
        which: &'static str,
        /// Why not.
        #[source]
        source: CheckpointError,
    },
    /// The root is not that of the second tree's beginning.
    #[error("the root does not follow from the second checkpoint")]
    Proof(#[source] ProofError),
    /// The first checkpoint has that very root: the log has only grown.
    #[error("the two checkpoints agree")]
    Agree,
}

impl ForkError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "fork-malformed",
            Self::Checkpoint { source, .. } => source.code(),
            Self::Proof(source) => source.code(),
            Self::Agree => "fork-agree",
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    schema: String,
    first: String,
    second: String,
    root: String,
    proof: Vec<String>,
}

impl ForkProof {
    /// Whether this log has forked: both checkpoints are signed by its key, and they cannot both be true. It takes
    /// nothing but the log's key.
    ///
    /// # Errors
    /// [`ForkError`].
    pub fn check(&self, log: &NoteKey) -> Result<(), ForkError> {
        let open = |note, which| {
            VerifiedCheckpoint::open(note, log)
                .map_err(|source| ForkError::Checkpoint { which, source })
        };
        let (first, second) = (open(&self.first, "first")?, open(&self.second, "second")?);
        let (first, second) = (first.checkpoint(), second.checkpoint());
        verify_consistency(
            first.size(),
            second.size(),
            &self.proof,
            &self.root,
            second.root(),
        )
        .map_err(ForkError::Proof)?;
        match self.root == *first.root() {
            true => Err(ForkError::Agree),
            false => Ok(()),
        }
    }

    /// As a document (RFC 8785).
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let wire = Wire {
            schema: FORK_V1.to_owned(),
            first: self.first.to_string(),
            second: self.second.to_string(),
            root: self.root.to_base64(),
            proof: self.proof.iter().map(Hash::to_base64).collect(),
        };
        canonical::to_bytes(&wire).expect("texts have a canonical form")
    }

    /// Reads such a document. What it proves, [`ForkProof::check`] says.
    ///
    /// # Errors
    /// [`ForkError::Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<Self, ForkError> {
        let malformed = |error: &dyn std::fmt::Display| ForkError::Malformed(error.to_string());
        let limits = ParseLimits {
            max_bytes: MAX_FORK_BYTES,
            ..ParseLimits::DOCUMENT
        };
        let value = canonical::parse(bytes, limits).map_err(|error| malformed(&error))?;
        let wire: Wire = serde_json::from_value(value).map_err(|error| malformed(&error))?;
        if wire.schema != FORK_V1 {
            return Err(malformed(&"another schema"));
        }
        if wire.proof.len() > MAX_CONSISTENCY_HASHES {
            return Err(malformed(&"too many hashes"));
        }
        let note =
            |text: &str| SignedNote::parse(text.as_bytes()).map_err(|error| malformed(&error));
        let hash = |text: &String| Hash::from_base64(text).map_err(|error| malformed(&error));
        Ok(Self {
            first: note(&wire.first)?,
            second: note(&wire.second)?,
            root: hash(&wire.root)?,
            proof: wire.proof.iter().map(hash).collect::<Result<_, _>>()?,
        })
    }
}

//! Proofs of logging (C2SP tlog-proof@v1): an index, an inclusion proof, and the checkpoint it leads to.

use std::fmt;

use crate::checkpoint::{CheckpointError, VerifiedCheckpoint};
use crate::lines::{self, decimal, line};
use crate::merkle::{MAX_INCLUSION_HASHES, MAX_SIZE, ProofError, verify_inclusion};
use crate::note::{MAX_NOTE_BYTES, NoteError, NoteKey, SignedNote};
use crate::{Hash, HashError};

/// The first line.
const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// Most bytes of extra data.
pub const MAX_EXTRA_BYTES: usize = 16 << 10;

/// Longest proof in bytes: a note, 63 lines of 45 bytes, 22 KiB of extra data in base64, and the rest.
pub const MAX_PROOF_BYTES: usize = MAX_NOTE_BYTES + (32 << 10);

/// A proof that something was logged: a claim until [`TlogProof::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    /// Bytes that nobody has signed, for whatever an application needs to find the leaf.
    pub extra: Option<Vec<u8>>,
    /// Which leaf, counted from 0.
    pub index: u64,
    /// The siblings on the way to the root, lowest first.
    pub path: Vec<Hash>,
    /// The checkpoint of a tree with the leaf.
    pub checkpoint: SignedNote,
}

/// Text that is no proof, or proves nothing. Whoever made it is to blame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlogProofError {
    /// More than [`MAX_PROOF_BYTES`], or extra data of more than [`MAX_EXTRA_BYTES`].
    #[error("a proof has at most {MAX_PROOF_BYTES} bytes")]
    TooLarge,
    /// The first line is another.
    #[error("a proof begins with `{HEADER}`")]
    Header,
    /// The extra data is not canonical base64, or there is none after `extra`.
    #[error("the extra data is not canonical base64")]
    Extra,
    /// There is no `index` line with a number in its one spelling.
    #[error("a proof has an index")]
    Index,
    /// A line of the path is no hash.
    #[error("a line of the path is no hash")]
    Path(#[source] HashError),
    /// The path has too many hashes, or no empty line after it.
    #[error("a path has at most {MAX_INCLUSION_HASHES} hashes, and an empty line after it")]
    PathLength,
    /// The rest is no note.
    #[error("the checkpoint in the proof is no signed note")]
    Note(#[source] NoteError),
    /// It is no checkpoint of this log.
    #[error("the checkpoint in the proof is not the log's")]
    Checkpoint(#[source] CheckpointError),
    /// The leaf is not in the tree.
    #[error("the proof does not lead from the leaf to the checkpoint")]
    Inclusion(#[source] ProofError),
}

impl TlogProofError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "tlog-proof-too-large",
            Self::Header => "tlog-proof-header",
            Self::Extra => "tlog-proof-extra",
            Self::Index => "tlog-proof-index",
            Self::Path(_) | Self::PathLength => "tlog-proof-path",
            Self::Note(error) => error.code(),
            Self::Checkpoint(error) => error.code(),
            Self::Inclusion(error) => error.code(),
        }
    }
}

/// A leaf that is in a log. Only [`TlogProof::verify`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedInclusion {
    index: u64,
    leaf: Hash,
    checkpoint: VerifiedCheckpoint,
}

impl TlogProof {
    /// Reads the text form. What it gives is written again as the same bytes.
    ///
    /// # Errors
    /// [`TlogProofError`], the first in the order of the lines.
    pub fn parse(bytes: &[u8]) -> Result<Self, TlogProofError> {
        if bytes.len() > MAX_PROOF_BYTES {
            return Err(TlogProofError::TooLarge);
        }
        let text =
            std::str::from_utf8(bytes).map_err(|_| TlogProofError::Note(NoteError::Characters))?;
        let rest = text
            .strip_prefix(HEADER)
            .and_then(|rest| rest.strip_prefix('\n'));
        let (extra, rest) = parse_extra(rest.ok_or(TlogProofError::Header)?)?;
        let (index, rest) = parse_index(rest).ok_or(TlogProofError::Index)?;
        let (path, note) = parse_hashes(rest, MAX_INCLUSION_HASHES)
            .map_err(|error| error.map_or(TlogProofError::PathLength, TlogProofError::Path))?;
        let checkpoint = SignedNote::parse(note.as_bytes()).map_err(TlogProofError::Note)?;
        Ok(Self {
            extra,
            index,
            path,
            checkpoint,
        })
    }

    /// Whether `leaf`, which the caller has computed itself, is in the log. How many witnesses are enough is
    /// the caller's to say: [`VerifiedCheckpoint::cosignatures`].
    ///
    /// # Errors
    /// [`TlogProofError::Checkpoint`], then [`TlogProofError::Inclusion`].
    pub fn verify(&self, leaf: &Hash, log: &NoteKey) -> Result<VerifiedInclusion, TlogProofError> {
        let checkpoint = VerifiedCheckpoint::open(&self.checkpoint, log);
        let checkpoint = checkpoint.map_err(TlogProofError::Checkpoint)?;
        let head = checkpoint.checkpoint();
        verify_inclusion(leaf, self.index, head.size(), &self.path, head.root())
            .map_err(TlogProofError::Inclusion)?;
        Ok(VerifiedInclusion {
            index: self.index,
            leaf: *leaf,
            checkpoint,
        })
    }
}

impl VerifiedInclusion {
    /// Where in the log.
    #[must_use]
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// What.
    #[must_use]
    pub const fn leaf(&self) -> &Hash {
        &self.leaf
    }

    /// In which state of the log.
    #[must_use]
    pub const fn checkpoint(&self) -> &VerifiedCheckpoint {
        &self.checkpoint
    }
}

impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", lines::to_base64(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        for hash in &self.path {
            writeln!(f, "{hash}")?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

/// Extra data, if there is any, and what follows.
fn parse_extra(text: &str) -> Result<(Option<Vec<u8>>, &str), TlogProofError> {
    let Some((extra, rest)) = text.strip_prefix("extra ").and_then(line) else {
        return Ok((None, text));
    };
    let bytes = lines::from_base64(extra).filter(|bytes| !bytes.is_empty());
    let bytes = bytes.ok_or(TlogProofError::Extra)?;
    match bytes.len() > MAX_EXTRA_BYTES {
        true => Err(TlogProofError::TooLarge),
        false => Ok((Some(bytes), rest)),
    }
}

fn parse_index(text: &str) -> Option<(u64, &str)> {
    let (index, rest) = line(text.strip_prefix("index ")?)?;
    Some((decimal(index, MAX_SIZE)?, rest))
}

/// Hashes up to an empty line, and what follows it. The error is that of a hash, or `None` for too many
/// lines or for no empty one.
pub(crate) fn parse_hashes(
    text: &str,
    most: usize,
) -> Result<(Vec<Hash>, &str), Option<HashError>> {
    let mut hashes = Vec::new();
    let mut rest = text;
    loop {
        let (first, after) = line(rest).ok_or(None)?;
        rest = after;
        if first.is_empty() {
            return Ok((hashes, rest));
        }
        if hashes.len() == most {
            return Err(None);
        }
        hashes.push(Hash::from_base64(first).map_err(Some)?);
    }
}

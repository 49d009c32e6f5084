//! Checkpoints (C2SP tlog-checkpoint): the head of a log's tree as a signed note.

use proofmark_keys::Signer;

use crate::lines::{decimal, line};
use crate::merkle::MAX_SIZE;
use crate::note::{
    KeyKind, KeyName, MAX_NAME_BYTES, NoteKey, SignNoteError, SignedNote, VerifyNoteError,
};
use crate::{Hash, sign_note};

/// Most extension lines that are read.
pub const MAX_EXTENSIONS: usize = 16;

/// A log's name, the size of its tree, and its root. A claim until a signature under it was verified, which
/// makes it a [`VerifiedCheckpoint`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    size: u64,
    root: Hash,
    extensions: Vec<String>,
}

/// No checkpoint, or not one of this log. Whoever made it is to blame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// There are not three lines at least, or one of them is empty or does not end in a newline.
    #[error("a checkpoint has an origin, a size and a root, each on its line")]
    Lines,
    /// The origin is longer than [`MAX_NAME_BYTES`], or has control characters.
    #[error("the origin of a log is 1 to {MAX_NAME_BYTES} bytes without control characters")]
    Origin,
    /// The size is no number in its one spelling, up to [`MAX_SIZE`].
    #[error("the size is no decimal number without leading zeros, up to {MAX_SIZE}")]
    Size,
    /// The root is no hash in its one spelling.
    #[error("the root is not 32 bytes in canonical base64")]
    Root,
    /// More than [`MAX_EXTENSIONS`] lines after the root.
    #[error("a checkpoint has at most {MAX_EXTENSIONS} extension lines")]
    Extensions,
    /// It is the checkpoint of another log than the key's.
    #[error("the checkpoint is of the log {found}, not of {expected}")]
    OtherLog {
        /// Of the log that was asked about.
        expected: KeyName,
        /// What it says.
        found: String,
    },
    /// The key is a witness's. Whoever configured it is to blame.
    #[error("the key {0} is not a log's")]
    Kind(Box<NoteKey>),
    /// The log has not signed it.
    #[error("the checkpoint is not signed by its log")]
    Signature(#[source] VerifyNoteError),
}

impl CheckpointError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Lines => "checkpoint-malformed",
            Self::Origin => "checkpoint-origin",
            Self::Size => "checkpoint-size",
            Self::Root => "checkpoint-root",
            Self::Extensions => "checkpoint-extensions",
            Self::OtherLog { .. } => "checkpoint-other-log",
            Self::Kind(_) => "note-key-kind",
            Self::Signature(error) => error.code(),
        }
    }
}

impl Checkpoint {
    /// The head of the log with this origin.
    ///
    /// # Errors
    /// [`CheckpointError::Size`] above [`MAX_SIZE`].
    pub fn new(origin: &KeyName, size: u64, root: Hash) -> Result<Self, CheckpointError> {
        if size > MAX_SIZE {
            return Err(CheckpointError::Size);
        }
        let origin = origin.to_string();
        Ok(Self {
            origin,
            size,
            root,
            extensions: Vec::new(),
        })
    }

    /// Reads the text of a note. What it gives is written again as the same text.
    ///
    /// # Errors
    /// [`CheckpointError`], the first in the order of the lines.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let mut rest = text;
        let mut next = || {
            let (first, after) = line(rest).filter(|(first, _)| !first.is_empty())?;
            rest = after;
            Some(first)
        };
        let heads = (next(), next(), next());
        let (Some(origin), Some(size), Some(root)) = heads else {
            return Err(CheckpointError::Lines);
        };
        if origin.len() > MAX_NAME_BYTES || origin.contains(char::is_control) {
            return Err(CheckpointError::Origin);
        }
        Ok(Self {
            origin: origin.to_owned(),
            size: decimal(size, MAX_SIZE).ok_or(CheckpointError::Size)?,
            root: Hash::from_base64(root).map_err(|_| CheckpointError::Root)?,
            extensions: parse_extensions(rest)?,
        })
    }

    /// The text that is signed.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{}\n{}\n{}\n", self.origin, self.size, self.root);
        for extension in &self.extensions {
            text.push_str(extension);
            text.push('\n');
        }
        text
    }

    /// Signs it with its log's key.
    ///
    /// # Errors
    /// [`SignNoteError`]; [`SignNoteError::Key`] also where the key's name is not the origin.
    pub fn sign(&self, key: &NoteKey, signer: &dyn Signer) -> Result<SignedNote, SignNoteError> {
        if key.name().as_str() != self.origin {
            return Err(SignNoteError::Key(Box::new(key.clone())));
        }
        sign_note(&self.to_text(), key, signer)
    }

    /// The log's name.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Number of leaves.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Root of the tree.
    #[must_use]
    pub const fn root(&self) -> &Hash {
        &self.root
    }

    /// Lines after the root, which mean nothing here.
    #[must_use]
    pub fn extensions(&self) -> &[String] {
        &self.extensions
    }
}

fn parse_extensions(text: &str) -> Result<Vec<String>, CheckpointError> {
    let mut extensions = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (extension, after) = line(rest).ok_or(CheckpointError::Lines)?;
        if extension.is_empty() || extension.contains(|c: char| c < ' ') {
            return Err(CheckpointError::Lines);
        }
        if extensions.len() == MAX_EXTENSIONS {
            return Err(CheckpointError::Extensions);
        }
        extensions.push(extension.to_owned());
        rest = after;
    }
    Ok(extensions)
}

/// A checkpoint that its log has signed. Only [`VerifiedCheckpoint::open`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedCheckpoint {
    checkpoint: Checkpoint,
    note: SignedNote,
}

impl VerifiedCheckpoint {
    /// Verifies a checkpoint with its log's key, whose name must be the origin.
    ///
    /// # Errors
    /// [`CheckpointError`]: the text first, then whose it is, then the signature.
    pub fn open(note: &SignedNote, log: &NoteKey) -> Result<Self, CheckpointError> {
        let checkpoint = Checkpoint::parse(note.text())?;
        if log.kind() != KeyKind::Ed25519 {
            return Err(CheckpointError::Kind(Box::new(log.clone())));
        }
        if checkpoint.origin != log.name().as_str() {
            let (expected, found) = (log.name().clone(), checkpoint.origin);
            return Err(CheckpointError::OtherLog { expected, found });
        }
        note.verify(&[log]).map_err(CheckpointError::Signature)?;
        Ok(Self {
            checkpoint,
            note: note.clone(),
        })
    }

    /// What the log has signed.
    #[must_use]
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// As it came, with all signatures.
    #[must_use]
    pub const fn note(&self) -> &SignedNote {
        &self.note
    }

    /// The same checkpoint with other signatures besides the log's, which it has been verified to have.
    pub(crate) fn with_note(self, note: SignedNote) -> Self {
        debug_assert_eq!(note.text(), self.note.text());
        Self { note, ..self }
    }
}

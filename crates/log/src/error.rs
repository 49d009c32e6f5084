//! Why a log does not do what it is asked to do.

use std::io;
use std::path::{Path, PathBuf};

use proofmark_tlog::SignNoteError;
use proofmark_tlog::tile::MAX_ENTRY_BYTES;

use crate::journal::MAX_BATCH_BYTES;
use crate::source::ReadError;

/// Why a log does not do what it is asked to do.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// There is a log already. Whoever asked is to blame.
    #[error("there is a log in {} already", .0.display())]
    Exists(PathBuf),
    /// There is no log. Whoever asked is to blame.
    #[error("there is no log in {}", .0.display())]
    Missing(PathBuf),
    /// Another process writes to it. Wait for it, or end it.
    #[error("another process has the log in {} open", .0.display())]
    Locked(PathBuf),
    /// The signer's key is not the log's. Whoever asked is to blame.
    #[error("the key is not that of the log {origin}")]
    WrongKey {
        /// The log's origin.
        origin: String,
    },
    /// An entry does not fit an entry bundle. Whoever asked is to blame; nothing was logged.
    #[error("the entry {position} has {size_bytes} bytes; at most {MAX_ENTRY_BYTES} are allowed")]
    EntryTooLong {
        /// Its place in the batch, from 0.
        position: usize,
        /// Its length.
        size_bytes: usize,
    },
    /// A batch without entries. Whoever asked is to blame.
    #[error("there is nothing to append")]
    BatchEmpty,
    /// A batch is too long. Whoever asked is to blame; nothing was logged.
    #[error("a batch has at most {MAX_BATCH_BYTES} bytes")]
    BatchTooLong,
    /// The tree has as many leaves as a tree can have. Nobody is to blame.
    #[error("the log is full")]
    Full,
    /// There is no such leaf, or no such tree. Whoever asked is to blame.
    #[error("there is no {index} in a log of {size} entries")]
    OutOfTree {
        /// Index of the leaf, or the older size.
        index: u64,
        /// Number of leaves.
        size: u64,
    },
    /// The checkpoint could not be signed. Whoever operates the signer must act; nothing was logged.
    #[error("the checkpoint could not be signed")]
    Sign(#[source] SignNoteError),
    /// A note that is not the log's last checkpoint with more signatures. Whoever asked is to blame.
    #[error("this is not the log's last checkpoint")]
    OtherCheckpoint,
    /// A file operation failed. The environment is to blame. While appending, it is not known whether the
    /// entries are in the log: [`crate::Log::open`] says.
    #[error("{} failed on {}", .operation, .path.display())]
    Disk {
        /// What was tried.
        operation: &'static str,
        /// On which file.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// After a failure on the disk nothing is certain. Open the log again.
    #[error("the log must be opened again, because writing to it failed")]
    Broken,
    /// The tiles do not prove what the checkpoint says. The disk, or whoever changed them, is to blame.
    #[error("the log's own tiles prove nothing")]
    Unprovable(#[source] Box<ReadError>),
    /// A file is not what the log wrote. The disk, or whoever changed it, is to blame; take the log out of
    /// service and compare it with a mirror.
    #[error("{} is damaged: {}", .path.display(), .what)]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
}

impl LogError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Exists(_) => "log-exists",
            Self::Missing(_) => "log-missing",
            Self::Locked(_) => "log-locked",
            Self::WrongKey { .. } => "log-wrong-key",
            Self::EntryTooLong { .. } => "log-entry-too-long",
            Self::BatchEmpty => "log-batch-empty",
            Self::BatchTooLong => "log-batch-too-long",
            Self::Full => "log-full",
            Self::OutOfTree { .. } => "log-out-of-tree",
            Self::Sign(_) => "log-unsigned",
            Self::OtherCheckpoint => "log-other-checkpoint",
            Self::Disk { .. } => "log-disk",
            Self::Broken => "log-broken",
            Self::Unprovable(_) | Self::Damaged { .. } => "log-damaged",
        }
    }

    /// Whether whoever asked can do something about it, and not whoever operates the log.
    #[must_use]
    pub const fn is_request(&self) -> bool {
        !matches!(
            self,
            Self::Locked(_)
                | Self::Full
                | Self::Sign(_)
                | Self::Disk { .. }
                | Self::Broken
                | Self::Unprovable(_)
                | Self::Damaged { .. }
        )
    }

    pub(crate) fn damaged(path: &Path, what: impl ToString) -> Self {
        Self::Damaged {
            path: path.to_owned(),
            what: what.to_string(),
        }
    }
}

/// Names the operation and the file of an [`io::Error`].
pub(crate) trait OnDisk<T> {
    fn on(self, operation: &'static str, path: &Path) -> Result<T, LogError>;
}

impl<T> OnDisk<T> for io::Result<T> {
    fn on(self, operation: &'static str, path: &Path) -> Result<T, LogError> {
        self.map_err(|source| LogError::Disk {
            operation,
            path: path.to_owned(),
            source,
        })
    }
}

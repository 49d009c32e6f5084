//! The writer of a log.

mod append;
mod create;
mod journaling;
mod publish;
mod recover;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use proofmark_keys::Signer;
use proofmark_tlog::tile::RightEdge;
use proofmark_tlog::{Hash, NoteKey, SignedNote, TlogProof, VerifiedCheckpoint};

use crate::disk::{Disk, Lock, RealDisk};
use crate::error::LogError;
use crate::journal::JournalWriter;
use crate::layout::Layout;
use crate::source::{Folder, LogReader, ReadError, Tiles, checked_proof};

pub use append::Appended;

/// Above this many bytes the journal is given up for durable tiles: it bounds what is read when a log is opened,
/// and is about seventy batches of a thousand attestations.
const JOURNAL_BYTES: u64 = 32 << 20;

/// A log, its only writer. How it is durable: `docs/design/0012-log-durability.md`.
pub struct Log {
    disk: Arc<dyn Disk>,
    layout: Layout,
    key: NoteKey,
    /// The tree as it is in the journal and in the tiles.
    edge: RightEdge,
    /// The entries of the last bundle, if it is not full.
    bundle: Vec<Vec<u8>>,
    /// The last checkpoint.
    checkpoint: VerifiedCheckpoint,
    journal: JournalWriter,
    journal_file: PathBuf,
    /// Above this it consolidates.
    journal_limit_bytes: u64,
    /// Public files that are not known to be durable.
    unsynced: Vec<PathBuf>,
    /// Directories that are known to be there.
    directories: BTreeSet<PathBuf>,
    /// Full files of which there may be partial ones, from sizes before.
    completed: Vec<PathBuf>,
    /// Whether the last operation failed, so that nothing is known.
    broken: bool,
    /// Held as long as the log is open.
    _lock: Lock,
}

impl Log {
    /// Makes a log in a directory that has none. The name of the key is the log's origin, for ever.
    ///
    /// # Errors
    /// [`LogError::Exists`], [`LogError::WrongKey`], [`LogError::Locked`], [`LogError::Sign`],
    /// [`LogError::Disk`].
    pub fn create(directory: &Path, key: &NoteKey, signer: &dyn Signer) -> Result<Self, LogError> {
        Self::create_on(Arc::new(RealDisk::default()), directory, key, signer)
    }

    /// Opens a log, and brings its public half to where the journal is.
    ///
    /// # Errors
    /// [`LogError::Missing`], [`LogError::Locked`], [`LogError::Damaged`], [`LogError::Disk`].
    pub fn open(directory: &Path) -> Result<Self, LogError> {
        Self::open_on(Arc::new(RealDisk::default()), directory)
    }

    /// The log's key; its name is the origin.
    #[must_use]
    pub const fn key(&self) -> &NoteKey {
        &self.key
    }

    /// Number of entries.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.edge.size()
    }

    /// The root of the tree.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.edge.root()
    }

    /// The last checkpoint, with the cosignatures that came for it.
    #[must_use]
    pub const fn checkpoint(&self) -> &SignedNote {
        self.checkpoint.note()
    }

    /// The last checkpoint, which is the log's own for sure.
    pub(crate) const fn verified(&self) -> &VerifiedCheckpoint {
        &self.checkpoint
    }

    /// Consolidates earlier or later than by default. For tests; the bound on the time to open grows with it.
    #[must_use]
    pub const fn with_journal_limit(mut self, bytes: u64) -> Self {
        self.journal_limit_bytes = bytes;
        self
    }

    /// The proof that an entry is in the log, up to the last checkpoint.
    ///
    /// # Errors
    /// [`LogError::OutOfTree`], [`LogError::Damaged`], [`LogError::Disk`], [`LogError::Broken`].
    pub fn prove(&self, index: u64) -> Result<TlogProof, LogError> {
        self.check_usable()?;
        let folder = self.folder();
        Ok(checked_proof(index, &self.checkpoint, &Tiles(&folder))?)
    }

    /// The proof that the log begins with what it was at `old_size`.
    ///
    /// # Errors
    /// As [`Log::prove`].
    pub fn prove_consistency(&self, old_size: u64) -> Result<Vec<Hash>, LogError> {
        self.check_usable()?;
        let reader = LogReader::at(self.folder(), self.checkpoint.clone());
        Ok(reader.prove_consistency(old_size)?)
    }

    fn folder(&self) -> Folder {
        Folder::on(Arc::clone(&self.disk), self.layout.public())
    }

    const fn check_usable(&self) -> Result<(), LogError> {
        match self.broken {
            true => Err(LogError::Broken),
            false => Ok(()),
        }
    }

    /// Does what must not end halfway. If it fails, this writer is of no more use.
    fn guarded<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, LogError>,
    ) -> Result<T, LogError> {
        self.check_usable()?;
        self.broken = true;
        let done = work(self)?;
        self.broken = false;
        Ok(done)
    }
}

impl From<ReadError> for LogError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::OutOfTree { index, size } => Self::OutOfTree { index, size },
            other => Self::Unprovable(Box::new(other)),
        }
    }
}

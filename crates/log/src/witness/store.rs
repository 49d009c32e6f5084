//! What a witness remembers: one file for each log.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use proofmark_core::Digest;
use proofmark_tlog::{NoteKey, SignedNote, VerifiedCheckpoint, WitnessState};

use crate::disk::{Disk, Lock};
use crate::error::{LogError, OnDisk};

/// The last checkpoint of a log that was cosigned, and whether that is on the disk for sure.
pub(super) struct Remembered {
    pub(super) state: WitnessState,
    pub(super) note: SignedNote,
    pub(super) durable: bool,
}

/// The directory of a witness.
pub(super) struct Store {
    disk: Arc<dyn Disk>,
    directory: PathBuf,
}

impl Store {
    pub(super) fn new(disk: Arc<dyn Disk>, directory: &Path) -> Self {
        let directory = directory.to_owned();
        Self { disk, directory }
    }

    /// Makes the directory if it is not there, and takes it.
    pub(super) fn lock(&self) -> Result<Lock, LogError> {
        let directory = &self.directory;
        self.disk.create_dir(directory).on("mkdir", directory)?;
        crate::disk::sync_upwards(&*self.disk, directory)?;
        let file = directory.join("lock");
        match self.disk.lock(&file) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                Err(LogError::Locked(directory.clone()))
            }
            lock => lock.on("lock", &file),
        }
    }

    /// What was remembered of a log. Its own signature is on it, which shows a file that was damaged.
    pub(super) fn read(&self, log: &NoteKey) -> Result<Option<Remembered>, LogError> {
        let file = self.file(log);
        let bytes = match self.disk.read(&file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            bytes => bytes.on("read", &file)?,
        };
        let note = SignedNote::parse(&bytes).map_err(|error| LogError::damaged(&file, error))?;
        let checkpoint = VerifiedCheckpoint::open(&note, log);
        let checkpoint = checkpoint.map_err(|error| LogError::damaged(&file, error))?;
        let head = checkpoint.checkpoint();
        let state = WitnessState {
            size: head.size(),
            root: *head.root(),
        };
        // It may be in memory only, after a sync that failed: it is written once more when it is asked for.
        Ok(Some(Remembered {
            state,
            note,
            durable: false,
        }))
    }

    /// Either the whole new checkpoint or the whole old one, whatever happens; when this returns, the new one.
    pub(super) fn write(&self, log: &NoteKey, note: &SignedNote) -> Result<(), LogError> {
        let file = self.file(log);
        let unfinished = file.with_extension("unfinished");
        // Not into a file that a renaming, of which half was kept, has left a second name of.
        match self.disk.remove(&unfinished) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            removed => removed.on("remove", &unfinished)?,
        }
        let content = note.to_string();
        self.disk
            .create(&unfinished, content.as_bytes())
            .on("write", &unfinished)?;
        self.disk.sync(&unfinished).on("sync", &unfinished)?;
        self.disk.rename(&unfinished, &file).on("rename", &file)?;
        self.disk
            .sync_dir(&self.directory)
            .on("sync", &self.directory)
    }

    fn file(&self, log: &NoteKey) -> PathBuf {
        let origin = log.name().as_str().as_bytes();
        self.directory.join(Digest::of(origin).hex())
    }
}

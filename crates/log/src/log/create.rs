//! Making a log.

use std::io;
use std::path::Path;
use std::sync::Arc;

use proofmark_keys::Signer;
use proofmark_tlog::tile::RightEdge;
use proofmark_tlog::{Checkpoint, NoteKey};

use super::Log;
use super::recover::remove_unfinished;
use crate::disk::{Disk, Lock, sync_upwards};
use crate::error::{LogError, OnDisk};
use crate::journal::JournalWriter;
use crate::layout::Layout;

impl Log {
    /// As [`Log::create`], on any disk.
    ///
    /// # Errors
    /// As [`Log::create`].
    pub fn create_on(
        disk: Arc<dyn Disk>,
        directory: &Path,
        key: &NoteKey,
        signer: &dyn Signer,
    ) -> Result<Self, LogError> {
        check_signer(key, signer)?;
        let layout = Layout::new(directory);
        for directory in [layout.root().to_owned(), layout.public(), layout.state()] {
            disk.create_dir(&directory).on("mkdir", &directory)?;
        }
        let lock = take_lock(&*disk, &layout)?;
        if exists(&*disk, &layout)? {
            return Err(LogError::Exists(directory.to_owned()));
        }
        remove_unfinished(&*disk, &layout)?;
        sync_upwards(&*disk, layout.root())?;
        let empty = Checkpoint::new(key.name(), 0, RightEdge::new().root());
        let empty = empty.expect("a tree may be empty");
        let note = empty.sign(key, signer).map_err(LogError::Sign)?;
        let (_, journal) = JournalWriter::begin(&note.to_string());
        // The key comes last: what has a key has a journal.
        for (file, content) in [
            (layout.journal(0), journal),
            (layout.key(), format!("{key}\n").into_bytes()),
        ] {
            let unfinished = layout.unfinished();
            disk.create(&unfinished, &content)
                .on("write", &unfinished)?;
            disk.sync(&unfinished).on("sync", &unfinished)?;
            disk.rename(&unfinished, &file).on("rename", &file)?;
            disk.sync_dir(&layout.state()).on("sync", &layout.state())?;
        }
        drop(lock);
        Self::open_on(disk, directory)
    }
}

/// Whether there is a log.
fn exists(disk: &dyn Disk, layout: &Layout) -> Result<bool, LogError> {
    let names = disk.list(&layout.state()).on("list", &layout.state())?;
    Ok(names.iter().any(|name| name == "key"))
}

pub(super) fn check_signer(key: &NoteKey, signer: &dyn Signer) -> Result<(), LogError> {
    match signer.public_key() == key.public() {
        true => Ok(()),
        false => Err(LogError::WrongKey {
            origin: key.name().to_string(),
        }),
    }
}

pub(super) fn take_lock(disk: &dyn Disk, layout: &Layout) -> Result<Lock, LogError> {
    match disk.lock(&layout.lock()) {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
            Err(LogError::Locked(layout.root().to_owned()))
        }
        lock => lock.on("lock", &layout.lock()),
    }
}

//! What is written to the journal, and when it is given up for a new one.

use proofmark_tlog::SignedNote;

use super::Log;
use crate::error::{LogError, OnDisk};
use crate::journal::JournalWriter;
use crate::layout::generation;

impl Log {
    /// Makes a batch and its checkpoint durable, in one piece.
    pub(super) fn commit_batch(
        &mut self,
        entries: &[Vec<u8>],
        note: &SignedNote,
    ) -> Result<(), LogError> {
        let frame = self.journal.batch(entries, &note.to_string());
        self.commit(&frame)
    }

    /// Makes a checkpoint with more signatures durable.
    pub(super) fn commit_cosigned(&mut self, note: &SignedNote) -> Result<(), LogError> {
        let frame = self.journal.cosigned(&note.to_string());
        self.commit(&frame)
    }

    fn commit(&self, frame: &[u8]) -> Result<(), LogError> {
        let file = &self.journal_file;
        self.disk.append(file, frame).on("append", file)?;
        self.disk.sync(file).on("sync", file)
    }

    /// Makes the tiles durable, and begins a new journal on top of them.
    pub(super) fn consolidate(&mut self) -> Result<(), LogError> {
        let public = self.layout.public();
        if !self.unsynced.is_empty() {
            let synced = self.disk.sync_all(&public, &self.unsynced);
            synced.on("sync", &public)?;
            self.unsynced.clear();
        }
        self.begin_journal()?;
        self.remove_old_journals()?;
        self.remove_partial_files()?;
        self.directories.clear();
        Ok(())
    }

    /// A journal with the next generation's name. It is never one that is there: what is in that might be all
    /// that there is.
    fn begin_journal(&mut self) -> Result<(), LogError> {
        let last = self.journals()?.into_iter().max();
        let next = last.map_or(0, |last| last + 1);
        let (journal, bytes) = JournalWriter::begin(&self.checkpoint().to_string());
        let (file, state) = (self.layout.journal(next), self.layout.state());
        self.disk.create(&file, &bytes).on("write", &file)?;
        self.disk.sync(&file).on("sync", &file)?;
        self.disk.sync_dir(&state).on("sync", &state)?;
        (self.journal, self.journal_file) = (journal, file);
        Ok(())
    }

    fn remove_old_journals(&self) -> Result<(), LogError> {
        for generation in self.journals()? {
            let file = self.layout.journal(generation);
            if file != self.journal_file {
                self.disk.remove(&file).on("remove", &file)?;
            }
        }
        Ok(())
    }

    fn journals(&self) -> Result<Vec<u64>, LogError> {
        let state = self.layout.state();
        let names = self.disk.list(&state).on("list", &state)?;
        Ok(names.iter().filter_map(|name| generation(name)).collect())
    }
}

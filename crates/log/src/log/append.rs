//! Growing a log.

use std::ops::Range;

use proofmark_keys::Signer;
use proofmark_tlog::tile::{
    EntryBundle, FULL_WIDTH, HashTile, MAX_ENTRY_BYTES, Path, encode_hashes,
};
use proofmark_tlog::{Checkpoint, SignedNote, TlogProof, VerifiedCheckpoint, leaf_hash};

use super::Log;
use super::create::check_signer;
use crate::error::LogError;
use crate::journal::MAX_BATCH_BYTES;

/// What became of a batch. It is durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// The places of the entries in the log, in their order.
    pub indexes: Range<u64>,
    /// The checkpoint that contains them.
    pub checkpoint: SignedNote,
}

impl Log {
    /// Appends a batch and signs one checkpoint for all of it. When this returns, both are durable and public.
    ///
    /// # Errors
    /// [`LogError`]. After [`LogError::Disk`] it is not known whether the batch is in the log, and this writer is
    /// of no more use; [`Log::open`] decides. After all others nothing has changed.
    pub fn append(
        &mut self,
        entries: &[Vec<u8>],
        signer: &dyn Signer,
    ) -> Result<Appended, LogError> {
        self.check_usable()?;
        check_batch(entries)?;
        check_signer(&self.key, signer)?;
        let first = self.size();
        let leaves: Vec<_> = entries.iter().map(|entry| leaf_hash(entry)).collect();
        let mut edge = self.edge.clone();
        let tiles = edge.append(&leaves).map_err(|_| LogError::Full)?;
        let head = Checkpoint::new(self.key.name(), edge.size(), edge.root());
        let head = head.map_err(|_| LogError::Full)?;
        let note = head.sign(&self.key, signer).map_err(LogError::Sign)?;
        let checkpoint =
            VerifiedCheckpoint::open(&note, &self.key).expect("it was signed just now");
        self.guarded(|log| {
            // The point of no return. Nobody has seen the signature before it.
            log.commit_batch(entries, &note)?;
            log.edge = edge;
            log.checkpoint = checkpoint;
            log.write_tiles(tiles, entries)?;
            log.publish_checkpoint()?;
            match log.journal.size_bytes > log.journal_limit_bytes {
                true => log.consolidate(),
                false => Ok(()),
            }
        })?;
        Ok(Appended {
            indexes: first..self.size(),
            checkpoint: note,
        })
    }

    /// Appends a batch, and proves each of its entries.
    ///
    /// # Errors
    /// As [`Log::append`] and [`Log::prove`].
    pub fn append_and_prove(
        &mut self,
        entries: &[Vec<u8>],
        signer: &dyn Signer,
    ) -> Result<Vec<TlogProof>, LogError> {
        let appended = self.append(entries, signer)?;
        appended.indexes.map(|index| self.prove(index)).collect()
    }

    /// Takes the last checkpoint with more signatures under it, makes that durable, and publishes it.
    ///
    /// # Errors
    /// [`LogError::OtherCheckpoint`] for another one than the last, or one without the log's own signature; and
    /// as [`Log::append`].
    pub fn publish_cosigned(&mut self, note: &SignedNote) -> Result<(), LogError> {
        self.check_usable()?;
        let verified = VerifiedCheckpoint::open(note, &self.key);
        let verified = verified.map_err(|_| LogError::OtherCheckpoint)?;
        if note.text() != self.checkpoint().text() {
            return Err(LogError::OtherCheckpoint);
        }
        self.guarded(|log| {
            log.commit_cosigned(note)?;
            log.checkpoint = verified;
            log.publish_checkpoint()
        })
    }

    /// Writes hash tiles, and the bundles that a batch fills.
    pub(super) fn write_tiles(
        &mut self,
        tiles: Vec<HashTile>,
        entries: &[Vec<u8>],
    ) -> Result<(), LogError> {
        for HashTile { tile, hashes } in tiles {
            self.publish(Path::Hashes(tile), &encode_hashes(&hashes))?;
        }
        let mut index = (self.size() - entries.len() as u64) / 256;
        for entry in entries {
            self.bundle.push(entry.clone());
            if self.bundle.len() == FULL_WIDTH {
                let full = std::mem::take(&mut self.bundle);
                self.publish_bundle(index, full)?;
                index += 1;
            }
        }
        match self.bundle.is_empty() {
            true => Ok(()),
            false => self.publish_bundle(index, self.bundle.clone()),
        }
    }

    fn publish_bundle(&mut self, index: u64, entries: Vec<Vec<u8>>) -> Result<(), LogError> {
        let width = entries.len();
        let bundle =
            EntryBundle::new(entries).expect("a batch was checked, and a bundle is not empty");
        self.publish(Path::Entries { index, width }, &bundle.encode())
    }
}

fn check_batch(entries: &[Vec<u8>]) -> Result<(), LogError> {
    if entries.is_empty() {
        return Err(LogError::BatchEmpty);
    }
    let too_long = |entry: &Vec<u8>| entry.len() > MAX_ENTRY_BYTES;
    if let Some(position) = entries.iter().position(too_long) {
        return Err(LogError::EntryTooLong {
            position,
            size_bytes: entries[position].len(),
        });
    }
    let size = entries.iter().map(|entry| entry.len() + 2).sum::<usize>();
    match size > MAX_BATCH_BYTES {
        true => Err(LogError::BatchTooLong),
        false => Ok(()),
    }
}

//! How much is kept for each party.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use proofmark_blobs::{Blobs, LEAST_BYTES, OwnerName};
use proofmark_core::Digest;

use super::MAX_PARTY_BYTES;

/// Bytes by owner, what is on its way included. A folder is counted when its owner uploads for the first time, and not
/// again: it may hold submissions of 100,000 files.
#[derive(Debug, Clone, Default)]
pub(crate) struct Kept(Arc<Mutex<BTreeMap<String, u64>>>);

/// Room for a blob on its way. When it is dropped, what was there before counts again, or what [`Room::settle`] found.
#[derive(Debug)]
pub(super) struct Room {
    kept: Kept,
    owner: OwnerName,
    taken: u64,
    before: u64,
    after: u64,
}

impl Kept {
    /// Room for a blob of this size; what is kept already if that would be too much.
    pub(super) fn room(
        &self,
        blobs: &Blobs,
        owner: &OwnerName,
        blob: &Digest,
        size: u64,
    ) -> io::Result<Result<Room, u64>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = match all.get(owner.as_str()) {
            Some(kept) => *kept,
            None => blobs.bytes_of(owner)?,
        };
        let before = blobs.bytes_of_one(owner, blob);
        let taken = size.max(LEAST_BYTES).saturating_sub(before);
        let fits = kept.saturating_add(taken) <= MAX_PARTY_BYTES;
        let now = if fits { kept + taken } else { kept };
        all.insert(owner.as_str().to_owned(), now);
        if !fits {
            return Ok(Err(kept));
        }
        Ok(Ok(Room {
            kept: self.clone(),
            owner: owner.clone(),
            taken,
            before,
            after: before,
        }))
    }
}

impl Room {
    /// The upload is over, well or badly: what is there now counts.
    pub(super) fn settle(&mut self, blobs: &Blobs, blob: &Digest) {
        self.after = blobs.bytes_of_one(&self.owner, blob);
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let mut all = self.kept.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = all.get_mut(self.owner.as_str()) {
            *kept = (*kept + self.after).saturating_sub(self.before + self.taken);
        }
    }
}

//! How many uploads there may be at a time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use proofmark_blobs::OwnerName;

use crate::problem::Problem;

/// So many uploads at a time, each with a thread that writes, of the 512 that may block; further ones are asked to come
/// again.
const ALL: usize = 64;

/// So many of one party, so that nobody takes all.
const EACH: usize = 8;

/// Who uploads at this moment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seats(Arc<Mutex<BTreeMap<String, usize>>>);

/// A place, until it is dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    seats: Seats,
    owner: String,
}

impl Seats {
    pub(crate) fn take(&self, owner: &OwnerName) -> Result<Seat, Problem> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = taken.values().sum();
        let own = taken.get(owner.as_str()).copied().unwrap_or_default();
        if all >= ALL || own >= EACH {
            return Err(Problem::busy("too many uploads at a time"));
        }
        taken.insert(owner.as_str().to_owned(), own + 1);
        Ok(Seat {
            seats: self.clone(),
            owner: owner.as_str().to_owned(),
        })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.0.lock().unwrap_or_else(PoisonError::into_inner);
        match taken.get_mut(&self.owner) {
            Some(own) if *own > 1 => *own -= 1,
            _ => {
                taken.remove(&self.owner);
            }
        }
    }
}

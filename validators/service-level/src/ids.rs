//! Ids of requests, and which records repeat one.
//!
//! Ids are compared exactly up to sixteen bytes, and by the first 128 bits of their SHA-256 above: equal
//! ids are always found equal, and to make two different ones look equal takes some 2^64 digests. So an
//! id takes twenty bytes of memory, whatever its length.

use crate::{MAX_BROKEN_RECORDS, radix};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// Says that the key is a digest; otherwise the length of the id stands there.
const DIGEST: u8 = u8::MAX;
/// A record number takes so many bits.
const RECORD_BITS: u32 = 24;

/// What is held of an id. Equal exactly for equal ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Id {
    key: [u64; 2],
    /// The length of an id that is its own key, or [`DIGEST`].
    kind: u8,
}

impl Id {
    /// The id with these bytes.
    pub(crate) fn of(id: &[u8]) -> Self {
        let mut key = [0; 16];
        let kind = match key.get_mut(..id.len()) {
            Some(start) => {
                start.copy_from_slice(id);
                u8::try_from(id.len()).unwrap_or(DIGEST) // at most 16
            }
            None => {
                let digest = Sha256::digest(id);
                key.copy_from_slice(&digest[..16]);
                DIGEST
            }
        };
        let key = u128::from_be_bytes(key);
        Self {
            key: [(key >> 64) as u64, key as u64],
            kind,
        }
    }
}

/// An id and its record, in twenty bytes.
#[repr(C, packed(4))]
#[derive(Debug, Clone, Copy)]
struct Entry {
    key: [u64; 2],
    /// The kind above the number of the record, so that both sort with it.
    kind_and_record: u32,
}

impl Entry {
    fn id(&self) -> ([u64; 2], u32) {
        (self.key, self.kind_and_record >> RECORD_BITS)
    }

    fn record(&self) -> u64 {
        u64::from(self.kind_and_record & ((1 << RECORD_BITS) - 1))
    }
}

/// The ids of all usable records.
#[derive(Debug)]
pub(crate) struct Ids(Vec<Entry>);

impl Ids {
    /// With room for so many, so that memory is never taken twice while it grows.
    pub(crate) fn with_capacity(count: usize) -> Self {
        Self(Vec::with_capacity(count))
    }

    /// Adds the id of a record whose number is below 2^24.
    pub(crate) fn push(&mut self, id: Id, record: u64) {
        debug_assert!(record >> RECORD_BITS == 0);
        let record = u32::try_from(record).unwrap_or(u32::MAX);
        self.0.push(Entry {
            key: id.key,
            kind_and_record: u32::from(id.kind) << RECORD_BITS | record,
        });
    }

    /// The records that repeat the id of an earlier one.
    pub(crate) fn repeats(mut self) -> Repeats {
        sort(&mut self.0);
        let groups = self.0.chunk_by(|one, other| one.id() == other.id());
        let repeats = groups.flat_map(|group| {
            let first = group[0].record(); // a group has at least one
            group[1..].iter().map(move |entry| (entry.record(), first))
        });
        // With one more than that, the telemetry is not judged anyway.
        let enough = usize::try_from(MAX_BROKEN_RECORDS + 1).unwrap_or(usize::MAX);
        Repeats(repeats.take(enough).collect())
    }
}

/// Each part of the key among entries that have the same parts before it. Equal ids come to stand
/// together, in the order of their records.
fn sort(entries: &mut [Entry]) {
    radix::sort(entries, &|entry| entry.key[0]);
    for same in entries.chunk_by_mut(|one, other| ({ one.key })[0] == ({ other.key })[0]) {
        radix::sort(same, &|entry| entry.key[1]);
        for same in same.chunk_by_mut(|one, other| { one.key } == { other.key }) {
            radix::sort(same, &|entry| entry.kind_and_record.into());
        }
    }
}

/// For records that repeat an id, the first record that has it: all of them, or more than the telemetry
/// may have.
#[derive(Debug, Default)]
pub(crate) struct Repeats(BTreeMap<u64, u64>);

impl Repeats {
    /// The first record with the id of this one, if this is not the first.
    pub(crate) fn first_of(&self, record: u64) -> Option<u64> {
        self.0.get(&record).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repeats(ids: &[&str]) -> Vec<(u64, u64)> {
        let mut all = Ids::with_capacity(ids.len());
        for (id, record) in ids.iter().zip(1..) {
            all.push(Id::of(id.as_bytes()), record);
        }
        all.repeats().0.into_iter().collect()
    }

    #[test]
    fn every_record_but_the_first_with_an_id_repeats_it() {
        let long = "0190e1d2-7c5f-7aa3-8f61-5a1d2c3b4e5f";
        assert_eq!(
            repeats(&["a", "b", "a", long, "a", long]),
            [(3, 1), (5, 1), (6, 4)]
        );
        assert_eq!(repeats(&[]), []);
    }

    #[test]
    fn different_ids_differ_whatever_their_length() {
        let ids = [
            "a",
            "a\0",
            "aa",
            "0",
            "00",
            "0123456789abcdef",
            "0123456789abcdef0",
        ];
        assert_eq!(repeats(&ids), []);
        let long = b"an id of more than sixteen bytes";
        let forged = &Sha256::digest(long)[..16];
        assert_eq!(Id::of(forged).key, Id::of(long).key);
        assert_ne!(Id::of(forged), Id::of(long));
    }

    #[test]
    fn a_flood_of_repeats_is_cut_above_the_bound() {
        let ids = vec!["same"; 5_000];
        assert_eq!(repeats(&ids).len() as u64, MAX_BROKEN_RECORDS + 1);
    }

    #[test]
    fn an_entry_has_twenty_bytes() {
        assert_eq!(size_of::<Entry>(), 20);
    }
}

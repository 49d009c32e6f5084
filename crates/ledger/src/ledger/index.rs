//! From a key to its number.
//!
//! Ordered maps, of which each holds a few keys; which of them a key belongs to, follows from a number that the
//! key gives itself. One large map would do the same at less than half the speed. The maps grow by one at a time,
//! as in linear hashing, so that no insertion takes long; and whoever makes keys that all give the same number is
//! still answered in the time that one ordered map takes.

use std::collections::BTreeMap;

/// Keys of a map in the mean. One node of an ordered map has 11 places.
const KEYS_PER_MAP: usize = 2;

/// Which number each key has.
#[derive(Clone)]
pub(crate) struct Index<K> {
    maps: Vec<BTreeMap<K, u32>>,
    /// The number from which each key's map follows.
    spread: fn(&K) -> u64,
    length: usize,
}

impl<K: Ord> Index<K> {
    /// An empty index. `spread` gives equal numbers for equal keys, and different ones for most others.
    pub(crate) const fn new(spread: fn(&K) -> u64) -> Self {
        Self {
            maps: Vec::new(),
            spread,
            length: 0,
        }
    }

    pub(crate) fn get(&self, key: &K) -> Option<u32> {
        let map = self.maps.get(self.place(key))?;
        map.get(key).copied()
    }

    /// Whether the key was new. The number of one that was not is replaced.
    pub(crate) fn insert(&mut self, key: K, number: u32) -> bool {
        if self.length >= self.maps.len() * KEYS_PER_MAP {
            self.grow();
        }
        let place = self.place(&key);
        let is_new = self.maps[place].insert(key, number).is_none();
        self.length += usize::from(is_new);
        is_new
    }

    pub(crate) const fn len(&self) -> usize {
        self.length
    }

    /// Every key with its number, sorted by key: this takes the time of a sort.
    pub(crate) fn in_order(&self) -> Vec<(&K, u32)> {
        let all = self.maps.iter().flatten();
        let mut all: Vec<_> = all.map(|(key, number)| (key, *number)).collect();
        all.sort_unstable_by_key(|(key, _)| *key);
        assert_eq!(all.len(), self.length, "every key is counted once");
        all
    }

    /// The map of a key. With n maps and 2^k the power of two at or above n, that is the number of its last k
    /// bits; or without the first of those, while that map does not exist yet.
    fn place(&self, key: &K) -> usize {
        let maps = self.maps.len();
        let bits = mix((self.spread)(key)) as usize;
        let full = maps.next_power_of_two();
        let place = bits & (full - 1);
        match place < maps {
            true => place,
            false => bits & (full / 2).saturating_sub(1),
        }
    }

    /// Adds one map, and moves into it the keys that belong there, all of which are in one other map.
    fn grow(&mut self) {
        let new = self.maps.len();
        self.maps.push(BTreeMap::new());
        if new > 0 {
            let old = new - (new + 1).next_power_of_two() / 2;
            let keys = std::mem::take(&mut self.maps[old]);
            for (key, number) in keys {
                let place = self.place(&key);
                assert!(place == old || place == new, "a key moves into the new map or stays");
                self.maps[place].insert(key, number);
            }
        }
    }
}

/// Every bit of the result depends on most bits of the number.
const fn mix(number: u64) -> u64 {
    let product = (number ^ (number >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    product ^ (product >> 32)
}

#[cfg(test)]
#[path = "index_tests.rs"]
mod tests;

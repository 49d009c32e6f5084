//! From a key to its number, in a table of open addressing that has no order and is never listed.
//!
//! The keys themselves stand elsewhere, in the order of their numbers. Where the table looks for a key follows
//! from a number that the key gives itself, so that every run takes the same steps; it looks at a few places
//! only. Keys that find none of them free go to an ordered map, so that whoever makes keys that all give the
//! same number is still answered in the time that the map takes.

use std::collections::BTreeMap;

/// How many places of the table may hold a key: 8 · 8 bytes, which lie in two cache lines at most.
const WINDOW: usize = 8;
/// Places of the smallest table.
const LEAST: usize = 16;

/// Which number each key has.
#[derive(Clone)]
pub(crate) struct Index<K> {
    /// None, or a power of two of them, of which at most half are taken.
    places: Vec<Place>,
    /// Keys that found no place.
    crowded: BTreeMap<K, u32>,
    /// The number from which the places of a key follow: equal for equal keys, different for most others.
    spread: fn(&K) -> u64,
    length: usize,
}

/// The number of a key, and a part of its spread that spares most comparisons with wrong keys.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Place {
    tag: u32,
    number: u32,
}

/// No key has this number: there are fewer than 2^32 − 1 accounts and groups.
const FREE: Place = Place {
    tag: u32::MAX,
    number: u32::MAX,
};

impl<K: Ord + Clone> Index<K> {
    pub(crate) const fn new(spread: fn(&K) -> u64) -> Self {
        Self {
            places: Vec::new(),
            crowded: BTreeMap::new(),
            spread,
            length: 0,
        }
    }

    pub(crate) const fn len(&self) -> usize {
        self.length
    }

    /// The number of a key; `key_of` gives the key of a number.
    pub(crate) fn get<'k>(&self, key: &K, key_of: impl Fn(u32) -> &'k K) -> Option<u32>
    where
        K: 'k,
    {
        let (tag, window) = self.window(mix((self.spread)(key)));
        for place in window {
            let place = self.places[place];
            if place == FREE {
                return None;
            }
            if place.tag == tag && key_of(place.number) == key {
                return Some(place.number);
            }
        }
        self.crowded.get(key).copied()
    }

    /// Adds a key that is not there. `key_of` gives the keys of all numbers that are.
    pub(crate) fn insert<'k>(&mut self, key: &K, number: u32, key_of: impl Fn(u32) -> &'k K)
    where
        K: 'k,
    {
        assert_ne!(number, FREE.number, "a number of an account or a group");
        if self.length * 2 >= self.places.len() {
            self.grow(key_of);
        }
        self.put(key, number);
        self.length += 1;
        assert!(
            self.length * 2 <= self.places.len(),
            "half of the places are free"
        );
    }

    fn put(&mut self, key: &K, number: u32) {
        let (tag, mut window) = self.window(mix((self.spread)(key)));
        match window.find(|place| self.places[*place] == FREE) {
            Some(place) => self.places[place] = Place { tag, number },
            None => {
                let before = self.crowded.insert(key.clone(), number);
                assert_eq!(before, None, "a key is added once");
            }
        }
    }

    /// Doubles the table. The crowded have another chance there.
    fn grow<'k>(&mut self, key_of: impl Fn(u32) -> &'k K)
    where
        K: 'k,
    {
        let length = (self.places.len() * 2).max(LEAST);
        let places = std::mem::replace(&mut self.places, vec![FREE; length]);
        for place in places.into_iter().filter(|place| *place != FREE) {
            self.put(key_of(place.number), place.number);
        }
        for (key, number) in std::mem::take(&mut self.crowded) {
            self.put(&key, number);
        }
    }

    /// The tag of a spread, and the places where its key may be.
    fn window(&self, spread: u64) -> (u32, impl Iterator<Item = usize> + use<K>) {
        let mask = self.places.len().wrapping_sub(1);
        let first = spread as usize;
        let size = WINDOW.min(self.places.len());
        let window = (0..size).map(move |next| first.wrapping_add(next) & mask);
        ((spread >> 32) as u32, window)
    }
}

/// Every bit of the result depends on every bit of the number (the last steps of `MurmurHash3`).
const fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let number = (number ^ (number >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    number ^ (number >> 33)
}

#[cfg(test)]
#[path = "index_tests.rs"]
mod tests;

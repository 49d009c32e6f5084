use std::collections::BTreeMap;

use super::*;
use proptest::prelude::*;

fn constant(_: &u32) -> u64 {
    7
}

fn itself(key: &u32) -> u64 {
    u64::from(*key)
}

/// Numbers that differ only where a careless choice of bits would not look.
fn high(key: &u32) -> u64 {
    u64::from(*key) << 40
}

/// An index with the keys of its numbers.
struct Keys {
    index: Index<u32>,
    keys: Vec<u32>,
}

impl Keys {
    fn new(spread: fn(&u32) -> u64) -> Self {
        Self {
            index: Index::new(spread),
            keys: Vec::new(),
        }
    }

    fn get(&self, key: u32) -> Option<u32> {
        self.index.get(&key, |number| &self.keys[number as usize])
    }

    fn add(&mut self, key: u32) {
        let number = self.keys.len() as u32;
        self.index
            .insert(&key, number, |number| &self.keys[number as usize]);
        self.keys.push(key);
    }
}

proptest! {
    #[test]
    fn an_index_is_a_map(keys in proptest::collection::vec(0..300_u32, 0..600)) {
        for spread in [constant, itself, high] {
            let (mut index, mut map) = (Keys::new(spread), BTreeMap::new());
            for key in &keys {
                prop_assert_eq!(index.get(*key), map.get(key).copied());
                if index.get(*key).is_none() {
                    map.insert(*key, map.len() as u32);
                    index.add(*key);
                }
                prop_assert_eq!(index.index.len(), map.len());
            }
            for key in 0..310 {
                prop_assert_eq!(index.get(key), map.get(&key).copied());
            }
        }
    }
}

#[test]
fn the_table_is_half_full_and_few_are_crowded() {
    for spread in [itself, high] {
        let mut index = Keys::new(spread);
        for key in 0..100_000 {
            index.add(key);
        }
        assert_eq!(index.index.places.len(), 262_144);
        let crowded = index.index.crowded.len();
        assert!(crowded < 1_000, "{crowded}");
    }
}

#[test]
fn the_table_doubles_when_half_of_it_is_taken() {
    let mut index = Keys::new(itself);
    for (key, places) in (0..33).zip(
        [16; 8]
            .into_iter()
            .chain([32; 8])
            .chain([64; 16])
            .chain([128]),
    ) {
        index.add(key);
        assert_eq!(index.index.places.len(), places);
    }
}

#[test]
fn keys_that_give_the_same_number_go_to_the_map() {
    let mut index = Keys::new(constant);
    (0..1000).for_each(|key| index.add(key));
    assert_eq!(index.index.crowded.len(), 1000 - WINDOW);
    let taken = index.index.places.iter().filter(|place| **place != FREE);
    assert_eq!(taken.count(), WINDOW);
    assert!((0..1000).all(|key| index.get(key) == Some(key)));
}

#[test]
fn keys_that_differ_are_told_apart_by_their_tags() {
    let mut index = Keys::new(itself);
    (0..1000).for_each(|key| index.add(key));
    let compared = std::cell::Cell::new(0);
    for key in 0..2000 {
        index.index.get(&key, |number| {
            compared.set(compared.get() + 1);
            &index.keys[number as usize]
        });
    }
    assert_eq!(compared.get(), 1000 - index.index.crowded.len());
}

#[test]
fn an_empty_index_has_nothing() {
    let index = Keys::new(itself);
    assert_eq!((index.get(0), index.index.len()), (None, 0));
}

#[test]
#[should_panic(expected = "a key is added once")]
fn a_crowded_key_is_not_added_twice() {
    let mut index = Keys::new(constant);
    (0..=WINDOW as u32).for_each(|key| index.add(key));
    index.add(WINDOW as u32);
}

/// Computed outside this crate.
#[test]
fn numbers_are_mixed_as_published() {
    for (number, mixed) in [
        (0x0, 0x0),
        (0x1, 0xb456bcfc34c2cb2c),
        (0x2, 0x3abf2a20650683e7),
        (0x10000000000, 0xe80f632ed2f232f6),
        (0xffffffffffffffff, 0x64b5720b4b825f21),
    ] {
        assert_eq!(mix(number), mixed);
    }
}

//! A sort whose cost does not depend on the order of the items.
//!
//! The sorts of the standard library compare items, and for each of them there are orders, easy to
//! compute, on which it compares four times as often as usual. Whoever delivers telemetry chooses its
//! order, so it could make a run burn fuel. This one looks at eight bits of a key at a time, in place
//! (“American flag sort”): at most eight rounds, whatever the keys are.

const BUCKETS: usize = 256;
const BUCKET_BITS: u32 = 8;
/// So few items are cheaper to insert one by one than to put into buckets.
const FEW: usize = 16;

/// Sorts by a key. Items with equal keys stay in no particular order.
pub(crate) fn sort<T: Copy>(items: &mut [T], key: &impl Fn(&T) -> u64) {
    // Telemetry mostly is.
    if !items.is_sorted_by_key(key) {
        sort_unsorted(items, key);
    }
}

fn sort_unsorted<T: Copy>(items: &mut [T], key: &impl Fn(&T) -> u64) {
    if items.len() <= FEW {
        return insert(items, key);
    }
    let Some(shift) = first_difference(items, key) else {
        return;
    };
    // The bits above are the same in all keys, so that they stand for nothing.
    let bucket = |item: &T| (key(item) >> shift) as usize % BUCKETS;
    let mut begin = 0;
    for end in distribute(items, &bucket) {
        sort_unsorted(&mut items[begin..end], key);
        begin = end;
    }
}

/// Where in the keys the eight bits begin of which the highest is the first that is not the same in all
/// of them; `None` if all keys are equal.
fn first_difference<T>(items: &[T], key: &impl Fn(&T) -> u64) -> Option<u32> {
    let first = key(items.first()?);
    let differing = items
        .iter()
        .fold(0, |bits, item| bits | (key(item) ^ first));
    let width = u64::BITS - differing.leading_zeros();
    (width > 0).then(|| width.saturating_sub(BUCKET_BITS))
}

/// Puts the items into the order of their buckets, and returns where each bucket ends.
fn distribute<T>(items: &mut [T], bucket: &impl Fn(&T) -> usize) -> [usize; BUCKETS] {
    let mut ends = [0; BUCKETS];
    for item in &*items {
        ends[bucket(item)] += 1;
    }
    let mut next = [0; BUCKETS];
    let mut sum = 0;
    for (next, end) in next.iter_mut().zip(&mut ends) {
        *next = sum;
        sum += *end;
        *end = sum;
    }
    for own in 0..BUCKETS {
        while next[own] < ends[own] {
            let target = bucket(&items[next[own]]);
            items.swap(next[own], next[target]);
            next[target] += 1;
        }
    }
    ends
}

fn insert<T: Copy>(items: &mut [T], key: &impl Fn(&T) -> u64) {
    for sorted in 1..items.len() {
        let item = items[sorted];
        let mut at = sorted;
        while at > 0 && key(&items[at - 1]) > key(&item) {
            items[at] = items[at - 1];
            at -= 1;
        }
        items[at] = item;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    fn random(state: &mut u64) -> u64 {
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        *state ^ *state >> 29
    }

    /// Sorts, compares with the standard library, and returns how often a key was looked at.
    fn looks(keys: &[u64]) -> u64 {
        let (mut sorted, mut expected) = (keys.to_vec(), keys.to_vec());
        let looks = Cell::new(0);
        sort(&mut sorted, &|key| {
            looks.set(looks.get() + 1);
            *key
        });
        expected.sort_unstable();
        assert!(sorted == expected, "{} keys", keys.len());
        looks.get()
    }

    #[test]
    fn it_sorts_as_the_standard_library_does() {
        let mut state = 1;
        for len in [0, 1, 2, 15, 16, 17, 18, 300, 5_000] {
            for bits in [0, 1, 3, 8, 9, 17, 40, 64] {
                let mask = u64::MAX.checked_shr(64 - bits).unwrap_or(0);
                let keys: Vec<u64> = (0..len).map(|_| random(&mut state) & mask).collect();
                looks(&keys);
            }
        }
        looks(&[u64::MAX, 0, u64::MAX - 1, 1].repeat(9));
    }

    #[test]
    fn no_order_and_no_keys_make_it_dear() {
        let count = 100_000;
        let mut state = 1;
        let ascending = |factor: u64| (0..count).map(|key| key * factor).collect::<Vec<_>>();
        let mut kinds = vec![vec![7; 100_000], ascending(1), ascending(1 << 40)];
        kinds.push(ascending(1).into_iter().rev().collect());
        kinds.push((0..count).map(|_| random(&mut state)).collect());
        kinds.push(
            (0..count)
                .map(|key| (key % 17) << (8 * (key % 8)))
                .collect(),
        );
        kinds.push((0..count).map(|key| 1 << (key % 64)).collect());
        for keys in kinds {
            // One to see whether they are sorted, eight rounds of three, and the last few by insertion.
            assert!(looks(&keys) <= count * (1 + 8 * 3 + FEW as u64));
        }
    }
}

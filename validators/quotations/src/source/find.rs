//! All parts of all quotations, found in one pass over a source.
//!
//! The index is over the quotations, not over the source: a source may be far larger than memory. At
//! each place where a word begins, a filter tells whether any part may begin so; only then the sorted
//! parts are searched. The cost hardly depends on how many quotations there are, nor on what they have
//! in common.

use crate::quotation::Part;
use crate::words::is_edge;
use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

/// How many bytes of a part the filter sees.
const KEY_BYTES: usize = 8;
/// Bits of the filter.
const FILTER_BITS: usize = 1 << 17;

/// One part of one quotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PartId {
    /// The quotation's index among those that are searched.
    pub(crate) quotation: usize,
    /// Which part of it.
    pub(crate) part: usize,
}

/// The index over parts.
pub(crate) struct Index {
    /// Sorted by text.
    entries: Vec<Entry>,
    /// The first bytes of each, as a number in the same order.
    keys: Vec<u64>,
    /// Which lengths below [`KEY_BYTES`] there are.
    short: [bool; KEY_BYTES],
    filter: Vec<u64>,
}

struct Entry {
    text: String,
    owners: Vec<PartId>,
    /// The longest other entry with which this one begins.
    shorter: Option<usize>,
}

impl Index {
    /// Indexes parts, which begin with a letter or digit; others are never found.
    pub(crate) fn new<'a>(parts: impl IntoIterator<Item = (PartId, &'a Part)>) -> Self {
        let mut owners: BTreeMap<String, Vec<PartId>> = BTreeMap::new();
        for (id, part) in parts {
            for spelling in part.spellings() {
                owners.entry(spelling).or_default().push(id);
            }
        }
        let mut index = Self {
            entries: Vec::with_capacity(owners.len()),
            keys: Vec::with_capacity(owners.len()),
            short: [false; KEY_BYTES],
            filter: vec![0; FILTER_BITS / 64],
        };
        let mut open: Vec<usize> = Vec::new(); // each begins with the one before
        for (text, owners) in owners {
            while open
                .last()
                .is_some_and(|at| !text.starts_with(&index.entries[*at].text))
            {
                open.pop();
            }
            index.admit(text.as_bytes());
            index.keys.push(key(text.as_bytes()));
            let shorter = open.last().copied();
            open.push(index.entries.len());
            index.entries.push(Entry {
                text,
                owners,
                shorter,
            });
        }
        index
    }

    /// The longest part in bytes.
    pub(crate) fn longest(&self) -> usize {
        let lens = self.entries.iter().map(|entry| entry.text.len());
        lens.max().unwrap_or(0)
    }

    /// Calls `found` for each part that occurs from `start` on, as whole words.
    pub(crate) fn at(&self, text: &str, start: usize, mut found: impl FnMut(PartId, Range<usize>)) {
        let rest = &text.as_bytes()[start..];
        if !self.may_begin(rest) || !is_edge(text, start) {
            return;
        }
        let mut next = self.longest_prefix(rest);
        while let Some(entry) = next.map(|at| &self.entries[at]) {
            let end = start + entry.text.len();
            if is_edge(text, end) {
                entry.owners.iter().for_each(|id| found(*id, start..end));
            }
            next = entry.shorter;
        }
    }

    /// The longest entry with which `rest` begins. Whatever stands between such an entry and `rest` in
    /// order begins with it too: so the last entry not after `rest` is it, or begins with it, and then
    /// `rest` may be cut to what both have in common.
    fn longest_prefix(&self, mut rest: &[u8]) -> Option<usize> {
        loop {
            let at = self.last_not_after(rest)?;
            let Entry { text, shorter, .. } = &self.entries[at];
            let common = text.bytes().zip(rest).take_while(|(a, b)| a == *b).count();
            if common == text.len() {
                return Some(at);
            }
            (*shorter)?;
            rest = &rest[..common];
        }
    }

    fn last_not_after(&self, rest: &[u8]) -> Option<usize> {
        let key = key(rest);
        let from = self.keys.partition_point(|other| *other < key);
        let to = self.keys.partition_point(|other| *other <= key);
        let same = &self.entries[from..to];
        let after = from + same.partition_point(|entry| entry.text.as_bytes() <= rest);
        after.checked_sub(1)
    }

    fn admit(&mut self, text: &[u8]) {
        let key = &text[..text.len().min(KEY_BYTES)];
        if let Some(short) = self.short.get_mut(key.len()) {
            *short = true;
        }
        let (word, bit) = filter_bit(key);
        self.filter[word] |= bit;
    }

    fn may_begin(&self, rest: &[u8]) -> bool {
        let holds = |key: &[u8]| {
            let (word, bit) = filter_bit(key);
            self.filter[word] & bit != 0
        };
        let short = (1..KEY_BYTES.min(rest.len() + 1)).filter(|len| self.short[*len]);
        rest.get(..KEY_BYTES).is_some_and(holds) || short.into_iter().any(|len| holds(&rest[..len]))
    }
}

/// The first bytes as a number; fewer are followed by zeros, which the normal form never has.
fn key(bytes: &[u8]) -> u64 {
    if let Some(key) = bytes.first_chunk::<KEY_BYTES>() {
        return u64::from_be_bytes(*key);
    }
    let mut key = [0; KEY_BYTES];
    key[..bytes.len()].copy_from_slice(bytes);
    u64::from_be_bytes(key)
}

fn filter_bit(bytes: &[u8]) -> (usize, u64) {
    // Fibonacci hashing: the top bits of the product.
    let hash = key(bytes).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let hash = (hash >> (64 - FILTER_BITS.ilog2())) as usize;
    (hash / 64, 1 << (hash % 64))
}

/// How far the parts of one quotation were found in order.
#[derive(Debug, Clone)]
pub(crate) struct Chain {
    max_gap: u64,
    /// Whether each part was found at all.
    seen: Vec<bool>,
    /// Where the occurrences of each part end that continue a chain and may still be continued.
    ends: Vec<VecDeque<Range<u64>>>,
    /// Where the first whole chain was found, from its first part to its last.
    complete: Option<Range<u64>>,
}

impl Chain {
    pub(crate) fn new(parts: usize, max_gap: u64) -> Self {
        let ends = vec![VecDeque::new(); parts];
        Self {
            max_gap,
            seen: vec![false; parts],
            ends,
            complete: None,
        }
    }

    /// Takes in an occurrence. Occurrences arrive in the order of the source.
    pub(crate) fn occurs(&mut self, part: usize, range: Range<u64>) {
        self.seen[part] = true;
        let start = match part.checked_sub(1) {
            None => Some(range.start),
            Some(before) => self.continues(before, range.start),
        };
        let Some(start) = start else { return };
        if part + 1 == self.ends.len() {
            self.complete.get_or_insert(start..range.end);
            return;
        }
        self.forget(part, range.end);
        self.ends[part].push_back(start..range.end);
    }

    /// All parts were found, in order and near enough to each other; from where to where.
    pub(crate) fn complete(&self) -> Option<&Range<u64>> {
        self.complete.as_ref()
    }

    /// All parts were found, somewhere.
    pub(crate) fn all_seen(&self) -> bool {
        self.seen.iter().all(|seen| *seen)
    }

    /// Where the chain begins that an occurrence of `part` ends at most `max_gap` before `start`.
    fn continues(&mut self, part: usize, start: u64) -> Option<u64> {
        self.forget(part, start);
        let front = self.ends[part].front();
        front.filter(|it| it.end <= start).map(|it| it.start)
    }

    /// Forgets ends that are too far before `position`: all occurrences of a part are equally long, so
    /// that their ends are in order.
    fn forget(&mut self, part: usize, position: u64) {
        let ends = &mut self.ends[part];
        while ends
            .front()
            .is_some_and(|it| it.end.saturating_add(self.max_gap) < position)
        {
            ends.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::words;

    fn search(source: &str, parts: &[&str], max_gap: u64) -> Chain {
        let ids = (0..).map(|part| PartId { quotation: 0, part });
        let parts: Vec<_> = parts.iter().map(|text| Part::verbatim(text)).collect();
        let index = Index::new(ids.zip(&parts));
        let mut chain = Chain::new(parts.len(), max_gap);
        for (start, _) in words(source) {
            index.at(source, start, |id, range| {
                chain.occurs(id.part, range.start as u64..range.end as u64);
            });
        }
        chain
    }

    #[test]
    fn whole_words_are_found() {
        let source = "It was the best of times, it was the worst of times";
        assert_eq!(
            search(source, &["it was the worst"], 0).complete(),
            Some(&(26..42))
        );
        assert_eq!(search(source, &["times"], 0).complete(), Some(&(19..24)));
        assert!(search(source, &["it was the wor"], 0).complete().is_none());
        assert!(
            search(source, &["he best of times"], 0)
                .complete()
                .is_none()
        );
        assert!(
            search(source, &["the best, of times"], 0)
                .complete()
                .is_none()
        );
    }

    #[test]
    fn every_part_is_found_whatever_others_have_in_common_with_it() {
        let source = "a b c d, a bc, a b, non-violent a b c e 0.5 ab";
        let parts = [
            "a",
            "a b",
            "a b c",
            "a b c d, a",
            "a b d",
            "a bd",
            "b",
            "violent",
            "5 ab",
            "ab",
        ];
        for part in parts {
            let alone = search(source, &[part], 0);
            let parts: Vec<_> = parts.iter().map(|text| Part::verbatim(text)).collect();
            let ids = (0..).map(|quotation| PartId { quotation, part: 0 });
            let index = Index::new(ids.zip(&parts));
            let mut found = None;
            for (start, _) in words(source) {
                index.at(source, start, |id, range| {
                    if parts[id.quotation] == Part::verbatim(part) {
                        found.get_or_insert(range.start as u64..range.end as u64);
                    }
                });
            }
            assert_eq!(found.as_ref(), alone.complete(), "{part}");
            assert_eq!(
                found.is_some(),
                !["a b d", "a bd", "violent", "5 ab"].contains(&part)
            );
        }
    }

    #[test]
    fn parts_must_occur_in_order_and_near() {
        let source = "alpha one two beta three four gamma five six alpha";
        assert!(
            search(source, &["one two", "three four", "five six"], 10)
                .complete()
                .is_some()
        );
        let far = search(source, &["one two", "five six"], 10);
        assert!(far.complete().is_none() && far.all_seen());
        let reversed = search(source, &["five six", "one two"], 100);
        assert!(reversed.complete().is_none() && reversed.all_seen());
        assert!(!search(source, &["one two", "seven"], 100).all_seen());
    }

    #[test]
    fn a_later_occurrence_may_continue_where_the_first_does_not() {
        // From the first `b b` the gap to `c c` is too wide, from the second it is not.
        let source = "a a x b b x x b b x x x c c";
        assert!(
            search(source, &["a a", "b b", "c c"], 11)
                .complete()
                .is_some()
        );
        assert!(
            search(source, &["a a", "b b", "c c"], 10)
                .complete()
                .is_none()
        );
    }
}

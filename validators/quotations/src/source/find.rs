//! All parts of all quotations, found in one pass over a source.
//!
//! The index is over the quotations, not over the source: a source may be far larger than memory. At
//! each place where a word begins, the next bytes are looked up among the beginnings of the parts, so
//! that the cost hardly depends on how many quotations there are.

use crate::words::is_boundary;
use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

/// How many bytes of a part are looked up; shorter parts are looked up by their first byte.
const KEY_BYTES: usize = 8;
/// Bits of the filter before the index. A source word that begins no part rarely passes it.
const FILTER_BITS: usize = 1 << 14;

/// One part of one quotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PartId {
    /// The quotation's index among those that are searched.
    pub(crate) quotation: usize,
    /// Which part of it.
    pub(crate) part: usize,
}

/// The index over parts.
pub(crate) struct Index<'a> {
    parts: Vec<(PartId, &'a str)>,
    long: BTreeMap<u64, Vec<usize>>,
    short: BTreeMap<u8, Vec<usize>>,
    filter: Vec<u64>,
}

impl<'a> Index<'a> {
    /// Indexes parts that begin with a letter or digit; others are never found.
    pub(crate) fn new(parts: impl IntoIterator<Item = (PartId, &'a str)>) -> Self {
        let mut index = Self {
            parts: parts.into_iter().collect(),
            long: BTreeMap::new(),
            short: BTreeMap::new(),
            filter: vec![0; FILTER_BITS / 64],
        };
        for (at, (_, text)) in index.parts.iter().enumerate() {
            if let Some(key) = key(text.as_bytes()) {
                let (word, bit) = filter_bit(key);
                index.filter[word] |= bit;
                index.long.entry(key).or_default().push(at);
            } else if let Some(first) = text.bytes().next() {
                index.short.entry(first).or_default().push(at);
            }
        }
        index
    }

    /// The longest part in bytes.
    pub(crate) fn longest(&self) -> usize {
        self.parts
            .iter()
            .map(|(_, text)| text.len())
            .max()
            .unwrap_or(0)
    }

    /// Calls `found` for each part that occurs from `start` on, as whole words.
    pub(crate) fn at(&self, text: &str, start: usize, mut found: impl FnMut(PartId, Range<usize>)) {
        let rest = &text.as_bytes()[start..];
        let mut try_all = |candidates: Option<&Vec<usize>>| {
            for (id, part) in candidates.into_iter().flatten().map(|at| self.parts[*at]) {
                let end = start + part.len();
                if rest.starts_with(part.as_bytes()) && is_boundary(text, end) {
                    found(id, start..end);
                }
            }
        };
        if let Some(key) = key(rest).filter(|key| self.may_hold(*key)) {
            try_all(self.long.get(&key));
        }
        if let Some(first) = rest.first().filter(|_| !self.short.is_empty()) {
            try_all(self.short.get(first));
        }
    }

    fn may_hold(&self, key: u64) -> bool {
        let (word, bit) = filter_bit(key);
        self.filter[word] & bit != 0
    }
}

fn key(bytes: &[u8]) -> Option<u64> {
    bytes
        .first_chunk::<KEY_BYTES>()
        .map(|bytes| u64::from_le_bytes(*bytes))
}

fn filter_bit(key: u64) -> (usize, u64) {
    // Fibonacci hashing: the top 14 bits of the product.
    let hash = (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - FILTER_BITS.ilog2())) as usize;
    (hash / 64, 1 << (hash % 64))
}

/// How far the parts of one quotation were found in order.
#[derive(Debug, Clone)]
pub(crate) struct Chain {
    max_gap: u64,
    /// Whether each part was found at all.
    seen: Vec<bool>,
    /// Where the occurrences of each part end that continue a chain and may still be continued.
    ends: Vec<VecDeque<u64>>,
    /// Where the last part of the first whole chain was found.
    complete: Option<u64>,
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
        if part > 0 && !self.continues(part - 1, range.start) {
            return;
        }
        if part + 1 == self.ends.len() {
            self.complete.get_or_insert(range.start);
            return;
        }
        self.ends[part].push_back(range.end);
    }

    /// All parts were found, in order and near enough to each other; the position of the last.
    pub(crate) fn complete(&self) -> Option<u64> {
        self.complete
    }

    /// All parts were found, somewhere.
    pub(crate) fn all_seen(&self) -> bool {
        self.seen.iter().all(|seen| *seen)
    }

    /// Whether an occurrence of `part` ends at most `max_gap` before `start`. Ends that are too far back
    /// are forgotten: all occurrences of a part are equally long, so that their ends are in order.
    fn continues(&mut self, part: usize, start: u64) -> bool {
        let ends = &mut self.ends[part];
        while ends
            .front()
            .is_some_and(|end| end.saturating_add(self.max_gap) < start)
        {
            ends.pop_front();
        }
        ends.front().is_some_and(|end| *end <= start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::words;

    fn search(source: &str, parts: &[&str], max_gap: u64) -> Chain {
        let ids = (0..).map(|part| PartId { quotation: 0, part });
        let index = Index::new(ids.zip(parts.iter().copied()));
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
            Some(26)
        );
        assert_eq!(search(source, &["times"], 0).complete(), Some(19));
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

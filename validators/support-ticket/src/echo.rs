//! Words that only repeat what the customer said.

use crate::text::spoken::Spoken;
use std::collections::{BTreeMap, BTreeSet};

/// So many words in a row are known again. A passage of fewer is nobody's.
const RUN: usize = 4;
/// The most words of the customer's that are remembered. Those that were handed over come first.
const MAX_WORDS: usize = 50_000;

/// What the customer has said so far, by runs of words.
#[derive(Default)]
pub(crate) struct Echoes {
    words: BTreeMap<String, u32>,
    runs: BTreeSet<[u32; RUN]>,
}

impl Echoes {
    /// Remembers a message of the customer's.
    pub(crate) fn learn(&mut self, spoken: &Spoken) {
        let mut numbers = Vec::new();
        for at in 0..spoken.words.len() {
            if self.runs.len() + at > MAX_WORDS {
                break;
            }
            let next = self.words.len() as u32;
            let number = self.words.entry(spoken.word(at).to_owned()).or_insert(next);
            numbers.push(*number);
        }
        self.runs.extend(numbers.array_windows().copied());
    }

    /// Of each word, whether its whole passage is made of runs of the customer's.
    pub(crate) fn of(&self, spoken: &Spoken) -> Vec<bool> {
        let number = |at: usize| self.words.get(spoken.word(at)).copied().unwrap_or(u32::MAX);
        let numbers: Vec<u32> = (0..spoken.words.len()).map(number).collect();
        let mut echo = vec![false; numbers.len()];
        let mut start = 0;
        for passage in spoken
            .places
            .chunk_by(|one, other| one.passage == other.passage)
        {
            let range = start..start + passage.len();
            start = range.end;
            let mut runs = numbers[range.clone()].array_windows();
            if range.len() >= RUN && runs.all(|run| self.runs.contains(run)) {
                echo[range].fill(true);
            }
        }
        echo
    }
}

//! The passage of a source that is most like a quotation that does not occur.
//!
//! Likeness is the length of the longest run of words (whatever their case and the punctuation between
//! them) that both have in common. It takes one pass over the source, memory for the quotations only,
//! and no more than a fixed number of steps, after which the best so far is told: an explanation must
//! not cost what the verdict needs.

use crate::words::{word_end, word_hash, words};
use std::collections::BTreeMap;
use std::ops::Range;

/// A shared run of fewer words says nothing.
const MIN_RUN_WORDS: u32 = 3;
/// No more occurrences of one word in one quotation are followed: prose of the length below has some
/// twenty of its most frequent word.
const MAX_PLACES: usize = 32;
/// No more of a quotation is looked at: comparing takes the product of the numbers of words as its time,
/// at most some 500 by 300.
const MAX_COMPARED_BYTES: usize = 1024;
/// So many times a word of a source is compared with a place in a quotation: some 200 million units of
/// fuel, well within the constant part of the default limit.
const MAX_STEPS: u64 = 2_000_000;

/// The passage most like one quotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Passage {
    /// Its words in normal form.
    pub(crate) text: String,
    /// The source, by index.
    pub(crate) source: usize,
    /// The line of the source on which the shared run stands.
    pub(crate) line: u64,
    /// How many words in a row are the same.
    pub(crate) run_words: u32,
}

/// One quotation and how far it agrees with the words that were read last.
struct Wanted<'a> {
    text: &'a str,
    words: Vec<Range<usize>>,
    /// For each word of the quotation, the run that ends with it, and the source word it ended at.
    runs: Vec<(u32, u64)>,
    best: Option<Passage>,
}

/// Looks for the passages most like some quotations.
pub(crate) struct Nearest<'a> {
    wanted: Vec<Wanted<'a>>,
    /// Where each word occurs: quotation and word, the last first.
    index: BTreeMap<u64, Vec<(usize, usize)>>,
    /// Source words so far.
    word: u64,
    /// Steps that are left.
    steps: u64,
}

impl<'a> Nearest<'a> {
    /// Looks for passages like these normalised texts.
    pub(crate) fn new(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let wanted: Vec<_> = texts.into_iter().map(Wanted::new).collect();
        let mut index: BTreeMap<u64, Vec<(usize, usize)>> = BTreeMap::new();
        for (quotation, wanted) in wanted.iter().enumerate() {
            for (word, range) in wanted.words.iter().enumerate().rev() {
                let hash = word_hash(&wanted.text[range.clone()]);
                let places = index.entry(hash).or_default();
                let same = places.iter().rev().take(MAX_PLACES);
                if same.filter(|(other, _)| *other == quotation).count() < MAX_PLACES {
                    places.push((quotation, word));
                }
            }
        }
        Self {
            wanted,
            index,
            word: 1,
            steps: MAX_STEPS,
        }
    }

    /// How much text around a word [`Nearest::take`] may want to see.
    pub(crate) fn margin(&self) -> usize {
        let longest = self
            .wanted
            .iter()
            .map(|wanted| wanted.text.len())
            .max()
            .unwrap_or(0);
        longest + slack(longest) + MAX_SNAP_BYTES
    }

    /// Takes in the next word of source number `source`, which begins at the byte `start` of `text`.
    pub(crate) fn take(&mut self, text: &str, start: usize, source: usize, line: impl Fn() -> u64) {
        self.word += 1;
        if self.steps == 0 {
            return;
        }
        let end = word_end(text, start);
        let Some(places) = self.index.get(&word_hash(&text[start..end])) else {
            return;
        };
        self.steps = self.steps.saturating_sub(places.len() as u64);
        for (quotation, word) in places {
            let wanted = &mut self.wanted[*quotation];
            let run = wanted.extend(*word, self.word);
            let best = wanted.best.as_ref().map_or(0, |passage| passage.run_words);
            if run > best && run >= MIN_RUN_WORDS {
                let text = wanted.passage(text, start, *word).to_owned();
                wanted.best = Some(Passage {
                    text,
                    source,
                    line: line(),
                    run_words: run,
                });
            }
        }
    }

    /// A new source begins: no run goes on.
    pub(crate) fn next_source(&mut self) {
        self.word += 1;
    }

    /// What was found, in the order of the quotations.
    pub(crate) fn finish(self) -> Vec<Option<Passage>> {
        self.wanted.into_iter().map(|wanted| wanted.best).collect()
    }
}

impl<'a> Wanted<'a> {
    fn new(text: &'a str) -> Self {
        let text = &text[..text.floor_char_boundary(MAX_COMPARED_BYTES)];
        let words: Vec<_> = words(text).map(|(start, end)| start..end).collect();
        let runs = vec![(0, 0); words.len()];
        Self {
            text,
            words,
            runs,
            best: None,
        }
    }

    /// The quotation's word `at` stands in the source as well. Returns the run that ends here. The
    /// later words of the quotation must be told first.
    fn extend(&mut self, at: usize, source_word: u64) -> u32 {
        let before = at.checked_sub(1).map_or((0, 0), |before| self.runs[before]);
        let run = if before.1 + 1 == source_word {
            before.0 + 1
        } else {
            1
        };
        self.runs[at] = (run, source_word);
        run
    }

    /// The passage that has the quotation's word `at` at the byte `start`, with some slack on both sides,
    /// at whole words.
    fn passage<'t>(&self, text: &'t str, start: usize, at: usize) -> &'t str {
        let slack = slack(self.text.len());
        let before = self.words[at].start;
        let after = self.text.len() - before;
        let from = text.floor_char_boundary(start.saturating_sub(before + slack));
        let to = text.ceil_char_boundary((start + after + slack).min(text.len()));
        // No further than a word goes: scripts without spaces have none for long.
        let before = &text[text.ceil_char_boundary(from.saturating_sub(MAX_SNAP_BYTES))..from];
        let after = &text[to..text.floor_char_boundary(to.saturating_add(MAX_SNAP_BYTES))];
        let back = before.rfind(' ').map_or(0, |at| before.len() - at - 1);
        let on = after.find(' ').unwrap_or(0);
        &text[from - back..to + on]
    }
}

/// A passage is taken with so much more on either side, and cut to fit afterwards.
fn slack(len: usize) -> usize {
    len / 4 + 32
}

/// A word that the edge of a passage cuts is completed if it ends so near.
const MAX_SNAP_BYTES: usize = 32;

/// How a quotation fits into a passage.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fit<'a> {
    /// The part of the passage that fits best.
    pub(crate) passage: &'a str,
    /// How many words must be added, left out or exchanged.
    pub(crate) distance: usize,
    /// How many words of the quotation were compared.
    pub(crate) of: usize,
    /// The first words that differ: quoted, and in the passage.
    pub(crate) first: Option<(String, String)>,
}

/// The part of `passage` with the least edit distance, in words, from the quotation; of equal ones the
/// first that ends.
pub(crate) fn fit<'a>(quotation: &str, passage: &'a str) -> Fit<'a> {
    let quotation = &quotation[..quotation.floor_char_boundary(MAX_COMPARED_BYTES)];
    let [quoted, there] = [quotation, passage].map(|text| words(text).collect::<Vec<_>>());
    let hashes = |text: &str, words: &[(usize, usize)]| -> Vec<u64> {
        words
            .iter()
            .map(|(start, end)| word_hash(&text[*start..*end]))
            .collect()
    };
    let (left, right) = (hashes(quotation, &quoted), hashes(passage, &there));
    let (distance, range) = best_alignment(&left, &right);
    let differs = left
        .iter()
        .zip(&right[range.clone()])
        .position(|(left, right)| left != right);
    let first = differs.map(|at| {
        let ((a, b), (c, d)) = (quoted[at], there[range.start + at]);
        (quotation[a..b].to_owned(), passage[c..d].to_owned())
    });
    let cut = match there.get(range) {
        Some([(start, end)]) | Some([(start, _), .., (_, end)]) => &passage[*start..*end],
        _ => passage,
    };
    Fit {
        passage: cut,
        distance,
        of: left.len(),
        first,
    }
}

/// Sellers' algorithm: Levenshtein's distance of `left` from any range of `right`. Each cell has the
/// distance and where the range begins.
fn best_alignment(left: &[u64], right: &[u64]) -> (usize, Range<usize>) {
    let mut row: Vec<(usize, usize)> = (0..=right.len()).map(|at| (0, at)).collect();
    for (above, word) in left.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = (above + 1, 0);
        for (at, other) in right.iter().enumerate() {
            let exchanged = (diagonal.0 + usize::from(word != other), diagonal.1);
            diagonal = row[at + 1];
            let left_out = (diagonal.0 + 1, diagonal.1);
            let added = (row[at].0 + 1, row[at].1);
            row[at + 1] = exchanged.min(left_out).min(added);
        }
    }
    let best = row
        .iter()
        .enumerate()
        .min_by_key(|(end, cell)| (cell.0, *end));
    best.map_or((left.len(), 0..0), |(end, (distance, start))| {
        (*distance, *start..end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "There is grandeur in this view of life, with its several powers, having \
        been originally breathed by the Creator into a few forms or into one";

    fn nearest(quotation: &str) -> Option<Passage> {
        let mut nearest = Nearest::new([quotation]);
        for (start, _) in words(SOURCE) {
            nearest.take(SOURCE, start, 7, || 3);
        }
        nearest.finish().remove(0)
    }

    #[test]
    fn the_passage_covers_what_the_quotation_changed() {
        let quotation = "its several Powers having been breathed by chance";
        let passage = nearest(quotation).expect("similar");
        assert_eq!((passage.source, passage.line, passage.run_words), (7, 3, 5));
        let fit = fit(quotation, &passage.text);
        assert_eq!(
            fit.passage,
            "its several powers, having been originally breathed by"
        );
        assert_eq!((fit.distance, fit.of), (2, 8));
        assert_eq!(nearest("something else is in this box"), None);
    }

    #[test]
    fn repeated_words_do_not_confuse_runs() {
        let mut nearest = Nearest::new(["a a b a a a"]);
        let source = "a a a b a a b";
        for (start, _) in words(source) {
            nearest.take(source, start, 0, || 1);
        }
        assert_eq!(nearest.finish()[0].as_ref().map(|it| it.run_words), Some(5));
    }

    #[test]
    fn the_fit_counts_words() {
        let told = |quotation, passage| {
            let fit = fit(quotation, passage);
            (fit.distance, fit.passage.to_owned(), fit.first)
        };
        let words = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(
            told("b c d", "a b x d e"),
            (1, "b x d".into(), words("c", "x"))
        );
        assert_eq!(told("A, b", "x a b. y"), (0, "a b".into(), None));
        assert_eq!(told("a c", "a b c"), (1, "a".into(), None));
        assert_eq!(told("a b", ""), (2, "".into(), None));
    }
}

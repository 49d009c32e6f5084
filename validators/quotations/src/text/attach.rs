//! Which citation belongs to which quotation.

use super::blocks::Block;
use super::inline::Inline;
use super::markers::Markers;
use crate::words::words;
use std::ops::Range;

/// Finds the markers of quotations.
pub(super) struct Attach<'a> {
    pub(super) text: &'a str,
    pub(super) markers: &'a Markers,
    pub(super) reach: usize,
}

impl Attach<'_> {
    /// The markers of the inline quotation `quotes[at]`: those directly after it; otherwise those
    /// directly before it; otherwise, within reach and not beyond another quotation, the first after it
    /// or the last before it.
    pub(super) fn to_inline(
        &self,
        quotes: &[Inline],
        at: usize,
        paragraph: &Range<usize>,
    ) -> Vec<usize> {
        let outer = &quotes[at].outer;
        let room_before = at
            .checked_sub(1)
            .map_or(paragraph.start, |at| quotes[at].outer.end);
        let room_after = quotes
            .get(at + 1)
            .map_or(paragraph.end, |next| next.outer.start);
        let after = self.markers.within(&(outer.end..room_after));
        let before = self.markers.within(&(room_before..outer.start));
        let adjacent = self.adjacent_after(outer.end, after.clone());
        if !adjacent.is_empty() {
            return adjacent;
        }
        let adjacent = self.adjacent_before(outer.start, before.clone());
        if !adjacent.is_empty() {
            return adjacent;
        }
        let list = &self.markers.list;
        let near_after = after
            .take(1)
            .find(|it| list[*it].range.start <= outer.end + self.reach);
        let near_before = before
            .rev()
            .take(1)
            .find(|it| list[*it].range.end + self.reach >= outer.start);
        near_after.or(near_before).into_iter().collect()
    }

    /// The lines of a block quotation without its attribution, and the markers of that (see
    /// [`Self::is_attribution`]); otherwise the markers at its very end.
    pub(super) fn split_attribution(
        &self,
        lines: &[Range<usize>],
    ) -> (Vec<Range<usize>>, Vec<usize>) {
        let is_blank = |line: &&Range<usize>| self.text[(*line).clone()].trim().is_empty();
        let mut lines: Vec<_> = lines.iter().filter(|it| !is_blank(it)).cloned().collect();
        let Some(last) = lines.last().cloned() else {
            return (lines, Vec::new());
        };
        let inside = self.markers.within(&last);
        if !inside.is_empty() && self.is_attribution(&last, inside.clone()) {
            lines.pop();
            return (lines, inside.collect());
        }
        let trailing = self.adjacent_before(last.end, inside);
        if let (Some(first), Some(last)) = (trailing.first(), lines.last_mut()) {
            last.end = self.markers.list[*first].range.start;
        }
        (lines, trailing)
    }

    /// Whether a line only says whose words the others are: it has markers and nothing behind them, and
    /// before them nothing or, after a dash, what looks like names and titles. Any other words are part
    /// of the quotation, so that nothing can be put into an author's mouth there.
    fn is_attribution(&self, line: &Range<usize>, markers: Range<usize>) -> bool {
        let list = &self.markers.list[markers];
        let (Some(first), Some(last)) = (list.first(), list.last()) else {
            return false;
        };
        let before = self.text[line.start..first.range.start].trim_start();
        let between = list
            .windows(2)
            .all(|pair| is_punctuation(&self.text[pair[0].range.end..pair[1].range.start]));
        if !between || !is_punctuation(&self.text[last.range.end..line.end]) {
            return false;
        }
        let dashed = before.starts_with(['—', '–', '―']) || before.starts_with("--");
        is_punctuation(before) || (dashed && is_name(before))
    }

    /// The markers of a block quotation that has none itself: those at the beginning of the next
    /// paragraph, or the last one of the paragraph before, within reach of its end.
    pub(super) fn around_block(&self, before: Option<&Block>, after: Option<&Block>) -> Vec<usize> {
        if let Some(Block::Paragraph(paragraph)) = after {
            let found = self.adjacent_after(paragraph.start, self.markers.within(paragraph));
            if !found.is_empty() {
                return found;
            }
        }
        if let Some(Block::Paragraph(paragraph)) = before {
            let found = self.adjacent_before(paragraph.end, self.markers.within(paragraph));
            if !found.is_empty() {
                return found;
            }
            let mut inside = self.markers.within(paragraph);
            let near = |it: &usize| self.markers.list[*it].range.end + self.reach >= paragraph.end;
            return inside.next_back().filter(near).into_iter().collect();
        }
        Vec::new()
    }

    /// The markers that follow each other from `at` on, with nothing but punctuation between.
    fn adjacent_after(&self, at: usize, candidates: Range<usize>) -> Vec<usize> {
        let mut end = at;
        let mut found = Vec::new();
        for candidate in candidates {
            let range = &self.markers.list[candidate].range;
            if !is_punctuation(&self.text[end..range.start]) {
                break;
            }
            end = range.end;
            found.push(candidate);
        }
        found
    }

    /// The markers that precede each other from `at` back, in the order of the text.
    fn adjacent_before(&self, at: usize, candidates: Range<usize>) -> Vec<usize> {
        let mut start = at;
        let mut found = Vec::new();
        for candidate in candidates.rev() {
            let range = &self.markers.list[candidate].range;
            if !is_punctuation(&self.text[range.end..start]) {
                break;
            }
            start = range.start;
            found.push(candidate);
        }
        found.reverse();
        found
    }
}

/// At most so many words are a name and a title.
const MAX_NAME_WORDS: usize = 12;
/// Words that names and titles have in lower case, and the abbreviations of locators.
const PARTICLES: [&str; 28] = [
    "a", "an", "and", "at", "by", "ch", "chap", "da", "de", "del", "der", "di", "du", "ed", "for",
    "from", "in", "la", "no", "of", "on", "p", "pp", "the", "to", "van", "vol", "von",
];

/// Whether these words may be a name and a title: few, and each begins with an upper-case letter or a
/// digit, or is a particle.
fn is_name(text: &str) -> bool {
    let mut count = 0;
    words(text).all(|(start, end)| {
        let word = &text[start..end];
        let upper = word.starts_with(|it: char| it.is_uppercase() || it.is_numeric());
        // Scripts without case say nothing by it: each letter counts.
        let cased = upper || word.starts_with(char::is_lowercase);
        count += if cased { 1 } else { word.chars().count() };
        let fits = upper || !cased || PARTICLES.contains(&word);
        fits && count <= MAX_NAME_WORDS
    })
}

fn is_punctuation(text: &str) -> bool {
    !text.contains(char::is_alphanumeric)
}

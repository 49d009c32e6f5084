//! Which citation belongs to which quotation.

use super::blocks::Block;
use super::inline::Inline;
use super::markers::Markers;
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

    /// The lines of a block quotation without its attribution, and the markers of that: its last line,
    /// if it begins with a dash or a marker and has one; otherwise the markers at its very end.
    pub(super) fn split_attribution(
        &self,
        lines: &[Range<usize>],
    ) -> (Vec<Range<usize>>, Vec<usize>) {
        let mut lines = lines.to_vec();
        let is_blank = |line: &Range<usize>| self.text[line.clone()].trim().is_empty();
        while lines.last().is_some_and(is_blank) {
            lines.pop();
        }
        let leading = lines.iter().take_while(|line| is_blank(line)).count();
        lines.drain(..leading);
        let Some(last) = lines.last().cloned() else {
            return (lines, Vec::new());
        };
        let inside = self.markers.within(&last);
        let line = self.text[last.clone()].trim_start();
        let start = last.end - line.len();
        let begins = inside
            .clone()
            .next()
            .is_some_and(|it| self.markers.list[it].range.start == start);
        if !inside.is_empty() && (begins || line.starts_with(['—', '–', '―', '-'])) {
            lines.pop();
            return (lines, inside.collect());
        }
        let trailing = self.adjacent_before(last.end, inside);
        if let (Some(first), Some(last)) = (trailing.first(), lines.last_mut()) {
            last.end = self.markers.list[*first].range.start;
        }
        (lines, trailing)
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
            found.insert(0, candidate);
        }
        found
    }
}

fn is_punctuation(text: &str) -> bool {
    !text.contains(char::is_alphanumeric)
}

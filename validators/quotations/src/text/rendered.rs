//! A text as its readers see it, and where each of its bytes comes from.

use super::blocks::{Block, blocks};
use super::defect::{Defect, DefectKind};
use std::ops::Range;

/// What readers see, and how it is divided.
#[derive(Debug, Default)]
pub(super) struct Rendered {
    /// The visible text. Blocks are parted by blank lines.
    pub(super) text: String,
    /// In the order of the text, as ranges of `text`.
    pub(super) blocks: Vec<Block>,
    /// What is shown of links, as ranges of `text`.
    pub(super) links: Vec<Range<usize>>,
    /// What cannot be read, with ranges of the original.
    pub(super) defects: Vec<Defect>,
    pieces: Vec<Piece>,
}

/// A stretch of the visible text and where it comes from.
#[derive(Debug)]
struct Piece {
    at: usize,
    source: Range<usize>,
    /// It stands in the original byte for byte.
    verbatim: bool,
}

impl Rendered {
    /// Plain text is seen as it is.
    pub(super) fn plain(text: &str) -> Self {
        let mut rendered = Self {
            blocks: blocks(text),
            ..Self::default()
        };
        rendered.push(text, text, 0..text.len());
        rendered
    }

    /// Appends `shown`, which `range` of the original says.
    pub(super) fn push(&mut self, original: &str, shown: &str, range: Range<usize>) {
        let at = self.text.len();
        let verbatim = original.get(range.clone()) == Some(shown);
        self.text.push_str(shown);
        if let Some(last) = self.pieces.last_mut() {
            let follows = last.at + last.source.len() == at && last.source.end == range.start;
            if last.verbatim && verbatim && follows {
                last.source.end = range.end;
                return;
            }
        }
        self.pieces.push(Piece {
            at,
            source: range,
            verbatim,
        });
    }

    /// The original of a range of the visible text.
    pub(super) fn source(&self, range: &Range<usize>) -> Range<usize> {
        let start = self
            .piece(range.start)
            .map_or(0, |piece| match piece.verbatim {
                true => (piece.source.start + range.start - piece.at).min(piece.source.end),
                false => piece.source.start,
            });
        let end = self
            .piece(range.end.saturating_sub(1))
            .map_or(start, |piece| match piece.verbatim {
                true => (piece.source.start + range.end - piece.at).min(piece.source.end),
                false => piece.source.end,
            });
        start..end.max(start)
    }

    /// Notes what cannot be read.
    pub(super) fn defect(&mut self, original: &str, kind: DefectKind, range: Range<usize>) {
        self.defects.push(Defect::new(original, kind, range));
    }

    fn piece(&self, at: usize) -> Option<&Piece> {
        let after = self.pieces.partition_point(|piece| piece.at <= at);
        self.pieces[..after].last()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_lead_back_to_the_original() {
        let original = "a *b* &amp; c";
        let mut rendered = Rendered::default();
        rendered.push(original, "a ", 0..2);
        rendered.push(original, "b", 3..4);
        rendered.push(original, " ", 5..6);
        rendered.push(original, "&", 6..11);
        rendered.push(original, " c", 11..13);
        assert_eq!(rendered.text, "a b & c");
        assert_eq!(rendered.source(&(2..3)), 3..4);
        assert_eq!(rendered.source(&(2..5)), 3..11);
        assert_eq!(rendered.source(&(4..7)), 6..13);
        assert_eq!(rendered.source(&(0..7)), 0..13);
    }
}

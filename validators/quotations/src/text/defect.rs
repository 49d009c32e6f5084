//! What looks like a quotation, or may hide one, and cannot be judged.

use std::ops::Range;

/// How much of the text a defect keeps to show.
const SHOWN_BYTES: usize = 600;

/// A place that cannot be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Defect {
    pub(crate) kind: DefectKind,
    /// Its bytes in the text.
    pub(crate) range: Range<usize>,
    /// Its first line, from 1.
    pub(crate) line: u64,
    /// How it begins.
    pub(crate) shown: String,
}

/// Why it cannot be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DefectKind {
    /// A quotation mark is opened and not closed in its paragraph.
    Unclosed,
    /// A quotation mark closes nothing.
    Unpaired,
    /// Marks that are read as no quotation, around as many words as one has.
    Unsupported,
    /// HTML that shows something.
    Html,
    /// A code fence or comment that is not closed takes the rest of the text with it.
    MarkupUnclosed,
}

impl Defect {
    /// A defect at a range of `text`; whoever knows the lines sets its line.
    pub(super) fn new(text: &str, kind: DefectKind, range: Range<usize>) -> Self {
        let shown = text.get(range.clone()).unwrap_or_default();
        let shown = shown[..shown.floor_char_boundary(SHOWN_BYTES)].to_owned();
        Self {
            kind,
            range,
            line: 0,
            shown,
        }
    }

    /// The code of the finding.
    pub(crate) fn code(&self) -> &'static str {
        match self.kind {
            DefectKind::Unclosed => "quotation-unclosed",
            DefectKind::Unpaired => "quotation-mark-unpaired",
            DefectKind::Unsupported => "quotation-mark-unsupported",
            DefectKind::Html => "html-unread",
            DefectKind::MarkupUnclosed => "markup-unclosed",
        }
    }

    /// What is wrong, and what would be right.
    pub(crate) fn says(&self) -> (&'static str, &'static str) {
        match self.kind {
            DefectKind::Unclosed => (
                "A quotation mark is not closed before the end of the paragraph.",
                "a closing quotation mark",
            ),
            DefectKind::Unpaired => (
                "A closing quotation mark closes nothing.",
                "an opening mark for every closing one; within a quotation, marks of another kind",
            ),
            DefectKind::Unsupported => (
                "These marks are read as no quotation, since some of them are apostrophes as well.",
                "double quotation marks; as an apostrophe, ’",
            ),
            DefectKind::Html => (
                "HTML is not read, and it may show something.",
                "Markdown without HTML",
            ),
            DefectKind::MarkupUnclosed => (
                "A code fence or comment is not closed: the rest of the text is part of it.",
                "a closing fence, or -->",
            ),
        }
    }
}

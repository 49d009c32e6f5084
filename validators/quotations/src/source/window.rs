//! A source, normalised, as a window that moves over it once.

use crate::normal::Normaliser;
use crate::params::Normalisation;
use std::io::{self, Read};
use std::ops::Range;
use std::str;

/// How much of the source is read at once.
const PIECE_BYTES: usize = 64 * 1024;
/// The longest run without an ASCII character that is held back (see `cut`): far more than any prose.
const MAX_HELD_BYTES: usize = 4 * 1024 * 1024;

/// Why a source cannot be read.
#[derive(Debug)]
pub(crate) enum SourceError {
    /// Reading failed.
    Io(io::Error),
    /// It is not UTF-8 at this byte.
    NotUtf8 { offset: u64 },
    /// There is no place to cut it.
    NoBreak { offset: u64 },
}

/// The window. What is in it is normalised; positions count from the beginning of the normalised
/// source.
pub(crate) struct Window<R> {
    reader: R,
    normaliser: Normaliser,
    /// Bytes that were read and not normalised yet.
    held: Vec<u8>,
    /// Offset in the source of `held`.
    held_offset: u64,
    at_end: bool,
    text: String,
    /// Position of the first byte of `text`.
    base: u64,
    /// How much of `text` was handed out for scanning.
    scanned: usize,
    /// How much stays before and after what is handed out.
    margin: usize,
    /// Where the lines of the source begin in the normalised text, as far as they are in the window.
    lines: Vec<(u64, u64)>,
    line: u64,
}

impl<R: Read> Window<R> {
    /// A window that shows at least `margin` bytes on both sides of what is scanned.
    pub(crate) fn new(reader: R, rules: Normalisation, margin: usize) -> Self {
        Self {
            reader,
            normaliser: Normaliser::new(rules),
            held: Vec::new(),
            held_offset: 0,
            at_end: false,
            text: String::new(),
            base: 0,
            scanned: 0,
            margin,
            lines: vec![(0, 1)],
            line: 1,
        }
    }

    /// Moves on: the range of [`Window::text`] to scan next, or `None` at the end. The ranges of a
    /// source follow each other without gap or overlap.
    pub(crate) fn advance(&mut self) -> Result<Option<Range<usize>>, SourceError> {
        self.forget();
        while !self.at_end && self.text.len() < self.scanned + self.margin + PIECE_BYTES {
            self.fill()?;
        }
        let ahead = if self.at_end { 0 } else { self.margin };
        let end = self.text.floor_char_boundary(self.text.len() - ahead);
        let range = self.scanned..end;
        self.scanned = end;
        Ok((!range.is_empty()).then_some(range))
    }

    /// What is in the window.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The position of a byte of [`Window::text`].
    pub(crate) fn position(&self, at: usize) -> u64 {
        self.base + at as u64
    }

    /// The line of the source, from 1, on which a byte of [`Window::text`] stands.
    pub(crate) fn line_at(&self, at: usize) -> u64 {
        let position = self.position(at);
        let after = self.lines.partition_point(|(start, _)| *start <= position);
        self.lines[..after].last().map_or(1, |(_, line)| *line)
    }

    /// Drops what lies further back than the margin.
    fn forget(&mut self) {
        let keep_from = self
            .text
            .floor_char_boundary(self.scanned.saturating_sub(self.margin + 4));
        self.text.drain(..keep_from);
        self.base += keep_from as u64;
        self.scanned -= keep_from;
        let base = self.base;
        let stale = self.lines.partition_point(|(start, _)| *start <= base);
        self.lines.drain(..stale.saturating_sub(1));
    }

    fn fill(&mut self) -> Result<(), SourceError> {
        let before = self.held.len();
        let mut piece = self.reader.by_ref().take(PIECE_BYTES as u64);
        self.at_end = piece.read_to_end(&mut self.held).map_err(SourceError::Io)? == 0;
        let cut = if self.at_end {
            self.held.len()
        } else {
            cut(&self.held, before)
        };
        if cut == 0 && self.held.len() > MAX_HELD_BYTES {
            return Err(SourceError::NoBreak {
                offset: self.held_offset,
            });
        }
        let piece = str::from_utf8(&self.held[..cut]).map_err(|error| {
            let offset = self.held_offset + error.valid_up_to() as u64;
            SourceError::NotUtf8 { offset }
        })?;
        for line in piece.split_inclusive('\n') {
            self.normaliser.push(line, &mut self.text);
            if line.ends_with('\n') {
                self.line += 1;
                self.lines
                    .push((self.base + self.text.len() as u64, self.line));
            }
        }
        self.held.drain(..cut);
        self.held_offset += cut as u64;
        Ok(())
    }
}

/// The last place to cut: before an ASCII character, since none composes with what stands before it.
/// Bytes before `searched` hold no such place but the first.
fn cut(held: &[u8], searched: usize) -> usize {
    let from = searched.min(held.len());
    held[from..]
        .iter()
        .rposition(u8::is_ascii)
        .map_or(0, |at| from + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hands out one byte per read, to cut wherever cutting is possible.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = buffer.len().min(self.0.len()).min(1);
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    fn collect(source: &str, margin: usize) -> (String, Vec<u64>) {
        let mut window = Window::new(Drip(source.as_bytes()), Normalisation::default(), margin);
        let mut text = String::new();
        let mut lines = Vec::new();
        while let Some(range) = window.advance().expect("reads") {
            assert_eq!(window.position(range.start), text.len() as u64);
            text.push_str(&window.text()[range.clone()]);
            let marks = window.text()[range.clone()].match_indices('#');
            lines.extend(marks.map(|(at, _)| window.line_at(range.start + at)));
        }
        (text, lines)
    }

    #[test]
    fn the_ranges_are_the_whole_normalised_source_with_true_lines() {
        let paragraph = "#  A line of café prose, e\u{301}crit—\nand its continuation.\n\n";
        let source = paragraph.repeat(4_000);
        let expected = crate::normal::normalised(&source, Normalisation::default());
        for margin in [0, 1, 1_000] {
            let (text, lines) = collect(&source, margin);
            assert_eq!(text, expected);
            assert_eq!(
                lines,
                (0..4_000).map(|index| 3 * index + 1).collect::<Vec<_>>()
            );
        }
    }

    #[test]
    fn text_without_ascii_is_held_until_its_end() {
        let source = "漢字".repeat(50_000);
        assert_eq!(collect(&source, 10).0, source);
    }

    #[test]
    fn invalid_bytes_are_reported_with_their_place() {
        let mut window = Window::new(&b"abc \xFF def"[..], Normalisation::default(), 0);
        assert!(matches!(
            window.advance(),
            Err(SourceError::NotUtf8 { offset: 4 })
        ));
    }
}

//! Records of bounded length from a byte stream, taken line by line, with their number and place.
//!
//! A window of the stream holds the record, so that nothing of it is copied, and each byte is looked at
//! once for the line breaks.

use super::find::find;
use std::io::{self, BufRead};
use std::ops::Range;

/// The longest record that is read, line endings included. Telemetry has a hundred bytes or so; 64 KiB
/// leaves room for columns that this validator ignores.
pub(super) const MAX_RECORD_BYTES: usize = 64 * 1024;

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// What became of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// Where it stands in the record, without its line ending.
    Read(Range<usize>),
    /// With it the record is longer than [`MAX_RECORD_BYTES`]; it was skipped.
    TooLong,
    /// There is no further line.
    End,
}

/// Reads lines and counts them and their bytes.
#[derive(Debug)]
pub(super) struct Lines<R> {
    reader: R,
    window: Vec<u8>,
    /// Offset of the window in the stream.
    window_offset: u64,
    /// Where the record is in the window, without its last line ending.
    record: Range<usize>,
    /// Where in the window the next line begins.
    next: usize,
    /// Number of the last line read, from 1.
    number: u64,
}

impl<R: BufRead> Lines<R> {
    /// Starts at the first byte of `reader`; a UTF-8 byte order mark there is skipped.
    pub(super) fn new(reader: R) -> Self {
        Self {
            reader,
            window: Vec::new(),
            window_offset: 0,
            record: 0..0,
            next: 0,
            number: 0,
        }
    }

    /// Number of the line read last, counted from 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Offset of the first byte after the line read last.
    pub(super) fn offset(&self) -> u64 {
        self.window_offset + self.next as u64
    }

    /// The lines since [`begin_record`](Self::begin_record), without the last line ending.
    pub(super) fn record(&self) -> &[u8] {
        &self.window[self.record.clone()]
    }

    /// The next line begins a record.
    pub(super) fn begin_record(&mut self) {
        self.record = self.next..self.next;
    }

    /// Takes the next line into the record, without `\n` or `\r\n` at its end.
    pub(super) fn take_line(&mut self) -> io::Result<Line> {
        let mut seen = self.next;
        let end = loop {
            if let Some(at) = line_break(&self.window[seen..]) {
                break seen + at + 1;
            }
            if self.window.len() - self.record.start > MAX_RECORD_BYTES {
                return self.skip_line();
            }
            let seen_of_record = self.window.len() - self.record.start;
            let more = self.fetch()?;
            seen = self.record.start + seen_of_record;
            if !more {
                break self.window.len();
            }
        };
        if end == self.next {
            return Ok(Line::End);
        }
        let begin = std::mem::replace(&mut self.next, end);
        self.number += 1;
        if end - self.record.start > MAX_RECORD_BYTES {
            return Ok(Line::TooLong);
        }
        Ok(Line::Read(self.extend_record(begin, end)))
    }

    /// The window from `begin` to `end` is the next line of the record.
    fn extend_record(&mut self, mut begin: usize, mut end: usize) -> Range<usize> {
        for ending in [b'\n', b'\r'] {
            if end > begin && self.window[end - 1] == ending {
                end -= 1;
            }
        }
        if self.number == 1 && self.window[begin..end].starts_with(BYTE_ORDER_MARK) {
            begin += BYTE_ORDER_MARK.len();
            self.record.start = begin; // the first line begins a record
        }
        self.record.end = end;
        begin - self.record.start..end - self.record.start
    }

    fn skip_line(&mut self) -> io::Result<Line> {
        self.number += 1;
        loop {
            self.next = self.window.len();
            self.begin_record();
            let more = self.fetch()?;
            match line_break(&self.window) {
                Some(at) => self.next = at + 1,
                None if more => continue,
                None => {}
            }
            return Ok(Line::TooLong);
        }
    }

    /// Fetches more, and lets go of what is before the record; false at the end of the stream.
    fn fetch(&mut self) -> io::Result<bool> {
        let gone = self.record.start;
        self.window.drain(..gone);
        self.window_offset += gone as u64;
        self.record = 0..self.record.end - gone;
        self.next -= gone;
        let more = self.reader.fill_buf()?;
        let fetched = more.len();
        self.window.extend_from_slice(more);
        self.reader.consume(fetched);
        Ok(fetched > 0)
    }
}

fn line_break(bytes: &[u8]) -> Option<usize> {
    find(bytes, b'\n', b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufReader;

    /// Every line as a record of its own: its number, its text if it was read, and the offset behind it.
    fn records(input: &[u8], fetched_bytes: usize) -> Vec<(u64, Option<Vec<u8>>, u64)> {
        let mut lines = Lines::new(BufReader::with_capacity(fetched_bytes, input));
        let mut records = Vec::new();
        loop {
            lines.begin_record();
            let text = match lines.take_line().expect("reads") {
                Line::Read(line) => Some(lines.record()[line].to_vec()),
                Line::TooLong => None,
                Line::End => return records,
            };
            records.push((lines.number(), text, lines.offset()));
        }
    }

    #[test]
    fn lines_are_numbered_and_trimmed() {
        let text = |text: &str| Some(text.as_bytes().to_vec());
        for fetched_bytes in 1..20 {
            assert_eq!(
                records(b"\xEF\xBB\xBFa,b\r\n\nlast\r", fetched_bytes),
                [(1, text("a,b"), 8), (2, text(""), 9), (3, text("last"), 14)],
                "{fetched_bytes}"
            );
        }
        assert_eq!(records(b"", 9), []);
    }

    #[test]
    fn a_line_over_the_limit_is_skipped_whole() {
        let mut input = vec![b'x'; 3 * MAX_RECORD_BYTES];
        input.extend_from_slice(b"\nnext\n");
        input.extend_from_slice(&vec![b'x'; 2 * MAX_RECORD_BYTES]);
        let end = input.len() as u64;
        for fetched_bytes in [7, 1_000, MAX_RECORD_BYTES, 10 * MAX_RECORD_BYTES] {
            let first = 3 * MAX_RECORD_BYTES as u64 + 1;
            assert_eq!(
                records(&input, fetched_bytes),
                [
                    (1, None, first),
                    (2, Some(b"next".to_vec()), first + 5),
                    (3, None, end)
                ]
            );
        }
    }

    #[test]
    fn a_record_of_exactly_the_limit_is_read() {
        let limit = MAX_RECORD_BYTES;
        for (bytes, fits) in [(limit - 1, true), (limit, false)] {
            let mut input = vec![b'x'; bytes];
            input.push(b'\n');
            let text = records(&input, 999)[0].1.clone();
            assert_eq!(text.map(|text| text.len()), fits.then_some(bytes));
        }
    }

    #[test]
    fn a_record_may_have_many_lines() {
        for fetched_bytes in 1..20 {
            let input = &b"one\n\"two\r\nlines\"\nnext"[..];
            let mut lines = Lines::new(BufReader::with_capacity(fetched_bytes, input));
            lines.take_line().expect("reads");
            lines.begin_record();
            assert_eq!(lines.take_line().expect("reads"), Line::Read(0..4));
            assert_eq!(lines.take_line().expect("reads"), Line::Read(6..12));
            assert_eq!(lines.record(), b"\"two\r\nlines\"");
            assert_eq!((lines.number(), lines.offset()), (3, 17));
        }
    }
}

//! Lines of bounded length from a byte stream, with their number and place.

use std::io::{self, BufRead, BufReader, Read};

/// The longest record that is read. Telemetry has a hundred bytes or so; 64 KiB leaves room for
/// columns that this validator ignores.
pub(super) const MAX_RECORD_BYTES: usize = 64 * 1024;

/// What became of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// The text is in the buffer, without its line ending.
    Read,
    /// It was longer than [`MAX_RECORD_BYTES`] and was skipped.
    TooLong,
    /// There is no further line.
    End,
}

/// Reads lines and counts them and their bytes.
#[derive(Debug)]
pub(super) struct Lines<R> {
    reader: BufReader<R>,
    /// Number of the last line read, from 1.
    number: u64,
    /// Offset of the first byte that is not read yet.
    offset: u64,
}

impl<R: Read> Lines<R> {
    /// Starts at the first byte of `reader`; a UTF-8 byte order mark is skipped.
    pub(super) fn new(reader: R) -> Self {
        Self {
            reader: BufReader::with_capacity(MAX_RECORD_BYTES, reader),
            number: 0,
            offset: 0,
        }
    }

    /// Number of the line read last, counted from 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Offset of the first byte after the line read last.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Appends the next line to `buffer`, without `\n` or `\r\n`.
    pub(super) fn read_into(&mut self, buffer: &mut Vec<u8>) -> io::Result<Line> {
        let before = buffer.len();
        let room = (MAX_RECORD_BYTES + 1).saturating_sub(before);
        let got = self
            .reader
            .by_ref()
            .take(room as u64)
            .read_until(b'\n', buffer)?;
        if got == 0 && room > 0 {
            return Ok(Line::End);
        }
        self.offset += got as u64;
        self.number += 1;
        if buffer.len() > MAX_RECORD_BYTES {
            if buffer.last() != Some(&b'\n') {
                self.skip_line()?;
            }
            buffer.truncate(before);
            return Ok(Line::TooLong);
        }
        trim_line_ending(buffer, before);
        if self.number == 1 && buffer[before..].starts_with(b"\xEF\xBB\xBF") {
            buffer.drain(before..before + 3);
        }
        Ok(Line::Read)
    }

    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let available = self.reader.fill_buf()?;
            if available.is_empty() {
                return Ok(());
            }
            let end = available.iter().position(|byte| *byte == b'\n');
            let used = end.map_or(available.len(), |at| at + 1);
            self.reader.consume(used);
            self.offset += used as u64;
            if end.is_some() {
                return Ok(());
            }
        }
    }
}

fn trim_line_ending(buffer: &mut Vec<u8>, from: usize) {
    for ending in [b'\n', b'\r'] {
        if buffer.len() > from && buffer.last() == Some(&ending) {
            buffer.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_numbered_and_trimmed() {
        let mut lines = Lines::new(&b"\xEF\xBB\xBFa,b\r\n\nlast"[..]);
        for (number, text) in [(1, "a,b"), (2, ""), (3, "last")] {
            let mut buffer = Vec::new();
            assert_eq!(lines.read_into(&mut buffer).expect("reads"), Line::Read);
            assert_eq!(
                (lines.number(), buffer.as_slice()),
                (number, text.as_bytes())
            );
        }
        assert_eq!(lines.read_into(&mut Vec::new()).expect("reads"), Line::End);
        assert_eq!(lines.offset(), 13);
    }

    #[test]
    fn a_line_over_the_limit_is_skipped_whole() {
        let mut input = vec![b'x'; 3 * MAX_RECORD_BYTES];
        input.extend_from_slice(b"\nnext\n");
        let mut lines = Lines::new(input.as_slice());
        let mut buffer = Vec::new();
        assert_eq!(lines.read_into(&mut buffer).expect("reads"), Line::TooLong);
        assert!(buffer.is_empty());
        assert_eq!(lines.read_into(&mut buffer).expect("reads"), Line::Read);
        assert_eq!((lines.number(), buffer.as_slice()), (2, &b"next"[..]));
    }

    #[test]
    fn a_line_of_exactly_the_limit_is_read() {
        let mut input = vec![b'x'; MAX_RECORD_BYTES - 1];
        input.push(b'\n');
        let mut buffer = Vec::new();
        assert_eq!(
            Lines::new(input.as_slice())
                .read_into(&mut buffer)
                .expect("reads"),
            Line::Read
        );
        assert_eq!(buffer.len(), MAX_RECORD_BYTES - 1);
    }
}

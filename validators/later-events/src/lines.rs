//! Lines of bounded length. One that is longer is passed over: it must not keep anybody from reading what follows.

use proofmark_validator_sdk::Artifact;
use std::io::{self, BufRead};

/// The longest line without its end. An event has a few hundred bytes.
pub(crate) const MAX_LINE_BYTES: usize = 16 << 10;

/// Reads them one after another.
pub(crate) struct Lines {
    file: Artifact,
    line: Vec<u8>,
    number: u64,
    offset: u64,
}

/// One of them.
pub(crate) struct Line<'l> {
    /// Counted from 1.
    pub(crate) number: u64,
    /// Without what ends it; nothing if it is longer than may be.
    pub(crate) bytes: Option<&'l [u8]>,
}

impl Lines {
    pub(crate) fn of(file: Artifact) -> Self {
        Self {
            file,
            line: Vec::new(),
            number: 0,
            offset: 0,
        }
    }

    pub(crate) fn file(&self) -> &Artifact {
        &self.file
    }

    /// Bytes up to the end of the line that was read last.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// The next one; nothing at the end of the file.
    pub(crate) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.line.clear();
        let (mut some, mut whole, mut ended) = (false, true, false);
        while !ended {
            let ahead = self.file.fill_buf()?;
            if ahead.is_empty() {
                break;
            }
            let found = ahead.iter().position(|byte| *byte == b'\n');
            let part = &ahead[..found.unwrap_or(ahead.len())];
            whole &= self.line.len() + part.len() <= MAX_LINE_BYTES;
            if whole {
                self.line.extend_from_slice(part);
            }
            let taken = part.len() + usize::from(found.is_some());
            (some, ended) = (true, found.is_some());
            self.file.consume(taken);
            self.offset += taken as u64;
        }
        self.number += u64::from(some);
        let line = Line {
            number: self.number,
            bytes: whole.then_some(&self.line),
        };
        Ok(some.then_some(line))
    }
}

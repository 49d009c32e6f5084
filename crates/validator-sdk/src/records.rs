//! Records (lines, JSON lines, rows) as a stream with bounded memory.

use crate::AccessError;
use crate::artifact::Artifact;
use crate::host::HOST_CALL_MAX_BYTES;
use crate::read_error::{ReadError, ReadErrorKind};

/// The longest record that is read, delimiter included: the contract's limit for one host call.
pub const MAX_RECORD_BYTES: u64 = HOST_CALL_MAX_BYTES as u64;

/// One record. Borrowed from the stream: it lives until the next one is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// Counted from 1. For `lines()` this is the number of the line.
    pub number: u64,
    /// Offset of its first byte in the file.
    pub offset: u64,
    /// Its bytes, without the delimiter.
    pub bytes: &'a [u8],
}

/// A stream of records; see [`Artifact::records`]. Only one piece of the file is in memory.
///
/// It lends what it yields, so it is walked by `while let Some(record) = records.next_record()?`.
pub struct Records {
    artifact: Artifact,
    delimiter: u8,
    trim_carriage_return: bool,
    piece: Vec<u8>,
    piece_offset: u64,
    consumed: usize,
    number: u64,
}

impl Records {
    pub(crate) fn new(artifact: Artifact, delimiter: u8) -> Self {
        Self {
            artifact,
            delimiter,
            trim_carriage_return: false,
            piece: Vec::new(),
            piece_offset: 0,
            consumed: 0,
            number: 0,
        }
    }

    pub(crate) fn trim_carriage_return(mut self) -> Self {
        self.trim_carriage_return = true;
        self
    }

    /// The file that is read.
    pub fn artifact(&self) -> &Artifact {
        &self.artifact
    }

    /// The next record, or `None` at the end of the file. A last record need not be delimited; an
    /// empty rest after the last delimiter is not a record.
    pub fn next_record(&mut self) -> Result<Option<Record<'_>>, ReadError> {
        if self.consumed == self.piece.len() && !self.fetch()? {
            return Ok(None);
        }
        let rest = &self.piece[self.consumed..];
        let found = rest.iter().position(|byte| *byte == self.delimiter);
        let len = found.unwrap_or(rest.len());
        let offset = self.piece_offset + self.consumed as u64;
        self.consumed += len + usize::from(found.is_some());
        self.number += 1;
        let mut bytes = &rest[..len];
        if self.trim_carriage_return {
            bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        }
        Ok(Some(Record {
            number: self.number,
            offset,
            bytes,
        }))
    }

    /// Fetches the next piece; false at the end of the file.
    fn fetch(&mut self) -> Result<bool, ReadError> {
        let offset = self.piece_offset + self.piece.len() as u64;
        self.piece = Vec::new(); // before the next one arrives, so that there is only ever one
        self.piece_offset = offset;
        self.consumed = 0;
        if offset < self.artifact.len() {
            self.piece = self.read_piece(offset)?;
        }
        Ok(!self.piece.is_empty())
    }

    fn read_piece(&self, offset: u64) -> Result<Vec<u8>, ReadError> {
        let handle = self.artifact.handle();
        let window = self.artifact.window_bytes();
        match handle.read_records(offset, window, self.delimiter) {
            Err(AccessError::OutOfRange) => handle
                .read_records(offset, HOST_CALL_MAX_BYTES, self.delimiter)
                .map_err(|_| self.too_long(offset)),
            answer => answer.map_err(|error| self.artifact.access(error)),
        }
    }

    fn too_long(&self, offset: u64) -> ReadError {
        self.artifact.error(ReadErrorKind::RecordTooLong {
            number: self.number + 1,
            offset,
            limit_bytes: MAX_RECORD_BYTES,
        })
    }
}

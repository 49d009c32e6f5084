//! Findings: one statement, where it holds, what was asked and what there is.

use crate::bindings::proofmark::validator::types;
use crate::text::{MAX_TEXT_BYTES, shorten};
use std::fmt;

pub use types::Severity;

/// A place in an artifact. Give every coordinate that a reader can use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place(types::Location);

impl Place {
    /// The artifact as a whole.
    pub fn file(path: impl Into<String>) -> Self {
        Self(types::Location {
            artifact: path.into(),
            range: None,
            line: None,
            record_number: None,
            pointer: None,
        })
    }

    /// A line of text, counted from 1.
    pub fn line(mut self, line: u64) -> Self {
        self.0.line = Some(line);
        self
    }

    /// A record (row, JSON line) counted from 1, a header not counted.
    pub fn record(mut self, number: u64) -> Self {
        self.0.record_number = Some(number);
        self
    }

    /// A range of bytes.
    pub fn range(mut self, offset: u64, len: u64) -> Self {
        self.0.range = Some(types::ByteRange { offset, len });
        self
    }

    /// An RFC 6901 JSON Pointer inside the document or record. One that is longer than a text may be
    /// is left out: cut, it would point elsewhere.
    pub fn pointer(mut self, pointer: impl Into<String>) -> Self {
        self.0.pointer = Some(pointer.into()).filter(|pointer| pointer.len() <= MAX_TEXT_BYTES);
        self
    }
}

/// One statement inside a check, with the evidence that a person needs to act on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding(types::Finding);

impl Finding {
    /// A finding of severity `major`. `code` is stable and machine-readable (1 to 64 of `a-z`, `0-9`,
    /// `-`); `message` is one sentence.
    pub fn new(code: &'static str, message: impl AsRef<str>) -> Self {
        Self(types::Finding {
            code: code.to_owned(),
            severity: Severity::Major,
            message: shorten(message.as_ref(), MAX_TEXT_BYTES),
            location: None,
            expected: None,
            actual: None,
        })
    }

    /// Changes the severity. Below `major`, a finding does not fail its check.
    pub fn severity(mut self, severity: Severity) -> Self {
        self.0.severity = severity;
        self
    }

    /// Where it is.
    pub fn at(mut self, place: Place) -> Self {
        self.0.location = Some(place.0);
        self
    }

    /// In an artifact as a whole.
    pub fn at_file(self, path: impl Into<String>) -> Self {
        self.at(Place::file(path))
    }

    /// In a line, counted from 1.
    pub fn at_line(self, path: impl Into<String>, line: u64) -> Self {
        self.at(Place::file(path).line(line))
    }

    /// In a record, counted from 1.
    pub fn at_record(self, path: impl Into<String>, number: u64) -> Self {
        self.at(Place::file(path).record(number))
    }

    /// At an RFC 6901 JSON Pointer.
    pub fn at_pointer(self, path: impl Into<String>, pointer: impl Into<String>) -> Self {
        self.at(Place::file(path).pointer(pointer))
    }

    /// In a range of bytes.
    pub fn at_range(self, path: impl Into<String>, offset: u64, len: u64) -> Self {
        self.at(Place::file(path).range(offset, len))
    }

    /// What the criterion asks for.
    pub fn expected(mut self, expected: impl fmt::Display) -> Self {
        self.0.expected = Some(shorten(&expected.to_string(), MAX_TEXT_BYTES));
        self
    }

    /// What the submission has instead.
    pub fn actual(mut self, actual: impl fmt::Display) -> Self {
        self.0.actual = Some(shorten(&actual.to_string(), MAX_TEXT_BYTES));
        self
    }

    /// Its code.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    pub(crate) fn rank(&self) -> Severity {
        self.0.severity
    }

    pub(crate) fn into_wire(self) -> types::Finding {
        self.0
    }
}

//! Why a record, or the header, cannot be used.

use super::lines::MAX_RECORD_BYTES;
use proofmark_validator_sdk::excerpt;

/// The most bytes of a record or field that a finding shows.
const SHOWN_BYTES: usize = 200;

/// Why a record, or the header, cannot be used. It is boxed, because nearly every record has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Defect {
    /// The code of the finding.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What should be there.
    pub expected: String,
    /// What is there.
    pub actual: String,
}

impl Defect {
    /// `actual` is shown as an excerpt: it may be anything, of any length. Written for a bounded number of
    /// records only: with more defects than that, reading stops.
    pub(crate) fn new(
        code: &'static str,
        message: impl Into<String>,
        expected: impl Into<String>,
        actual: impl AsRef<[u8]>,
    ) -> Box<Self> {
        Box::new(Self {
            code,
            message: message.into(),
            expected: expected.into(),
            actual: excerpt(actual.as_ref(), SHOWN_BYTES),
        })
    }

    pub(super) fn no_header() -> Box<Self> {
        Self::new(
            "header-missing",
            "There is no header.",
            "a header",
            "nothing",
        )
    }

    pub(super) fn not_utf8(record: &[u8]) -> Box<Self> {
        let message = "The record is not UTF-8.";
        Self::new("record-malformed", message, "UTF-8", record)
    }

    pub(super) fn stray_quote(record: &[u8]) -> Box<Self> {
        let message = "A quotation mark stands where RFC 4180 allows none.";
        let expected = "fields as RFC 4180 has them";
        Self::new("record-malformed", message, expected, record)
    }

    pub(super) fn open_quote(record: &[u8]) -> Box<Self> {
        let message = "A quoted field is still open at the end of the file.";
        let expected = "a closing quotation mark";
        Self::new("record-malformed", message, expected, record)
    }

    pub(super) fn width(has: usize, header: usize) -> Box<Self> {
        let message = format!("The record has {has} fields; the header has {header}.");
        let actual = has.to_string();
        Self::new("record-malformed", message, header.to_string(), actual)
    }

    pub(super) fn not_an_object(line: &str, error: &serde_json::Error) -> Box<Self> {
        let message = format!("The line is not one JSON object with the columns: {error}.");
        Self::new("record-malformed", message, "a JSON object", line)
    }

    pub(super) fn too_long() -> Box<Self> {
        let message = format!("The record is longer than {MAX_RECORD_BYTES} bytes.");
        let expected = format!("at most {MAX_RECORD_BYTES} bytes");
        Self::new("record-too-long", message, expected, "more")
    }
}

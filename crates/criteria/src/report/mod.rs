//! What a validator is and what it says: manifest, checks, findings.
//!
//! The types mirror the WIT package `proofmark:validator@1.0.0`. They arrive from hostile code: the
//! engine lifts them, [`Report::assemble`] checks them, and only then does anybody look at them.

mod assemble;
mod manifest;

use proofmark_core::Ppm;
use serde::{Deserialize, Serialize};

pub use assemble::{InvalidReport, STRUCTURE_BYTES, score, size_bytes};
pub(crate) use assemble::{is_sanitized, verify};
pub use manifest::{
    AskedError, CheckSpec, MAX_CHECKS, MAX_MEDIA_TYPES, ManifestError, ValidatorManifest,
};

/// The world that a validator implements, as WIT names it.
pub const VALIDATOR_WORLD: &str = "proofmark:validator/validator@1.0.0";

/// The outcome of one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// The submission does not meet what the check asks, and is the reason.
    Fail,
    /// The check could not be decided from what was given.
    Inconclusive,
    /// The submission meets what the check asks.
    Pass,
}

impl Status {
    /// The name as in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Inconclusive => "inconclusive",
            Self::Pass => "pass",
        }
    }
}

/// How much a finding matters to its reader. It has no effect on the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// A blemish.
    Minor,
    /// A defect.
    Major,
    /// Makes the work useless.
    Critical,
}

impl Severity {
    /// The name as in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Minor => "minor",
            Self::Major => "major",
            Self::Critical => "critical",
        }
    }
}

/// A half-open range of bytes in one artifact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ByteRange {
    /// First byte, counted from 0.
    pub offset: u64,
    /// Number of bytes.
    pub len: u64,
}

/// Where a finding points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Location {
    /// Path of the artifact, as the validator names it.
    pub artifact: String,
    /// Bytes.
    pub range: Option<ByteRange>,
    /// Line of text, counted from 1.
    pub line: Option<u64>,
    /// Record (row, JSON line), counted from 1, a header not counted.
    pub record_number: Option<u64>,
    /// JSON Pointer inside the document or record.
    pub pointer: Option<String>,
}

/// One statement inside a check, with its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Finding {
    /// Stable machine code, a slug.
    pub code: String,
    /// How much it matters.
    pub severity: Severity,
    /// One sentence.
    pub message: String,
    /// Where.
    pub location: Option<Location>,
    /// What the criterion asks for.
    pub expected: Option<String>,
    /// What the submission has instead.
    pub actual: Option<String>,
}

/// The result of one check.
///
/// Absent options are written as nothing in a record, never as `null`; the record sees to that, so that
/// these types also pass through formats that are not self-describing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Check {
    /// The id that the validator declares.
    pub id: String,
    /// Its outcome.
    pub status: Status,
    /// Degree, where the check has a notion of it. Without one a pass counts everything, else nothing.
    pub score: Option<Ppm>,
    /// Items looked at.
    pub examined: u64,
    /// Items among them that met the criterion.
    pub matched: u64,
    /// One sentence that a person reads first.
    pub summary: String,
    /// The worst first.
    pub findings: Vec<Finding>,
    /// How many there were before any was left out.
    pub findings_total: u64,
}

/// Everything that a validator says of a submission, checked: made only by [`Report::assemble`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    checks: Vec<Check>,
}

impl Report {
    /// Each check that was asked for exactly once, in the order in which they were.
    #[must_use]
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// The checks themselves.
    #[must_use]
    pub fn into_checks(self) -> Vec<Check> {
        self.checks
    }
}

#[cfg(test)]
pub(crate) mod tests;

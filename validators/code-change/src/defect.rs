//! Why a change cannot be applied.

use proofmark_validator_sdk::Finding;
use std::fmt;

/// What keeps a change from being applied, and where in the diff that shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// Stable and machine-readable.
    pub code: &'static str,
    /// The line of the diff, counted from 1.
    pub line: u64,
    /// For people.
    pub message: String,
    /// What should be there.
    pub expected: Option<String>,
    /// What is there.
    pub actual: Option<String>,
}

impl Defect {
    pub(crate) fn new(code: &'static str, line: u64, message: impl Into<String>) -> Self {
        Self {
            code,
            line,
            message: message.into(),
            expected: None,
            actual: None,
        }
    }

    pub(crate) fn expected(mut self, expected: impl fmt::Display) -> Self {
        self.expected = Some(expected.to_string());
        self
    }

    pub(crate) fn actual(mut self, actual: impl fmt::Display) -> Self {
        self.actual = Some(actual.to_string());
        self
    }

    /// As it stands in a report about the diff at `path`.
    pub(crate) fn finding(&self, path: &str) -> Finding {
        let mut finding = Finding::new(self.code, &self.message).at_line(path, self.line);
        if let Some(expected) = &self.expected {
            finding = finding.expected(expected);
        }
        if let Some(actual) = &self.actual {
            finding = finding.actual(actual);
        }
        finding
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for Defect {}

//! Where program and cases are, and what a case may use.

use proofmark_validator_sdk::{Problem, problem};
use serde::Deserialize;

/// The parameters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Params {
    /// Path of the program in the submission.
    pub program: String,
    /// Name of the reference file with the cases that may be seen.
    pub cases: String,
    /// Name of the reference file with those of which only the outcome is told.
    pub closed_cases: Option<String>,
    /// What makes an output the right one.
    pub compare: Compare,
    /// Largest program, in bytes.
    pub program_bytes_max: u64,
    /// Units of fuel in one case.
    pub fuel_per_case: u64,
    /// Bytes of memory in one case.
    pub memory_bytes: u64,
    /// Bytes of output in one case.
    pub output_bytes: u32,
}

/// What makes an output the right one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compare {
    /// The same bytes.
    Bytes,
    /// The same lines, whatever spaces end them and whatever empty lines end the text.
    Lines,
    /// The same words, whatever is between them.
    Words,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            program: "program.wasm".to_owned(),
            cases: "cases.jsonl".to_owned(),
            closed_cases: None,
            compare: Compare::Lines,
            program_bytes_max: 1 << 20,
            fuel_per_case: 10_000_000,
            memory_bytes: 32 << 20,
            output_bytes: 64 << 10,
        }
    }
}

impl Params {
    /// What the schema cannot say.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        if self.closed_cases.as_ref() == Some(&self.cases) {
            let why = "these are the cases that are shown; a closed case is in a file of its own";
            return vec![problem("/closed_cases", why)];
        }
        Vec::new()
    }
}

//! JSON Schemas: the two that we publish, and those of validators.
//!
//! Draft 2020-12 everywhere, patterns by the linear-time engine, nothing fetched from anywhere.

mod complexity;
mod params;
mod violation;

use std::sync::LazyLock;

use jsonschema::{PatternOptions, ValidationError, Validator};
use proofmark_core::Problem;
use serde_json::Value;

pub(crate) use params::AUTHOR;
pub use params::{MAX_SCHEMA_BYTES, ParamProblem, ParamsAnswer, ParamsSchema, ParamsSchemaError};

/// The published schema of a locked criteria document.
pub const CRITERIA_SCHEMA: &str = include_str!("../../schema/criteria.v1.schema.json");
/// The published schema of the authoring form.
pub const DRAFT_SCHEMA: &str = include_str!("../../schema/criteria-draft.v1.schema.json");

/// Largest compiled size of one pattern in bytes, program and lazy automaton each: 1 MiB = 2^20, which
/// holds some thousand characters of ordinary pattern and no nested repetition.
const MAX_PATTERN_BYTES: usize = 1 << 20;
/// Of all patterns of a schema together: 16 MiB = 16 × 2^20. Each gets an equal share, 64 KiB among 256.
const MAX_PATTERNS_BYTES: usize = 16 << 20;

static CRITERIA: LazyLock<Validator> = LazyLock::new(|| published(CRITERIA_SCHEMA));
static DRAFT: LazyLock<Validator> = LazyLock::new(|| published(DRAFT_SCHEMA));

/// What the schema of locked documents says against `document`.
#[must_use]
pub fn check_criteria(document: &Value) -> Vec<Problem> {
    violation::problems(&CRITERIA, document)
}

/// What the schema of the authoring form says against `document`.
#[must_use]
pub fn check_draft(document: &Value) -> Vec<Problem> {
    violation::problems(&DRAFT, document)
}

fn published(text: &str) -> Validator {
    let compiled = serde_json::from_str(text)
        .ok()
        .and_then(|schema| compile(&schema).ok());
    compiled.expect("the published schemas are part of this crate and compiled by its tests")
}

fn compile(schema: &Value) -> Result<Validator, ValidationError<'static>> {
    let share = MAX_PATTERNS_BYTES / complexity::patterns(schema).max(1);
    let share = share.min(MAX_PATTERN_BYTES);
    let patterns = PatternOptions::regex()
        .size_limit(share)
        .dfa_size_limit(share);
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .with_pattern_options(patterns)
        .offline()
        .build(schema)
}

/// A document that satisfies its schema and yet does not fit its type: a digest, path or number with
/// rules of its own.
pub(crate) fn mismatch(error: &serde_json::Error) -> Problem {
    Problem::new("document-mismatch", error.to_string())
}

#[cfg(test)]
mod tests;

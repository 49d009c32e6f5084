//! The buyer's schema, compiled.

use crate::metered::{Metered, expect_division};
use crate::params::Params;
use crate::strict;
use crate::ways;
use jsonschema::{PatternOptions, Validator};
use proofmark_validator_sdk::{Refusal, excerpt, reference};
use serde_json::Value;

/// The largest schema that is read: 4 MiB = 4 × 2^20.
const MAX_SCHEMA_BYTES: u64 = 4 << 20;
/// How much of a keyword's value a finding shows.
const MAX_KEYWORD_BYTES: usize = 200;

/// A schema, as text for findings and compiled for use.
pub(crate) struct Schema {
    document: Value,
    pub(crate) validator: Validator<Metered>,
}

/// Reads and compiles the schema. What is wrong with it is the buyer's.
pub(crate) fn load(params: &Params) -> Result<Schema, Refusal> {
    let name = &params.schema;
    let refused = |reason: String| Refusal::InvalidParams(format!("the schema `{name}`: {reason}"));
    let text = reference::open(name)?.read_all(MAX_SCHEMA_BYTES)?;
    let document = strict::parse(&text).map_err(|malformed| refused(malformed.message(1)))?;
    let most = ways::most(&document);
    if most > ways::MAX {
        let reason = format!("it applies more than {} subschemas to one value", ways::MAX);
        return Err(refused(reason));
    }
    if params.assert_formats && has(&document, &|key, value| key == "format" && value == "regex") {
        let reason =
            "the format `regex` cannot be asserted: what a supplier writes would be compiled";
        return Err(refused(reason.to_owned()));
    }
    let validator = jsonschema::options_for::<Metered>()
        .offline()
        .with_pattern_options(PatternOptions::regex())
        .should_validate_formats(params.assert_formats)
        .build(&document)
        .map_err(|error| refused(format!("at `{}`: {error}", error.instance_path())))?;
    expect_division(has(&document, &|key, _| key == "multipleOf"));
    Ok(Schema {
        document,
        validator,
    })
}

/// Whether any member of a value, at any depth, is such a one. A schema may also hold it as plain data;
/// that is no harm here.
fn has(value: &Value, is: &dyn Fn(&str, &Value) -> bool) -> bool {
    match value {
        Value::Object(members) => members
            .iter()
            .any(|(key, value)| is(key, value) || has(value, is)),
        Value::Array(items) => items.iter().any(|item| has(item, is)),
        _ => false,
    }
}

impl Schema {
    /// The keyword at a path of the schema, with its value where that is short: `/type: "integer"`.
    pub(crate) fn keyword(&self, path: &str) -> String {
        match self.document.pointer(path) {
            Some(value) => {
                format!(
                    "{path}: {}",
                    excerpt(value.to_string().as_bytes(), MAX_KEYWORD_BYTES)
                )
            }
            None => path.to_owned(),
        }
    }
}

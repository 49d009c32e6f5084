//! From violations of a schema to problems.

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use proofmark_core::{Problem, pointer};
use serde_json::Value;

use crate::text::{MAX_MESSAGE_BYTES, clean};

/// Everything that `schema` says against `instance`, in the order of pointers.
pub(super) fn problems(schema: &Validator, instance: &Value) -> Vec<Problem> {
    let mut problems: Vec<_> = schema
        .iter_errors(instance)
        .flat_map(|e| describe(&e))
        .collect();
    // The order in which keywords run is the library's business.
    problems
        .sort_by(|a, b| (&a.pointer, a.code, &a.message).cmp(&(&b.pointer, b.code, &b.message)));
    problems.dedup();
    problems
}

/// Usually one problem; one per member where several are unknown.
fn describe(error: &ValidationError<'_>) -> Vec<Problem> {
    let place = error.instance_path().as_str();
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            let unknown = |name: &String| {
                let message = format!("there is no member `{name}` here");
                problem("member-unknown", &message).at(pointer::join(place, name))
            };
            unexpected.iter().map(unknown).collect()
        }
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            let message = format!("the member `{name}` is missing");
            vec![problem("member-missing", &message).at(place)]
        }
        ValidationErrorKind::Pattern { pattern } => {
            let message = format!("the text does not match `{pattern}`");
            let found = problem("pattern-mismatch", &message).at(place);
            vec![match pattern_hint(pattern) {
                Some(hint) => found.hint(hint),
                None => found,
            }]
        }
        // The masked text leaves the value out: it may be long, and its place is known.
        kind => vec![problem(code(kind.keyword()), &error.masked().to_string()).at(place)],
    }
}

fn problem(code: &'static str, message: &str) -> Problem {
    let problem = Problem::new(code, clean(message, MAX_MESSAGE_BYTES));
    match hint(code) {
        Some(hint) => problem.hint(hint),
        None => problem,
    }
}

/// What the patterns of our own documents mean.
fn pattern_hint(pattern: &str) -> Option<&'static str> {
    match pattern {
        "^[a-z0-9-]{1,64}$" => Some("use 1 to 64 of `a-z`, `0-9` and `-`"),
        "^sha256:[0-9a-f]{64}$" => Some("write `sha256:` and 64 lowercase hexadecimal digits"),
        _ => None,
    }
}

fn code(keyword: &str) -> &'static str {
    match keyword {
        "type" => "type-mismatch",
        "enum" | "const" => "value-not-allowed",
        "format" => "format-mismatch",
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => "number-out-of-range",
        "multipleOf" => "number-not-a-multiple",
        "minLength" | "maxLength" => "text-length",
        "minItems" | "maxItems" => "item-count",
        "minProperties" | "maxProperties" => "member-count",
        "uniqueItems" => "items-not-unique",
        _ => "schema-violation",
    }
}

fn hint(code: &str) -> Option<&'static str> {
    match code {
        "member-unknown" => Some("check its spelling, or remove it"),
        "member-missing" => Some("add it"),
        "member-count" => Some("give exactly the members that belong here"),
        _ => None,
    }
}

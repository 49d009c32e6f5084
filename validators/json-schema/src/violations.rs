//! What is wrong with one document: its first violations, in an order that does not depend on how they
//! were found.

use crate::metered::{Budget, View, is_real};
use crate::schema::Schema;
use jsonschema::ValidationError;
use proofmark_validator_sdk::excerpt;
use serde_json::Value;
use std::collections::BTreeSet;

/// How many violations of one document are reported, so that the first bad document does not hide the
/// others.
const VIOLATIONS_PER_DOCUMENT: usize = 20;
/// How much of a value a finding shows.
pub(crate) const MAX_VALUE_BYTES: usize = 200;

/// The first violations of one document and their number.
#[derive(Default)]
pub(crate) struct Violations {
    pub(crate) first: BTreeSet<Violation>,
    pub(crate) total: u64,
}

/// One violation; ordered by place, then by keyword.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Violation {
    pub(crate) pointer: String,
    pub(crate) keyword: String,
    pub(crate) message: String,
    pub(crate) value: String,
}

/// Looks for the violations of a document that is known to have some. If that uses up the budget,
/// there are more violations than were found, and perhaps none was.
pub(crate) fn explain(schema: &Schema, document: &Value, budget: &mut Budget) -> Violations {
    let mut violations = Violations::default();
    budget.spend(|| {
        let errors = schema.validator.iter_errors(View(document));
        let real = errors.filter(|error| is_real(error.instance()));
        real.for_each(|error| violations.add(&error));
    });
    violations
}

impl Violations {
    fn add(&mut self, error: &ValidationError<'_>) {
        self.total += 1;
        let pointer = error.instance_path().to_string();
        if self.is_full() && self.first.last().is_some_and(|last| last.pointer < pointer) {
            return;
        }
        self.first.insert(Violation {
            pointer,
            keyword: error.schema_path().to_string(),
            message: error.masked().to_string(),
            value: beginning(error.instance()),
        });
        if self.first.len() > VIOLATIONS_PER_DOCUMENT {
            self.first.pop_last();
        }
    }

    fn is_full(&self) -> bool {
        self.first.len() >= VIOLATIONS_PER_DOCUMENT
    }
}

/// The beginning of a value as text, without writing out the whole of a large one.
fn beginning(value: &Value) -> String {
    let mut text = [0; MAX_VALUE_BYTES * 2];
    let mut room = text.as_mut_slice();
    // A value that does not fit is cut; that is what the error would say.
    let _ = serde_json::to_writer(&mut room, value);
    let left = room.len();
    excerpt(&text[..text.len() - left], MAX_VALUE_BYTES)
}

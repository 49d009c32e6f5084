//! Documents against a JSON Schema that belongs to the criteria. See `README.md`.

mod documents;
mod keys;
mod locate;
mod metered;
mod params;
mod schema;
mod strict;
mod violations;
mod ways;

use params::Params;
use proofmark_validator_sdk::{
    CheckId as _, Problem, Refusal, ReportBuilder, Validator, checks, export,
};

checks! {
    /// What this validator reports.
    pub enum Check {
        /// Every document satisfies the schema.
        Documents = "documents": "Every document is well-formed and satisfies the schema.",
        /// There are as many documents as asked.
        Count = "count": "The number of documents is within the bounds.",
        /// No document repeats another.
        Unique = "unique": "Every document has a key that no document before has.",
    }
}

/// The validator.
pub struct JsonSchema;

impl Validator for JsonSchema {
    type Params = Params;
    type Check = Check;
    const NAME: &'static str = "json-schema";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Documents (JSON or JSON Lines) satisfy a JSON Schema.";

    fn params_schema() -> &'static str {
        include_str!("../params.schema.json")
    }

    fn media_types() -> &'static [&'static str] {
        &["application/json", "application/jsonl"]
    }

    fn check_params(params: &Params) -> Vec<Problem> {
        params.problems()
    }

    fn asked_for(params: &Params) -> Vec<Check> {
        let all = Check::ALL.iter().copied();
        all.filter(|check| params.asks_for(*check)).collect()
    }

    fn evaluate(params: Params, report: &mut ReportBuilder<Check>) -> Result<(), Refusal> {
        let schema = schema::load(&params)?;
        let seen = documents::judge(&params, &schema, report)?;
        documents::conclude(&params, seen, report);
        Ok(())
    }
}

export!(JsonSchema);

#[cfg(test)]
mod tests;

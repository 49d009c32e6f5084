//! Whether what was paid for has lasted, by an export of what happened later. See `README.md`.

mod condition;
mod event;
mod forbidden;
mod form;
mod header;
mod judge;
mod lines;
mod params;
mod problems;
mod reader;
mod required;
mod survey;
mod time;
mod value;

use params::Params;
use proofmark_validator_sdk::{Problem, Refusal, ReportBuilder, Validator, checks, export};

checks! {
    /// What this validator reports.
    pub enum Check {
        /// It can be judged.
        Export = "export": "The export is about the subject, can be read, is complete and in order, and covers the window.",
        /// What must come.
        Required = "required": "The anchor and the required events are there, often enough and in time.",
        /// What may not come.
        Forbidden = "forbidden": "No forbidden event is there, or no more often than is tolerated.",
    }
}

/// The validator.
pub struct LaterEvents;

impl Validator for LaterEvents {
    type Params = Params;
    type Check = Check;
    const NAME: &'static str = "later-events";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "What was paid for has lasted: in an export of later events of one subject, no forbidden event is there and no required one is missing.";

    fn params_schema() -> &'static str {
        include_str!("../params.schema.json")
    }

    fn media_types() -> &'static [&'static str] {
        &["application/jsonl"]
    }

    fn check_params(params: &Params) -> Vec<Problem> {
        problems::of(params)
    }

    fn asked_for(params: &Params) -> Vec<Check> {
        judge::asked_for(params)
    }

    fn evaluate(params: Params, report: &mut ReportBuilder<Check>) -> Result<(), Refusal> {
        judge::judge(&params, report);
        Ok(())
    }
}

export!(LaterEvents);

#[cfg(test)]
mod tests;

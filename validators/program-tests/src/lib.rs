//! A submitted program, run on test cases. See `README.md`.

mod case;
mod compare;
mod judge;
mod params;
mod price;
mod told;

use params::Params;
use proofmark_validator_sdk::{Problem, Refusal, ReportBuilder, Validator, checks, export};

checks! {
    /// What this validator reports.
    pub enum Check {
        /// It can be run at all.
        Program = "program": "The submission has a program that can be run.",
        /// Cases that the supplier may see.
        Cases = "cases": "The program gives the right answer in every case.",
        /// Cases of which only the outcome is told.
        ClosedCases = "closed-cases": "The program gives the right answer in every case that is not shown.",
    }
}

/// The validator.
pub struct ProgramTests;

impl Validator for ProgramTests {
    type Params = Params;
    type Check = Check;
    const NAME: &'static str = "program-tests";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "A submitted program gives the right answers to test cases, within limits of fuel, memory and output.";

    fn params_schema() -> &'static str {
        include_str!("../params.schema.json")
    }

    fn media_types() -> &'static [&'static str] {
        &["application/wasm"]
    }

    fn check_params(params: &Params) -> Vec<Problem> {
        params.problems()
    }

    fn asked_for(params: &Params) -> Vec<Check> {
        match params.closed_cases {
            Some(_) => vec![Check::Program, Check::Cases, Check::ClosedCases],
            None => vec![Check::Program, Check::Cases],
        }
    }

    fn evaluate(params: Params, report: &mut ReportBuilder<Check>) -> Result<(), Refusal> {
        judge::judge(&params, report)
    }
}

export!(ProgramTests);

#[cfg(test)]
mod tests;

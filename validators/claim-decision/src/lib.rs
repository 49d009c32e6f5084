//! The decision of an insurance claim, computed again from the policy's rules in integers. See `README.md`.

mod claim;
mod compare;
mod day;
mod decision;
mod document;
mod expected;
mod money;
mod params;
mod reason;
mod rules;

use params::Params;
use proofmark_validator_sdk::{Refusal, ReportBuilder, Validator, checks, export};

checks! {
    /// What this validator reports.
    pub enum Check {
        /// It is a decision of this claim.
        Identity = "identity": "The decision is of this claim under this policy, in its currency, and made in time.",
        /// Nothing is left out, and nothing is made up.
        Lines = "lines": "Every line of the claim, and no other, is decided exactly once, with the amount that was claimed.",
        /// Paid, reduced, denied.
        Coverage = "coverage": "Each line is paid, reduced or denied as the rules say.",
        /// The arithmetic of each line.
        Amounts = "amounts": "Each line's allowed amount, deductible, coinsurance and payment are those of the rules.",
        /// Why.
        Reasons = "reasons": "Each line gives the reasons that apply and no other, and cites their clauses.",
        /// The sums.
        Totals = "totals": "The totals are the sums of the lines.",
    }
}

/// The validator.
pub struct ClaimDecision;

impl Validator for ClaimDecision {
    type Params = Params;
    type Check = Check;
    const NAME: &'static str = "claim-decision";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "A claim is decided as the policy's rules say: coverage, amounts to the cent, reasons, clauses, totals.";

    fn params_schema() -> &'static str {
        include_str!("../params.schema.json")
    }

    fn media_types() -> &'static [&'static str] {
        &["application/json"]
    }

    fn evaluate(params: Params, report: &mut ReportBuilder<Check>) -> Result<(), Refusal> {
        let claim = claim::read(&params.claim)?;
        let rules = rules::read(&params.rules)?;
        if claim.policy != rules.policy {
            let why = "they are of another policy than the claim";
            return Err(document::wrong(&params.rules, why));
        }
        match decision::read(&params.decision) {
            Ok(decision) => compare::judge(&params.decision, &claim, &rules, &decision, report),
            Err(finding) => report.fail_untouched(&finding),
        }
        Ok(())
    }
}

export!(ClaimDecision);

#[cfg(test)]
mod tests;

//! Predictions against reference labels, in integers. See `README.md`.

mod auc;
mod columns;
mod counts;
mod coverage;
mod csv;
mod decimal;
mod json_row;
mod labels;
mod params;
mod predictions;
mod reference;
mod row;
mod table;
mod thresholds;

use params::Params;
use proofmark_validator_sdk::{
    CheckId as _, Problem, Refusal, ReportBuilder, Validator, checks, export,
};

checks! {
    /// What this validator reports.
    pub enum Check {
        /// Every reference id is predicted once with a known label, and nothing else is.
        Coverage = "coverage": "Every id of the reference, and no other, is predicted exactly once, with a known label.",
        /// The share of correct predictions.
        Accuracy = "accuracy": "The share of correct predictions reaches the minimum.",
        /// Precision, recall and F1 of classes.
        PerClass = "per-class": "Precision, recall and F1 of each class reach their minimums.",
        /// The mean of F1 over all classes.
        MacroF1 = "macro-f1": "The mean of F1 over all classes reaches the minimum.",
        /// How well the scores separate the positive class from the rest.
        Auc = "auc": "The area under the ROC curve of the scores reaches the minimum.",
    }
}

/// The validator.
pub struct Classification;

impl Validator for Classification {
    type Params = Params;
    type Check = Check;
    const NAME: &'static str = "classification";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str =
        "Predictions meet coverage, accuracy, per-class, macro-F1 and AUC thresholds.";

    fn params_schema() -> &'static str {
        include_str!("../params.schema.json")
    }

    fn media_types() -> &'static [&'static str] {
        &["text/csv", "application/jsonl"]
    }

    fn check_params(params: &Params) -> Vec<Problem> {
        params.problems()
    }

    fn asked_for(params: &Params) -> Vec<Check> {
        let all = Check::ALL.iter().copied();
        all.filter(|check| params.asks_for(*check)).collect()
    }

    fn evaluate(params: Params, report: &mut ReportBuilder<Check>) -> Result<(), Refusal> {
        let artifact = &params.predictions.artifact;
        let mut table = reference::read(&params)?;
        coverage::judge(&params, &mut table, report.check(Check::Coverage))?;
        let counts = counts::Counts::of(&table);
        if let Some(min) = params.min_accuracy_ppm {
            let check = report.check(Check::Accuracy);
            thresholds::accuracy(min, &counts, check);
            if params.show_mistakes {
                thresholds::mistakes(artifact, &table, check);
            }
        }
        if report.asks_for(Check::PerClass) {
            thresholds::per_class(&params, &table, &counts, report.check(Check::PerClass))?;
        }
        if let Some(min) = params.min_macro_f1_ppm {
            thresholds::macro_f1(min, &counts, report.check(Check::MacroF1));
        }
        match &params.auc {
            Some(auc) => auc::judge(auc, artifact, &table, report.check(Check::Auc)),
            None => Ok(()),
        }
    }
}

export!(Classification);

#[cfg(test)]
mod tests;

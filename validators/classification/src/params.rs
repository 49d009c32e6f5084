//! What the buyer chooses.

use crate::Check;
use proofmark_validator_sdk::{Problem, problem};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The parameters; `params.schema.json` describes them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    pub(crate) predictions: Predictions,
    #[serde(default)]
    pub(crate) reference: Reference,
    pub(crate) min_accuracy_ppm: Option<u32>,
    /// Minimums for every class of the reference.
    pub(crate) every_class: Option<Minimums>,
    /// Minimums for single classes; they replace those of `every_class` one by one.
    #[serde(default)]
    pub(crate) per_class: BTreeMap<String, Minimums>,
    pub(crate) min_macro_f1_ppm: Option<u32>,
    pub(crate) auc: Option<Auc>,
    /// Whether wrong predictions are listed with the label that would have been right.
    #[serde(default)]
    pub(crate) show_mistakes: bool,
}

/// Where the predictions are.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Predictions {
    pub(crate) artifact: String,
    #[serde(default)]
    pub(crate) format: Format,
    #[serde(default = "default_id")]
    pub(crate) id: String,
    #[serde(default = "default_label")]
    pub(crate) label: String,
    pub(crate) score: Option<String>,
}

/// Where the true labels are.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Reference {
    pub(crate) file: String,
    pub(crate) format: Format,
    pub(crate) id: String,
    pub(crate) label: String,
}

impl Default for Reference {
    fn default() -> Self {
        let file = "labels.csv".to_owned();
        Self {
            file,
            format: Format::Csv,
            id: default_id(),
            label: default_label(),
        }
    }
}

/// How rows are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Format {
    /// Comma-separated values with a header.
    #[default]
    Csv,
    /// One JSON object per line.
    JsonLines,
}

/// Minimums for one class.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Minimums {
    pub(crate) min_precision_ppm: Option<u32>,
    pub(crate) min_recall_ppm: Option<u32>,
    pub(crate) min_f1_ppm: Option<u32>,
}

/// What is asked of the scores.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Auc {
    /// The class that high scores stand for.
    pub(crate) positive: String,
    pub(crate) min_ppm: u32,
}

fn default_id() -> String {
    "id".to_owned()
}

fn default_label() -> String {
    "label".to_owned()
}

impl Params {
    /// What the schema of the parameters cannot say.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.auc.is_some() && self.predictions.score.is_none() {
            let message = "`auc` needs the column of the scores";
            problems.push(problem("/predictions/score", message));
        }
        problems
    }

    /// Coverage always; of the others, those with a bound.
    pub(crate) fn asks_for(&self, check: Check) -> bool {
        match check {
            Check::Coverage => true,
            Check::Accuracy => self.min_accuracy_ppm.is_some(),
            Check::PerClass => self.every_class.is_some() || !self.per_class.is_empty(),
            Check::MacroF1 => self.min_macro_f1_ppm.is_some(),
            Check::Auc => self.auc.is_some(),
        }
    }

    /// The minimums of a class.
    pub(crate) fn minimums(&self, class: &str) -> Minimums {
        let all = self.every_class.unwrap_or_default();
        let own = self.per_class.get(class).copied().unwrap_or_default();
        Minimums {
            min_precision_ppm: own.min_precision_ppm.or(all.min_precision_ppm),
            min_recall_ppm: own.min_recall_ppm.or(all.min_recall_ppm),
            min_f1_ppm: own.min_f1_ppm.or(all.min_f1_ppm),
        }
    }
}

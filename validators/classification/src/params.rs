//! What the buyer chooses.

use crate::Check;
use proofmark_validator_sdk::{CheckId as _, Problem, problem};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

const NO_DEMAND: &str = "nothing is asked of the labels: give `min_accuracy_ppm`, `every_class`, \
    `per_class`, `min_macro_f1_ppm` or `auc`";

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
    /// The label that stands for no answer.
    pub(crate) abstention: Option<Abstention>,
    /// Labels that may be predicted although no row of the reference has them.
    #[serde(default)]
    pub(crate) other_labels: BTreeSet<String>,
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

/// How often there may be no answer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Abstention {
    pub(crate) label: String,
    /// The largest share of the ids.
    pub(crate) max_ppm: u32,
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
        let mut demands = Check::ALL.iter().filter(|check| **check != Check::Coverage);
        if !demands.any(|check| self.asks_for(*check)) {
            problems.push(problem("", NO_DEMAND));
        }
        if self.auc.is_some() && self.predictions.score.is_none() {
            let message = "`auc` needs the column of the scores";
            problems.push(problem("/predictions/score", message));
        }
        problems.extend(self.column_problems());
        problems.extend(self.label_problems());
        problems
    }

    /// Two meanings of one column are a slip, which the supplier would pay for.
    fn column_problems(&self) -> Option<Problem> {
        let (predictions, reference) = (&self.predictions, &self.reference);
        let score = predictions.score.as_ref();
        let same = |pair: [&String; 2]| pair[0].trim() == pair[1].trim();
        let message = "is already the name of another column";
        if same([&predictions.id, &predictions.label]) {
            return Some(problem("/predictions/label", message));
        }
        if score.is_some_and(|score| {
            same([score, &predictions.id]) || same([score, &predictions.label])
        }) {
            return Some(problem("/predictions/score", message));
        }
        same([&reference.id, &reference.label]).then(|| problem("/reference/label", message))
    }

    /// Labels are trimmed when they are read, so one with white space around it would never be met.
    fn label_problems(&self) -> Option<Problem> {
        let untrimmed = |label: &String| label.trim() != label || label.is_empty();
        let message = "a label is not empty and has no white space at its ends";
        if self
            .abstention
            .as_ref()
            .is_some_and(|asked| untrimmed(&asked.label))
        {
            return Some(problem("/abstention/label", message));
        }
        let other = self.other_labels.iter().any(untrimmed);
        other.then(|| problem("/other_labels", message))
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

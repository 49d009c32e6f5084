//! The reference and what was predicted for it.

use crate::decimal::Decimal;
use crate::labels::{Class, Labels};
use crate::row::{Position, Row};
use proofmark_validator_sdk::{DEFAULT_FINDINGS_KEPT, excerpt};
use std::collections::BTreeMap;

/// How much of a score that is none a finding shows.
const MAX_SCORE_BYTES: usize = 64;

/// The label of a prediction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Class(Class),
    /// The label that stands for no answer.
    Abstained,
    /// Any other. Its text is not kept, so that no labels fill the memory.
    Unknown,
}

/// The score of a prediction, read at once: its text may be long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Score {
    Missing,
    /// Not a decimal number.
    Invalid,
    Value(Decimal),
}

/// What was predicted for an id.
#[derive(Debug)]
pub(crate) struct Prediction {
    pub(crate) answer: Answer,
    pub(crate) score: Score,
    pub(crate) at: Position,
}

/// One id of the reference.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) id: Box<str>,
    pub(crate) class: Class,
    /// The first prediction for it.
    pub(crate) predicted: Option<Prediction>,
    /// Whether there was more than one.
    pub(crate) duplicate: bool,
}

/// All ids of the reference. Its size depends on the reference alone.
#[derive(Debug)]
pub(crate) struct Table {
    /// In ascending order of their ids.
    pub(crate) items: Vec<Item>,
    /// Those of the reference first.
    pub(crate) labels: Labels,
    /// How many classes are of the reference.
    pub(crate) reference_classes: usize,
    abstention: Option<String>,
    /// The first scores that are none, by the record.
    invalid_scores: BTreeMap<u64, String>,
}

impl Table {
    /// A table without predictions; `items` ascend.
    pub(crate) fn new(
        items: Vec<Item>,
        labels: Labels,
        reference_classes: usize,
        abstention: Option<String>,
    ) -> Self {
        Self {
            items,
            labels,
            reference_classes,
            abstention,
            invalid_scores: BTreeMap::new(),
        }
    }

    /// The class of the reference that has this label, if there is one.
    pub(crate) fn reference_class(&self, label: &str) -> Option<Class> {
        let class = self.labels.class(label);
        class.filter(|class| *class < self.reference_classes)
    }

    /// What the label of a prediction means.
    pub(crate) fn answer(&self, label: &str) -> Answer {
        match self.labels.class(label) {
            Some(class) => Answer::Class(class),
            None if self.abstention.as_deref() == Some(label) => Answer::Abstained,
            None => Answer::Unknown,
        }
    }

    /// An answer as it was written.
    pub(crate) fn label(&self, answer: Answer) -> &str {
        match answer {
            Answer::Class(class) => &self.labels.names[class],
            Answer::Abstained => self.abstention.as_deref().unwrap_or_default(),
            Answer::Unknown => "a label that is not in the reference",
        }
    }

    /// The position of an id, if the reference has it.
    pub(crate) fn find(&self, id: &str) -> Option<usize> {
        let found = self.items.binary_search_by(|item| (*item.id).cmp(id));
        found.ok()
    }

    /// Reads a score, and keeps an excerpt of the first that are none.
    pub(crate) fn score(&mut self, row: &Row<'_>) -> Score {
        let Some(text) = row.score.as_deref() else {
            return Score::Missing;
        };
        if let Some(value) = Decimal::parse(text) {
            return Score::Value(value);
        }
        if self.invalid_scores.len() < DEFAULT_FINDINGS_KEPT {
            let text = excerpt(text.as_bytes(), MAX_SCORE_BYTES);
            self.invalid_scores.insert(row.at.record, text);
        }
        Score::Invalid
    }

    /// The score of a record that is not a number, if it is one of the first.
    pub(crate) fn invalid_score(&self, record: u64) -> Option<&str> {
        self.invalid_scores.get(&record).map(String::as_str)
    }
}

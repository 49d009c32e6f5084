//! The reference and what was predicted for it.

use crate::columns::{Columns, HeaderError, HeaderErrorKind, Rows, TableError};
use crate::decimal::Decimal;
use crate::params::{Params, Reference};
use crate::row::{Position, Row};
use proofmark_validator_sdk::{DEFAULT_FINDINGS_KEPT, Refusal, excerpt, reference as files};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::rc::Rc;

/// A class, as an index into [`Table::labels`].
pub(crate) type Class = usize;

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
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// In ascending order of their ids.
    pub(crate) items: Vec<Item>,
    /// The names of the classes: those of the reference first.
    pub(crate) labels: Vec<Rc<str>>,
    /// How many of them are of the reference.
    pub(crate) reference_classes: usize,
    classes: BTreeMap<Rc<str>, Class>,
    abstention: Option<String>,
    /// The first scores that are none, by the record.
    invalid_scores: BTreeMap<u64, String>,
}

impl Table {
    /// The class of the reference that has this label, if there is one.
    pub(crate) fn reference_class(&self, label: &str) -> Option<Class> {
        let class = self.classes.get(label).copied();
        class.filter(|class| *class < self.reference_classes)
    }

    /// The class of a label, which is new if it did not occur before.
    fn class_or_new(&mut self, label: &str) -> Class {
        if let Some(class) = self.classes.get(label) {
            return *class;
        }
        let label = Rc::<str>::from(label);
        self.labels.push(Rc::clone(&label));
        self.classes.insert(label, self.labels.len() - 1);
        self.labels.len() - 1
    }

    /// What the label of a prediction means.
    pub(crate) fn answer(&self, label: &str) -> Answer {
        match self.classes.get(label) {
            Some(class) => Answer::Class(*class),
            None if self.abstention.as_deref() == Some(label) => Answer::Abstained,
            None => Answer::Unknown,
        }
    }

    /// An answer as it was written.
    pub(crate) fn label(&self, answer: Answer) -> &str {
        match answer {
            Answer::Class(class) => &self.labels[class],
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

    /// Sorts the ids; one that occurs twice is an error.
    fn fill(&mut self, mut ids: Vec<(Box<str>, Class)>) -> Result<(), Box<str>> {
        ids.sort_unstable();
        if let Some(twice) = ids.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(twice[0].0.clone());
        }
        let item = |(id, class)| Item {
            id,
            class,
            predicted: None,
            duplicate: false,
        };
        self.items = ids.into_iter().map(item).collect();
        Ok(())
    }

    /// Takes the labels that the buyer allows beside those of the reference.
    fn allow(&mut self, params: &Params) -> Result<(), String> {
        self.reference_classes = self.labels.len();
        for label in &params.other_labels {
            self.class_or_new(label);
        }
        let abstention = params.abstention.as_ref().map(|asked| asked.label.clone());
        if let Some(label) = abstention.filter(|label| self.classes.contains_key(&**label)) {
            return Err(format!(
                "`{label}` cannot be both a class and an abstention"
            ));
        }
        self.abstention = params.abstention.as_ref().map(|asked| asked.label.clone());
        Ok(())
    }
}

/// Reads the reference. What is wrong with it is the buyer's.
pub(crate) fn reference(params: &Params) -> Result<Table, Refusal> {
    let source = &params.reference;
    let refused = |reason: String| {
        Refusal::InvalidParams(format!("the reference file `{}`: {reason}", source.file))
    };
    let mut table = Table::default();
    let ids = read_ids(source, &mut table)?.map_err(refused)?;
    if ids.is_empty() {
        return Err(refused("there is no row".to_owned()));
    }
    let twice = |id| refused(format!("the id `{id}` occurs twice"));
    table.fill(ids).map_err(twice)?;
    table.allow(params).map_err(Refusal::InvalidParams)?;
    Ok(table)
}

/// The ids and their classes, or what is wrong with the file.
type Ids = Result<Vec<(Box<str>, Class)>, String>;

fn read_ids(source: &Reference, table: &mut Table) -> Result<Ids, Refusal> {
    let columns = Columns {
        id: &source.id,
        label: &source.label,
        score: None,
    };
    let rows = match Rows::new(files::open(&source.file)?, source.format, &columns) {
        Ok(rows) => rows,
        Err(TableError::Read(error)) => return Err(error.into()),
        Err(TableError::Header(error)) => return Ok(Err(reason(&error))),
    };
    let mut ids = Vec::new();
    let broken = rows.each(|row| match row {
        Ok(row) => {
            ids.push((Box::from(&*row.id), table.class_or_new(&row.label)));
            ControlFlow::Continue(())
        }
        Err(broken) => ControlFlow::Break(format!("line {}: {}", broken.at.line, broken.reason)),
    })?;
    Ok(broken.map_or(Ok(ids), Err))
}

fn reason(error: &HeaderError<'_>) -> String {
    let line = error.line;
    match &error.kind {
        HeaderErrorKind::Broken(reason) => format!("line {line}: {reason}"),
        HeaderErrorKind::ColumnMissing(name) => format!("there is no column `{name}`"),
        HeaderErrorKind::ColumnDuplicate(name) => format!("there are two columns `{name}`"),
    }
}

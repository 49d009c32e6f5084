//! The reference and what was predicted for it.

use crate::columns::{Columns, Row, Rows, TableError};
use crate::params::Reference;
use proofmark_validator_sdk::{Refusal, reference as files};
use std::collections::BTreeMap;

/// A class, as an index into [`Table::labels`].
pub(crate) type Class = usize;

/// What was predicted for an id.
#[derive(Debug)]
pub(crate) struct Prediction {
    pub(crate) class: Class,
    /// As it was written; empty, if there was none.
    pub(crate) score: String,
    pub(crate) line: u64,
    pub(crate) record: u64,
}

/// One id of the reference.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) class: Class,
    /// The first prediction for it.
    pub(crate) predicted: Option<Prediction>,
    /// Whether there was more than one.
    pub(crate) duplicate: bool,
}

/// All ids of the reference.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) items: BTreeMap<String, Item>,
    /// The names of the classes: those of the reference first.
    pub(crate) labels: Vec<String>,
    /// How many of them are of the reference.
    pub(crate) reference_classes: usize,
    classes: BTreeMap<String, Class>,
}

impl Table {
    /// The class of a label, if there is one.
    pub(crate) fn class(&self, label: &str) -> Option<Class> {
        self.classes.get(label).copied()
    }

    /// The class of a label, which is new if it did not occur before.
    pub(crate) fn class_or_new(&mut self, label: &str) -> Class {
        if let Some(class) = self.class(label) {
            return class;
        }
        self.labels.push(label.to_owned());
        self.classes.insert(label.to_owned(), self.labels.len() - 1);
        self.labels.len() - 1
    }

    fn add(&mut self, row: Row) -> Result<(), String> {
        let class = self.class_or_new(&row.label);
        let item = Item {
            class,
            predicted: None,
            duplicate: false,
        };
        match self.items.insert(row.id.clone(), item) {
            None => Ok(()),
            Some(_) => Err(format!(
                "the id `{}` occurs twice (line {})",
                row.id, row.line
            )),
        }
    }
}

/// Reads the reference. What is wrong with it is the buyer's.
pub(crate) fn reference(source: &Reference) -> Result<Table, Refusal> {
    let columns = Columns {
        id: &source.id,
        label: &source.label,
        score: None,
    };
    let refused = |reason: String| {
        Refusal::InvalidParams(format!("the reference file `{}`: {reason}", source.file))
    };
    let broken = |error: TableError| match error {
        TableError::Read(error) => error.into(),
        TableError::ColumnMissing(name) => refused(format!("there is no column `{name}`")),
        TableError::Malformed { reason, .. } => refused(reason),
    };
    let file = files::open(&source.file)?;
    let mut rows = Rows::new(file, source.format, &columns).map_err(broken)?;
    let mut table = Table::default();
    while let Some(row) = rows.next_row() {
        table.add(row.map_err(broken)?).map_err(refused)?;
    }
    table.reference_classes = table.labels.len();
    match table.items.is_empty() {
        true => Err(refused("there is no row".to_owned())),
        false => Ok(table),
    }
}

//! Reading the reference. What is wrong with it is the buyer's.

use crate::columns::{Columns, HeaderError, HeaderErrorKind, Rows, TableError};
use crate::labels::{Class, Collected};
use crate::params::{Params, Reference};
use crate::row::Row;
use crate::table::{Item, Table};
use proofmark_validator_sdk::{Refusal, reference as files};
use std::ops::ControlFlow;

/// The most memory that the reference may take, as [`Reading`] counts it. The rest of the 128 MiB holds
/// what a submission can ask for: a row of 1 MiB, read and copied, and the report. So no submission is
/// the one for which there is not enough.
const MAX_BYTES: usize = 96 << 20;
/// An id beside its text, measured with 525,000 of them: the list in which they are collected, the table,
/// a score each for AUC, and what the allocator adds.
const ID_BYTES: usize = 184;
/// A label beside its text: its place in the order, in the tree and in the counts, and the same addition.
const LABEL_BYTES: usize = 96;

/// Reads the reference.
pub(crate) fn read(params: &Params) -> Result<Table, Refusal> {
    let source = &params.reference;
    let refused = |reason: String| {
        Refusal::InvalidParams(format!("the reference file `{}`: {reason}", source.file))
    };
    let reading = Reading::of(source)?.map_err(refused)?;
    let mut labels = reading.labels;
    let reference_classes = labels.len();
    let items = items(reading.ids).map_err(refused)?;
    for label in &params.other_labels {
        labels.class_or_new(label);
    }
    let labels = labels.finish();
    let abstention = params.abstention.as_ref().map(|asked| asked.label.clone());
    if let Some(label) = abstention
        .as_deref()
        .filter(|label| labels.class(label).is_some())
    {
        let message = format!("`{label}` is a class, so it cannot stand for an abstention");
        return Err(Refusal::InvalidParams(message));
    }
    Ok(Table::new(items, labels, reference_classes, abstention))
}

/// What has been read of the file.
#[derive(Default)]
struct Reading {
    ids: Vec<(Box<str>, Class)>,
    labels: Collected,
    bytes: usize,
}

impl Reading {
    /// All of it, or what is wrong with it.
    fn of(source: &Reference) -> Result<Result<Self, String>, Refusal> {
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
        let mut reading = Self::default();
        let broken = rows.each(|row| match row {
            Ok(row) => reading.add(&row),
            Err(row) => ControlFlow::Break(format!("line {}: {}", row.at.line, row.reason)),
        })?;
        Ok(broken.map_or(Ok(reading), Err))
    }

    fn add(&mut self, row: &Row<'_>) -> ControlFlow<String> {
        let before = self.labels.len();
        let class = self.labels.class_or_new(&row.label);
        if class == before {
            self.bytes += LABEL_BYTES + row.label.len();
        }
        self.bytes += ID_BYTES + row.id.len();
        if self.bytes > MAX_BYTES {
            let (line, ids) = (row.at.line, self.ids.len());
            return ControlFlow::Break(format!("line {line}: no memory for more than {ids} ids"));
        }
        self.ids.push((Box::from(&*row.id), class));
        ControlFlow::Continue(())
    }
}

/// The ids in ascending order; at least one, and none twice.
fn items(mut ids: Vec<(Box<str>, Class)>) -> Result<Vec<Item>, String> {
    ids.sort_unstable();
    if ids.is_empty() {
        return Err("there is no row".to_owned());
    }
    if let Some(twice) = ids.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(format!("the id `{}` occurs twice", twice[0].0));
    }
    let item = |(id, class)| Item {
        id,
        class,
        predicted: None,
        duplicate: false,
    };
    Ok(ids.into_iter().map(item).collect())
}

fn reason(error: &HeaderError<'_>) -> String {
    let line = error.line;
    match &error.kind {
        HeaderErrorKind::Broken(reason) => format!("line {line}: {reason}"),
        HeaderErrorKind::ColumnMissing(name) => format!("there is no column `{name}`"),
        HeaderErrorKind::ColumnDuplicate(name) => format!("there are two columns `{name}`"),
    }
}

//! Reading the predictions into the table.

use crate::columns::{BrokenRow, Columns, HeaderError, HeaderErrorKind, Rows, TableError};
use crate::params::Predictions;
use crate::row::{Position, Row};
use crate::table::{Answer, Prediction, Table};
use proofmark_validator_sdk::{
    CheckBuilder, Finding, Place, ReadError, ReadErrorKind, Refusal, Severity, submission,
};
use std::ops::ControlFlow;

/// How many rows may be broken before the rest is not read. Ten times what a report shows of them; what
/// comes after would tell nobody more.
pub(crate) const MAX_MALFORMED_ROWS: u64 = 1_000;

/// Reads as far as possible; false if there was nothing to read at all.
pub(crate) fn read(
    source: &Predictions,
    table: &mut Table,
    check: &mut CheckBuilder,
) -> Result<bool, Refusal> {
    let columns = Columns {
        id: &source.id,
        label: &source.label,
        score: source.score.as_deref(),
    };
    let file = submission::open(&source.artifact).map_err(TableError::Read);
    let rows = match file.and_then(|file| Rows::new(file, source.format, &columns)) {
        Ok(rows) => rows,
        Err(error) => {
            let finding = unreadable(error, source)?;
            check.finding(finding.severity(Severity::Critical));
            return Ok(false);
        }
    };
    let mut reader = Reader {
        source,
        table,
        check,
        malformed: 0,
    };
    if let Err(error) = rows.each(|row| reader.take(row)) {
        let finding = cut_short(error, source)?;
        check.finding(finding.severity(Severity::Critical));
    }
    Ok(true)
}

/// What the rows go into. Each finding is only written if it is kept: a row costs the supplier two bytes.
struct Reader<'a> {
    source: &'a Predictions,
    table: &'a mut Table,
    check: &'a mut CheckBuilder,
    malformed: u64,
}

impl Reader<'_> {
    fn take(&mut self, row: Result<Row<'_>, BrokenRow<'_>>) -> ControlFlow<()> {
        match row {
            Ok(row) => {
                self.add(&row);
                ControlFlow::Continue(())
            }
            Err(broken) => self.malformed(&broken),
        }
    }

    fn finding(&mut self, at: Position, write: impl FnOnce() -> Finding) {
        let artifact = &self.source.artifact;
        let write = || write().at(place(artifact, at));
        self.check.finding_of(Severity::Major, write);
    }

    fn add(&mut self, row: &Row<'_>) {
        let Some(at) = self.table.find(&row.id) else {
            return self.finding(row.at, || extra(row));
        };
        let item = &mut self.table.items[at];
        if let Some(first) = &item.predicted {
            let first = first.at;
            item.duplicate = true;
            return self.finding(row.at, || duplicate(row, first));
        }
        let answer = self.table.answer(&row.label);
        if answer == Answer::Unknown {
            self.finding(row.at, || unknown(row));
        }
        let score = self.table.score(row);
        self.table.items[at].predicted = Some(Prediction {
            answer,
            score,
            at: row.at,
        });
    }

    fn malformed(&mut self, broken: &BrokenRow<'_>) -> ControlFlow<()> {
        self.malformed += 1;
        if self.malformed > MAX_MALFORMED_ROWS {
            self.check
                .finding(too_many_malformed(self.source, broken.at));
            return ControlFlow::Break(());
        }
        self.finding(broken.at, || {
            let message = format!("The row cannot be read: {}.", broken.reason);
            Finding::new("row-malformed", message)
        });
        ControlFlow::Continue(())
    }
}

fn place(artifact: &str, at: Position) -> Place {
    Place::file(artifact).line(at.line).record(at.record)
}

fn extra(row: &Row<'_>) -> Finding {
    let message = format!("The id `{}` is not in the reference.", row.id);
    Finding::new("id-extra", message)
}

fn duplicate(row: &Row<'_>, first: Position) -> Finding {
    let message = format!(
        "The id `{}` is predicted again; the first one counts.",
        row.id
    );
    let expected = format!("only the one in line {}", first.line);
    Finding::new("id-duplicate", message).expected(expected)
}

fn unknown(row: &Row<'_>) -> Finding {
    let message = format!("The label `{}` is not in the reference.", row.label);
    Finding::new("label-unknown", message).actual(&row.label)
}

fn too_many_malformed(source: &Predictions, at: Position) -> Finding {
    let message = "Too many rows cannot be read; the rest was not read.";
    Finding::new("too-many-malformed", message)
        .severity(Severity::Critical)
        .at(place(&source.artifact, at))
        .expected(format!("at most {MAX_MALFORMED_ROWS}"))
        .actual(format!("{} up to this line", MAX_MALFORMED_ROWS + 1))
}

/// Why there are no rows, for the supplier; a refusal, if it is not theirs.
fn unreadable(error: TableError<'_>, source: &Predictions) -> Result<Finding, Refusal> {
    match error {
        TableError::Header(error) => Ok(broken_header(&error, source)),
        TableError::Read(error) if error.is_not_found() => {
            let finding = Finding::new("artifact-missing", "There are no predictions.");
            Ok(finding.at_file(&source.artifact))
        }
        TableError::Read(error) => cut_short(error, source),
    }
}

fn broken_header(error: &HeaderError<'_>, source: &Predictions) -> Finding {
    let finding = match &error.kind {
        HeaderErrorKind::Broken(reason) => {
            let message = format!("The header cannot be read: {reason}.");
            Finding::new("row-malformed", message)
        }
        HeaderErrorKind::ColumnMissing(name) => {
            Finding::new("column-missing", format!("There is no column `{name}`.")).expected(name)
        }
        HeaderErrorKind::ColumnDuplicate(name) => {
            let message = format!("The column `{name}` is there twice.");
            Finding::new("column-duplicate", message).expected("one")
        }
    };
    finding.at_line(&source.artifact, error.line)
}

/// Why the rest was not read, for the supplier; a refusal, if it is not theirs.
fn cut_short(error: ReadError, source: &Predictions) -> Result<Finding, Refusal> {
    match error.kind {
        ReadErrorKind::RecordTooLong { number, .. } => {
            let message = "The row is too long; the rest was not read.";
            Ok(Finding::new("row-malformed", message).at_line(&source.artifact, number))
        }
        _ => Err(error.into()),
    }
}

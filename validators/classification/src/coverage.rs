//! Reading the predictions: every id of the reference once, and no other.

use crate::columns::{Columns, Row, Rows, TableError};
use crate::params::{Params, Predictions};
use crate::table::{Prediction, Table};
use proofmark_validator_sdk::{
    CheckBuilder, Finding, Place, ReadErrorKind, Refusal, Severity, submission,
};

/// Fills the table from the predictions and judges which ids are there.
pub(crate) fn judge(
    params: &Params,
    table: &mut Table,
    check: &mut CheckBuilder,
) -> Result<(), Refusal> {
    let source = &params.predictions;
    let readable = read(source, table, check)?;
    for (id, item) in &table.items {
        check.examine(item.predicted.is_some() && !item.duplicate);
        if readable && item.predicted.is_none() {
            check.finding(
                Finding::new(
                    "id-missing",
                    format!("There is no prediction for the id `{id}`."),
                )
                .at_file(&source.artifact),
            );
        }
    }
    check.score_by_ratio();
    let (matched, examined) = (check.matched(), check.examined());
    check.summary(format!(
        "ids predicted exactly once: {matched} of {examined}"
    ));
    Ok(())
}

/// Reads as far as possible; false if there was nothing to read at all.
fn read(
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
    let mut rows = match file.and_then(|file| Rows::new(file, source.format, &columns)) {
        Ok(rows) => rows,
        Err(error) => {
            check.finding(finding(error, source)?.severity(Severity::Critical));
            return Ok(false);
        }
    };
    while let Some(row) = rows.next_row() {
        match row {
            Ok(row) => add(source, table, row, check),
            Err(error @ TableError::Read(_)) => {
                check.finding(finding(error, source)?.severity(Severity::Critical));
                return Ok(true);
            }
            Err(error) => {
                check.finding(finding(error, source)?);
            }
        }
    }
    Ok(true)
}

fn add(source: &Predictions, table: &mut Table, row: Row, check: &mut CheckBuilder) {
    let place = Place::file(&source.artifact)
        .line(row.line)
        .record(row.record);
    if !table.items.contains_key(&row.id) {
        let message = format!("The id `{}` is not in the reference.", row.id);
        check.finding(Finding::new("id-extra", message).at(place));
        return;
    }
    let class = table.class_or_new(&row.label);
    if class >= table.reference_classes {
        let message = format!("The label `{}` is not in the reference.", row.label);
        let finding = Finding::new("label-unknown", message).severity(Severity::Minor);
        check.finding(finding.at(place.clone()).actual(&row.label));
    }
    let Some(item) = table.items.get_mut(&row.id) else {
        return;
    };
    if let Some(first) = &item.predicted {
        item.duplicate = true;
        let message = format!(
            "The id `{}` is predicted again; the first one counts.",
            row.id
        );
        let finding = Finding::new("id-duplicate", message).at(place);
        check.finding(finding.expected(format!("only the one in line {}", first.line)));
        return;
    }
    let Row {
        score,
        line,
        record,
        ..
    } = row;
    item.predicted = Some(Prediction {
        class,
        score,
        line,
        record,
    });
}

/// What is wrong with the predictions, for the supplier; a refusal, if it is not theirs.
fn finding(error: TableError, source: &Predictions) -> Result<Finding, Refusal> {
    let file = Place::file(&source.artifact);
    match error {
        TableError::ColumnMissing(name) => {
            let message = format!("There is no column `{name}`.");
            Ok(Finding::new("column-missing", message)
                .at(file.line(1))
                .expected(name))
        }
        TableError::Malformed {
            line,
            record,
            reason,
        } => {
            let place = record.into_iter().fold(file.line(line), Place::record);
            let message = format!("The row cannot be read: {reason}.");
            Ok(Finding::new("row-malformed", message).at(place))
        }
        TableError::Read(error) if error.is_not_found() => {
            Ok(Finding::new("artifact-missing", "There are no predictions.").at(file))
        }
        TableError::Read(error) => match error.kind {
            ReadErrorKind::RecordTooLong { number, .. } => {
                let message = "The row is too long; the rest was not read.";
                Ok(Finding::new("row-malformed", message).at(file.line(number)))
            }
            _ => Err(error.into()),
        },
    }
}

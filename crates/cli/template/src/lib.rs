//! Validator: a CSV table has enough rows and few empty fields.
//!
//! **In scope:** UTF-8 or not, one header line, fields between commas. **Out of scope:** quoted fields.
//! The table is streamed: memory stays small whatever its size.

use proofmark_validator_sdk::{
    CheckBuilder, Finding, Place, ReadError, Refusal, ReportBuilder, Severity, Validator, checks,
    export, submission,
};
use serde::Deserialize;

checks! {
    /// What this validator can report; all of it, unless `asked_for` says otherwise.
    pub enum Check {
        /// Length.
        Rows = "rows": "The table has at least the number of rows asked for.",
        /// Holes.
        Complete = "complete": "At most the allowed number of fields is empty.",
    }
}

/// The parameters, as `params.schema.json` describes them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    table: String,
    min_rows: u64,
    max_empty_fields: u64,
}

/// What was counted in the table.
#[derive(Default)]
struct Counts {
    rows: u64,
    empty_fields: u64,
}

/// The validator.
pub struct Table;

impl Validator for Table {
    type Params = Params;
    type Check = Check;
    const NAME: &'static str = env!("CARGO_PKG_NAME");
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "A CSV table has enough rows and few empty fields.";

    fn params_schema() -> &'static str {
        include_str!("../params.schema.json")
    }

    fn media_types() -> &'static [&'static str] {
        &["text/csv"]
    }

    fn evaluate(params: Params, report: &mut ReportBuilder<Check>) -> Result<(), Refusal> {
        match count(&params, report.check(Check::Complete)) {
            Ok(counts) => judge(&params, &counts, report),
            // A table that is missing or broken is the supplier's failure: a finding, not a refusal.
            Err(error) => {
                let finding =
                    Finding::new("table-unreadable", error.to_string()).at_file(&params.table);
                report.check(Check::Complete).finding(finding);
                report.fail_untouched(
                    &Finding::new("rows-unknown", "The rows cannot be counted.")
                        .at_file(&params.table),
                );
            }
        }
        Ok(())
    }
}

/// Streams the table and notes every empty field.
fn count(params: &Params, complete: &mut CheckBuilder) -> Result<Counts, ReadError> {
    let mut lines = submission::open(&params.table)?.lines();
    let columns = lines
        .next_record()?
        .map_or(0, |header| fields(header.bytes).count());
    let mut counts = Counts::default();
    while let Some(line) = lines.next_record()? {
        counts.rows += 1;
        let found = fields(line.bytes).filter(|field| !field.is_empty()).count();
        let empty = columns.saturating_sub(found) as u64;
        complete.count(columns as u64, columns as u64 - empty);
        if empty > 0 {
            counts.empty_fields += empty;
            let place = Place::file(&params.table)
                .line(line.number)
                .record(counts.rows);
            // Minor: alone it does not fail the check.
            let hole =
                Finding::new("empty-fields", "The row has empty fields.").severity(Severity::Minor);
            complete.finding(
                hole.at(place)
                    .expected(format!("{columns} fields"))
                    .actual(format!("{empty} empty")),
            );
        }
    }
    Ok(counts)
}

fn fields(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|byte| *byte == b',').map(<[u8]>::trim_ascii)
}

fn judge(params: &Params, counts: &Counts, report: &mut ReportBuilder<Check>) {
    let rows = report.check(Check::Rows);
    rows.examine(counts.rows >= params.min_rows);
    if counts.rows < params.min_rows {
        let finding =
            Finding::new("too-few-rows", "The table has too few rows.").at_file(&params.table);
        rows.finding(
            finding
                .expected(format!("at least {}", params.min_rows))
                .actual(counts.rows),
        );
    }
    if counts.empty_fields > params.max_empty_fields {
        let finding = Finding::new("too-many-empty-fields", "Too many fields are empty.")
            .at_file(&params.table);
        let finding = finding
            .expected(format!("at most {}", params.max_empty_fields))
            .actual(counts.empty_fields);
        report.check(Check::Complete).finding(finding);
    }
}

export!(Table);

#[cfg(test)]
mod tests {
    use super::Table;
    use proofmark_validator_sdk::testing::assert_fixtures;
    use std::path::Path;

    #[test]
    fn every_fixture_does_what_it_promises() {
        assert_fixtures::<Table>(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"));
    }
}

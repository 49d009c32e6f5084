//! `well-formed`: every record can be read, and they are the records that were asked for.

use super::Outcome;
use crate::params::Params;
use crate::tally::{SECOND_US, Tally};
use crate::telemetry::{Defect, Position, Request, Telemetry};
use proofmark_validator_sdk::{
    CheckBuilder, Finding, Place, ReadError, Refusal, Severity, submission,
};
use std::io::{self, Read};

/// Reads the telemetry once: judges its form and sums it up for the other judges.
pub(crate) fn read(params: &Params, check: &mut CheckBuilder) -> Result<Outcome, Refusal> {
    check.score_by_ratio();
    match submission::open(&params.telemetry) {
        Ok(artifact) => read_from(artifact, params, check).map_err(internal),
        Err(error) if error.is_not_found() => {
            let message = "The telemetry was not delivered.";
            let finding = Finding::new("artifact-missing", message)
                .severity(Severity::Critical)
                .at_file(&params.telemetry)
                .expected("a file")
                .actual("nothing");
            check.finding(finding).summary("the telemetry is missing");
            Ok(Outcome::Unreadable)
        }
        Err(error) => Err(error.into()),
    }
}

fn read_from(reader: impl Read, params: &Params, check: &mut CheckBuilder) -> io::Result<Outcome> {
    let mut telemetry = match Telemetry::open(reader, params)? {
        Ok(telemetry) => telemetry,
        Err(defects) => {
            for defect in defects {
                let place = Place::file(&params.telemetry).line(1);
                check.finding(finding(defect).severity(Severity::Critical).at(place));
            }
            check.summary("the header cannot be read");
            return Ok(Outcome::Unreadable);
        }
    };
    let mut tally = Tally::default();
    while let Some((position, row)) = telemetry.next_row()? {
        if position.record > params.max_records {
            check
                .finding(too_many(params, position))
                .summary("more records than are judged");
            return Ok(Outcome::TooMany);
        }
        let request = row.and_then(|request| inside_period(request, params));
        check.examine(request.is_ok());
        match request {
            Ok(request) => tally.add(&request, position.record, params),
            Err(defect) => {
                check.finding(finding(defect).at(place(params, position)));
            }
        }
    }
    judge_extent(params, &tally, check);
    Ok(Outcome::Read(tally))
}

fn judge_extent(params: &Params, tally: &Tally, check: &mut CheckBuilder) {
    let usable = tally.requests.all;
    if usable < u128::from(params.min_records.max(1)) {
        let finding = Finding::new("too-few-records", "There are too few usable records.")
            .at_file(&params.telemetry)
            .expected(format!("at least {}", params.min_records.max(1)))
            .actual(usable);
        check.finding(finding);
    }
    let period_us = tally.period_us(params);
    if period_us / SECOND_US < params.min_period_s {
        let finding = Finding::new("period-too-short", "The records cover too short a period.")
            .at_file(&params.telemetry)
            .expected(format!("at least {} s", params.min_period_s))
            .actual(format!("{} s", period_us / SECOND_US));
        check.finding(finding);
    }
    let (matched, examined) = (check.matched(), check.examined());
    check.summary(format!("{matched} of {examined} records are well formed"));
}

fn inside_period(request: Request, params: &Params) -> Result<Request, Defect> {
    match params.period {
        Some(period) if !(period.from_us..period.to_us).contains(&request.start_us) => {
            Err(Defect {
                code: "outside-period",
                message: "The request begins outside of the period.".to_owned(),
                expected: format!(
                    "{} to {} µs, the end excluded",
                    period.from_us, period.to_us
                ),
                actual: format!("{} µs", request.start_us),
            })
        }
        _ => Ok(request),
    }
}

fn too_many(params: &Params, position: Position) -> Finding {
    Finding::new(
        "too-many-records",
        "There are more records than are judged.",
    )
    .at(place(params, position))
    .expected(format!("at most {}", params.max_records))
    .actual("more")
}

fn finding(defect: Defect) -> Finding {
    Finding::new(defect.code, defect.message)
        .expected(defect.expected)
        .actual(defect.actual)
}

fn place(params: &Params, position: Position) -> Place {
    Place::file(&params.telemetry)
        .line(position.line)
        .record(position.record)
        .range(position.offset, position.len)
}

/// Reading what is open fails only if the host breaks the contract.
fn internal(error: io::Error) -> Refusal {
    match error.downcast::<ReadError>() {
        Ok(error) => error.into(),
        Err(error) => Refusal::Internal(error.to_string()),
    }
}

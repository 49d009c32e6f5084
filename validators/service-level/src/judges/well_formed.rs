//! `well-formed`: every record can be read, and they are the records that were asked for.

use super::{Unjudged, seconds};
use crate::MAX_BROKEN_RECORDS;
use crate::ids::{Ids, Repeats};
use crate::params::Params;
use crate::tally::{SECOND_US, Tally};
use crate::telemetry::{BadHeader, Defect, Position, Request, Telemetry};
use proofmark_validator_sdk::{
    Artifact, CheckBuilder, Finding, Place, ReadError, Refusal, Severity, submission,
};
use std::io::{self, BufRead, Seek};

/// `1,1,0` and a line ending.
const SHORTEST_RECORD_BYTES: u64 = 6;

/// What the other checks are judged over.
pub(crate) type Judged = Result<Tally, Unjudged>;

/// Reads the telemetry: judges its form and sums it up for the other judges.
pub(crate) fn read(params: &Params, check: &mut CheckBuilder) -> Result<Judged, Refusal> {
    check.score_by_ratio();
    match submission::open(&params.telemetry) {
        Ok(artifact) => read_artifact(artifact, params, check).map_err(internal),
        Err(error) if error.is_not_found() => {
            let message = "The telemetry was not delivered.";
            let finding = Finding::new("artifact-missing", message)
                .at_file(&params.telemetry)
                .expected("a file")
                .actual("nothing");
            fail_whole(finding, check).summary("the telemetry is missing");
            Ok(Err(Unjudged::NoRecords))
        }
        Err(error) => Err(error.into()),
    }
}

fn read_artifact(
    mut artifact: Artifact,
    params: &Params,
    check: &mut CheckBuilder,
) -> io::Result<Judged> {
    let capacity = most_records(artifact.len(), params);
    let repeats = repeats(&mut artifact, params, capacity)?;
    artifact.rewind()?;
    match Telemetry::open(&mut artifact, params)? {
        Ok(telemetry) => read_records(telemetry.without_ids(), &repeats, capacity, params, check),
        Err(header) => {
            refuse_header(header, params, check);
            Ok(Err(Unjudged::NoRecords))
        }
    }
}

/// How many records there can be, at most.
fn most_records(bytes: u64, params: &Params) -> usize {
    let records = (bytes / SHORTEST_RECORD_BYTES + 1).min(params.max_records);
    usize::try_from(records).unwrap_or(usize::MAX)
}

/// Which records repeat an id: a reading of its own, so that ids and requests are never in memory
/// together, and a request that is a repetition is never counted.
fn repeats(artifact: &mut Artifact, params: &Params, capacity: usize) -> io::Result<Repeats> {
    if params.columns.id.is_none() {
        return Ok(Repeats::default());
    }
    let Ok(mut telemetry) = Telemetry::open(artifact, params)? else {
        return Ok(Repeats::default());
    };
    let mut ids = Ids::with_capacity(capacity);
    let mut broken = 0;
    while let Some((Position { record, .. }, row)) = telemetry.next_row()? {
        match row.map(|request| request.id) {
            Ok(id) => id.into_iter().for_each(|id| ids.push(id, record)),
            Err(_) => broken += 1,
        }
        if record >= params.max_records || broken > MAX_BROKEN_RECORDS {
            break;
        }
    }
    Ok(ids.repeats())
}

fn refuse_header(header: BadHeader, params: &Params, check: &mut CheckBuilder) {
    for defect in header.defects {
        let place = Place::file(&params.telemetry).line(header.line);
        fail_whole(finding(&defect).at(place), check);
    }
    check.summary("the header cannot be read");
}

fn read_records(
    mut telemetry: Telemetry<'_, impl BufRead>,
    repeats: &Repeats,
    capacity: usize,
    params: &Params,
    check: &mut CheckBuilder,
) -> io::Result<Judged> {
    let mut tally = Tally::new(params, capacity);
    while let Some((position, row)) = telemetry.next_row()? {
        if position.record > params.max_records {
            stop(too_many(params), position, params, check);
            return Ok(Err(Unjudged::Stopped));
        }
        let request = row.and_then(|request| not_repeated(request, position, repeats));
        check.examine(request.is_ok());
        let defect = match request {
            Ok(request) => {
                tally.add(&request, position);
                continue;
            }
            Err(defect) => defect,
        };
        check.finding_of(Severity::Major, || {
            finding(&defect).at(place(params, position))
        });
        if check.examined() - check.matched() > MAX_BROKEN_RECORDS {
            stop(too_broken(), position, params, check);
            return Ok(Err(Unjudged::Stopped));
        }
    }
    judge_extent(params, &mut tally, check);
    Ok(if tally.is_empty() {
        Err(Unjudged::NoRecords)
    } else {
        Ok(tally)
    })
}

fn not_repeated(
    request: Request,
    position: Position,
    repeats: &Repeats,
) -> Result<Request, Box<Defect>> {
    match repeats.first_of(position.record) {
        None => Ok(request),
        Some(first) => Err(Defect::new(
            "id-duplicate",
            format!("Record {first} has the same id."),
            "an id that no other record has",
            format!("the id of record {first}"),
        )),
    }
}

fn judge_extent(params: &Params, tally: &mut Tally, check: &mut CheckBuilder) {
    let (usable, all) = (check.matched(), check.examined());
    let mut summary = format!("{usable} of {all} records are well formed");
    let least = params.min_records.max(1);
    if usable < least {
        let message = "There are too few usable records.";
        let finding = Finding::new("too-few-records", message)
            .at_file(&params.telemetry)
            .expected(format!("at least {least}"))
            .actual(usable);
        fail_whole(finding, check);
    }
    if tally.span_us() < params.min_period_s.saturating_mul(SECOND_US) {
        let message = "From the first start to the last is too short a time.";
        let finding = Finding::new("period-too-short", message)
            .at_file(&params.telemetry)
            .expected(format!("at least {} s", params.min_period_s))
            .actual(seconds(tally.span_us()));
        fail_whole(finding, check);
    }
    if let Some(max_gap_s) = params.max_gap_s
        && !tally.is_empty()
    {
        let longest_us = judge_gaps(params, max_gap_s, tally, check);
        let longest = seconds(longest_us);
        summary.push_str(&format!(", and at most {longest} pass without a start"));
    }
    check.summary(summary);
}

/// Judges every time without a start, and returns the longest. With a period, its ends count as starts. A
/// finding names the record after the gap, or the last.
fn judge_gaps(params: &Params, max_s: u64, tally: &mut Tally, check: &mut CheckBuilder) -> u64 {
    let max_us = max_s.saturating_mul(SECOND_US);
    let places = &tally.places;
    let starts = tally.samples.by_start();
    let after = starts
        .iter()
        .map(|sample| (sample.start_us, sample.record()));
    let end = params.period.zip(starts.last());
    let end = end.map(|(period, last)| (period.to_us, last.record()));
    let mut before_us = match params.period {
        Some(period) => period.from_us,
        None => tally.first_start_us,
    };
    let mut longest_us = 0;
    for (start_us, record) in after.chain(end) {
        let gap_us = start_us - before_us; // ascending, and inside of the period
        if gap_us > max_us {
            check.score_ppm(0).finding_of(Severity::Major, || {
                gap_too_long(max_s, before_us, start_us).at(places.of(&params.telemetry, record))
            });
        }
        longest_us = longest_us.max(gap_us);
        before_us = start_us;
    }
    longest_us
}

fn gap_too_long(max_s: u64, before_us: u64, start_us: u64) -> Finding {
    let message = format!("No request begins from {before_us} to {start_us} µs.");
    Finding::new("gap-too-long", message)
        .expected(format!("at most {max_s} s"))
        .actual(seconds(start_us - before_us))
}

fn too_many(params: &Params) -> Finding {
    let message = "There are more records than are judged.";
    Finding::new("too-many-records", message)
        .expected(format!("at most {}", params.max_records))
        .actual("more")
}

fn too_broken() -> Finding {
    let message = "So many records cannot be used that this is no telemetry.";
    Finding::new("too-many-broken", message)
        .expected(format!("at most {MAX_BROKEN_RECORDS} such records"))
        .actual("more")
}

/// Ends the reading at this record.
fn stop(finding: Finding, position: Position, params: &Params, check: &mut CheckBuilder) {
    fail_whole(finding.at(place(params, position)), check)
        .summary("the telemetry was not read to its end");
}

/// Fails the check for what is true of the telemetry as a whole: it is told first, and no share of good
/// records makes up for it.
fn fail_whole(finding: Finding, check: &mut CheckBuilder) -> &mut CheckBuilder {
    check
        .finding(finding.severity(Severity::Critical))
        .score_ppm(0)
}

fn finding(defect: &Defect) -> Finding {
    Finding::new(defect.code, &defect.message)
        .expected(&defect.expected)
        .actual(&defect.actual)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_made_for_every_record_that_can_be() {
        let params = Params::default();
        for (bytes, records) in [(0, 1), (5, 1), (11, 2), (12, 3), (1 << 32, 4_000_000)] {
            assert_eq!(most_records(bytes, &params), records, "{bytes}");
        }
    }
}

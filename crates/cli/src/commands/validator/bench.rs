//! `proofmark validator bench`

use std::path::Path;
use std::time::{Duration, Instant};

use proofmark_engine::{Engine, Isolation};
use serde_json::{Value, json};

use super::super::Outcome;
use super::source::Source;
use super::table::{self, Cell};
use super::test::run_all;
use crate::args::Global;
use crate::failure::{Exit, Failure};
use crate::fixtures::{self, Candidate, Case, CaseResult, Kind};
use crate::printer::{FAINT, Printer};
use crate::render::foreign::one_line;
use crate::render::number::{duration, grouped};
use crate::{progress, setup};

/// What the runs of one fixture took.
struct Measured {
    name: String,
    fuel: Option<u64>,
    /// Ascending, never empty.
    times: Vec<Duration>,
}

pub(super) fn run(
    validator: &str,
    fixtures: Option<&Path>,
    runs: u32,
    global: &Global,
    printer: &Printer,
) -> Outcome {
    let source = Source::of(validator)?;
    let mut cases = fixtures::load(&source.fixtures(fixtures)?)?;
    cases.retain(|case| case.kind == Kind::Accept);
    let component = source.component(printer)?;
    let engine = setup::engine(global, printer)?;
    let candidate = Candidate::publish(&engine, &component.bytes)
        .map_err(|failure| failure.about(validator))?;
    warn_about(&run_all(&candidate, &cases)?, printer);
    let measured = measure_all(&engine, &candidate, &cases, runs)?;
    printer.data(
        || text(&measured, runs, &engine),
        || to_json(&measured, runs, &engine, &component.digest().to_string()),
    );
    Ok(Exit::Done)
}

/// A fixture that does not hold measures something else than a pass. It also warmed the worker up.
fn warn_about(results: &[CaseResult], printer: &Printer) {
    for result in results.iter().filter(|result| !result.held) {
        let name = one_line(&result.name);
        printer.warn(format!(
            "{name} does not hold; `proofmark validator test` says why"
        ));
    }
}

fn measure_all(
    engine: &Engine,
    candidate: &Candidate<'_>,
    cases: &[Case],
    runs: u32,
) -> Result<Vec<Measured>, Failure> {
    let bar = progress::steps(cases.len() as u64);
    let mut measured = Vec::new();
    for case in cases {
        bar.set_message(one_line(&case.name));
        measured.push(measure(engine, candidate, case, runs)?);
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(measured)
}

fn measure(
    engine: &Engine,
    candidate: &Candidate<'_>,
    case: &Case,
    runs: u32,
) -> Result<Measured, Failure> {
    let job = fixtures::job(candidate, case)?
        .map_err(|problems| Failure::from(problems).about(&case.name))?;
    let mut fuel = None;
    let mut times = Vec::new();
    for _ in 0..runs.max(1) {
        let started = Instant::now();
        let evaluation = engine.evaluate(candidate.prepared(), &job)?;
        times.push(started.elapsed());
        fuel = evaluation.outcome.fuel_used;
    }
    times.sort();
    Ok(Measured {
        name: case.name.clone(),
        fuel,
        times,
    })
}

impl Measured {
    /// The smallest time that at least this share of the runs did not exceed (nearest rank).
    fn percentile(&self, percent: usize) -> Duration {
        let rank = (self.times.len() * percent).div_ceil(100).max(1);
        self.times.get(rank - 1).copied().unwrap_or_default()
    }

    /// Fuel per second of a run of median length, process boundary included.
    fn fuel_per_second(&self) -> Option<u64> {
        let nanos = self.percentile(50).as_nanos().max(1);
        let rate = u128::from(self.fuel?) * 1_000_000_000 / nanos;
        Some(u64::try_from(rate).unwrap_or(u64::MAX))
    }
}

fn isolation(engine: &Engine) -> &'static str {
    match engine.isolation() {
        Isolation::Process => "process",
        Isolation::None => "none",
    }
}

fn text(measured: &[Measured], runs: u32, engine: &Engine) -> String {
    let heads = ["case", "min", "median", "p95", "fuel", "fuel per second"];
    let head = |(column, head): (usize, &&str)| match column {
        0 => Cell::text(head).in_style(FAINT),
        _ => Cell::number(head).in_style(FAINT),
    };
    let mut rows = vec![heads.iter().enumerate().map(head).collect()];
    rows.extend(measured.iter().map(row));
    let mut lines = table::lines(&rows);
    lines.push(String::new());
    lines.push(format!(
        "{} runs of each case, one after another, isolation {}. Times are of this machine and include the way \
         to the worker and back; fuel is the same on every machine.",
        grouped(u64::from(runs)),
        isolation(engine)
    ));
    lines.join("\n")
}

fn row(measured: &Measured) -> Vec<Cell> {
    let number = |number: Option<u64>| Cell::number(number.map_or("not exact".to_owned(), grouped));
    let mut row = vec![Cell::text(&measured.name)];
    row.extend([0, 50, 95].map(|percent| Cell::number(duration(measured.percentile(percent)))));
    row.extend([number(measured.fuel), number(measured.fuel_per_second())]);
    row
}

fn to_json(measured: &[Measured], runs: u32, engine: &Engine, digest: &str) -> Value {
    let nanos = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    let case = |measured: &Measured| {
        json!({
            "name": measured.name,
            "min_nanos": nanos(measured.percentile(0)),
            "median_nanos": nanos(measured.percentile(50)),
            "p95_nanos": nanos(measured.percentile(95)),
            "fuel_used": measured.fuel,
            "fuel_per_second": measured.fuel_per_second(),
        })
    };
    let cases: Vec<_> = measured.iter().map(case).collect();
    json!({
        "validator": { "digest": digest },
        "runs": runs,
        "isolation": isolation(engine),
        "times_are_of": "this machine",
        "cases": cases,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let times = (1..=20).map(Duration::from_millis).collect();
        let measured = Measured {
            name: "x".to_owned(),
            fuel: Some(100),
            times,
        };
        let millis = [0, 50, 95, 100].map(|percent| measured.percentile(percent).as_millis());
        assert_eq!(millis, [1, 10, 19, 20]);
        assert_eq!(measured.fuel_per_second(), Some(10_000));
    }
}

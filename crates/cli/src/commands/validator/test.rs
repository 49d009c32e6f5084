//! `proofmark validator test`

use std::path::Path;

use proofmark_core::Digest;
use proofmark_criteria::verdict::Verdict;
use proofmark_engine::run::LogLine;
use serde_json::{Value, json};

use super::super::Outcome;
use super::source::Source;
use super::table::{self, Cell};
use crate::args::Global;
use crate::failure::{Exit, Failure};
use crate::fixtures::{self, Candidate, Case, CaseResult};
use crate::printer::{BAD, FAINT, GOOD, Printer, WARN, paint};
use crate::render::foreign::{message, one_line, within};
use crate::render::number::grouped;
use crate::{progress, setup};

/// Log lines shown of a case that does not hold, the last ones; JSON has all.
const LOG_SHOWN: usize = 10;
/// Bytes shown of each.
const LOG_LINE_BYTES: usize = 200;

/// A validator and what its fixtures showed.
struct Tested<'e> {
    candidate: Candidate<'e>,
    digest: Digest,
    results: Vec<CaseResult>,
}

pub(super) fn run(
    validator: &str,
    fixtures: Option<&Path>,
    global: &Global,
    printer: &Printer,
) -> Outcome {
    let source = Source::of(validator)?;
    // Before anything is built: what is missing is told at once.
    let cases = fixtures::load(&source.fixtures(fixtures)?)?;
    let component = source.component(printer)?;
    let engine = setup::engine(global, printer)?;
    let candidate = Candidate::publish(&engine, &component.bytes)
        .map_err(|failure| failure.about(validator))?;
    let results = run_all(&candidate, &cases)?;
    let tested = Tested {
        digest: component.digest(),
        candidate,
        results,
    };
    printer.data(|| tested.text(), || tested.json());
    Ok(if tested.held() {
        Exit::Done
    } else {
        Exit::Negative
    })
}

/// Run cases, and show on a terminal how far it has come.
pub(super) fn run_all(
    candidate: &Candidate<'_>,
    cases: &[Case],
) -> Result<Vec<CaseResult>, Failure> {
    let bar = progress::steps(cases.len() as u64);
    let mut results = Vec::new();
    for case in cases {
        bar.set_message(one_line(&case.name));
        results.push(fixtures::run(candidate, case).map_err(|failure| failure.about(&case.name))?);
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(results)
}

impl Tested<'_> {
    fn held(&self) -> bool {
        self.results.iter().all(|result| result.held)
    }

    fn text(&self) -> String {
        let mut lines = vec![title(&self.candidate, &self.digest), String::new()];
        let mut rows = vec![heads()];
        rows.extend(self.results.iter().map(row));
        lines.extend(table::lines(&rows));
        lines.extend(self.results.iter().flat_map(remarks));
        let held = self.results.iter().filter(|result| result.held).count();
        let (word, style) = if self.held() {
            ("all hold", GOOD)
        } else {
            ("not all hold", BAD)
        };
        lines.extend([
            String::new(),
            format!(
                "{}: {held} of {} cases",
                paint(style, word),
                self.results.len()
            ),
        ]);
        lines.join("\n")
    }

    fn json(&self) -> Value {
        let cases: Vec<_> = self.results.iter().map(case_json).collect();
        json!({
            "validator": validator_json(&self.candidate, &self.digest),
            "held": self.held(),
            "cases": cases,
        })
    }
}

/// Which validator it is, in a line.
pub(super) fn title(candidate: &Candidate<'_>, digest: &Digest) -> String {
    let manifest = &candidate.manifest;
    let (name, version) = (one_line(&manifest.name), one_line(&manifest.version));
    format!("{name} {version}  {}", paint(FAINT, digest))
}

/// The same for programs.
pub(super) fn validator_json(candidate: &Candidate<'_>, digest: &Digest) -> Value {
    json!({
        "name": candidate.manifest.name,
        "version": candidate.manifest.version,
        "digest": digest.to_string(),
        "size_bytes": candidate.size_bytes,
    })
}

pub(super) fn heads() -> Vec<Cell> {
    let text = ["case", "held", "verdict"].map(|head| Cell::text(head).in_style(FAINT));
    let numbers =
        ["fuel", "of limit", "memory", "of limit"].map(|head| Cell::number(head).in_style(FAINT));
    text.into_iter()
        .chain(numbers)
        .chain([Cell::text("twice identical").in_style(FAINT)])
        .collect()
}

pub(super) fn row(result: &CaseResult) -> Vec<Cell> {
    let held = if result.held {
        Cell::text("✓ yes").in_style(GOOD)
    } else {
        Cell::text("✗ no").in_style(BAD)
    };
    let mut row = vec![Cell::text(&result.name), held];
    let Some(verdict) = result.verdict() else {
        row.push(Cell::text("did not run").in_style(WARN));
        return row;
    };
    row.push(verdict_cell(verdict, result));
    match result.fuel_used() {
        Some(fuel) => row.extend([
            Cell::number(grouped(fuel)),
            Cell::number(share(fuel, result.fuel_limit)),
        ]),
        // After a trap the counter is not exact, so no number is told.
        None => row.extend([Cell::number("not exact"), Cell::number("–")]),
    }
    let memory = result.usage.memory_bytes;
    row.extend([
        Cell::number(mebibytes(memory)),
        Cell::number(share(memory, result.memory_limit_bytes)),
    ]);
    row.push(if result.deterministic {
        Cell::text("yes")
    } else {
        Cell::text("NO").in_style(BAD)
    });
    row
}

fn verdict_cell(verdict: Verdict, result: &CaseResult) -> Cell {
    match result.fault() {
        Some(fault) => Cell::text(fault).in_style(WARN),
        None => Cell::text(verdict.as_str()),
    }
}

/// What there is to say of a case below the table.
pub(super) fn remarks(result: &CaseResult) -> Vec<String> {
    let mut lines = Vec::new();
    if !result.held || !result.warnings.is_empty() {
        let sign = if result.held {
            paint(WARN, "!")
        } else {
            paint(BAD, "✗")
        };
        lines.extend([String::new(), format!("{sign} {}", one_line(&result.name))]);
    }
    if !result.held {
        lines.push(format!("  expected: {}", result.kind.promise()));
        lines.extend(
            result
                .problems
                .iter()
                .map(|problem| format!("  {} {}", paint(BAD, "problem:"), message(problem))),
        );
    }
    lines.extend(
        result
            .warnings
            .iter()
            .map(|warning| format!("  {} {warning}", paint(WARN, "warning:"))),
    );
    if !result.held {
        lines.extend(log(&result.log));
    }
    lines
}

/// The end of a log, which is where the trouble is.
fn log(log: &[LogLine]) -> Vec<String> {
    let skipped = log.len().saturating_sub(LOG_SHOWN);
    let mut lines = Vec::new();
    if skipped > 0 {
        lines.push(format!(
            "  {}",
            paint(
                FAINT,
                format!("log: {skipped} lines before these; --output json has them")
            )
        ));
    }
    lines.extend(log.iter().skip(skipped).map(|line| {
        let sign = paint(FAINT, format!("log {}:", level(line)));
        format!("  {sign} {}", within(&line.text, LOG_LINE_BYTES))
    }));
    lines
}

fn level(line: &LogLine) -> String {
    format!("{:?}", line.level).to_lowercase()
}

pub(super) fn case_json(result: &CaseResult) -> Value {
    let log: Vec<_> = result
        .log
        .iter()
        .map(|line| json!({ "level": level(line), "text": line.text }))
        .collect();
    json!({
        "name": result.name,
        "kind": result.kind.as_str(),
        "held": result.held,
        "verdict": result.verdict().map(Verdict::as_str),
        "fault": result.fault().map(|fault| fault.as_str()),
        "fuel_used": result.fuel_used(),
        "fuel_limit": result.fuel_limit,
        "memory_peak_bytes": result.usage.memory_bytes,
        "memory_limit_bytes": result.memory_limit_bytes,
        "deterministic": result.deterministic,
        "problems": result.problems,
        "warnings": result.warnings,
        "log": log,
    })
}

/// A share in per cent with one place, rounded up: nothing looks further from its limit than it is.
fn share(part: u64, whole: u64) -> String {
    let tenths = (u128::from(part) * 1_000).div_ceil(u128::from(whole.max(1)));
    format!("{}.{} %", tenths / 10, tenths % 10)
}

/// Bytes in MiB with one place, rounded up.
fn mebibytes(bytes: u64) -> String {
    let tenths = (u128::from(bytes) * 10).div_ceil(1 << 20);
    format!("{}.{} MiB", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::{mebibytes, share};

    #[test]
    fn shares_and_sizes_are_rounded_up() {
        assert_eq!(share(0, 100), "0.0 %");
        assert_eq!(share(1, 1_000_000), "0.1 %");
        assert_eq!(share(1, 3), "33.4 %");
        assert_eq!(share(u64::MAX, u64::MAX), "100.0 %");
        assert_eq!(share(5, 0), "500.0 %");
        assert_eq!(mebibytes(4 << 20), "4.0 MiB");
        assert_eq!(mebibytes((4 << 20) + 1), "4.1 MiB");
    }
}

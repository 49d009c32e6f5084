//! A judgement as text: what failed, where and why.

use std::fmt::Write;

use anstyle::Style;
use proofmark_criteria::document::{Criteria, Criterion};
use proofmark_criteria::record::{CriterionResult, Run, RunCode, RunResult};
use proofmark_criteria::report::{Check, Finding, Location, Severity, Status};
use proofmark_criteria::verdict::Verdict;
use proofmark_engine::judge::{Judgement, RunNotes};

use super::foreign::{message, one_line, within};
use super::number::{duration, grouped, percent};
use crate::printer::{BAD, FAINT, GOOD, WARN, paint};

/// How much is shown; the record has everything.
#[derive(Clone, Copy)]
pub(crate) struct Detail {
    /// Findings of each check.
    pub(crate) findings: usize,
    /// Checks that pass.
    pub(crate) passed_checks: bool,
}

/// The whole judgement, with the digests that identify it.
pub(crate) fn text(judgement: &Judgement, criteria: &Criteria) -> String {
    let mut out = story(
        judgement,
        criteria,
        Detail {
            findings: 5,
            passed_checks: true,
        },
    );
    out.push('\n');
    out.push_str(&identity(judgement));
    out
}

/// What was found, without the digests.
pub(crate) fn story(judgement: &Judgement, criteria: &Criteria, detail: Detail) -> String {
    let document = judgement.record.document();
    let mut out = headline(&document.result, criteria.name());
    let parts = document
        .result
        .criteria
        .iter()
        .zip(&document.execution.runs);
    for ((result, run), (criterion, notes)) in
        parts.zip(criteria.criteria().iter().zip(&judgement.runs))
    {
        out.push_str(&part(result, run, criterion, notes, detail));
    }
    out
}

fn identity(judgement: &Judgement) -> String {
    let document = judgement.record.document();
    let mut out = String::new();
    for (word, digest) in [
        ("criteria", document.criteria.digest),
        ("submission", document.submission.digest),
        ("profile", document.execution.profile.digest),
        ("record", judgement.record.digest()),
    ] {
        line(&mut out, paint(FAINT, format!("{word:<10} {digest}")));
    }
    out
}

fn line(out: &mut String, text: impl std::fmt::Display) {
    writeln!(out, "{text}").expect("writing to a string cannot fail");
}

fn headline(result: &RunResult, name: &str) -> String {
    let mut out = String::new();
    let score = match (result.score, result.threshold) {
        (Some(score), Some(threshold)) => {
            format!(
                "   score {}, threshold {}",
                percent(score),
                percent(threshold)
            )
        }
        (Some(score), None) => format!("   score {}", percent(score)),
        _ => String::new(),
    };
    let name = one_line(name);
    line(&mut out, format!("{}  {name}{score}", word(result.verdict)));
    out
}

/// A verdict as a word.
pub(crate) fn plain(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "PASS",
        Verdict::Fail => "FAIL",
        Verdict::Inconclusive => "INCONCLUSIVE",
    }
}

/// The same in its colour.
pub(crate) fn word(verdict: Verdict) -> String {
    let style = match verdict {
        Verdict::Pass => GOOD,
        Verdict::Fail => BAD,
        Verdict::Inconclusive => WARN,
    };
    paint(style, plain(verdict))
}

fn status_style(status: Status) -> (Style, &'static str) {
    match status {
        Status::Pass => (GOOD, "pass"),
        Status::Fail => (BAD, "fail"),
        Status::Inconclusive => (WARN, "open"),
    }
}

fn part(
    result: &CriterionResult,
    run: &Run,
    criterion: &Criterion,
    notes: &RunNotes,
    detail: Detail,
) -> String {
    let mut out = String::new();
    let role = match (result.required, result.weight) {
        (true, 0) => "required".to_owned(),
        (true, weight) => format!("required, weight {weight}"),
        (false, weight) => format!("weight {weight}"),
    };
    let validator = &criterion.validator;
    let validator = one_line(&format!("{} {}", validator.name, validator.version));
    line(
        &mut out,
        format!(
            "\n{}  {} ({validator}, {role})",
            word(result.status),
            one_line(&result.name)
        ),
    );
    if let Some(fault) = &result.fault {
        let owner = fault.owner().as_str();
        line(
            &mut out,
            format!(
                "  no report: {} [{}, {owner}'s]",
                fault.code.meaning(),
                fault.code
            ),
        );
    }
    if let Some(refusal) = &result.refusal {
        line(&mut out, format!("  it says: {}", message(refusal)));
    }
    for check in result
        .checks
        .iter()
        .filter(|check| detail.passed_checks || check.status != Status::Pass)
    {
        out.push_str(&check_text(check, detail));
    }
    line(&mut out, paint(FAINT, format!("  {}", cost(run, notes))));
    out
}

fn check_text(check: &Check, detail: Detail) -> String {
    let mut out = String::new();
    let (style, word) = status_style(check.status);
    line(
        &mut out,
        format!(
            "  {} {:<14} {}",
            paint(style, word),
            one_line(&check.id),
            message(&check.summary)
        ),
    );
    for finding in check.findings.iter().take(detail.findings) {
        out.push_str(&finding_text(finding));
    }
    let shown = check.findings.len().min(detail.findings) as u64;
    if check.findings_total > shown {
        line(
            &mut out,
            format!("       … and {} more", check.findings_total - shown),
        );
    }
    out
}

fn finding_text(finding: &Finding) -> String {
    let mut out = String::new();
    let severity = match finding.severity {
        Severity::Info => "info",
        Severity::Minor => "minor",
        Severity::Major => "major",
        Severity::Critical => "critical",
    };
    let place = finding.location.as_ref().map(place).unwrap_or_default();
    line(
        &mut out,
        format!(
            "       {severity} {}: {place}{}",
            one_line(&finding.code),
            message(&finding.message)
        ),
    );
    if let Some(expected) = &finding.expected {
        line(&mut out, format!("         expected {}", message(expected)));
    }
    if let Some(actual) = &finding.actual {
        line(&mut out, format!("         found    {}", message(actual)));
    }
    out
}

fn place(location: &Location) -> String {
    let mut text = one_line(&location.artifact);
    let coordinates = [
        location.line.map(|line| format!("line {line}")),
        location
            .record_number
            .map(|record| format!("record {record}")),
        location
            .pointer
            .as_ref()
            .filter(|pointer| !pointer.is_empty())
            .map(|pointer| format!("at {}", one_line(pointer))),
        location
            .range
            .filter(|_| location.line.is_none())
            .map(|range| format!("byte {}", range.offset)),
    ];
    for coordinate in coordinates.into_iter().flatten() {
        text.push_str(", ");
        text.push_str(&coordinate);
    }
    text.push_str(": ");
    text
}

fn cost(run: &Run, notes: &RunNotes) -> String {
    let fuel = match (run.fuel_used, run.end) {
        (Some(used), _) => format!("fuel {} of {}", grouped(used), grouped(run.fuel_limit)),
        (None, RunCode::Returned | RunCode::Fault(_)) => {
            format!("fuel not exact, limit {}", grouped(run.fuel_limit))
        }
    };
    let memory = format!("memory {} KiB", grouped(notes.usage.memory_bytes >> 10));
    format!(
        "{fuel}, {memory}, prepared in {}, ran {}",
        duration(notes.prepare_time),
        duration(notes.run_time)
    )
}

/// What the validators logged, each entry with its criterion. A log is as foreign as a report.
pub(crate) fn logs(judgement: &Judgement) -> Vec<String> {
    let mut lines = Vec::new();
    for run in &judgement.runs {
        for entry in &run.log {
            let text = within(&entry.text, usize::MAX);
            lines.push(format!("{} {:?}: {text}", run.criterion, entry.level));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORGED: &str = "so\nPASS  all\n  pass rows\u{1b}[2J";

    #[test]
    fn no_line_of_a_check_can_be_forged() {
        let text = || FORGED.to_owned();
        let finding = Finding {
            code: text(),
            severity: Severity::Info,
            message: text(),
            location: Some(Location {
                artifact: text(),
                range: None,
                line: None,
                record_number: None,
                pointer: Some(text()),
            }),
            expected: Some(text()),
            actual: Some(text()),
        };
        let check = Check {
            id: text(),
            status: Status::Fail,
            score: None,
            examined: 0,
            matched: 0,
            summary: text(),
            findings: vec![finding],
            findings_total: 1,
        };
        let detail = Detail {
            findings: 1,
            passed_checks: true,
        };
        let shown = check_text(&check, detail);
        let shown = anstream::adapter::strip_str(&shown).to_string();
        let ours = [
            "  fail",
            "       info",
            "         expected",
            "         found",
        ];
        for line in shown.lines() {
            let foreign = line.starts_with("            ");
            assert!(
                foreign || ours.iter().any(|start| line.starts_with(start)),
                "{line}"
            );
        }
        assert!(!shown.contains('\u{1b}'), "{shown:?}");
    }
}

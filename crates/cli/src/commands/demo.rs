//! `proofmark demo`: the examples, judged as `proofmark check` judges.

use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};
use proofmark_criteria::record::RecordDocument;
use proofmark_criteria::verdict::Verdict;
use proofmark_engine::Engine;
use proofmark_engine::judge::Judgement;
use serde_json::{Value, json};

use super::check::{judge_with_progress, read_criteria, record_json};
use super::{Outcome, submission};
use crate::args::Global;
use crate::blobs::Blobs;
use crate::failure::{Exit, Failure};
use crate::printer::{FAINT, Printer, paint};
use crate::render::number::{duration, grouped, percent};
use crate::{render, setup};

/// The examples of this repository, so that the demo runs from anywhere.
static EXAMPLES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../examples");

/// One piece of work, and the verdict that its README promises.
pub(super) struct Case {
    /// Folder of the example.
    pub example: &'static str,
    /// Folder below `submissions`.
    pub submission: &'static str,
    /// What it is.
    pub what: &'static str,
    /// What must come out.
    pub expected: Verdict,
}

/// Every submission of every example.
pub(super) const CASES: &[Case] = &[
    Case {
        example: "diagnosis",
        submission: "good",
        what: "a real classifier's predictions",
        expected: Verdict::Pass,
    },
    Case {
        example: "diagnosis",
        submission: "degraded",
        what: "the same model, trained on twelve shuffled rows",
        expected: Verdict::Fail,
    },
    Case {
        example: "diagnosis",
        submission: "incomplete",
        what: "the good one with answers missing, twice and made up",
        expected: Verdict::Fail,
    },
    Case {
        example: "service",
        submission: "within-grade",
        what: "a minute of a real HTTP server",
        expected: Verdict::Pass,
    },
    Case {
        example: "service",
        submission: "outside-grade",
        what: "the same server, overloaded",
        expected: Verdict::Fail,
    },
    Case {
        example: "quotations",
        submission: "honest",
        what: "an essay that quotes faithfully",
        expected: Verdict::Pass,
    },
    Case {
        example: "quotations",
        submission: "invented",
        what: "the essay with an invented quotation and source",
        expected: Verdict::Fail,
    },
];

pub(super) fn run(global: &Global, printer: &Printer) -> Outcome {
    let folder = extract()?;
    let engine = setup::engine(global, printer)?;
    if !printer.is_json() {
        printer.line(introduction(&engine)?);
    }
    let mut rows = Vec::new();
    for case in CASES {
        let judgement = judge(&engine, case, folder.path())?;
        if !printer.is_json() {
            printer.line(story(case, &judgement.0, &judgement.1));
        }
        rows.push((case, judgement.0));
    }
    let surprises = rows
        .iter()
        .filter(|(case, judgement)| verdict(judgement) != case.expected)
        .count();
    printer.data(
        || table(&rows, surprises),
        || {
            json!(
                rows.iter()
                    .map(|(case, row)| to_json(case, row))
                    .collect::<Vec<_>>()
            )
        },
    );
    Ok(if surprises == 0 {
        Exit::Done
    } else {
        Exit::Negative
    })
}

/// The examples as files: what is judged are files, as it would be anywhere.
fn extract() -> Result<tempfile::TempDir, Failure> {
    let failed = |error: std::io::Error| Failure::unwritable(&std::env::temp_dir(), &error);
    let folder = tempfile::Builder::new()
        .prefix("proofmark-demo-")
        .tempdir()
        .map_err(failed)?;
    EXAMPLES.extract(folder.path()).map_err(failed)?;
    Ok(folder)
}

const NEXT: &str = "\
The whole of one: proofmark check examples/service/criteria.json examples/service/submissions/outside-grade
Its record is the same bytes on every machine: add --record record.json, and compare `sha256sum record.json`.";

type Judged = (Judgement, proofmark_criteria::document::Criteria);

fn judge(engine: &Engine, case: &Case, root: &Path) -> Result<Judged, Failure> {
    let example = root.join(case.example);
    let document: PathBuf = example.join("criteria.json");
    let criteria = read_criteria(&document)?;
    let work = submission::read(&example.join("submissions").join(case.submission), None)?;
    let judgement = judge_with_progress(engine, &criteria, &work, &Blobs::around(&document, &[]))?;
    Ok((judgement, criteria))
}

fn introduction(engine: &Engine) -> Result<String, Failure> {
    let report = engine.isolation_report()?;
    let isolation = if report.measures.is_empty() {
        "off".to_owned()
    } else {
        report.to_string()
    };
    let profile = proofmark_engine::EngineProfile::current();
    Ok(format!(
        "Real work, judged by validators in WebAssembly.\n{}",
        paint(
            FAINT,
            format!(
                "engine profile {} {}\nisolation: {isolation}",
                profile.name(),
                profile.digest()
            )
        )
    ))
}

fn story(
    case: &Case,
    judgement: &Judgement,
    criteria: &proofmark_criteria::document::Criteria,
) -> String {
    let title = format!("── {} / {}: {} ", case.example, case.submission, case.what);
    let rule = "─".repeat(100_usize.saturating_sub(title.chars().count()));
    let detail = render::verdict::Detail {
        findings: 2,
        passed_checks: false,
    };
    format!(
        "\n{title}{rule}\n{}",
        render::verdict::story(judgement, criteria, detail).trim_end()
    )
}

fn document(judgement: &Judgement) -> &RecordDocument {
    judgement.record.document()
}

fn verdict(judgement: &Judgement) -> Verdict {
    document(judgement).result.verdict
}

fn fuel(judgement: &Judgement) -> u64 {
    document(judgement)
        .execution
        .runs
        .iter()
        .filter_map(|run| run.fuel_used)
        .sum()
}

fn table(rows: &[(&Case, Judgement)], surprises: usize) -> String {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(["work", "verdict", "score", "fuel", "ran", "record"]);
    for (case, judgement) in rows {
        let result = &document(judgement).result;
        let ran = judgement.runs.iter().map(|run| run.run_time).sum();
        let record: String = judgement.record.digest().hex().chars().take(16).collect();
        table.add_row([
            format!("{}/{}", case.example, case.submission),
            render::verdict::plain(result.verdict).to_owned(),
            result.score.map(percent).unwrap_or_default(),
            grouped(fuel(judgement)),
            duration(ran),
            record,
        ]);
    }
    let conclusion = match surprises {
        0 => format!(
            "\nEvery verdict is the one the examples promise: {} of {}.",
            rows.len(),
            rows.len()
        ),
        count => format!(
            "\n{count} of {} verdicts are not what the examples promise.",
            rows.len()
        ),
    };
    format!("\n{table}\n{conclusion}\n{NEXT}")
}

fn to_json(case: &Case, judgement: &Judgement) -> Value {
    json!({
        "example": case.example,
        "submission": case.submission,
        "expected": case.expected,
        "verdict": verdict(judgement),
        "record_digest": judgement.record.digest(),
        "record": record_json(&judgement.record),
        "run_us": judgement.runs.iter().map(|run| run.run_time.as_micros() as u64).sum::<u64>(),
    })
}

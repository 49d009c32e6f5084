//! `proofmark check`: criteria and work in, verdict out.

use std::path::Path;

use proofmark_core::canonical::ParseLimits;
use proofmark_criteria::document::Criteria;
use proofmark_criteria::record::VerdictRecord;
use proofmark_criteria::verdict::Verdict;
use proofmark_engine::Engine;
use proofmark_engine::intake::Submission;
use proofmark_engine::judge::{self, Judgement, Step};
use serde_json::json;

use super::{Outcome, read_document, submission};
use crate::args::{Check, Global};
use crate::blobs::Blobs;
use crate::failure::{Exit, Failure};
use crate::printer::Printer;
use crate::render::foreign::one_line;
use crate::{files, progress, render, setup};

pub(crate) fn run(check: &Check, global: &Global, printer: &Printer) -> Outcome {
    if let Some(path) = &check.record {
        // One record makes room for the next, and for nothing else.
        files::room_for(path, "--record", |old| VerdictRecord::parse(old).is_ok())?;
    }
    let criteria = read_criteria(&check.criteria)?;
    let submission = submission::read(&check.work, check.manifest.as_deref())?;
    let engine = setup::engine(global, printer)?;
    let blobs = Blobs::around(&check.criteria, &check.blobs);
    let judgement = judge_with_progress(&engine, &criteria, &submission, &blobs)?;
    if let Some(path) = &check.record {
        files::write_atomically(path, judgement.record.canonical_bytes())?;
    }
    printer.data(
        || render::verdict::text(&judgement, &criteria),
        || to_json(&judgement),
    );
    if check.log {
        render::verdict::logs(&judgement)
            .iter()
            .for_each(|line| printer.note(line));
    }
    Ok(exit(judgement.record.document().result.verdict))
}

/// The exit status that stands for a verdict.
pub(crate) fn exit(verdict: Verdict) -> Exit {
    match verdict {
        Verdict::Pass => Exit::Done,
        Verdict::Fail => Exit::Negative,
        Verdict::Inconclusive => Exit::Unavailable,
    }
}

/// Read a frozen criteria document.
pub(crate) fn read_criteria(path: &Path) -> Result<Criteria, Failure> {
    if path.is_dir() {
        let why = format!("{} is a directory", path.display());
        let hint = format!(
            "name the document: {}",
            path.join("criteria.json").display()
        );
        return Err(Failure::input("not-a-file", why, hint));
    }
    let bytes = read_document(path, ParseLimits::DOCUMENT.max_bytes)?;
    Criteria::parse(&bytes).map_err(|problems| {
        let failure = Failure::from(problems).about(path.display());
        match path.extension().is_some_and(|suffix| suffix == "toml") {
            true => Failure::input(
                "not-locked",
                "this is a document as it was written, not a frozen one",
                format!(
                    "freeze it first: proofmark criteria lock {}",
                    path.display()
                ),
            )
            .about(path.display()),
            false => failure,
        }
    })
}

/// Judge, and show on a terminal how far it has come.
pub(crate) fn judge_with_progress(
    engine: &Engine,
    criteria: &Criteria,
    submission: &Submission,
    blobs: &Blobs,
) -> Result<Judgement, Failure> {
    let bar = progress::steps(criteria.criteria().len() as u64);
    let tell = |what: &str, name: &str| bar.set_message(format!("{what} {}", one_line(name)));
    let judgement = judge::judge(engine, criteria, submission, blobs, &|step| match step {
        Step::Preparing(name) => tell("preparing", name),
        Step::Evaluating(name) => {
            bar.inc(1);
            tell("evaluating", name);
        }
    });
    bar.finish_and_clear();
    Ok(judgement?)
}

/// The record as it is signed: members that are absent stay absent.
pub(crate) fn record_json(record: &VerdictRecord) -> serde_json::Value {
    serde_json::from_slice(record.canonical_bytes()).expect("a record is JSON")
}

fn to_json(judgement: &Judgement) -> serde_json::Value {
    let record = &judgement.record;
    let runs: Vec<_> = judgement
        .runs
        .iter()
        .map(|run| {
            json!({
                "criterion": run.criterion,
                "prepare_us": run.prepare_time.as_micros() as u64,
                "run_us": run.run_time.as_micros() as u64,
                "memory_bytes": run.usage.memory_bytes,
                "read_bytes": run.usage.read_bytes,
                "log": run.log.iter().map(|line| line.text.as_str()).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({
        "verdict": record.document().result.verdict,
        "record_digest": record.digest(),
        "outcome_digest": record.outcome_digest(),
        "record": record_json(record),
        "runs": runs,
    })
}

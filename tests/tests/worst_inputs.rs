//! No supplier can keep a verdict from a buyer: whatever is delivered, the ready-made validators end
//! within the default limits and say fail. Otherwise bad work would end as inconclusive, which nobody
//! pays for.
//!
//! The table of what the worst inputs cost, which the validators' READMEs quote:
//! `cargo test --release -p proofmark-tests --test worst_inputs -- --nocapture`.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use proofmark_criteria::Limits;
use proofmark_criteria::record::RunEnd;
use proofmark_criteria::report::Status;
use proofmark_criteria::schema::ParamsAnswer;
use proofmark_engine::{Admission, Engine, FileSet, Isolation, Job, Prepared};
use proofmark_tests::setup;
use proofmark_validators::READY_MADE;

mod worst_inputs {
    pub(super) mod claim_decision;
    pub(super) mod classification;
    pub(super) mod code_change;
    pub(super) mod json_schema;
    pub(super) mod later_events;
    pub(super) mod program_tests;
    pub(super) mod quotations;
    pub(super) mod service_level;
    pub(super) mod support_ticket;
}

/// Compiles them.
const WORKER: &str = env!("CARGO_BIN_EXE_escaping-worker");

/// Work that nobody should be paid for, made to be dear to judge.
struct Input {
    name: &'static str,
    /// Parameters in JSON.
    params: String,
    submission: Vec<(&'static str, Vec<u8>)>,
    reference: Vec<(&'static str, String)>,
}

fn files(of: &[(&'static str, impl AsRef<[u8]>)]) -> Arc<FileSet> {
    let files = of.iter().map(|(name, content)| (*name, content.as_ref()));
    Arc::new(FileSet::from_memory(files))
}

/// A line of the table, and whether the input is judged, and fails.
fn judged(engine: &Engine, validator: &Prepared, input: &Input) -> (String, bool) {
    let asked = engine.check_params(validator, &input.params);
    let ParamsAnswer::AskFor(checks) = asked.expect("the validator answers") else {
        panic!("{}: its parameters are refused", input.name);
    };
    let job = Job {
        checks,
        params: input.params.clone(),
        limits: Limits::default(),
        submission: files(&input.submission),
        reference: files(&input.reference),
    };
    let evaluation = engine.evaluate(validator, &job).expect("no host fault");
    let fails = match &evaluation.outcome.end {
        RunEnd::Reported(report) => report.checks().iter().any(|it| it.status == Status::Fail),
        _ => false,
    };
    let bytes = job.submission.size_bytes() + job.reference.size_bytes();
    let fuel = evaluation.outcome.fuel_used.unwrap_or_default();
    let line = format!(
        "{:<44} {:>11} {:>9.1} {:>7.1} % {:>7.1} MiB{}",
        input.name,
        bytes,
        fuel as f64 / bytes as f64,
        fuel as f64 * 100.0 / evaluation.outcome.fuel_limit as f64,
        evaluation.usage.memory_bytes as f64 / f64::from(1 << 20),
        if fails { "" } else { "  does not fail" },
    );
    (line, fails)
}

fn judge_all(name: &str, inputs: &[Input]) {
    let mut options = setup::options(WORKER, Isolation::None);
    // Compiled once for all runs of these tests, as the command line does.
    options.cache = Some(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("worst-inputs"));
    let engine = Engine::new(options).expect("an engine can be made here");
    let ready = READY_MADE.iter().find(|it| it.name == name);
    let component = ready.expect("it is there").component;
    let validator = engine
        .prepare(component, Admission::Published)
        .expect("it is a validator");
    let mut table = format!(
        "\n{name:<44} {:>11} {:>9} {:>9} {:>11}\n",
        "bytes", "fuel/byte", "of limit", "memory"
    );
    let mut all_fail = true;
    for input in inputs {
        let (line, fails) = judged(&engine, &validator, input);
        all_fail &= fails;
        writeln!(table, "{line}").expect("text can be written");
    }
    println!("{table}");
    assert!(all_fail, "{table}");
}

#[test]
fn classification() {
    judge_all("classification", &worst_inputs::classification::inputs());
}

#[test]
fn claim_decision() {
    judge_all("claim-decision", &worst_inputs::claim_decision::inputs());
}

#[test]
fn quotations() {
    judge_all("quotations", &worst_inputs::quotations::inputs());
}

#[test]
fn program_tests() {
    judge_all("program-tests", &worst_inputs::program_tests::inputs());
}

#[test]
fn code_change() {
    judge_all("code-change", &worst_inputs::code_change::inputs());
}

#[test]
fn later_events() {
    judge_all("later-events", &worst_inputs::later_events::inputs());
}

#[test]
fn support_ticket() {
    judge_all("support-ticket", &worst_inputs::support_ticket::inputs());
}

#[test]
fn json_schema() {
    judge_all("json-schema", &worst_inputs::json_schema::inputs());
}

#[test]
fn service_level() {
    judge_all("service-level", &worst_inputs::service_level::inputs());
}

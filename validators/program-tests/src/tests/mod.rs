//! Fixtures and details.

mod attacks;
mod buyers;
mod fixtures;
mod interpreter;

use crate::ProgramTests;
use proofmark_validator_sdk::testing::{Fixture, interpret_programs_with};
use proofmark_validator_sdk::{Refusal, Report, Status};
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// The text of a program, and the module of a text.
fn source(name: &str) -> String {
    let path = folder().join("programs").join(format!("{name}.wat"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn module(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("the text is WebAssembly")
}

/// A text with one part changed, which must be there.
fn changed(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "there is no {from}");
    text.replacen(from, to, 1)
}

const CASES: &str = r#"{"name": "two", "stdin": "2 3\n", "stdout": "5\n"}
{"name": "below nothing", "stdin": "-7 2", "stdout": "-5\n"}
"#;

const CLOSED: &str = r#"{"stdin": "1000000000000 1", "stdout": "1000000000001\n"}
{"stdin": "", "stdout": "0\n"}
"#;

/// What is said of a program, with cases and closed cases of sums.
fn judge(program: &[u8], params: &str) -> Result<Report, Refusal> {
    interpret_programs_with(interpreter::load);
    Fixture::new()
        .submission("program.wasm", program)
        .reference("cases.jsonl", CASES)
        .reference("closed.jsonl", CLOSED)
        .evaluate::<ProgramTests>(params)
}

const BOTH: &str = r#"{"closed_cases": "closed.jsonl", "program_bytes_max": 20000}"#;

fn statuses(report: &Report) -> Vec<Status> {
    report.checks.iter().map(|check| check.status).collect()
}

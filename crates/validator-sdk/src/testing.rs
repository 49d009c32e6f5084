//! An in-memory host for unit tests outside WebAssembly.
//!
//! ```no_run
//! # use proofmark_validator_sdk::{testing::Fixture, Validator};
//! # fn test<MyValidator: Validator>() {
//! let report = Fixture::new()
//!     .submission("answer.json", r#"{"a":1}"#)
//!     .reference("schema.json", "{}")
//!     .evaluate::<MyValidator>(r#"{"artifact":"answer.json"}"#)
//!     .expect("the report");
//! # }
//! ```

use crate::bindings::proofmark::validator::types::{Check, Refusal, Report, Status};
use crate::host::Origin;
#[cfg(feature = "program")]
use crate::host::native::program;
#[cfg(feature = "program")]
pub use crate::host::native::program::{Interpreter, Runnable};
use crate::host::native::{World, replace};
use crate::log::Level;
use crate::validator::{self, Validator};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The files that one evaluation sees.
#[derive(Default)]
pub struct Fixture {
    world: World,
}

impl Fixture {
    /// No files.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an artifact.
    pub fn submission(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.with(Origin::Submission, path, content.as_ref())
    }

    /// Adds a reference file.
    pub fn reference(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        self.with(Origin::Reference, name, content.as_ref())
    }

    /// All files below `submission` and `references` of a fixture's directory.
    pub fn from_dir(dir: &Path) -> Self {
        let mut fixture = Self::new();
        for (origin, name) in [
            (Origin::Submission, "submission"),
            (Origin::Reference, "references"),
        ] {
            for (path, content) in files_below(&dir.join(name)) {
                fixture = fixture.with(origin, &path, &content);
            }
        }
        fixture
    }

    /// Runs `evaluate` of the contract.
    pub fn evaluate<V: Validator>(self, params: &str) -> Result<Report, Refusal> {
        self.run(|| validator::evaluate::<V>(params)).0
    }

    /// Runs anything that reads files, and returns what it logged.
    pub fn run<T>(self, judge: impl FnOnce() -> T) -> (T, Vec<(Level, String)>) {
        let before = replace(self.world);
        let result = judge();
        (result, replace(before).log)
    }

    fn with(mut self, origin: Origin, path: &str, content: &[u8]) -> Self {
        self.world
            .files
            .insert((origin, path.to_owned()), content.into());
        self
    }
}

/// Who runs the programs of this thread's validators: outside of the engine the SDK has no interpreter of its own.
#[cfg(feature = "program")]
pub fn interpret_programs_with(interpreter: Interpreter) {
    program::interpret_with(interpreter);
}

/// What a fixture promises (`expect.json`).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// Status by check id; every check that the parameters ask for is named.
    pub checks: BTreeMap<String, String>,
    /// Finding codes that must occur.
    #[serde(default)]
    pub codes: BTreeSet<String>,
}

/// Runs every case below `fixtures/accept`, `fixtures/reject` and `fixtures/undecided` and compares it with its
/// `expect.json`. Returns the finding codes that occurred.
///
/// # Panics
/// When a case does not do what it promises: an accept case passes every check, a reject case fails one, an undecided case
/// does neither. There must be some of the first two kinds.
pub fn assert_fixtures<V: Validator>(fixtures: &Path) -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    for kind in ["accept", "reject", "undecided"] {
        let cases = children(&fixtures.join(kind));
        assert!(
            !cases.is_empty() || kind == "undecided",
            "no case in {}",
            fixtures.join(kind).display()
        );
        for case in cases {
            let report = run_case::<V>(&case);
            assert_eq!(decided(&report), kind, "{}: {report:#?}", case.display());
            codes.extend(codes_of(&report));
        }
    }
    codes
}

/// The kind of case that a report is of.
fn decided(report: &Report) -> &'static str {
    let is = |status| move |check: &Check| check.status == status;
    match report.checks.as_slice() {
        checks if checks.iter().all(is(Status::Pass)) => "accept",
        checks if checks.iter().any(is(Status::Fail)) => "reject",
        _ => "undecided",
    }
}

/// Runs one case and compares it with its `expect.json`.
///
/// # Panics
/// When it does not do what it promises.
pub fn run_case<V: Validator>(case: &Path) -> Report {
    let name = case.display();
    let params = String::from_utf8(content(&case.join("params.json"))).expect("UTF-8 parameters");
    let expect: Expectation = serde_json::from_slice(&content(&case.join("expect.json")))
        .unwrap_or_else(|error| panic!("{name}/expect.json: {error}"));
    let report = Fixture::from_dir(case)
        .evaluate::<V>(&params)
        .unwrap_or_else(|refusal| panic!("{name}: {refusal:?}"));
    let statuses: BTreeMap<String, String> = report
        .checks
        .iter()
        .map(|check| (check.id.clone(), word(check.status)))
        .collect();
    assert_eq!(statuses, expect.checks, "{name}: {report:#?}");
    let missing: Vec<_> = expect
        .codes
        .difference(&codes_of(&report))
        .cloned()
        .collect();
    assert!(
        missing.is_empty(),
        "{name}: no finding {missing:?} in {report:#?}"
    );
    report
}

/// The codes of all findings of a report.
pub fn codes_of(report: &Report) -> BTreeSet<String> {
    let findings = report.checks.iter().flat_map(|check| &check.findings);
    findings.map(|finding| finding.code.clone()).collect()
}

/// The word for a status in `expect.json`.
fn word(status: Status) -> String {
    match status {
        Status::Pass => "pass",
        Status::Fail => "fail",
        Status::Inconclusive => "inconclusive",
    }
    .to_owned()
}

fn content(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What is directly in a directory, in order; nothing if it does not exist.
fn children(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten();
    let mut children: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    children.sort();
    children
}

/// All files below a directory, by their relative path with `/`.
fn files_below(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let mut pending = children(dir);
    while let Some(path) = pending.pop() {
        if path.is_dir() {
            pending.extend(children(&path));
        } else if path.file_name().is_some_and(|name| name != ".gitkeep") {
            let relative = path.strip_prefix(dir).unwrap_or(&path).components();
            let parts: Vec<_> = relative
                .map(|part| part.as_os_str().to_string_lossy().into_owned())
                .collect();
            files.push((parts.join("/"), content(&path)));
        }
    }
    files
}

//! One and the same record, byte for byte, fuel included: in fresh processes, in both isolation modes, at
//! both optimisation levels of the compiler.
//!
//! The large version: `PROOFMARK_DETERMINISM_RUNS=1000 cargo test -p proofmark-tests --test determinism`.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use proofmark_tests::setup;

const PROOFMARK: &str = env!("CARGO_BIN_EXE_proofmark-under-test");

/// Fresh processes in the small version, in turns of the four ways.
const RUNS: usize = 100;

fn runs() -> usize {
    let asked = std::env::var("PROOFMARK_DETERMINISM_RUNS").ok();
    asked.and_then(|runs| runs.parse().ok()).unwrap_or(RUNS)
}

const WAYS: [[&str; 4]; 4] = [
    ["--isolation", "process", "--opt-level", "speed"],
    ["--isolation", "process", "--opt-level", "none"],
    ["--isolation", "none", "--opt-level", "speed"],
    ["--isolation", "none", "--opt-level", "none"],
];

/// The record that one fresh process writes.
fn record(example: &str, work: &str, way: &[&str], cache: &Path) -> Vec<u8> {
    let folder = setup::root().join("examples").join(example);
    let file = tempfile::NamedTempFile::new().expect("a file");
    let output = Command::new(PROOFMARK)
        .arg("check")
        .arg(folder.join("criteria.json"))
        .arg(folder.join("submissions").join(work))
        .arg("--record")
        .arg(file.path())
        .arg("--cache")
        .arg(cache)
        .args(way)
        // Another environment each time must not matter either.
        .env("SOMETHING_ELSE", file.path())
        .output()
        .expect("the binary runs");
    assert!(
        output.status.code().is_some_and(|code| code <= 1),
        "{output:?}"
    );
    std::fs::read(file.path()).expect("the record was written")
}

#[test]
fn fresh_processes_write_the_same_bytes() {
    let cache = tempfile::tempdir().expect("a directory");
    let mut seen = BTreeSet::new();
    for run in 0..runs() {
        seen.insert(record(
            "quotations",
            "invented",
            &WAYS[run % WAYS.len()],
            cache.path(),
        ));
    }
    assert_eq!(
        seen.len(),
        1,
        "{} different records in {} runs",
        seen.len(),
        runs()
    );
    let record = seen.pop_first().expect("one record");
    assert!(
        String::from_utf8_lossy(&record).contains("\"fuelUsed\":"),
        "the fuel is part of it"
    );
}

#[test]
fn every_example_is_the_same_in_all_four_ways() {
    let cache = tempfile::tempdir().expect("a directory");
    for (example, work) in [
        ("diagnosis", "good"),
        ("diagnosis", "degraded"),
        ("diagnosis", "incomplete"),
        ("service", "within-grade"),
        ("service", "outside-grade"),
        ("quotations", "honest"),
        ("quotations", "invented"),
    ] {
        let records: BTreeSet<_> = WAYS
            .iter()
            .map(|way| record(example, work, way, cache.path()))
            .collect();
        assert_eq!(records.len(), 1, "{example}/{work}");
    }
}

#[test]
fn a_cold_and_a_warm_cache_give_the_same_record() {
    let warm = tempfile::tempdir().expect("a directory");
    let first = record("service", "within-grade", &WAYS[0], warm.path());
    assert_eq!(
        first,
        record("service", "within-grade", &WAYS[0], warm.path())
    );
    let cold = tempfile::tempdir().expect("a directory");
    assert_eq!(
        first,
        record("service", "within-grade", &WAYS[0], cold.path())
    );
}

//! Recorded verdicts, replayed byte for byte: every submission of every example, every fixture of every
//! ready-made validator. A change of engine, profile or toolchain that alters a verdict or its fuel is
//! seen here, and named.
//!
//! After a change that is meant: `PROOFMARK_BLESS=1 cargo test -p proofmark-tests --test corpus`, and read
//! the difference before committing it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use proofmark_tests::setup::root;
use proofmark_validators::READY_MADE;
use serde_json::{Map, Value, json};

const PROOFMARK: &str = env!("CARGO_BIN_EXE_proofmark-under-test");

/// Name of a record, and its bytes.
type Records = BTreeMap<String, Vec<u8>>;

fn proofmark(arguments: &[&str], cache: &Path) -> Output {
    Command::new(PROOFMARK)
        .args(arguments)
        .arg("--cache")
        .arg(cache)
        .output()
        .expect("the binary runs")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("paths of tests are UTF-8")
}

fn name(path: &Path) -> String {
    path.file_name()
        .expect("a path has a name")
        .display()
        .to_string()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let read = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut found: Vec<_> = read.flatten().map(|entry| entry.path()).collect();
    found.sort();
    found
}

/// Every file below a folder.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let found = entries(folder).into_iter();
    found
        .flat_map(|path| match path.is_dir() {
            true => files_below(&path),
            false => vec![path],
        })
        .collect()
}

fn folders(parent: &Path) -> Vec<PathBuf> {
    entries(parent)
        .into_iter()
        .filter(|path| path.is_dir())
        .collect()
}

/// The record that `proofmark check` writes.
fn check(criteria: &Path, work: &Path, scratch: &Path, cache: &Path) -> Vec<u8> {
    let record = scratch.join("record.json");
    // What an earlier example left there must not pass for this one's.
    if let Err(error) = fs::remove_file(&record) {
        assert_eq!(error.kind(), std::io::ErrorKind::NotFound, "{error}");
    }
    let output = proofmark(
        &[
            "check",
            text(criteria),
            text(work),
            "--record",
            text(&record),
        ],
        cache,
    );
    let told = String::from_utf8_lossy(&output.stderr);
    // The three that stand for a verdict.
    let code = output.status.code();
    assert!(
        matches!(code, Some(0 | 1 | 3)),
        "{}: status {code:?}: {told}",
        work.display()
    );
    fs::read(record).unwrap_or_else(|error| panic!("{}: {error}: {told}", work.display()))
}

/// Every submission of every example.
fn examples(cache: &Path) -> Records {
    let scratch = tempfile::tempdir().expect("a directory");
    let mut records = Records::new();
    for example in folders(&root().join("examples")) {
        for work in folders(&example.join("submissions")) {
            let record = check(&example.join("criteria.json"), &work, scratch.path(), cache);
            records.insert(
                format!("example-{}-{}", name(&example), name(&work)),
                record,
            );
        }
    }
    records
}

/// Every fixture of every ready-made validator, each as the one criterion of a document.
fn fixtures(cache: &Path) -> Records {
    let mut records = Records::new();
    for validator in READY_MADE {
        for kind in ["accept", "reject", "undecided"] {
            let folder = root()
                .join("validators")
                .join(validator.name)
                .join("fixtures")
                .join(kind);
            // Only few have cases that nobody can decide.
            let cases = if folder.is_dir() {
                folders(&folder)
            } else {
                Vec::new()
            };
            for case in cases {
                let record = fixture(validator.name, &case, cache);
                records.insert(
                    format!("fixture-{}-{kind}-{}", validator.name, name(&case)),
                    record,
                );
            }
        }
    }
    records
}

fn fixture(validator: &str, case: &Path, cache: &Path) -> Vec<u8> {
    let scratch = tempfile::tempdir().expect("a directory");
    let draft = scratch.path().join("draft.json");
    fs::write(&draft, draft_of(validator, case).to_string()).expect("the draft is written");
    let output = proofmark(&["criteria", "lock", text(&draft)], cache);
    assert!(
        output.status.success(),
        "{}: {}",
        case.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    check(
        &scratch.path().join("criteria.json"),
        &case.join("submission"),
        scratch.path(),
        cache,
    )
}

fn draft_of(validator: &str, case: &Path) -> Value {
    let params = fs::read(case.join("params.json")).expect("a case has parameters");
    let params: Value = serde_json::from_slice(&params).expect("parameters are JSON");
    let folder = case.join("references");
    let files = if folder.is_dir() {
        files_below(&folder)
    } else {
        Vec::new()
    };
    let reference = |file: &PathBuf| {
        let inside = file.strip_prefix(&folder).expect("it is below");
        (text(inside).to_owned(), json!({ "path": text(file) }))
    };
    let references: Map<_, _> = files.iter().map(reference).collect();
    let criterion = json!({
        "name": "fixture",
        "validator": { "builtin": validator },
        "params": params,
        "references": references,
    });
    json!({ "name": "corpus", "criteria": [criterion] })
}

/// What differs between two records, in words.
fn differences(recorded: &[u8], replayed: &[u8]) -> Vec<String> {
    let read = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).expect("a record is JSON");
    let (old, new) = (read(recorded), read(replayed));
    let mut found = Vec::new();
    for (what, pointer) in members() {
        let (old, new) = (old.pointer(&pointer), new.pointer(&pointer));
        if old != new {
            let show = |value: Option<&Value>| value.map_or("nothing".to_owned(), Value::to_string);
            found.push(format!(
                "{what}: recorded {:.120}, now {:.120}",
                show(old),
                show(new)
            ));
        }
    }
    if found.is_empty() {
        found.push("the bytes differ in a member that has no name here".to_owned());
    }
    found
}

/// The members of a record that are worth a name, the most important first.
fn members() -> Vec<(String, String)> {
    let mut members: Vec<(String, String)> = [
        ("THE VERDICT", "/result/verdict"),
        ("the score", "/result/score"),
        ("the engine profile", "/execution/profile/digest"),
        ("the criteria", "/criteria/digest"),
        ("the submission", "/submission/digest"),
    ]
    .map(|(what, pointer)| (what.to_owned(), pointer.to_owned()))
    .into();
    for index in 0..8 {
        for (what, pointer) in [
            (
                "the validator's bytes",
                format!("/result/criteria/{index}/validator"),
            ),
            ("the fault", format!("/result/criteria/{index}/fault")),
            ("the checks", format!("/result/criteria/{index}/checks")),
            ("THE FUEL", format!("/execution/runs/{index}/fuelUsed")),
            ("the log", format!("/execution/runs/{index}/logDigest")),
        ] {
            members.push((format!("{what} of criterion {index}"), pointer));
        }
    }
    members
}

#[test]
fn every_recorded_verdict_is_replayed_byte_for_byte() {
    let cache = tempfile::tempdir().expect("a directory");
    let corpus = root().join("tests/corpus");
    let mut replayed = examples(cache.path());
    replayed.append(&mut fixtures(cache.path()));
    if std::env::var_os("PROOFMARK_BLESS").is_some() {
        bless(&corpus, &replayed);
    }
    let mut complaints = Vec::new();
    for (name, record) in &replayed {
        match fs::read(corpus.join(format!("{name}.json"))) {
            Err(_) => complaints.push(format!("{name}: not in the corpus")),
            Ok(recorded) if recorded != *record => {
                complaints.extend(
                    differences(&recorded, record)
                        .iter()
                        .map(|what| format!("{name}: {what}")),
                );
            }
            Ok(_) => {}
        }
    }
    for file in entries(&corpus) {
        let name = file.file_stem().expect("a name").display().to_string();
        if !replayed.contains_key(&name) {
            complaints.push(format!("{name}: in the corpus, but nothing replays it"));
        }
    }
    assert!(
        complaints.is_empty(),
        "{} differences:\n{}",
        complaints.len(),
        complaints.join("\n")
    );
    println!("{} records replayed", replayed.len());
}

fn bless(corpus: &Path, records: &Records) {
    let _ = fs::remove_dir_all(corpus);
    fs::create_dir_all(corpus).expect("the corpus can be made");
    for (name, record) in records {
        fs::write(corpus.join(format!("{name}.json")), record).expect("a record is written");
    }
}

#[test]
fn a_difference_is_named() {
    let record = |verdict: &str, fuel: u64| {
        json!({ "result": { "verdict": verdict }, "execution": { "runs": [{ "fuelUsed": fuel }] } })
            .to_string()
    };
    let found = differences(record("pass", 1).as_bytes(), record("fail", 2).as_bytes());
    assert_eq!(found.len(), 2);
    assert_eq!(found[0], "THE VERDICT: recorded \"pass\", now \"fail\"");
    assert_eq!(found[1], "THE FUEL of criterion 0: recorded 1, now 2");
}

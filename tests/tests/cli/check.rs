//! `proofmark check` and `proofmark demo` on the examples: exit status, text, JSON and the record.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Mutex;

use proofmark_core::{Digest, canonical};
use proofmark_criteria::{Criteria, VerdictRecord};
use proofmark_tests::setup::root;
use serde_json::Value;

use super::program::{command, folder};
use super::run;
use super::transcript;

/// Every submission of every example, and the exit status that stands for its verdict.
const CASES: &[(&str, &str, i32)] = &[
    ("claim", "generous", 1),
    ("claim", "right", 0),
    ("code-change", "conflicted", 1),
    ("code-change", "good", 0),
    ("code-change", "outside", 1),
    ("code-change", "stale", 1),
    ("code-change", "untested", 1),
    ("code-change", "weakened", 1),
    ("diagnosis", "degraded", 1),
    ("diagnosis", "good", 0),
    ("diagnosis", "incomplete", 1),
    ("program", "right", 0),
    ("program", "short", 1),
    ("quotations", "honest", 0),
    ("quotations", "invented", 1),
    ("service", "outside-grade", 1),
    ("service", "within-grade", 0),
    ("support-ticket", "eager", 1),
    ("support-ticket", "keywords", 1),
    ("support-ticket", "resolved", 0),
];

/// Of these the demo shows so many: of each example the good work, and some of the other.
const SHOWN: usize = 15;

/// Criteria and work of an example. The criteria are frozen here from their source, so that only
/// `the_frozen_examples_are_those_of_their_sources` speaks when the published ones are stale.
fn paths(example: &str, submission: &str) -> (String, String) {
    static FROZEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let to = format!(
        concat!(env!("CARGO_TARGET_TMPDIR"), "/examples/{}/criteria.json"),
        example
    );
    let mut frozen = FROZEN.lock().expect("no test failed here");
    if frozen.insert(example.to_owned()) {
        fs::create_dir_all(Path::new(&to).parent().expect("it is in a folder"))
            .expect("a folder can be made");
        let source = format!("examples/{example}/criteria.toml");
        // An earlier run of the tests may have left another one.
        let ran = run(&["criteria", "lock", &source, "--to", &to, "--replace"]);
        assert_eq!(ran.code, 0, "{example}: {}", ran.err);
    }
    (to, format!("examples/{example}/submissions/{submission}"))
}

/// The digest after `word` at the start of a line.
fn said(text: &str, word: &str) -> String {
    let line = text.lines().find_map(|line| line.strip_prefix(word));
    line.unwrap_or_else(|| panic!("no line of {word} in {text}"))
        .trim()
        .to_owned()
}

#[test]
fn every_submission_of_every_example_has_a_row() {
    let mut found = Vec::new();
    for example in fs::read_dir(root().join("examples"))
        .expect("the examples")
        .flatten()
    {
        for work in fs::read_dir(example.path().join("submissions"))
            .into_iter()
            .flatten()
            .flatten()
        {
            found.push((
                example.file_name().into_string().expect("UTF-8"),
                work.file_name().into_string().expect("UTF-8"),
            ));
        }
    }
    found.sort();
    let rows = CASES
        .iter()
        .map(|(example, work, _)| ((*example).to_owned(), (*work).to_owned()));
    assert_eq!(found, rows.collect::<Vec<_>>());
}

#[test]
fn text_exit_status_and_record_agree() {
    let scratch = folder(&[]);
    for (example, submission, exit) in CASES {
        let (criteria, work) = paths(example, submission);
        let record = scratch.path().join(format!("{example}-{submission}.json"));
        let ran = run(&[
            "check",
            &criteria,
            &work,
            "--record",
            &record.display().to_string(),
        ]);
        assert_eq!(
            (ran.code, ran.err.as_str()),
            (*exit, ""),
            "{example} {submission}"
        );
        let bytes = fs::read(&record).expect("the record was written");
        assert_eq!(said(&ran.out, "record "), Digest::of(&bytes).to_string());
        let parsed = VerdictRecord::parse(&bytes).expect("the file is a record");
        let document = parsed.document();
        assert_eq!(
            said(&ran.out, "submission "),
            document.submission.digest.to_string()
        );
        assert_eq!(
            said(&ran.out, "profile "),
            document.execution.profile.digest.to_string()
        );
        let source = fs::read(root().join(&criteria)).expect("the criteria");
        let digest = Criteria::parse(&source)
            .expect("the criteria are in order")
            .digest();
        assert_eq!(
            (digest, said(&ran.out, "criteria ")),
            (document.criteria.digest, digest.to_string())
        );
        transcript::assert(&format!("check-{example}-{submission}"), &ran.out);
    }
}

#[test]
fn json_holds_the_very_record() {
    let scratch = folder(&[]);
    let mut shape = BTreeSet::new();
    for (example, submission, exit) in CASES {
        let (criteria, work) = paths(example, submission);
        let file = scratch.path().join(format!("{example}-{submission}.json"));
        let ran = run(&[
            "check",
            &criteria,
            &work,
            "--output",
            "json",
            "--record",
            &file.display().to_string(),
        ]);
        assert_eq!(
            (ran.code, ran.err.as_str()),
            (*exit, ""),
            "{example} {submission}"
        );
        let json = ran.json();
        let bytes = fs::read(&file).expect("the record was written");
        let printed =
            canonical::to_bytes(&json["record"]).expect("the record has a canonical form");
        assert_eq!(
            String::from_utf8_lossy(&printed),
            String::from_utf8_lossy(&bytes)
        );
        let parsed = VerdictRecord::parse(&bytes).expect("the file is a record");
        assert_eq!(json["record_digest"], Digest::of(&bytes).to_string());
        assert_eq!(json["outcome_digest"], parsed.outcome_digest().to_string());
        assert_eq!(json["verdict"], json["record"]["result"]["verdict"]);
        outline("", &json, &mut shape);
    }
    transcript::assert(
        "check-json-shape",
        &shape.into_iter().collect::<Vec<_>>().join("\n"),
    );
}

/// Every place of a document with the type of what stands there.
fn outline(place: &str, value: &Value, found: &mut BTreeSet<String>) {
    let kind = match value {
        Value::Object(members) => {
            members
                .iter()
                .for_each(|(name, member)| outline(&format!("{place}.{name}"), member, found));
            return;
        }
        Value::Array(items) => {
            items
                .iter()
                .for_each(|item| outline(&format!("{place}[]"), item, found));
            return;
        }
        Value::String(_) => "string",
        Value::Number(_) => "integer",
        Value::Bool(_) => "boolean",
        Value::Null => "null",
    };
    found.insert(format!("{place}: {kind}"));
}

#[test]
fn without_isolation_there_is_a_warning_and_the_same_record() {
    let (criteria, work) = paths("quotations", "invented");
    let isolated = run(&["check", &criteria, &work, "--output", "json"]);
    let open = run(&[
        "check",
        &criteria,
        &work,
        "--output",
        "json",
        "--isolation",
        "none",
    ]);
    assert_eq!((isolated.code, isolated.err.as_str()), (1, ""));
    assert_eq!(
        (open.code, open.err.as_str()),
        (
            1,
            "warning: isolation is off: validators run in this process\n"
        )
    );
    assert_eq!(isolated.json()["record"], open.json()["record"]);
    assert_eq!(
        isolated.json()["record_digest"],
        open.json()["record_digest"]
    );
}

#[test]
fn a_record_is_an_ordinary_file_and_is_replaced_as_a_whole() {
    use std::os::unix::fs::PermissionsExt;
    let other = b"something that somebody wrote";
    let scratch = folder(&[("record.json", other)]);
    let record = scratch.path().join("record.json");
    let (criteria, work) = paths("quotations", "honest");
    let path = record.display().to_string();
    let check = || run(&["check", &criteria, &work, "--record", &path]);
    assert!(check().err.contains("[would-replace]"));
    assert_eq!(fs::read(&record).expect("the file"), other);
    fs::remove_file(&record).expect("it is ours");
    for _ in 0..2 {
        let ran = check();
        assert_eq!(ran.code, 0, "{}", ran.err);
        VerdictRecord::parse(&fs::read(&record).expect("the record"))
            .expect("the file is a record");
    }
    let mode = fs::metadata(&record)
        .expect("the record")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o644);
    assert_eq!(
        fs::read_dir(scratch.path()).expect("the folder").count(),
        1,
        "nothing else is left behind"
    );
}

#[test]
fn a_manifest_chooses_the_files_that_are_judged() {
    let scratch = folder(&[]);
    let (criteria, work) = paths("quotations", "honest");
    let manifest = scratch.path().join("manifest.json");
    let listed = run(&["submission", "manifest", &work]);
    fs::write(&manifest, &listed.out).expect("a file can be written");
    let whole = run(&["check", &criteria, &work, "--output", "json"]);
    let chosen = run(&[
        "check",
        &criteria,
        &work,
        "--manifest",
        &manifest.display().to_string(),
        "--output",
        "json",
    ]);
    assert_eq!(
        (chosen.code, &chosen.json()["record"]),
        (0, &whole.json()["record"]),
        "{}",
        chosen.err
    );
}

#[test]
fn the_demo_keeps_what_the_examples_promise() {
    let scratch = folder(&[]);
    let ran: super::program::Ran = command(scratch.path(), &["demo", "--output", "json"])
        .env("TMPDIR", scratch.path())
        .output()
        .expect("it starts")
        .into();
    assert_eq!(ran.code, 0, "{}", ran.err);
    let json = ran.json();
    let rows = json["judged"].as_array().expect("a list");
    assert_eq!(rows.len(), SHOWN);
    for row in rows {
        assert_eq!(row["verdict"], row["expected"], "{row:#}");
        let (example, submission) = (
            row["example"].as_str().expect("a text"),
            row["submission"].as_str().expect("a text"),
        );
        let (criteria, work) = paths(example, submission);
        assert_eq!(
            run(&["check", &criteria, &work, "--output", "json"]).json()["record"],
            row["record"]
        );
    }
    let ends = json["market"]["purchases"].as_array().expect("a list");
    let ends: Vec<_> = ends.iter().map(|it| it["state"].as_str()).collect();
    let promised = ["Final", "Final", "ClawedBack", "Defaulted"].map(Some);
    assert_eq!(ends, promised);
    // A bond of 0.60 is lost by the challenge: 0.02 pay the run, 0.29 are for the supplier. 34.00 are paid.
    assert_eq!(json["market"]["balances"]["careful"], 15_000 + 3_400 + 29);
    assert_eq!(json["market"]["settled"], 3);
    assert_eq!(
        fs::read_dir(scratch.path()).expect("the folder").count(),
        0,
        "nothing is left behind"
    );
}

#[test]
fn the_demo_in_text_ends_with_what_to_do_next() {
    let scratch = folder(&[]);
    let ran: super::program::Ran = command(scratch.path(), &["demo"])
        .env("TMPDIR", scratch.path())
        .output()
        .expect("it starts")
        .into();
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let promise = format!(
        "Every verdict is the one the examples promise: {0} of {0}.",
        SHOWN
    );
    assert!(ran.out.contains(&promise), "{}", ran.out);
    assert!(ran.out.contains("nothing is wrong"), "{}", ran.out);
    assert!(ran.out.contains("proofmark check examples/"), "{}", ran.out);
    assert!(!ran.out.contains('\u{1b}'), "NO_COLOR is honoured");
}

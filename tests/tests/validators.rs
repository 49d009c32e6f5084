//! The ready-made validators hold against their own fixtures, and a new validator starts out that way.

use std::path::Path;
use std::process::{Command, Output};

use proofmark_tests::setup::root;
use proofmark_validators::READY_MADE;
use serde_json::Value;

const PROOFMARK: &str = env!("CARGO_BIN_EXE_proofmark-under-test");

fn proofmark(arguments: &[&str], folder: &Path, cache: &Path) -> Output {
    let mut command = Command::new(PROOFMARK);
    command
        .args(arguments)
        .arg("--cache")
        .arg(cache)
        .current_dir(folder);
    command
        .env("NO_COLOR", "1")
        .output()
        .expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_digest_of_a_built_in_validator_is_that_of_its_bytes() {
    for validator in proofmark_validators::READY_MADE {
        let digest = proofmark_core::Digest::of(validator.component);
        assert_eq!(validator.digest, digest.to_string(), "{}", validator.name);
    }
}

/// Each accept fixture passes, each reject fixture and the empty submission fails; twice, identically.
#[test]
fn every_ready_made_validator_holds_against_its_fixtures() {
    let cache = tempfile::tempdir().expect("a directory");
    for validator in READY_MADE {
        let fixtures = format!("validators/{}/fixtures", validator.name);
        let arguments = ["validator", "test", validator.name, "--fixtures", &fixtures];
        let output = proofmark(&arguments, &root(), cache.path());
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(
            output.status.code(),
            Some(0),
            "{}\n{stdout}{stderr}",
            validator.name
        );
        assert!(stdout.contains("empty submission"), "{stdout}");
        assert!(stdout.contains("all hold"), "{stdout}");
    }
}

/// Of the mutants of its accept fixtures each notices as many as it did, in per cent. Those that judge by thresholds, or only a
/// part of a text, let many pass that change nothing that was asked for.
const KILLED: [(&str, &str); 9] = [
    ("claim-decision", "99"),
    ("classification", "91"),
    ("code-change", "97"),
    ("json-schema", "93"),
    ("later-events", "99"),
    ("program-tests", "94"),
    ("quotations", "63"),
    ("service-level", "37"),
    ("support-ticket", "97"),
];

#[test]
fn every_ready_made_validator_notices_mistakes_in_good_work() {
    let named = KILLED.map(|(name, _)| name);
    assert!(READY_MADE.iter().map(|it| it.name).eq(named));
    let cache = tempfile::tempdir().expect("a directory");
    for (name, least) in KILLED {
        let fixtures = format!("validators/{name}/fixtures");
        let qualify = ["validator", "qualify", name, "--fixtures", &fixtures];
        let arguments = [&qualify[..], &["--least", least, "--output", "json"]].concat();
        let output = proofmark(&arguments, &root(), cache.path());
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        let status = output.status.code();
        assert_eq!(status, Some(0), "{name}\n{stdout}{stderr}");
        let found: Value = serde_json::from_str(&stdout).expect("JSON");
        let made = found["mutants"]["made"].as_u64();
        assert!(made.is_some_and(|made| made >= 100), "{stdout}");
    }
}

/// A validator that looks at little does not qualify where much is asked, and the report says what it does not see.
#[test]
fn what_nobody_notices_is_told() {
    let scratch = tempfile::tempdir().expect("a directory");
    let cache = scratch.path().join("cache");
    let made = proofmark(&["validator", "new", "row-count"], scratch.path(), &cache);
    assert_eq!(made.status.code(), Some(0), "{}", text(&made.stderr));
    let qualify = |options: &[&str]| {
        let arguments = [&["validator", "qualify", "row-count"], options].concat();
        proofmark(&arguments, scratch.path(), &cache)
    };
    let output = qualify(&["--output", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let survivors = found["mutants"]["survivors"].as_array().expect("a list");
    assert!(!survivors.is_empty(), "{found:#}");
    let (made, killed) = (&found["mutants"]["made"], &found["mutants"]["killed"]);
    let (made, killed) = (made.as_u64(), killed.as_u64());
    assert_eq!(
        made.zip(killed).map(|(made, killed)| made - killed),
        Some(survivors.len() as u64)
    );

    let output = qualify(&["--least", "100"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
    let shown = text(&output.stdout);
    assert!(
        shown.contains("does not qualify: less than 100 % of the mutants are killed"),
        "{shown}"
    );
}

/// What `describe` returns is the schema that is published beside the validator.
#[test]
fn the_published_parameter_schema_is_the_one_that_is_enforced() {
    let cache = tempfile::tempdir().expect("a directory");
    for validator in READY_MADE {
        let arguments = ["validator", "inspect", validator.name, "--output", "json"];
        let output = proofmark(&arguments, &root(), cache.path());
        let shown: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let published: serde_json::Value =
            serde_json::from_str(validator.params_schema).expect("JSON");
        assert_eq!(shown["params_schema"], published, "{}", validator.name);
    }
}

#[test]
fn a_new_validator_builds_and_holds() {
    let scratch = tempfile::tempdir().expect("a directory");
    let cache = scratch.path().join("cache");
    let made = proofmark(&["validator", "new", "row-count"], scratch.path(), &cache);
    assert_eq!(made.status.code(), Some(0), "{}", text(&made.stderr));
    let tested = proofmark(&["validator", "test", "row-count"], scratch.path(), &cache);
    assert_eq!(
        tested.status.code(),
        Some(0),
        "{}{}",
        text(&tested.stdout),
        text(&tested.stderr)
    );
    let again = proofmark(&["validator", "new", "row-count"], scratch.path(), &cache);
    assert_eq!(
        again.status.code(),
        Some(2),
        "an existing crate is not overwritten"
    );
}

/// The digest alone does not say how much of a file a validator is shown.
#[test]
fn a_reference_of_another_size_than_the_document_says_is_refused() {
    let scratch = tempfile::tempdir().expect("a directory");
    let example = root().join("examples/diagnosis");
    let document = std::fs::read_to_string(example.join("criteria.json")).expect("the document");
    let size = std::fs::metadata(example.join("references/labels.csv"))
        .expect("the labels")
        .len();
    for lie in [100, 999_999] {
        let changed = document.replace(
            &format!("\"size_bytes\":{size}"),
            &format!("\"size_bytes\":{lie}"),
        );
        assert_ne!(changed, document);
        let criteria = scratch.path().join("criteria.json");
        std::fs::write(&criteria, changed).expect("the document is written");
        let (criteria, work) = (
            criteria.display().to_string(),
            example.join("submissions/good"),
        );
        let (work, blobs) = (
            work.display().to_string(),
            example.join("references").display().to_string(),
        );
        let arguments = ["check", &criteria, &work, "--blobs", &blobs];
        let output = proofmark(&arguments, scratch.path(), &scratch.path().join("cache"));
        assert_eq!(output.status.code(), Some(2), "{}", text(&output.stdout));
        assert!(
            text(&output.stderr).contains("reference-size-mismatch"),
            "{}",
            text(&output.stderr)
        );
    }
}

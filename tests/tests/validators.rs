//! The ready-made validators hold against their own fixtures, and a new validator starts out that way.

use std::path::Path;
use std::process::{Command, Output};

use proofmark_tests::setup::root;
use proofmark_validators::READY_MADE;

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

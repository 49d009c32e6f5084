//! Making criteria: the digest is a function of what is asked for and of nothing else, and what a
//! validator would refuse is refused now, at its place in the draft.

#[path = "cli/program.rs"]
mod program;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use program::{folder, run_in};
use proofmark_tests::forge::renamed;
use proofmark_validators::hostile::guest;
use proofmark_validators::ready_made;

const SCHEMA: &[u8] = br#"{"type": "object"}"#;

const DRAFT: &str = r#"name = "rows"
summary = "Rows in order."
threshold = 900000

[limits]
fuel = 500000000

[[criteria]]
name = "schema"
summary = "Every row is an object."
validator = { builtin = "json-schema" }
required = true
weight = 2
params = { artifact = "rows.jsonl", format = "json-lines" }
references = { "schema.json" = "buyer/schema.json" }
"#;

/// A folder with the draft and what it names.
fn trial(draft: &str) -> tempfile::TempDir {
    folder(&[
        ("criteria.toml", draft.as_bytes()),
        ("buyer/schema.json", SCHEMA),
    ])
}

#[track_caller]
fn lock(folder: &Path) -> String {
    let ran = run_in(
        folder,
        &["criteria", "lock", "criteria.toml", "--output", "json"],
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran.json()["digest"].as_str().expect("a digest").to_owned()
}

/// Code and pointer of everything that is said against a draft, the same in both isolation modes.
#[track_caller]
fn problems(folder: &Path) -> Vec<(String, String)> {
    let lint = |isolation| {
        let words = [
            "criteria",
            "lint",
            "criteria.toml",
            "--output",
            "json",
            "--isolation",
            isolation,
        ];
        let ran = run_in(folder, &words);
        assert_eq!(ran.code, 2, "{}", ran.err);
        assert!(ran.err.contains("hint: "), "{}", ran.err);
        ran.problems()
    };
    let found = lint("process");
    assert_eq!(found, lint("none"));
    found
}

#[test]
fn the_digest_does_not_know_where_files_are() {
    let expected = lock(trial(DRAFT).path());
    // Another folder, another layout, other names of the files behind the same names.
    let moved = folder(&[("deep/er/x", SCHEMA), ("criteria.toml", b"")]);
    let absolute = moved.path().join("deep/er/x").display().to_string();
    for place in ["deep/er/x", "./deep/../deep/er/x", &absolute] {
        fs::write(
            moved.path().join("criteria.toml"),
            DRAFT.replace("buyer/schema.json", place),
        )
        .expect("ours");
        assert_eq!(lock(moved.path()), expected, "{place}");
    }
    let bytes = fs::read(moved.path().join("criteria.json")).expect("it was written");
    let text = String::from_utf8(bytes).expect("UTF-8");
    assert!(
        !text.contains("deep") && !text.contains("tmp"),
        "no path is in it: {text}"
    );
}

#[test]
fn the_digest_does_not_know_how_the_draft_was_spelled() {
    let expected = lock(trial(DRAFT).path());
    let mut spellings = vec![
        format!("# a comment\n{DRAFT}\n\n"),
        DRAFT.replace("required = true\n", ""),
        DRAFT.replace(
            "{ \"schema.json\" = \"buyer/schema.json\" }",
            "{ \"schema.json\" = { path = \"buyer/schema.json\" } }",
        ),
        // What is the default already.
        DRAFT.replace("fuel = 500000000", "fuel = 500000000\nlog_messages = 1000"),
        DRAFT
            .replace("[limits]\nfuel = 500000000\n", "")
            .replace("weight = 2", "weight = 2\nlimits = { fuel = 500000000 }"),
    ];
    // A ready-made validator is one among others.
    let component = proofmark_validators::ready_made("json-schema")
        .expect("it is built in")
        .component;
    spellings.push(DRAFT.replace("{ builtin = \"json-schema\" }", "{ path = \"copy.wasm\" }"));
    spellings.push(DRAFT.replace(
        "builtin = \"json-schema\"",
        &format!("digest = \"{}\"", proofmark_core::Digest::of(component)),
    ));
    for draft in spellings {
        let folder = trial(&draft);
        fs::write(folder.path().join("copy.wasm"), component).expect("a file can be written");
        assert_eq!(lock(folder.path()), expected, "{draft}");
    }
    let json = r#"{"criteria": [{"weight": 2, "validator": {"builtin": "json-schema"}, "summary": "Every row is an object.",
        "references": {"schema.json": "buyer/schema.json"}, "params": {"format": "json-lines", "artifact": "rows.jsonl"},
        "name": "schema"}], "limits": {"fuel": 500000000}, "threshold": 900000, "summary": "Rows in order.", "name": "rows"}"#;
    let folder = folder(&[
        ("draft.json", json.as_bytes()),
        ("buyer/schema.json", SCHEMA),
    ]);
    let ran = run_in(
        folder.path(),
        &["criteria", "lock", "draft.json", "--output", "json"],
    );
    assert_eq!(
        (ran.code, &ran.json()["digest"]),
        (0, &expected.into()),
        "{}",
        ran.err
    );
}

#[test]
fn the_digest_knows_everything_that_is_asked_for() {
    let changes = [
        ("name = \"rows\"", "name = \"lines\""),
        ("Rows in order.", "Rows."),
        ("threshold = 900000", "threshold = 900001"),
        ("fuel = 500000000", "fuel = 500000001"),
        ("fuel = 500000000", "memory_bytes = 67108864"),
        ("name = \"schema\"", "name = \"shape\""),
        ("Every row is an object.", "Objects."),
        ("required = true", "required = false"),
        ("weight = 2", "weight = 3"),
        ("weight = 2", "weight = 2\nlimits = { log_bytes = 1000 }"),
        ("artifact = \"rows.jsonl\"", "artifact = \"row.jsonl\""),
        ("format = \"json-lines\"", "format = \"json\""),
        (
            "format = \"json-lines\"",
            "format = \"json-lines\", min_documents = 1",
        ),
        (
            "{ \"schema.json\" = ",
            "{ \"more.json\" = \"buyer/schema.json\", \"schema.json\" = ",
        ),
        (
            "name = \"schema\"\n",
            "name = \"again\"\nvalidator = { builtin = \"json-schema\" }\nparams = { artifact = \"a\" }\nreferences = { \"schema.json\" = \"buyer/schema.json\" }\n\n[[criteria]]\nname = \"schema\"\n",
        ),
    ];
    let mut seen = BTreeSet::from([lock(trial(DRAFT).path())]);
    for (from, to) in changes {
        assert!(DRAFT.contains(from), "{from}");
        assert!(
            seen.insert(lock(trial(&DRAFT.replace(from, to)).path())),
            "{from} to {to} changes nothing"
        );
    }
    let other_file = trial(DRAFT);
    fs::write(
        other_file.path().join("buyer/schema.json"),
        br#"{"type": "array"}"#,
    )
    .expect("a file can be written");
    assert!(
        seen.insert(lock(other_file.path())),
        "the content of a reference changes nothing"
    );
    let other_validator = DRAFT.replace(
        "{ builtin = \"json-schema\" }",
        "{ path = \"another.wasm\" }",
    );
    let folder = trial(&other_validator);
    let built_in = ready_made("json-schema").expect("it is built in");
    fs::write(
        folder.path().join("another.wasm"),
        renamed(built_in.component),
    )
    .expect("it can be written");
    assert!(
        seen.insert(lock(folder.path())),
        "the validator changes nothing"
    );
}

/// A draft with one criterion.
fn with(validator: &str, params: &str) -> tempfile::TempDir {
    let draft = format!(
        "name = \"trial\"\n[[criteria]]\nname = \"first\"\nvalidator = {validator}\n\n[criteria.params]\n{params}\n"
    );
    folder(&[("criteria.toml", draft.as_bytes())])
}

#[test]
fn parameters_against_the_schema_of_the_validator_are_refused_at_their_place() {
    for (validator, params, code, pointer) in [
        (
            "json-schema",
            "artifact = \"a\"\nformat = \"yaml\"",
            "value-not-allowed",
            "/format",
        ),
        ("json-schema", "artifact = 7", "type-mismatch", "/artifact"),
        (
            "json-schema",
            "artifact = \"a\"\ncolour = \"red\"",
            "member-unknown",
            "/colour",
        ),
        (
            "json-schema",
            "artifact = \"a\"\nartifacts = [\"b\"]",
            "schema-violation",
            "",
        ),
        (
            "json-schema",
            "artifacts = [\"a\", \"\"]",
            "text-length",
            "/artifacts/1",
        ),
        (
            "classification",
            "min_accuracy_ppm = 900000",
            "member-missing",
            "",
        ),
        (
            "classification",
            "predictions = { artifact = \"a\" }\nmin_accuracy_ppm = 1000001",
            "number-out-of-range",
            "/min_accuracy_ppm",
        ),
        (
            "quotations",
            "texts = []\nsources = { a = \"a\" }",
            "item-count",
            "/texts",
        ),
        (
            "service-level",
            "telemetry = \"a\"\nerror_rate = { max_ppm = \"many\" }",
            "type-mismatch",
            "/error_rate/max_ppm",
        ),
    ] {
        let folder = with(&format!("{{ builtin = \"{validator}\" }}"), params);
        let found = problems(folder.path());
        assert_eq!(
            found,
            [(code.to_owned(), format!("/criteria/0/params{pointer}"))],
            "{validator}: {params}"
        );
    }
}

#[test]
fn parameters_that_only_the_validator_can_judge_are_refused_at_their_place() {
    for (validator, params, pointer) in [
        (
            "json-schema",
            "artifact = \"a\"\nmin_documents = 9\nmax_documents = 3",
            "/max_documents",
        ),
        (
            "classification",
            "predictions = { artifact = \"a\" }\nauc = { positive = \"x\", min_ppm = 1 }",
            "/predictions/score",
        ),
        (
            "service-level",
            "telemetry = \"a\"\nerror_rate = { max_ppm = 1 }\nperiod = { from_us = 9, to_us = 3 }",
            "/period",
        ),
        (
            "service-level",
            "telemetry = \"a\"\nerror_rate = { max_ppm = 1 }\nmin_records = 9\nmax_records = 3",
            "/min_records",
        ),
    ] {
        let folder = with(&format!("{{ builtin = \"{validator}\" }}"), params);
        let found = problems(folder.path());
        assert_eq!(
            found,
            [(
                "params-refused".to_owned(),
                format!("/criteria/0/params{pointer}")
            )],
            "{validator}: {params}"
        );
    }
}

#[test]
fn validators_that_cannot_say_what_they_are_are_refused() {
    for (name, code) in [
        ("schema-nonsense", "params-schema-invalid"),
        ("describe-trap", "unreachable"),
        ("describe-loop", "out-of-fuel"),
    ] {
        let folder = with("{ path = \"guest.wasm\" }", "");
        fs::write(
            folder.path().join("guest.wasm"),
            guest(name).expect("a hostile guest"),
        )
        .expect("it can be written");
        assert_eq!(
            problems(folder.path()),
            [(code.to_owned(), "/criteria/0/validator".to_owned())],
            "{name}"
        );
    }
}

#[test]
fn files_that_are_no_validators_are_refused() {
    let whole = guest("panic").expect("a hostile guest");
    let forged = proofmark_tests::forge::bomb("");
    for (bytes, code) in [
        (&b"{}"[..], "not-webassembly"),
        (b"", "not-webassembly"),
        (b"\0asm\x01\0\0\0", "core-module"),
        (&whole[..whole.len() / 2], "malformed-component"),
        (&forged, "missing-export"),
    ] {
        let folder = with("{ path = \"guest.wasm\" }", "");
        fs::write(folder.path().join("guest.wasm"), bytes).expect("a file can be written");
        assert_eq!(
            problems(folder.path()),
            [(code.to_owned(), "/criteria/0/validator".to_owned())]
        );
    }
}

#[test]
fn everything_that_is_wrong_is_said_at_once_in_the_order_of_the_draft() {
    let draft = "name = \"trial\"\n\
        [[criteria]]\nname = \"first\"\nvalidator = { builtin = \"magic\" }\nreferences = { a = \"nowhere\" }\n\
        [[criteria]]\nname = \"second\"\nvalidator = { builtin = \"json-schema\" }\n\
        [[criteria]]\nname = \"third\"\nvalidator = { path = \"nowhere.wasm\" }\n";
    let folder = folder(&[("criteria.toml", draft.as_bytes())]);
    let expected = [
        ("unknown-builtin", "/criteria/0/validator"),
        ("reference-unreadable", "/criteria/0/references/a"),
        ("schema-violation", "/criteria/1/params"),
        ("validator-unreadable", "/criteria/2/validator"),
    ];
    assert_eq!(
        problems(folder.path()),
        expected.map(|(code, pointer)| (code.to_owned(), pointer.to_owned()))
    );
}

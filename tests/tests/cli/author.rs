//! A buyer's way: start a document, freeze it, show it, judge by it.

use std::fs;

use proofmark_criteria::Criteria;
use proofmark_tests::setup::root;

use super::program::{folder, put, run_in};
use super::transcript::{self, Transcript};

const CLAIM: &[u8] = include_bytes!("../../../examples/claim/references/claim.json");
const HANDED_OVER: &[u8] =
    include_bytes!("../../../examples/support-ticket/references/handed-over.json");
const RETURNS: &[u8] = include_bytes!("../../../examples/support-ticket/references/returns.txt");
const RULES: &[u8] = include_bytes!("../../../examples/claim/references/rules.json");
const SCHEMA: &[u8] =
    br#"{"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}"#;

#[test]
fn from_init_to_a_verdict() {
    let folder = folder(&[]);
    let path = folder.path();
    let mut transcript = Transcript::default();
    transcript.note("a fresh document names a file that is not there yet");
    assert_eq!(transcript.call(path, &["criteria", "init"]).code, 0);
    assert_eq!(
        transcript
            .call(path, &["criteria", "lint", "criteria.toml"])
            .code,
        2
    );
    put(path, "schema.json", SCHEMA);
    transcript.note("now it is");
    assert_eq!(
        transcript
            .call(path, &["criteria", "lint", "criteria.toml"])
            .code,
        0
    );
    assert_eq!(
        transcript
            .call(path, &["criteria", "lock", "criteria.toml"])
            .code,
        0
    );
    assert_eq!(
        transcript
            .call(path, &["criteria", "lint", "criteria.json"])
            .code,
        0
    );
    assert_eq!(
        transcript
            .call(path, &["criteria", "show", "criteria.json"])
            .code,
        0
    );
    put(path, "good/result.jsonl", b"{\"id\": 1}\n{\"id\": 2}\n");
    put(
        path,
        "bad/result.jsonl",
        b"{\"id\": 1}\n{\"id\": \"two\"}\n",
    );
    assert_eq!(
        transcript
            .call(path, &["check", "criteria.json", "good"])
            .code,
        0
    );
    assert_eq!(
        transcript
            .call(path, &["check", "criteria.json", "bad"])
            .code,
        1
    );
    transcript.assert("author-way");
}

#[test]
fn every_template_can_be_frozen_once_its_files_exist() {
    for validator in proofmark_validators::READY_MADE {
        let name = validator.name;
        let folder = folder(&[
            ("schema.json", SCHEMA),
            ("labels.csv", b"id,label\n1,a\n"),
            ("source.txt", b"In the beginning."),
            ("claim.json", CLAIM),
            ("rules.json", RULES),
            ("cases.jsonl", br#"{"stdin":"1","stdout":"1"}"#),
            ("handed-over.json", HANDED_OVER),
            ("returns.txt", RETURNS),
            ("base/src/lib.rs", b"//! Nothing yet.\n"),
        ]);
        let started = run_in(
            folder.path(),
            &["criteria", "init", "my.toml", "--validator", name],
        );
        assert_eq!((started.code, started.err.as_str()), (0, ""), "{name}");
        let locked = run_in(
            folder.path(),
            &["criteria", "lock", "my.toml", "--to", "my.json"],
        );
        assert_eq!(locked.code, 0, "{name}: {}", locked.err);
        let text = fs::read_to_string(folder.path().join("my.toml")).expect("it was written");
        transcript::assert(&format!("author-init-{name}"), &text);
    }
}

#[test]
fn init_overwrites_nothing_and_knows_its_validators() {
    let folder = folder(&[("criteria.toml", b"mine")]);
    let mut transcript = Transcript::default();
    assert_eq!(
        transcript.call(folder.path(), &["criteria", "init"]).code,
        2
    );
    assert_eq!(
        transcript
            .call(
                folder.path(),
                &["criteria", "init", "new.toml", "--validator", "magic"]
            )
            .code,
        2
    );
    assert_eq!(
        fs::read(folder.path().join("criteria.toml")).expect("it is there"),
        b"mine"
    );
    assert!(!folder.path().join("new.toml").exists());
    transcript.assert("author-init-refused");
}

#[test]
fn lock_and_show_agree_and_lock_repeats_itself() {
    let folder = folder(&[("schema.json", SCHEMA)]);
    let path = folder.path();
    assert_eq!(run_in(path, &["criteria", "init"]).code, 0);
    let first = run_in(
        path,
        &["criteria", "lock", "criteria.toml", "--output", "json"],
    )
    .json();
    let bytes = fs::read(path.join("criteria.json")).expect("it was written");
    let second = run_in(
        path,
        &["criteria", "lock", "criteria.toml", "--output", "json"],
    )
    .json();
    assert_eq!(first, second);
    assert_eq!(
        bytes,
        fs::read(path.join("criteria.json")).expect("it was written")
    );
    let criteria = Criteria::parse(&bytes).expect("it is in order");
    assert_eq!(first["digest"], criteria.digest().to_string());
    assert_eq!(
        criteria.canonical_bytes(),
        bytes,
        "what is written is canonical"
    );
    let shown = run_in(
        path,
        &["criteria", "show", "criteria.json", "--output", "json"],
    )
    .json();
    assert_eq!(shown["digest"], first["digest"]);
    let document: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
    assert_eq!(
        shown["document"], document,
        "`show` shows what is in the file"
    );
}

#[test]
fn lock_refuses_what_is_frozen() {
    let folder = folder(&[("schema.json", SCHEMA)]);
    assert_eq!(run_in(folder.path(), &["criteria", "init"]).code, 0);
    assert_eq!(
        run_in(folder.path(), &["criteria", "lock", "criteria.toml"]).code,
        0
    );
    let again = run_in(
        folder.path(),
        &["criteria", "lock", "criteria.json", "--output", "json"],
    );
    assert_eq!(
        (again.code, again.problems()),
        (2, vec![("already-locked".to_owned(), String::new())])
    );
}

/// However the same file is spelled.
#[test]
fn lock_never_overwrites_its_source() {
    let draft = br#"{"name": "trial", "criteria": [{"name": "first", "validator": {"builtin": "json-schema"},
        "references": {"schema.json": "schema.json"}, "params": {"artifact": "a.json"}}]}"#;
    let folder = folder(&[
        ("schema.json", SCHEMA),
        ("criteria.json", draft),
        ("inner/empty", b""),
    ]);
    let path = folder.path();
    let absolute = path.join("criteria.json").display().to_string();
    std::os::unix::fs::symlink("criteria.json", path.join("link.json"))
        .expect("a link can be made");
    for arguments in [
        &["criteria.json"][..],
        &["./criteria.json"],
        &[&absolute],
        &["criteria.json", "--to", "criteria.json"],
        &["criteria.json", "--to", "./criteria.json"],
        &["criteria.json", "--to", "inner/../criteria.json"],
        &["criteria.json", "--to", &absolute],
        &["link.json"],
    ] {
        let mut words = vec!["criteria", "lock"];
        words.extend(arguments);
        words.extend(["--output", "json"]);
        let ran = run_in(path, &words);
        assert_eq!(
            (ran.code, ran.problems()),
            (2, vec![("would-overwrite".to_owned(), String::new())]),
            "{arguments:?}"
        );
        assert_eq!(
            fs::read(path.join("criteria.json")).expect("it is there"),
            draft,
            "{arguments:?}"
        );
    }
    let elsewhere = run_in(
        path,
        &[
            "criteria",
            "lock",
            "criteria.json",
            "--to",
            "inner/criteria.json",
        ],
    );
    assert_eq!(elsewhere.code, 0, "{}", elsewhere.err);
}

/// The published examples are what their sources say. To renew them after a change of a validator:
/// `proofmark criteria lock examples/<name>/criteria.toml`.
#[test]
fn the_frozen_examples_are_those_of_their_sources() {
    for example in ["diagnosis", "quotations", "service"] {
        let scratch = folder(&[]);
        let to = scratch.path().join("criteria.json").display().to_string();
        let source = format!("examples/{example}/criteria.toml");
        let ran = run_in(&root(), &["criteria", "lock", &source, "--to", &to]);
        assert_eq!(ran.code, 0, "{example}: {}", ran.err);
        let published =
            fs::read_to_string(root().join(format!("examples/{example}/criteria.json")))
                .expect("it is there");
        let made = fs::read_to_string(&to).expect("it was written");
        assert_eq!(published, made, "{example} is stale");
    }
}

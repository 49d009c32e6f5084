//! Bad input is exit status 2, with place, code and hint; a run without a verdict is 3.

use std::fs;

use proofmark_tests::forge::renamed;
use proofmark_tests::frozen::freeze;
use proofmark_validators::hostile::guest;
use proofmark_validators::ready_made;

use super::program::{folder, put, run_in};
use super::transcript::Transcript;

/// A draft with one criterion, up to its validator.
fn draft(rest: &str) -> String {
    format!("name = \"trial\"\n\n[[criteria]]\nname = \"first\"\n{rest}\n")
}

const JSON_SCHEMA: &str = r#"validator = { builtin = "json-schema" }
references = { "schema.json" = "schema.json" }
"#;

#[test]
fn files_that_are_not_there_or_not_criteria() {
    let folder = folder(&[
        ("draft.toml", draft(JSON_SCHEMA).as_bytes()),
        ("cut.json", br#"{"schema": "https://"#),
        (
            "twice.json",
            br#"{"schema": "x", "name": "a", "name": "b"}"#,
        ),
        ("empty.json", b"{}"),
        ("fraction.json", br#"{"name": 0.5}"#),
        ("work/a.json", b"{}"),
    ]);
    let mut transcript = Transcript::default();
    for arguments in [
        &["check", "nowhere.json", "work"][..],
        &["check", "work", "work"],
        &["check", "draft.toml", "work"],
        &["check", "cut.json", "work"],
        &["check", "twice.json", "work"],
        &["check", "empty.json", "work"],
        &["check", "fraction.json", "work"],
        &["check", "twice.json", "work", "--output", "json"],
        &["criteria", "show", "draft.toml"],
        &["criteria", "lint", "nowhere.toml"],
    ] {
        let ran = transcript.call(folder.path(), arguments);
        assert_eq!(ran.code, 2, "{arguments:?}");
        assert!(
            ran.err.starts_with("error: ") && ran.err.contains("\nhint: "),
            "{}",
            ran.err
        );
        assert_eq!(
            ran.out.is_empty(),
            !arguments.contains(&"json"),
            "stdout is data: {}",
            ran.out
        );
    }
    transcript.assert("refuse-documents");
}

#[test]
fn drafts_that_cannot_be_frozen() {
    let wrong_types = "params = { artifact = 7, format = \"yaml\", colour = \"red\" }";
    let folder = folder(&[
        ("schema.json", br#"{"type": "object"}"#),
        ("unknown.toml", draft("validator = { builtin = \"magic\" }").as_bytes()),
        ("no-file.toml", draft("validator = { path = \"missing.wasm\" }").as_bytes()),
        ("no-wasm.toml", draft("validator = { path = \"schema.json\" }").as_bytes()),
        ("types.toml", draft(&format!("{JSON_SCHEMA}{wrong_types}")).as_bytes()),
        ("senseless.toml", draft(&format!("{JSON_SCHEMA}params = {{ artifact = \"a\", min_documents = 9, max_documents = 3 }}")).as_bytes()),
        ("fraction.toml", draft(&format!("{JSON_SCHEMA}params = {{ min_documents = 0.5 }}")).as_bytes()),
        ("syntax.toml", b"name = \"trial\"\n[[criteria]\n"),
        ("typo.toml", draft(&format!("{JSON_SCHEMA}wieght = 3")).as_bytes()),
        ("escape.toml", draft("validator = { builtin = \"json-schema\" }\nreferences = { \"../x\" = \"schema.json\" }\nparams = { artifact = \"a\" }").as_bytes()),
        ("limit.toml", draft(&format!("{JSON_SCHEMA}params = {{ artifact = \"a\" }}\nlimits = {{ memory_bytes = 1 }}")).as_bytes()),
    ]);
    let mut transcript = Transcript::default();
    let mut names: Vec<_> = fs::read_dir(folder.path())
        .expect("the folder")
        .flatten()
        .map(|file| file.file_name())
        .collect();
    names.sort();
    for name in names
        .iter()
        .filter_map(|name| name.to_str())
        .filter(|name| name.ends_with(".toml"))
    {
        let ran = transcript.call(folder.path(), &["criteria", "lint", name]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{name}: {}", ran.err);
        let locked = run_in(
            folder.path(),
            &["criteria", "lock", name, "--to", "locked.json"],
        );
        assert_eq!(
            (locked.code, locked.err),
            (2, ran.err),
            "`lock` says what `lint` says"
        );
        assert!(
            !folder.path().join("locked.json").exists(),
            "nothing is written"
        );
    }
    let ran = transcript.call(
        folder.path(),
        &["criteria", "lint", "types.toml", "--output", "json"],
    );
    assert_eq!(ran.problems().len(), 3, "all problems are told at once");
    transcript.assert("refuse-drafts");
}

/// Criteria are tried on nothing before they are frozen.
#[test]
fn criteria_that_nothing_passes_or_that_fail_on_nothing_are_not_frozen() {
    let low =
        format!("{JSON_SCHEMA}params = {{ artifact = \"a.json\" }}\nlimits = {{ fuel = 1000 }}");
    let broken = JSON_SCHEMA.replace("= \"schema.json\"", "= \"broken.json\"")
        + "params = { artifact = \"a.json\" }";
    let folder = folder(&[
        ("schema.json", b"{}"),
        ("broken.json", br#"{"type": 7}"#),
        ("broken.toml", draft(&broken).as_bytes()),
        ("panic.wasm", guest("panic").expect("a hostile guest")),
        (
            "vacuous.toml",
            draft(&format!(
                "{JSON_SCHEMA}params = {{ artifacts_ending = \".json\", min_documents = 0 }}"
            ))
            .as_bytes(),
        ),
        ("low.toml", draft(&low).as_bytes()),
        (
            "panic.toml",
            draft("validator = { path = \"panic.wasm\" }").as_bytes(),
        ),
    ]);
    let mut transcript = Transcript::default();
    for name in ["vacuous.toml", "low.toml", "panic.toml", "broken.toml"] {
        let ran = transcript.call(folder.path(), &["criteria", "lock", name]);
        assert_eq!(ran.code, 2, "{name}: {}", ran.err);
        assert!(!folder.path().join("criteria.json").exists());
    }
    transcript.assert("refuse-tried-on-nothing");
}

/// Whoever did not make a frozen document has it confirmed before work is done for it.
#[test]
fn a_frozen_document_that_lies_about_its_validator_is_told() {
    let folder = folder(&[
        ("schema.json", b"{}"),
        (
            "criteria.toml",
            draft(&format!(
                "{JSON_SCHEMA}params = {{ artifact = \"a.json\" }}"
            ))
            .as_bytes(),
        ),
    ]);
    let path = folder.path();
    assert_eq!(run_in(path, &["criteria", "lock", "criteria.toml"]).code, 0);
    let frozen = fs::read_to_string(path.join("criteria.json")).expect("it was frozen");
    let mut transcript = Transcript::default();
    let honest = transcript.call(path, &["criteria", "lint", "criteria.json"]);
    assert_eq!(honest.code, 0, "{}", honest.err);
    let lie = frozen.replace(r#""checks":["documents"]"#, r#""checks":["count"]"#);
    fs::write(path.join("lie.json"), lie).expect("it is ours");
    let ran = transcript.call(path, &["criteria", "lint", "lie.json"]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    let refused = frozen.replace(r#""artifact":"a.json""#, r#""artefact":"a.json""#);
    fs::write(path.join("refused.json"), refused).expect("it is ours");
    let ran = transcript.call(path, &["criteria", "lint", "refused.json"]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    transcript.assert("refuse-frozen-lies");
}

#[test]
fn a_fault_of_the_validator_is_inconclusive() {
    let component = guest("endless-loop").expect("a hostile guest");
    let folder = folder(&[("work/a.txt", b"a")]);
    freeze(folder.path(), component, |document| {
        document["criteria"][0]["limits"]["fuel"] = 20_000_000.into();
        document["criteria"][0]["limits"]["fuel_per_byte"] = 0.into();
    });
    let mut transcript = Transcript::default();
    let ran = transcript.call(
        folder.path(),
        &["check", "criteria.json", "work", "--record", "record.json"],
    );
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (3, ""),
        "an inconclusive verdict is data"
    );
    let json = run_in(
        folder.path(),
        &["check", "criteria.json", "work", "--output", "json"],
    )
    .json();
    assert_eq!(json["verdict"], "inconclusive");
    assert_eq!(
        json["record"]["result"]["criteria"][0]["fault"]["code"],
        "out-of-fuel"
    );
    assert_eq!(
        json["record"]["result"]["criteria"][0]["fault"]["owner"],
        "validator"
    );
    assert_eq!(
        json["record"]["execution"]["runs"][0]["fuelUsed"],
        20_000_000
    );
    let record = fs::read(folder.path().join("record.json")).expect("the record");
    assert_eq!(
        json["record_digest"],
        proofmark_core::Digest::of(&record).to_string()
    );
    transcript.assert("refuse-inconclusive");
}

/// A reference file, which is a schema.
const BUYERS: &[u8] = br#"{"type": "integer"}"#;

#[test]
fn what_the_criteria_name_must_be_at_hand_and_unchanged() {
    let another = renamed(ready_made("json-schema").expect("it is built in").component);
    let files: [(&str, &[u8]); 4] = [
        ("another.wasm", &another),
        ("criteria.toml", b"name = \"trial\"\n[[criteria]]\nname = \"first\"\nvalidator = { path = \"another.wasm\" }\nreferences = { \"buyers.json\" = \"elsewhere/buyers.json\" }\nparams = { artifact = \"a.json\", schema = \"buyers.json\" }\n"),
        ("elsewhere/buyers.json", BUYERS),
        ("work/a.json", b"1"),
    ];
    let folder = folder(&files);
    let path = folder.path();
    let locked = run_in(
        path,
        &["criteria", "lock", "criteria.toml", "--output", "json"],
    );
    assert_eq!(locked.code, 0, "{}", locked.err);
    let json = locked.json();
    let kept: Vec<_> = json["blobs"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|blob| blob.as_str())
        .collect();
    assert_eq!(
        kept.len(),
        2,
        "the component and the reference are kept: {kept:?}"
    );
    let check_with = |more: &[&str], expected: &str| {
        let arguments = ["check", "criteria.json", "work", "--output", "json"];
        let ran = run_in(path, &[&arguments, more].concat());
        let codes: Vec<_> = ran.problems().into_iter().map(|(code, _)| code).collect();
        assert_eq!(
            (ran.code, codes),
            (2, vec![expected.to_owned()]),
            "{}",
            ran.err
        );
        assert!(ran.err.contains("hint: "), "{}", ran.err);
    };
    let check = |expected: &str| check_with(&[], expected);
    let component = path.join(
        kept.iter()
            .find(|name| fs::read(path.join(name)).expect("a blob") == another)
            .expect("the component"),
    );
    let reference = path.join(
        kept.iter()
            .find(|name| fs::read(path.join(name)).expect("a blob") == BUYERS)
            .expect("the reference"),
    );
    fs::write(&reference, b"another's").expect("a file can be written");
    check("reference-missing");
    fs::remove_file(&reference).expect("it is there");
    check("reference-missing");
    // Its code is in the cache; without that, the component itself is needed.
    fs::write(&component, b"\0asm").expect("a file can be written");
    check_with(&["--no-cache"], "validator-missing");
    fs::remove_file(&component).expect("it is there");
    check_with(&["--no-cache"], "validator-missing");
    // Put elsewhere and named: found again.
    put(path, "market/buyers.json", BUYERS);
    let name = component
        .file_name()
        .and_then(|name| name.to_str())
        .expect("UTF-8");
    put(path, &format!("market/{name}"), &another);
    let ran = run_in(
        path,
        &[
            "check",
            "criteria.json",
            "work",
            "--blobs",
            "market",
            "--output",
            "json",
        ],
    );
    assert_eq!(
        (ran.code, &ran.json()["verdict"]),
        (0, &"pass".into()),
        "{}",
        ran.err
    );
}

#[test]
fn a_submission_that_is_refused_is_bad_input() {
    let folder = folder(&[
        ("work/a.txt", b"a"),
        (
            "manifest.json",
            b"{\"schema\": \"other\", \"artifacts\": []}",
        ),
        ("file.txt", b"no directory"),
    ]);
    std::os::unix::fs::symlink("a.txt", folder.path().join("work/link.txt"))
        .expect("a link can be made");
    let criteria = proofmark_tests::setup::root()
        .join("examples/quotations/criteria.json")
        .display()
        .to_string();
    let mut transcript = Transcript::default();
    for arguments in [
        &["submission", "manifest", "work"][..],
        &["submission", "manifest", "nowhere"],
        &["submission", "manifest", "file.txt"],
        &["submission", "manifest", "work", "--output", "json"],
    ] {
        assert_eq!(
            transcript.call(folder.path(), arguments).code,
            2,
            "{arguments:?}"
        );
    }
    for arguments in [
        &["check", &criteria, "work"][..],
        &["check", &criteria, "work", "--manifest", "manifest.json"],
    ] {
        let ran = run_in(folder.path(), arguments);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
    }
    transcript.assert("refuse-submissions");
}

/// Names of files are the supplier's words, and an error shows them.
#[test]
fn the_name_of_a_file_cannot_write_to_the_terminal() {
    let folder = folder(&[("work/a.txt", b"a")]);
    let name = "x\u{1b}[2J\u{1b}]0;owned\u{7}\nerror: forged\u{202e}";
    std::os::unix::fs::symlink("a.txt", folder.path().join("work").join(name))
        .expect("a link can be made");
    let ran = run_in(folder.path(), &["submission", "manifest", "work"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{:?}", ran.err);
    let harmful = |c: &char| (c.is_control() && *c != '\n') || *c == '\u{202e}';
    assert_eq!(ran.err.chars().find(harmful), None, "{:?}", ran.err);
    let errors = ran.err.lines().filter(|line| line.starts_with("error"));
    assert_eq!(errors.count(), 1, "{}", ran.err);
    assert!(ran.err.contains("[submission-symlink]"), "{}", ran.err);
}

/// Only cleaning makes a frozen document harmless to look at: its name and summary may have lines.
#[test]
fn a_line_of_a_document_cannot_be_forged() {
    let text = concat!(
        "name = \"trial\"\nsummary = \"so\\nsha256:forged\\n  limits     none\"\n[[criteria]]\nname = \"first\"\n",
        "summary = \"so\\nsecond (required, weight 0)\"\nvalidator = { builtin = \"json-schema\" }\n",
        "references = { \"schema.json\" = \"schema.json\" }\nparams = { artifact = \"a.json\" }\n"
    );
    let folder = folder(&[("criteria.toml", text.as_bytes()), ("schema.json", b"{}")]);
    let locked = run_in(folder.path(), &["criteria", "lock", "criteria.toml"]);
    assert_eq!(locked.code, 0, "{}", locked.err);
    let ran = run_in(folder.path(), &["criteria", "show", "criteria.json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for forged in ["sha256:forged", "limits     none", "second (required"] {
        let line = ran.out.lines().find(|line| line.contains(forged));
        let line = line.unwrap_or_else(|| panic!("no {forged} in {}", ran.out));
        assert!(line.starts_with("            "), "{line}");
    }
}

/// What lies in a buyer's folder under the name of a component may have no end, or nobody to write it.
#[test]
fn what_is_no_component_for_its_kind_is_not_read() {
    let digest = proofmark_core::Digest::of(b"no such component");
    let folder = folder(&[("work/a.txt", b"a")]);
    let path = folder.path();
    let blob = path.join(format!("blobs/sha256-{}", digest.hex()));
    fs::create_dir(path.join("blobs")).expect("a folder can be made");
    let by_digest = draft(&format!("validator = {{ digest = \"{digest}\" }}"));
    put(path, "digest.toml", by_digest.as_bytes());
    put(
        path,
        "path.toml",
        draft(&format!(
            "validator = {{ path = \"blobs/sha256-{}\" }}",
            digest.hex()
        ))
        .as_bytes(),
    );
    let make: [(&str, &dyn Fn()); 3] = [
        ("endless", &|| {
            std::os::unix::fs::symlink("/dev/zero", &blob).expect("a link can be made");
        }),
        ("pipe", &|| {
            use rustix::fs::{CWD, FileType, Mode, mknodat};
            mknodat(CWD, &blob, FileType::Fifo, Mode::RWXU, 0).expect("a pipe can be made");
        }),
        ("large", &|| {
            let file = fs::File::create(&blob).expect("a file can be made");
            file.set_len(1 << 40)
                .expect("a file with a hole can be made");
        }),
    ];
    for (what, make) in make {
        make();
        let started = std::time::Instant::now();
        for (arguments, code) in [
            (["criteria", "lint", "digest.toml"], "blob-missing"),
            (["criteria", "lint", "path.toml"], "validator-unreadable"),
            (
                ["validator", "inspect", blob.to_str().expect("UTF-8")],
                "unreadable",
            ),
        ] {
            let ran = run_in(path, &arguments);
            assert_eq!(ran.code, 2, "{what} {arguments:?}: {}", ran.err);
            assert!(
                ran.err.contains(&format!("[{code}]")),
                "{what}: {}",
                ran.err
            );
        }
        let time = started.elapsed();
        assert!(
            time < std::time::Duration::from_secs(60),
            "{what}: {time:?}"
        );
        fs::remove_file(&blob).expect("it is there");
    }
}

/// A document without an end is told from its first bytes.
#[test]
fn a_document_without_an_end_is_refused() {
    let folder = folder(&[("work/a.txt", b"a")]);
    std::os::unix::fs::symlink("/dev/zero", folder.path().join("criteria.json"))
        .expect("a link can be made");
    for arguments in [
        &["check", "criteria.json", "work"][..],
        &["criteria", "show", "criteria.json"],
        &["criteria", "lint", "criteria.json"],
        &["check", &example(), "work", "--manifest", "criteria.json"],
    ] {
        let ran = run_in(folder.path(), arguments);
        assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.err);
        assert!(
            ran.err.contains("-too-large]"),
            "{arguments:?}: {}",
            ran.err
        );
    }
}

fn example() -> String {
    let root = proofmark_tests::setup::root();
    root.join("examples/quotations/criteria.json")
        .display()
        .to_string()
}

#[test]
fn wrong_usage_is_bad_input() {
    let folder = folder(&[]);
    for arguments in [
        &["--no-such-option"][..],
        &["no-such-command"],
        &["check"],
        &["check", "a", "b", "c"],
        &["completions", "klingon"],
        &[
            "cache",
            "status",
            "--isolation",
            "wishful",
            "--cache",
            "here",
        ],
        &[],
    ] {
        let ran: super::program::Ran = super::program::program()
            .current_dir(folder.path())
            .args(arguments)
            .output()
            .expect("it starts")
            .into();
        assert_eq!(
            (ran.code, ran.out.as_str()),
            (2, ""),
            "{arguments:?}: {}",
            ran.err
        );
        assert!(ran.err.contains("--help"), "{arguments:?}: {}", ran.err);
    }
}

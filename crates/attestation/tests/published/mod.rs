//! The cases on disk: compared with those that are made here, and run as anybody else would.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use proofmark_attestation::bundle::MAX_BUNDLE_BYTES;
use proofmark_attestation::verify::{FailureCode, Request, verify_json};
use serde_json::Value;

use crate::cases::{Answer, Case, all};

/// After this line of the README stands the table that is made here.
const TABLE: &str = "| case | what the attacker did | answer |\n|---|---|---|\n";

type Files = BTreeMap<String, Vec<u8>>;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors")
}

/// The answer to a case that consists of these files and nothing else.
fn answer(files: &Files) -> Value {
    let file = |name: &str| files.get(name).map(Vec::as_slice);
    let needed = |name: &str| file(name).unwrap_or_else(|| panic!("there is no {name}"));
    let expect = serde_json::from_slice::<Value>(needed("expect.json"));
    let pin = file("pin").map(|pin| std::str::from_utf8(pin).expect("text").trim_end());
    let request = Request {
        bundle: &read_bundle(needed("bundle.json"), &expect.unwrap_or_default()),
        policy: needed("policy.dsse.json"),
        facts: needed("facts.json"),
        pin,
        remembered: file("remembered.dsse.json"),
        criteria: file("criteria.json"),
        submission: file("submission.json"),
        known: &known(file("known.json")),
    };
    verify_json(&request).expect("what the settlement knows can be read")
}

/// The bundle with the spaces that the case puts after it. Whoever verifies a stranger's file reads no more
/// of it than one byte beyond the limit; so a gibibyte costs nothing here either.
fn read_bundle(bundle: &[u8], expect: &Value) -> Vec<u8> {
    let spaces = expect.pointer("/bundle/then/times").and_then(Value::as_u64);
    let spaces = std::io::repeat(b' ').take(spaces.unwrap_or_default());
    let mut read = Vec::new();
    let limit = MAX_BUNDLE_BYTES as u64 + 1;
    let result = bundle.chain(spaces).take(limit).read_to_end(&mut read);
    result.expect("memory can be read");
    read
}

fn known(list: Option<&[u8]>) -> Vec<Vec<u8>> {
    let list = list.map_or(Vec::new(), |list| {
        serde_json::from_slice::<Vec<Value>>(list).expect("a list")
    });
    let bundles = list.iter().map(|one| one.to_string().into_bytes());
    bundles.collect()
}

/// All files of a case as they should be on disk; fails unless the answer is the one that the table of cases states.
fn made(case: &Case) -> Files {
    let files = case.files().into_iter();
    let mut files: Files = files
        .map(|(name, content)| (name.to_owned(), content))
        .collect();
    let recipe =
        serde_json::json!({ "bundle": { "then": { "times": case.spaces.unwrap_or_default() } } });
    files.insert("expect.json".to_owned(), recipe.to_string().into_bytes());
    let got = answer(&files);
    let name = case.name;
    match case.answer {
        Answer::Verified(verdict) => {
            assert_eq!(got["verified"], true, "{name}: {got:#}");
            assert_eq!(got["outcome"]["verdict"], verdict.as_str(), "{name}");
        }
        Answer::Refused(code) => {
            assert_eq!(
                got["failure"]["code"],
                code.as_str(),
                "{name}: {}",
                got["failure"]
            );
        }
    }
    files.insert("expect.json".to_owned(), case.expectation(&got));
    files
}

fn on_disk(folder: &Path) -> BTreeMap<String, Files> {
    let mut cases = BTreeMap::new();
    for case in entries(folder) {
        let files = entries(&case).into_iter();
        let files = files.map(|file| (name(&file), fs::read(&file).expect("it can be read")));
        cases.insert(name(&case), files.collect());
    }
    cases
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries
        .map(|entry| entry.expect("it can be read").path())
        .collect()
}

fn name(path: &Path) -> String {
    path.file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned()
}

fn readme(before: &str) -> String {
    let (text, _) = before.split_once(TABLE).unwrap_or((before, ""));
    let rows = all().into_values();
    let rows = rows.map(|case| {
        format!(
            "| `{}` | {} | {} |\n",
            case.name,
            case.about,
            case.answer.text()
        )
    });
    format!("{text}{TABLE}{}", rows.collect::<String>())
}

/// Writes the files if `PROOFMARK_BLESS` is set; else they must be there already, these and no others.
#[test]
fn the_files_are_those_that_are_made_here() {
    let verify = folder().join("verify");
    let cases: BTreeMap<_, _> = all()
        .values()
        .map(|case| (case.name.to_owned(), made(case)))
        .collect();
    let readme_file = folder().join("README.md");
    let text = fs::read_to_string(&readme_file).unwrap_or_default();
    if std::env::var_os("PROOFMARK_BLESS").is_some() {
        write(&verify, &cases);
        fs::write(&readme_file, readme(&text)).expect("it can be written");
    }
    let found = on_disk(&verify);
    let names = |all: &BTreeMap<String, Files>| all.keys().cloned().collect::<Vec<_>>();
    let hint = "run with PROOFMARK_BLESS=1 and look at what changed";
    assert_eq!(names(&found), names(&cases), "{hint}");
    for (name, files) in &cases {
        assert!(found[name] == *files, "{name} is not as it is made: {hint}");
    }
    let text = fs::read_to_string(&readme_file).unwrap_or_default();
    assert!(
        text == readme(&text),
        "the table of the README is not up to date: {hint}"
    );
}

fn write(folder: &Path, cases: &BTreeMap<String, Files>) {
    for stale in on_disk(folder)
        .keys()
        .filter(|name| !cases.contains_key(*name))
    {
        fs::remove_dir_all(folder.join(stale)).expect("it can be removed");
    }
    for (name, files) in cases {
        let case = folder.join(name);
        fs::create_dir_all(&case).expect("it can be made");
        for stale in entries(&case) {
            fs::remove_file(stale).expect("it can be removed");
        }
        for (name, content) in files {
            fs::write(case.join(name), content).expect("it can be written");
        }
    }
}

/// What a third party does: reads the folders, runs its verifier, compares.
#[test]
fn every_case_on_disk_gets_its_answer() {
    let cases = on_disk(&folder().join("verify"));
    assert!(cases.len() >= 90, "there are {} cases", cases.len());
    for (name, files) in cases {
        let expect: Value = serde_json::from_slice(&files["expect.json"]).expect("JSON");
        let got = answer(&files);
        assert_eq!(got["verified"], expect["verified"], "{name}");
        for rule in got["rules"].as_array().expect("rules") {
            let rule_name = rule["rule"].as_str().expect("a name");
            assert_eq!(
                rule["status"], expect["rules"][rule_name],
                "{name}: {rule_name}"
            );
        }
        match got.get("failure") {
            Some(failure) => {
                assert_eq!(
                    (&failure["rule"], &failure["code"]),
                    (&expect["rule"], &expect["code"]),
                    "{name}"
                );
            }
            None => assert_eq!(got["outcome"], expect["outcome"], "{name}"),
        }
    }
}

#[test]
fn every_code_is_reached() {
    let reached: BTreeSet<_> = all()
        .values()
        .filter_map(|case| match case.answer {
            Answer::Refused(code) => Some(code),
            Answer::Verified(_) => None,
        })
        .collect();
    let missing: Vec<_> = FailureCode::ALL
        .iter()
        .filter(|code| !reached.contains(code))
        .collect();
    assert!(missing.is_empty(), "no case ends in {missing:?}");
}

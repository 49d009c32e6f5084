//! Two engines as separate processes on the same work: one envelope, identical bytes. A third with a
//! tampered validator does not fit, and the difference is named.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use proofmark_core::Digest;
use proofmark_tests::setup::root;
use serde_json::Value;
use tempfile::TempDir;

/// Compiled code that the tests share.
const CACHE: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/evidence-cache");
const PROOFMARK: &str = env!("CARGO_BIN_EXE_proofmark-under-test");

/// The whole journey of `examples/evidence.sh`: keys, policy, log, two witnesses, two engines, verification.
fn journey() -> (TempDir, Output) {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let script = root().join("examples/evidence.sh");
    let output = Command::new("bash")
        .env("PROOFMARK_CACHE", CACHE)
        .arg(script)
        .arg(folder.path())
        .arg(PROOFMARK)
        .output()
        .expect("bash is there");
    (folder, output)
}

fn proofmark(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(PROOFMARK);
    command
        .current_dir(folder)
        .args(arguments)
        .env("PROOFMARK_CACHE", CACHE);
    command.output().expect("the program is there")
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("JSON was asked for")
}

fn work() -> PathBuf {
    root().join("examples/service/submissions/within-grade")
}

fn text(path: PathBuf) -> String {
    path.display().to_string()
}

#[test]
fn two_engines_sign_one_statement_and_a_stranger_verifies_it() {
    let (folder, output) = journey();
    let told = String::from_utf8_lossy(&output.stdout);
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}\n{complaints}");
    assert!(
        told.contains("settles    contract con_0001, m1, attempt 1"),
        "{told}"
    );
    assert!(told.contains("re-execution    held"), "{told}");
    let show = ["--output", "json", "bundle", "show", "outcome.bundle.json"];
    let bundle = json(&proofmark(folder.path(), &show));
    assert_eq!(bundle["signers"].as_array().map(Vec::len), Some(2));
}

/// The same component with one more custom section: it behaves the same and is another validator.
fn tampered(folder: &Path) -> String {
    let mut component = proofmark_validators::READY_MADE
        .iter()
        .find(|ready_made| ready_made.name == "service-level")
        .expect("it comes with Proofmark")
        .component
        .to_vec();
    component.extend_from_slice(b"\x00\x06\x04evil.");
    let digest = Digest::of(&component);
    let blobs = folder.join("blobs");
    fs::create_dir_all(&blobs).expect("a folder");
    let name = format!("sha256-{}", digest.hex());
    fs::write(blobs.join(&name), &component).expect("a blob");
    let document = fs::read_to_string(root().join("examples/service/criteria.json"));
    let mut document: Value = serde_json::from_str(&document.expect("criteria")).expect("JSON");
    let validator = &mut document["criteria"][0]["validator"];
    validator["digest"] = digest.to_string().into();
    validator["size_bytes"] = component.len().into();
    fs::write(folder.join("tampered.json"), document.to_string()).expect("a document");
    digest.to_string()
}

#[test]
fn an_engine_with_a_tampered_validator_does_not_fit() {
    let (folder, output) = journey();
    assert!(output.status.success());
    let folder = folder.path();
    let before = fs::read(folder.join("outcome.bundle.json")).expect("the bundle");
    proofmark(folder, &["key", "new", "third.pem"]);
    tampered(folder);
    let work = text(work());
    let cosign = [
        "--output",
        "json",
        "cosign",
        "outcome.bundle.json",
        &work,
        "--key",
        "third.pem",
        "--criteria",
        "tampered.json",
        "--blobs",
        "blobs",
    ];
    let refused = proofmark(folder, &cosign);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    let answer = json(&refused);
    let problems = answer["error"]["problems"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    assert_eq!(problems[0]["code"], "conflicting-outcome");
    let places: Vec<_> = problems
        .iter()
        .filter_map(|one| one["pointer"].as_str())
        .collect();
    assert!(
        places.contains(&"/predicate/criteria/digest/sha256"),
        "{places:?}"
    );
    let after = fs::read(folder.join("outcome.bundle.json")).expect("the bundle");
    assert_eq!(before, after, "nothing is signed, nothing is written");
}

#[test]
fn a_verdict_that_fails_is_verified_and_a_forgery_is_refused() {
    let (folder, output) = journey();
    assert!(output.status.success());
    let folder = folder.path();
    let verify = |bundle: &str, more: &[&str]| {
        let base = [
            "--output",
            "json",
            "verify",
            bundle,
            "--policy",
            "policy.v1.dsse.json",
        ];
        let output = proofmark(folder, &[&base[..], more].concat());
        (output.status.code(), json(&output))
    };
    assert_eq!(verify("outcome.bundle.json", &[]).0, Some(0));
    let (status, answer) = verify("outcome.bundle.json", &["--contract", "con_0002"]);
    assert_eq!(
        (status, &answer["failure"]["code"]),
        (Some(4), &"contract-mismatch".into())
    );

    let honest = fs::read_to_string(folder.join("outcome.bundle.json")).expect("the bundle");
    let forged = honest.replacen("\"payload\":\"ey", "\"payload\":\"eY", 1);
    assert_ne!(honest, forged);
    fs::write(folder.join("forged.json"), forged).expect("a file");
    let (status, answer) = verify("forged.json", &[]);
    assert_eq!((status, &answer["verified"]), (Some(4), &false.into()));

    let bad = text(root().join("examples/service/submissions/outside-grade"));
    let criteria = text(root().join("examples/service/criteria.json"));
    let attest = [
        "attest",
        &criteria,
        &bad,
        "--to",
        "fail.json",
        "--key",
        "buyer-engine.pem",
    ];
    assert_eq!(proofmark(folder, &attest).status.code(), Some(1));
    let cosign = [
        "cosign",
        "fail.json",
        &bad,
        "--key",
        "supplier-engine.pem",
        "--log",
        "log",
        "--log-key",
        "log.pem",
    ];
    assert_eq!(proofmark(folder, &cosign).status.code(), Some(1));
    let (status, answer) = verify("fail.json", &[]);
    assert_eq!(
        (status, &answer["failure"]["code"]),
        (Some(4), &"witness-quorum".into())
    );
}

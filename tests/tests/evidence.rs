//! Two engines as separate processes on the same work: one envelope, identical bytes. A third with a
//! tampered validator does not fit, and the difference is named.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

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
        "--binding",
        "binding.json",
        "--criteria",
        "tampered.json",
        "--blobs",
        "blobs",
    ];
    let refused = proofmark(folder, &cosign);
    assert_eq!(refused.status.code(), Some(4), "{refused:?}");
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

/// Runs `line`, whose words hold no spaces, with `more` behind it; the exit status and the first code, if any.
fn status(folder: &Path, line: &str, more: &[&str]) -> (Option<i32>, Value) {
    let words: Vec<&str> = ["--output", "json"]
        .into_iter()
        .chain(line.split(' '))
        .chain(more.iter().copied())
        .collect();
    let output = proofmark(folder, &words);
    let code = serde_json::from_slice::<Value>(&output.stdout).unwrap_or_default();
    let problem = code.pointer("/error/problems/0/code").cloned();
    (output.status.code(), problem.unwrap_or_default())
}

fn said(exit: i32, code: &str) -> (Option<i32>, Value) {
    (Some(exit), code.into())
}

#[test]
fn an_engine_signs_only_for_an_order_that_it_knows() {
    let (folder, output) = journey();
    assert!(output.status.success());
    let folder = folder.path();
    proofmark(folder, &["key", "new", "third.pem"]);
    let work = text(work());
    let cosign = |more: &[&str]| {
        let line = format!("cosign outcome.bundle.json {work} --key third.pem --to third.json");
        status(folder, &line, more)
    };
    assert_eq!(cosign(&[]), said(2, "binding-unconfirmed"));
    let order = fs::read_to_string(folder.join("binding.json")).expect("the order");
    let other = order.replace("\"attempt\": 1", "\"attempt\": 2");
    assert_ne!(order, other);
    fs::write(folder.join("other.json"), &other).expect("a file");
    let mismatch = ["--binding", "other.json"];
    assert_eq!(cosign(&mismatch), said(4, "binding-mismatch"));
    let zero = other.replace("\"attempt\": 2", "\"attempt\": 0");
    fs::write(folder.join("zero.json"), zero).expect("a file");
    assert_eq!(
        cosign(&["--binding", "zero.json"]),
        said(2, "binding-malformed")
    );
    assert!(!folder.join("third.json").exists());
    assert_eq!(cosign(&["--binding", "binding.json"]).0, Some(0));
    assert_eq!(cosign(&["--any-binding"]), said(2, "would-replace"));
    // Other work is other work, and no conflict.
    let other = text(root().join("examples/service/submissions/outside-grade"));
    let line = format!("cosign outcome.bundle.json {other} --key third.pem --binding binding.json");
    assert_eq!(status(folder, &line, &[]), said(4, "subject-mismatch"));
    let line = format!("attest {other} {other} --to x.json --key third.pem --witness");
    let witness =
        ["log.example/w+49eecfe1+BPvT2Iv+Q0TDaE12YjW9dPe+8tU4bEpbNZOSWv6gB1Wt@http://127.0.0.1:9/"];
    assert_ne!(status(folder, &line, &witness).0, Some(0));
}

#[test]
fn a_bundle_is_not_lost_and_a_proof_is_renewed() {
    let (folder, output) = journey();
    assert!(output.status.success());
    let folder = folder.path();
    let criteria = text(root().join("examples/service/criteria.json"));
    let work = text(work());
    let attest = |more: &[&str]| {
        let line = format!("attest {criteria} {work} --to outcome.bundle.json --key log.pem");
        status(folder, &line, more)
    };
    assert_eq!(attest(&[]), said(2, "would-replace"));
    let verified = || {
        status(
            folder,
            "verify outcome.bundle.json --policy policy.v1.dsse.json",
            &[],
        )
    };
    // It is logged with all its signatures: no key is needed to look for cosignatures.
    let log = |more: &[&str]| status(folder, "bundle log outcome.bundle.json --log log", more);
    assert_eq!(log(&[]).0, Some(0));
    assert_eq!(log(&["--to", "binding.json"]), said(2, "would-replace"));
    assert_eq!(log(&["--to", "nowhere/x.json"]), said(2, "no-directory"));
    // A witness that does not answer: what is missing is said, and nothing is lost.
    let shown = proofmark(
        folder,
        &[
            "--output",
            "json",
            "key",
            "show",
            "buyer-witness.pem",
            "--witness",
            "buyer.example/witness",
        ],
    );
    let vkey = json(&shown)["witness"].clone();
    let nobody = format!("{}@http://127.0.0.1:9/", vkey.as_str().expect("a vkey"));
    let unanswered = ["--witness", &nobody, "--timeout", "1"];
    assert_eq!(log(&unanswered), said(3, "witness-quorum"));
    assert_eq!(
        log(&[&unanswered[..], &["--quorum", "0"]].concat()).0,
        Some(0)
    );
    assert_eq!(
        log(&[&unanswered[..], &["--quorum", "2"]].concat()),
        said(2, "quorum-too-large")
    );
    // Another signature, in a checkpoint that no witness cosigned: the old proof is better, and stays.
    proofmark(folder, &["key", "new", "third.pem"]);
    let line = format!("cosign outcome.bundle.json {work} --key third.pem --binding binding.json");
    let logging = ["--log", "log", "--log-key", "log.pem"];
    let cosigned = status(folder, &line, &[&logging[..], &unanswered].concat());
    assert_eq!(cosigned, said(3, "witness-quorum"));
    let shown = proofmark(
        folder,
        &["--output", "json", "bundle", "show", "outcome.bundle.json"],
    );
    assert_eq!(json(&shown)["signers"].as_array().map(Vec::len), Some(3));
    assert_eq!(verified().0, Some(0));
    // It is not in the bundle's proof: that takes the log's key, and still does no harm.
    assert_eq!(log(&[]), said(2, "log-key-missing"));
    assert_eq!(log(&["--log-key", "log.pem"]).0, Some(0));
    assert_eq!(verified().0, Some(0));
    // Asked for, the new one takes its place, and no witness has seen it.
    assert_eq!(log(&["--log-key", "log.pem", "--renew"]).0, Some(0));
    assert_eq!(
        status(
            folder,
            "verify outcome.bundle.json --policy policy.v1.dsse.json",
            &[]
        )
        .0,
        Some(4)
    );
    let init = "log init other --origin log.example/other --key third.pem";
    assert_eq!(status(folder, init, &[]).0, Some(0));
    let elsewhere = status(
        folder,
        "bundle log outcome.bundle.json --log other --log-key third.pem",
        &[],
    );
    assert_eq!(elsewhere, said(2, "logged-elsewhere"));
    assert_eq!(attest(&["--replace"]).0, Some(0));
}

/// A witness of the journey, started again; it stops when this is dropped.
struct Running {
    process: Child,
    /// As `--witness` takes it.
    name: String,
}

impl Running {
    fn start(folder: &Path, party: &str) -> Self {
        let vkey = |key: &str, kind: &str, name: &str| {
            let show = ["--output", "json", "key", "show", key, kind, name];
            json(&proofmark(folder, &show))[&kind[2..]]
                .as_str()
                .expect("a vkey")
                .to_owned()
        };
        let (key, name) = (
            format!("{party}-witness.pem"),
            format!("{party}.example/witness"),
        );
        let log = vkey("log.pem", "--log", "log.example/outcomes");
        let directory = format!("{party}-witness");
        let serve = [
            "witness", "serve", &directory, "--name", &name, "--key", &key, "--log", &log,
        ];
        let mut process = Command::new(PROOFMARK)
            .current_dir(folder)
            .args(serve)
            .args(["--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program is there");
        let mut url = String::new();
        let mut said = BufReader::new(process.stdout.take().expect("it is piped"));
        said.read_line(&mut url).expect("it says where");
        let name = format!("{}@{}", vkey(&key, "--witness", &name), url.trim_end());
        Self { process, name }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Which proof stays when there are two: the one of all the signatures, if whoever was asked has seen it, and never
/// one that was made up.
#[test]
fn a_better_proof_takes_the_place_of_an_old_or_forged_one() {
    let (folder, output) = journey();
    assert!(output.status.success());
    let folder = folder.path();
    let (buyer, supplier) = (
        Running::start(folder, "buyer"),
        Running::start(folder, "supplier"),
    );
    let (criteria, work) = (
        text(root().join("examples/service/criteria.json")),
        text(work()),
    );
    let logging = [
        "--log",
        "log",
        "--log-key",
        "log.pem",
        "--binding",
        "binding.json",
    ];
    let both = ["--witness", &buyer.name, "--witness", &supplier.name];
    let attest = format!("attest {criteria} {work} --to early.json --key buyer-engine.pem");
    assert_eq!(
        status(folder, &attest, &[&logging[..], &both].concat()).0,
        Some(0)
    );
    let early = fs::read_to_string(folder.join("early.json")).expect("the bundle");
    let logged = |file: &str| {
        let bundle: Value =
            serde_json::from_slice(&fs::read(folder.join(file)).expect("a file")).expect("JSON");
        bundle["log"]["signers"].as_array().map(Vec::len)
    };
    assert_eq!(logged("early.json"), Some(1));
    // One witness is asked, and answers: fewer have seen it, but they have seen both signatures.
    let one = ["--witness", &supplier.name];
    let cosign = format!("cosign early.json {work} --key supplier-engine.pem --to later.json");
    assert_eq!(
        status(folder, &cosign, &[&logging[..], &one].concat()).0,
        Some(0)
    );
    assert_eq!(logged("later.json"), Some(2));
    // Cosignatures that nobody made, and a root that is not the log's.
    let line = early.find("\\n\\n").expect("a note in a proof");
    let root = early[line..]
        .find("\\n— ")
        .map(|at| line + at)
        .expect("signatures");
    let mut forged = early.clone();
    forged.insert_str(root, "\\n— evil.example/w AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\\n— evil2.example/w AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    let size = forged
        .find("log.example/outcomes\\n")
        .expect("a checkpoint")
        + "log.example/outcomes\\n".len();
    forged.replace_range(size..=size, "9");
    fs::write(folder.join("forged.json"), &forged).expect("a file");
    let cosign = cosign.replace("early", "forged").replace("later", "real");
    assert_eq!(
        status(folder, &cosign, &[&logging[..], &both].concat()).0,
        Some(0)
    );
    let verify = "verify real.json --policy policy.v1.dsse.json";
    assert_eq!(status(folder, verify, &[]).0, Some(0));
}

#[test]
fn a_file_of_another_kind_is_not_replaced() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let folder = folder.path();
    proofmark(folder, &["key", "new", "key.pem"]);
    let key = fs::read(folder.join("key.pem")).expect("a key");
    let criteria = text(root().join("examples/service/criteria.json"));
    let check = |to: &str| {
        status(
            folder,
            &format!("check {criteria} {} --record {to}", text(work())),
            &[],
        )
    };
    assert_eq!(check("key.pem"), said(2, "would-replace"));
    assert_eq!(check("record.json").0, Some(0));
    assert_eq!(check("record.json").0, Some(0));
    let attest = format!(
        "attest {criteria} {} --to key.pem --key key.pem",
        text(work())
    );
    assert_eq!(status(folder, &attest, &[]), said(2, "would-replace"));
    assert_eq!(fs::read(folder.join("key.pem")).expect("a key"), key);
}

#[test]
fn what_settles_is_asked_for_and_a_file_s_time_is_not_believed() {
    let (folder, output) = journey();
    assert!(output.status.success());
    let folder = folder.path();
    let verify = |more: &[&str]| {
        let line = "verify outcome.bundle.json --policy policy.v1.dsse.json";
        status(folder, line, more)
    };
    assert_eq!(verify(&["--settle"]), said(2, "facts-incomplete"));
    let digest = format!("sha256:{}", "1".repeat(64));
    let other = format!("{{\"submission\": {{\"sha256\": \"{}\"}}}}", "1".repeat(64));
    fs::write(folder.join("other.json"), other).expect("a file");
    let work = text(work());
    let contradict = ["--facts", "other.json", "--submission", &work];
    assert_eq!(verify(&contradict), said(2, "facts-contradict"));
    assert_eq!(verify(&["--contract-digest", &digest]).0, Some(4));
    // A policy that nobody pinned or remembers is anybody's: that settles nothing.
    let order = "--audience urn:market:example --contract con_0001 --deliverable m1 --attempt 1 \
                 --nonce 8c93255d71dcab10e8f379c26200f3c7 --contract-digest \
                 sha256:e230a2472bcb2c4761877a591dda25f431273e5eeaed138ae269b95a0675ee79";
    let criteria = text(root().join("examples/service/criteria.json"));
    let mut settle: Vec<_> = order.split(' ').collect();
    settle.extend(["--criteria", &criteria, "--submission", &work, "--settle"]);
    assert_eq!(verify(&settle), said(2, "policy-not-known"));
    // Nor does a memory in which there is nothing yet: a name that was mistyped must not let anybody in.
    settle.extend(["--remember", "policy.new"]);
    assert_eq!(verify(&settle), said(2, "policy-not-known"));
    let line = "--output json verify outcome.bundle.json --policy policy.v1.dsse.json";
    let unasked = line
        .split(' ')
        .chain(settle[..settle.len() - 3].iter().copied());
    let unknown = json(&proofmark(folder, &unasked.collect::<Vec<_>>()));
    let settles = &unknown["outcome"]["settles"];
    assert_eq!(settles, false, "any policy signs for itself");
    let show = "--output json policy show policy.v1.dsse.json";
    let shown = json(&proofmark(folder, &show.split(' ').collect::<Vec<_>>()));
    let pin = shown["digest"].as_str().expect("a digest").to_owned();
    settle.extend(["--pin", &pin]);
    assert_eq!(verify(&settle).0, Some(0));
    // Now it is remembered.
    settle.truncate(settle.len() - 2);
    assert_eq!(verify(&settle).0, Some(0));
    // In the year 2020 nobody could have signed this policy: the clock is asked, and not the file.
    fs::write(
        folder.join("facts.json"),
        "{\"now\": \"2020-01-01T00:00:00Z\"}",
    )
    .expect("a file");
    assert_eq!(verify(&["--facts", "facts.json"]).0, Some(0));
    assert_eq!(verify(&["--at", "2020-01-01T00:00:00Z"]).0, Some(4));
    fs::write(
        folder.join("list.json"),
        "{\"now\": \"2020-01-01T00:00:00Z\", \"contract\": [\"con_0001\"]}",
    )
    .expect("a file");
    assert_eq!(
        verify(&["--facts", "list.json"]),
        said(2, "facts-malformed")
    );
}

#[test]
fn a_contradiction_is_found_and_proves_itself() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let folder = folder.path();
    let case = root().join("tests/vectors/verify/equivocation");
    let known = fs::read_to_string(case.join("known.json")).expect("a list");
    let known: Value = serde_json::from_str(&known).expect("JSON");
    fs::write(folder.join("known.json"), known[0].to_string()).expect("a file");
    let (bundle, policy) = (
        text(case.join("bundle.json")),
        text(case.join("policy.dsse.json")),
    );
    let find = |one: &str, other: &str, more: &[&str]| {
        let line =
            format!("bundle conflicts {one} {other} --policy {policy} --at 2026-11-26T19:00:00Z");
        status(folder, &line, more)
    };
    assert_eq!(find(&bundle, &bundle, &[]).0, Some(0));
    let proof = ["--proof", "fraud.json"];
    assert_eq!(find(&bundle, "known.json", &proof).0, Some(1));
    assert_eq!(
        find(&bundle, "known.json", &proof),
        said(2, "would-replace")
    );
    assert_eq!(status(folder, "bundle fraud fraud.json", &[]).0, Some(0));
    let proven = fs::read_to_string(folder.join("fraud.json")).expect("the proof");
    let mut nothing: Value = serde_json::from_str(&proven).expect("JSON");
    nothing["second"] = nothing["first"].clone();
    fs::write(folder.join("nothing.json"), nothing.to_string()).expect("a file");
    assert_eq!(
        status(folder, "bundle fraud nothing.json", &[]),
        said(1, "fraud-proof-no-conflict")
    );
    fs::write(folder.join("empty.json"), "").expect("a file");
    assert_eq!(
        status(folder, "bundle fraud empty.json", &[]),
        said(2, "fraud-proof-malformed")
    );
}

//! A market on this machine: its server, a buyer, a supplier and an engine, all as processes of their own.

mod evidence;
mod stops;
mod trade;
mod webhooks;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use proofmark_tests::setup::root;
use serde_json::Value;

/// Compiled code that the tests share.
const CACHE: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/market-cache");
const PROOFMARK: &str = env!("CARGO_BIN_EXE_proofmark-under-test");

fn proofmark(folder: &Path, url: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(PROOFMARK);
    command
        .current_dir(folder)
        .args(arguments)
        .env("PROOFMARK_CACHE", CACHE)
        .env("PROOFMARK_MARKET", url);
    command.output().expect("the program is there")
}

/// A server that stops when this is dropped.
struct Server {
    process: Child,
    url: String,
}

impl Server {
    fn start(folder: &Path) -> Self {
        Self::start_with(folder, &[])
    }

    fn start_with(folder: &Path, options: &[&str]) -> Self {
        let mut process = Command::new(PROOFMARK)
            .current_dir(folder)
            .args(["market", "serve", "market", "--listen", "127.0.0.1:0"])
            .args(options)
            .env("PROOFMARK_CACHE", CACHE)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program is there");
        let mut url = String::new();
        let out = process.stdout.as_mut().expect("it is piped");
        let read = BufReader::new(out).read_line(&mut url);
        read.expect("it says where it listens");
        let url = url.trim_end().to_owned();
        Self { process, url }
    }
}

impl Server {
    /// As `kill` stops it.
    fn stop(mut self) {
        let process = i32::try_from(self.process.id()).expect("a process id");
        let process = rustix::process::Pid::from_raw(process).expect("it is not 0");
        rustix::process::kill_process(process, rustix::process::Signal::TERM).expect("it runs");
        let status = self.process.wait().expect("it ends");
        assert!(status.success(), "{status}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn work_is_ordered_delivered_judged_and_paid() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let output = Command::new("bash")
        .env("PROOFMARK_CACHE", CACHE)
        .arg(root().join("examples/market.sh"))
        .arg(folder.path())
        .arg(PROOFMARK)
        .output()
        .expect("bash is there");
    let told = String::from_utf8_lossy(&output.stdout);
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}\n{complaints}");
    // 40.00, a fee of 1.00 and 0.02 for the verdict.
    let all = [
        "is Final.",
        "buyer 58.98 USD",
        "supplier 140.00 USD",
        "nothing is wrong",
    ];
    for line in all {
        assert!(told.contains(line), "{line}: {told}");
    }
    let contract = starts_again(folder.path());
    evidence::outlives_the_market(folder.path(), &contract);
    a_copy_is_a_market(folder.path());
    evidence::a_flipped_tile_is_found(folder.path());
    a_flipped_byte_is_found(folder.path());
}

fn a_copy_is_a_market(folder: &Path) {
    let copy = [
        "--output",
        "json",
        "market",
        "copy",
        "market",
        "--to",
        "sqlite:copy.db",
    ];
    let copied = proofmark(folder, "", &copy);
    let copied: Value = serde_json::from_slice(&copied.stdout).expect("JSON");
    let head = copied["head"].as_str().expect("its head");
    let audit = [
        "market",
        "audit",
        "market",
        "--store",
        "sqlite:copy.db",
        "--head",
        head,
    ];
    let audited = proofmark(folder, "", &audit);
    assert!(audited.status.success(), "{audited:?}");
}

/// What an audit says, and its findings.
fn audit(folder: &Path) -> (Option<i32>, Value) {
    let audit = ["--output", "json", "market", "audit", "market"];
    let output = proofmark(folder, "", &audit);
    let mut said: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    (output.status.code(), said["findings"].take())
}

/// A cent more for somebody, in the file itself.
fn a_flipped_byte_is_found(folder: &Path) {
    let file = folder.join("market/record.db");
    let honest = fs::read(&file).expect("it is a file");
    assert_eq!(audit(folder), (Some(0), Value::Array(Vec::new())));
    let transfer = br#""amount":3200,"kind""#;
    let mut changed = honest.clone();
    // A page that was split has left a copy that nobody reads.
    for (at, it) in honest.windows(transfer.len()).enumerate() {
        if it == transfer {
            changed[at + 12] ^= 1;
        }
    }
    assert_ne!(changed, honest, "32.00 were paid");
    fs::write(&file, changed).expect("it is written");
    let (code, findings) = audit(folder);
    assert_eq!(code, Some(1), "{findings}");
    let place = findings[0]["place"].as_str().unwrap_or_default();
    assert!(place.starts_with("transfer "), "{findings}");
}

/// The server was stopped as `kill` stops it. Another process reads the record and is the same market.
fn starts_again(folder: &Path) -> String {
    let server = Server::start(folder);
    let rfq: Value =
        serde_json::from_slice(&fs::read(folder.join("rfq.json")).expect("written")).expect("JSON");
    let rfq = rfq["rfq"].as_str().expect("its name");
    let contract = format!("con_{}_1", rfq.trim_start_matches("rfq_"));
    let show = ["--output", "json", "market", "show", &contract];
    let shown = proofmark(folder, &server.url, &show);
    let shown: Value = serde_json::from_slice(&shown.stdout).expect("JSON");
    assert_eq!(shown["state"], "Final");
    // What is refused has the market's code, and says what to do.
    let accept = format!(
        r#"{{"type": "contract", "contract": "{contract}", "verb": {{"type": "accept"}}}}"#
    );
    let send = [
        "--output",
        "json",
        "market",
        "send",
        &accept,
        "--key",
        "buyer.pem",
    ];
    let refused = proofmark(folder, &server.url, &send);
    let problem: Value = serde_json::from_slice(&refused.stdout).expect("JSON");
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(
        problem.pointer("/error/problems/0/code"),
        Some(&"state-forbids".into())
    );
    server.stop();
    contract
}

#[test]
fn what_is_no_market_is_said() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let folder = folder.path();
    let code = |url: &str, arguments: &[&str]| {
        let all = [&["--output", "json"], arguments].concat();
        let output = proofmark(folder, url, &all);
        let problem: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let code = problem.pointer("/error/problems/0/code").cloned();
        (output.status.code(), code.unwrap_or_default())
    };
    let nowhere = "http://127.0.0.1:9";
    let said = |exit: i32, code: &str| (Some(exit), Value::from(code));
    assert_eq!(
        code(nowhere, &["market", "show"]),
        said(3, "market-unreachable")
    );
    // Whoever follows does not wait for what is not there.
    assert_eq!(
        code(nowhere, &["events", "--follow"]),
        said(3, "market-unreachable")
    );
    assert_eq!(
        code(nowhere, &["market", "serve", "."]),
        said(2, "no-market-there")
    );
    proofmark(folder, nowhere, &["key", "new", "key.pem"]);
    let send = |action| ["market", "send", action, "--key", "key.pem"];
    assert_eq!(code(nowhere, &send("{")), said(2, "action-malformed"));
    let unknown = send(r#"{"type": "print_money"}"#);
    assert_eq!(code(nowhere, &unknown), said(2, "action-malformed"));
    proofmark(folder, nowhere, &["market", "init", "market"]);
    assert_eq!(
        code(nowhere, &["market", "init", "market"]),
        said(2, "no-directory")
    );
}

/// What is signed is what was written: nothing is dropped, and nothing is put in the place of what stands there.
#[test]
fn what_is_signed_is_what_was_written() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let folder = folder.path();
    proofmark(folder, "", &["market", "init", "market"]);
    let server = Server::start(folder);
    let said = |action: &str, more: &[&str]| {
        let send = [
            "--output",
            "json",
            "market",
            "send",
            action,
            "--key",
            "market/operator.pem",
        ];
        let output = proofmark(folder, &server.url, &[&send, more].concat());
        let said: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let code = said.pointer("/error/problems/0/code").cloned();
        code.unwrap_or_else(|| said["status"].clone())
    };
    let operator: Value = {
        let show = ["--output", "json", "key", "show", "market/operator.pub.pem"];
        serde_json::from_slice(&proofmark(folder, "", &show).stdout).expect("JSON")
    };
    let party = operator["keyId"].as_str().expect("its name");
    let deposit = |more: &str| {
        format!(r#"{{"type": "deposit", "party": "{party}", "asset": "USD/2", "amount": 5{more}}}"#)
    };
    for (action, code) in [
        (
            deposit(r#", "id": "00000000000000000000000000000001""#),
            "action-malformed",
        ),
        (
            deposit(r#", "valid_until": "2020-01-01T00:00:00Z""#),
            "action-malformed",
        ),
        (deposit(r#", "amount": 6"#), "action-malformed"),
        (
            r#"{"type": "register", "public_key": "mine"}"#.to_owned(),
            "action-contradicts",
        ),
        (
            r#"{"type": "publish_rfq"}"#.to_owned(),
            "attachment-missing",
        ),
    ] {
        assert_eq!(said(&action, &[]), code, "{action}");
    }
    fs::write(folder.join("any.json"), "{}").expect("written");
    let attach = ["--attach", "any.json"];
    assert_eq!(said(&deposit(""), &attach), "attachment-surplus");
    let other = r#"{"type": "publish_rfq", "terms": "sha256:00"}"#;
    assert_eq!(said(other, &attach), "action-contradicts");
    // Under one name it is obeyed once, however often it is sent; and not at all when it is too late.
    let id = ["--id", "000102030405060708090a0b0c0d0e0f"];
    assert_eq!(said(&deposit(""), &id), "obeyed");
    assert_eq!(said(&deposit(""), &id), "exists");
    let late = ["--valid-until", "2020-01-01T00:00:00Z"];
    assert_eq!(said(&deposit(""), &late), "command-expired");
    server.stop();
}

/// A mistyped address does not look like a market that has forgotten everything.
#[test]
fn a_record_that_is_not_there_is_not_made_up() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let folder = folder.path();
    proofmark(folder, "", &["market", "init", "market"]);
    for command in ["serve", "audit"] {
        let output = proofmark(
            folder,
            "",
            &[
                "--output",
                "json",
                "market",
                command,
                "market",
                "--store",
                "sqlite:other.db",
            ],
        );
        let problem: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let code = problem.pointer("/error/problems/0/code");
        assert_eq!(code, Some(&"no-record".into()), "{command}");
        assert_eq!(output.status.code(), Some(2));
    }
}

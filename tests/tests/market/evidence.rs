//! What a market leaves behind for whoever was not there: the bundle of a contract with the proof that it is logged,
//! verified when the market is gone; and a log that others watch.

use std::fs;
use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use super::{CACHE, PROOFMARK, Server, audit, proofmark};

/// A witness of the log, until it is dropped.
struct Witness {
    process: Child,
    /// As the market is told of it.
    name: String,
}

impl Witness {
    fn start(folder: &Path, log: &str) -> Self {
        said(folder, "", &["key", "new", "witness.pem"]);
        let options = ["--name", "witness.example", "--key", "witness.pem"];
        let mut process = Command::new(PROOFMARK)
            .current_dir(folder)
            .args(["witness", "serve", "witness", "--log", log])
            .args(options)
            .args(["--listen", "127.0.0.1:0"])
            .env("PROOFMARK_CACHE", CACHE)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program is there");
        let url = line(process.stdout.as_mut().expect("it is piped"));
        let key = line(process.stderr.as_mut().expect("it is piped"));
        let key = key.trim_start_matches("witness ");
        let name = format!("{key}@{url}");
        Self { process, name }
    }
}

fn line(from: &mut impl Read) -> String {
    let mut line = String::new();
    let read = BufReader::new(from).read_line(&mut line);
    read.expect("it says who it is and where");
    line.trim_end().to_owned()
}

impl Drop for Witness {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What the program says of a success.
fn said(folder: &Path, url: &str, arguments: &[&str]) -> Value {
    let output = proofmark(folder, url, &[&["--output", "json"], arguments].concat());
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    serde_json::from_slice(&output.stdout).unwrap_or_default()
}

/// After a purchase, in its folder.
pub(super) fn outlives_the_market(folder: &Path, contract: &str) {
    let made = fs::read(folder.join("market.json")).expect("`market init` said it");
    let made: Value = serde_json::from_slice(&made).expect("JSON");
    let key = made["log"].as_str().expect("the log has a key");
    let witness = Witness::start(folder, key);
    let server = Server::start_with(folder, &["--witness", &witness.name]);
    let shown = said(folder, &server.url, &["market", "show"]);
    assert_eq!(shown["log"], json!(key));
    let pin = shown["policy"].as_str().expect("there is one").to_owned();
    watched(folder, &server, key);
    let listed = said(
        folder,
        &server.url,
        &["contract", "bundle", contract, "--list"],
    );
    assert_eq!(listed["items"][0]["log_index"], 0);
    let fetch = ["contract", "bundle", contract, "--to", "evidence.json"];
    let cosigned = || {
        said(folder, &server.url, &fetch);
        fs::read_to_string(folder.join("evidence.json"))
            .is_ok_and(|it| it.contains("witness.example"))
    };
    let mut tries = 0;
    while !cosigned() {
        tries += 1;
        assert!(tries < 100, "the witness has cosigned");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    let presented = ["contract", "bundle", contract, "--presented"];
    let presented = proofmark(folder, &server.url, &presented).stdout;
    server.stop();
    a_restored_record_makes_no_fork(folder, &witness);
    a_lost_log_is_made_again(folder, &witness, key);
    fs::write(folder.join("presented.json"), presented).expect("written");
    let policy = "market/policy.v1.dsse.json";
    for (bundle, status) in [("evidence.json", "held"), ("presented.json", "not-asked")] {
        let verify = ["verify", bundle, "--policy", policy, "--pin", &pin];
        let verified = said(folder, "", &verify);
        for rule in ["log-origin", "inclusion", "witness-quorum"] {
            let rules = verified["rules"].as_array().expect("rules");
            let found = rules.iter().find(|it| it["rule"] == rule);
            assert_eq!(found.expect(rule)["status"], status, "{bundle}: {rule}");
        }
    }
}

/// Keys and rules of the market with a record from before its verdict: the log would go on otherwise, and the witness knows.
fn a_restored_record_makes_no_fork(folder: &Path, witness: &Witness) {
    let old = folder.join("old");
    fs::create_dir(&old).expect("it is made");
    for file in fs::read_dir(folder.join("market")).expect("it is there") {
        let file = file.expect("a file");
        let name = file.file_name().into_string().expect("text");
        if file.path().is_file() && !name.starts_with("record.db") {
            fs::copy(file.path(), old.join(&name)).expect("copied");
        }
    }
    let serve = ["market", "serve", "old", "--new", "--listen", "127.0.0.1:0"];
    let asked = ["--no-examiner", "--witness", &witness.name];
    let output = proofmark(folder, "", &[&serve[..], &asked].concat());
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{complaint}");
    assert!(complaint.contains("log-forked"), "{complaint}");
    fs::remove_dir_all(old).expect("it is gone");
}

/// The record has what the witness knows: the log catches up with that before it is asked whether it is the same.
fn a_lost_log_is_made_again(folder: &Path, witness: &Witness, key: &str) {
    fs::remove_dir_all(folder.join("market/log")).expect("it was there");
    let serve = ["market", "serve", "market", "--listen", "127.0.0.1:0"];
    let asked = ["--no-examiner", "--witness", &witness.name];
    let output = proofmark(folder, "", &[&serve[..], &asked].concat());
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(complaint.contains("log-missing"), "{complaint}");
    let server = Server::start_with(folder, &["--witness", &witness.name, "--remake-log"]);
    let log = format!("{}/log", server.url);
    let monitor = ["log", "monitor", &log, "--log-key", key];
    let again = [&monitor[..], &["--remember", "seen"]].concat();
    let again = said(folder, "", &again);
    assert_eq!(again["observed"], "unchanged", "{again}");
    server.stop();
}

/// A monitor reads the log from the market's own server, and remembers how far it goes.
fn watched(folder: &Path, server: &Server, key: &str) {
    let log = format!("{}/log", server.url);
    let monitor = [
        "log",
        "monitor",
        &log,
        "--log-key",
        key,
        "--remember",
        "seen",
    ];
    let first = said(folder, "", &monitor);
    assert_eq!((&first["size"], &first["log"]), (&json!(1), &json!(key)));
    let again = said(folder, "", &monitor);
    assert_eq!(again["observed"], "unchanged", "{again}");
    let checked = said(folder, "", &["log", "prove", &log, "0", "--log-key", key]);
    assert!(!checked.is_null());
}

/// One byte of a tile: the audit of the market names the file.
pub(super) fn a_flipped_tile_is_found(folder: &Path) {
    let tile = "market/log/public/tile/0/000.p/1";
    let honest = fs::read(folder.join(tile)).expect("it is there");
    let mut changed = honest.clone();
    changed[7] ^= 1;
    fs::write(folder.join(tile), changed).expect("it is written");
    let (code, findings) = audit(folder);
    assert_eq!(code, Some(1), "{findings}");
    let place = findings[0]["place"].as_str().unwrap_or_default();
    assert!(place.ends_with("tile/0/000.p/1"), "{findings}");
    fs::write(folder.join(tile), honest).expect("it is written");
    assert_eq!(audit(folder), (Some(0), json!([])));
}

/// A market from before there were logs runs as it did; no key is made that nobody asked for.
#[test]
fn a_market_without_a_key_for_it_has_no_log() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let folder = folder.path();
    said(folder, "", &["market", "init", "market"]);
    for key in ["log.pem", "log.pub.pem"] {
        fs::remove_file(folder.join("market").join(key)).expect("`market init` made it");
    }
    let server = Server::start(folder);
    let shown = said(folder, &server.url, &["market", "show"]);
    assert_eq!(shown["log"], Value::Null);
    server.stop();
    assert!(!folder.join("market/log").exists());
    assert_eq!(audit(folder), (Some(0), json!([])));
}

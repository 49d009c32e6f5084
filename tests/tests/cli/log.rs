//! A log and its witness, from making them to finding that the log lied.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use super::program::{command, folder, put, run_in};
use super::transcript::Transcript;

/// Seeds that everybody knows.
const LOG_SEED: &[u8] = b"0202020202020202020202020202020202020202020202020202020202020202\n";
const WITNESS_SEED: &[u8] = b"0303030303030303030303030303030303030303030303030303030303030303\n";

fn ready() -> tempfile::TempDir {
    let folder = folder(&[
        ("log.seed", LOG_SEED),
        ("witness.seed", WITNESS_SEED),
        ("one", b"the first entry"),
        ("two", b"the second entry"),
        ("three", b"the third entry"),
    ]);
    for name in ["log", "witness"] {
        let (seed, key) = (format!("{name}.seed"), format!("{name}.pem"));
        assert_eq!(
            run_in(folder.path(), &["key", "import", &seed, &key]).code,
            0
        );
    }
    folder
}

fn json(path: &Path, arguments: &[&str]) -> serde_json::Value {
    let arguments = [arguments, &["--output", "json"]].concat();
    run_in(path, &arguments).json()
}

fn init(directory: &str) -> [&str; 7] {
    [
        "log",
        "init",
        directory,
        "--origin",
        "log.example/outcomes",
        "--key",
        "log.pem",
    ]
}

/// A server of the product's, until it is dropped, and where it answers.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(path: &Path, arguments: &[&str]) -> Self {
        let arguments = [arguments, &["--listen", "127.0.0.1:0"]].concat();
        let mut command = command(path, &arguments);
        let command = command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the binary starts");
        let mut url = String::new();
        let output = child.stdout.take().expect("it is piped");
        BufReader::new(output)
            .read_line(&mut url)
            .expect("it says where");
        Self {
            child,
            url: url.trim().to_owned(),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_log_is_made_grown_proven_and_checked() {
    let folder = ready();
    let path = folder.path();
    let mut transcript = Transcript::default();
    assert_eq!(transcript.call(path, &init("log")).code, 0);
    assert_eq!(transcript.call(path, &init("log")).code, 2);
    let append = ["log", "append", "log", "one", "two", "--key", "log.pem"];
    assert_eq!(transcript.call(path, &append).code, 0);
    assert_eq!(
        transcript
            .call(path, &["log", "append", "log", "three", "--key", "log.pem"])
            .code,
        0
    );
    let other = ["log", "append", "log", "three", "--key", "witness.pem"];
    transcript.note("another key signs nothing");
    assert_eq!(transcript.call(path, &other).code, 2);
    assert_eq!(transcript.call(path, &["log", "checkpoint", "log"]).code, 0);
    assert_eq!(transcript.call(path, &["log", "prove", "log", "1"]).code, 0);
    assert_eq!(transcript.call(path, &["log", "prove", "log", "3"]).code, 2);
    assert_eq!(transcript.call(path, &["log", "fsck", "log"]).code, 0);
    transcript.note("an entry is changed after the fact");
    let bundle = path.join("log/public/tile/entries/000.p/3");
    let bytes = fs::read(&bundle).expect("it is there");
    fs::write(&bundle, [&bytes[..bytes.len() - 1], b"Y"].concat()).expect("written");
    assert_eq!(transcript.call(path, &["log", "fsck", "log"]).code, 1);
    assert_eq!(
        transcript
            .call(path, &["log", "fsck", "log", "--output", "json"])
            .code,
        1
    );
    transcript.note("there is no log");
    assert_eq!(
        transcript
            .call(path, &["log", "checkpoint", "nowhere"])
            .code,
        2
    );
    transcript.assert("log-from-init-to-fsck");
}

#[test]
fn a_fork_is_found_and_proven_to_strangers() {
    let folder = ready();
    let path = folder.path();
    for directory in ["log", "fork"] {
        assert_eq!(run_in(path, &init(directory)).code, 0);
    }
    let append = |directory, files: &[&str]| {
        let arguments = [
            &["log", "append", directory][..],
            files,
            &["--key", "log.pem"],
        ]
        .concat();
        assert_eq!(run_in(path, &arguments).code, 0);
    };
    append("log", &["one", "two"]);
    append("fork", &["one", "three", "two"]);
    let vkey = json(path, &["log", "checkpoint", "log"])["log"]
        .as_str()
        .expect("a key")
        .to_owned();
    let mut transcript = Transcript::default();
    let monitor = |directory| {
        [
            "log",
            "monitor",
            directory,
            "--remember",
            "seen",
            "--log-key",
            &vkey,
        ]
    };
    assert_eq!(transcript.call(path, &monitor("log")).code, 0);
    assert_eq!(transcript.call(path, &monitor("log")).code, 0);
    append("log", &["three"]);
    assert_eq!(transcript.call(path, &monitor("log")).code, 0);
    transcript.note("the same key, another tree");
    assert_eq!(transcript.call(path, &monitor("fork")).code, 1);
    let check = ["log", "check-fork", "log-fork.json", "--log-key", &vkey];
    assert_eq!(transcript.call(path, &check).code, 0);
    transcript.note("what is no fork proves none");
    let proof = fs::read_to_string(path.join("log-fork.json")).expect("it was written");
    let proof: serde_json::Value = serde_json::from_str(&proof).expect("JSON");
    let mut same = proof.clone();
    same["second"] = proof["first"].clone();
    put(path, "same.json", same.to_string().as_bytes());
    let check = ["log", "check-fork", "same.json", "--log-key", &vkey];
    assert_eq!(transcript.call(path, &check).code, 1);
    put(path, "nothing.json", b"{}");
    let check = ["log", "check-fork", "nothing.json", "--log-key", &vkey];
    assert_eq!(transcript.call(path, &check).code, 2);
    transcript.assert("log-fork");
}

#[test]
fn a_witness_cosigns_growth_and_a_served_log_is_read() {
    let folder = ready();
    let path = folder.path();
    assert_eq!(run_in(path, &init("log")).code, 0);
    let log_key = json(path, &["log", "checkpoint", "log"])["log"]
        .as_str()
        .expect("a key")
        .to_owned();
    let witness = [
        "witness",
        "serve",
        "w",
        "--name",
        "w.example",
        "--key",
        "witness.pem",
        "--log",
        &log_key,
    ];
    let witness = Server::start(path, &witness);
    let shown = run_in(
        path,
        &["key", "show", "witness.pub.pem", "--witness", "w.example"],
    )
    .out;
    let words = shown.split_whitespace();
    let key = words
        .into_iter()
        .find(|word| word.starts_with("w.example+"))
        .expect("its key");
    let asked = format!("{key}@{}", witness.url);
    let append = |file| {
        let arguments = [
            "log",
            "append",
            "log",
            file,
            "--key",
            "log.pem",
            "--witness",
            &asked,
        ];
        run_in(path, &arguments)
    };
    for file in ["one", "two"] {
        let ran = append(file);
        assert_eq!((ran.code, &*ran.err), (0, ""), "{}", ran.out);
        let note = run_in(path, &["log", "checkpoint", "log"]).out;
        assert_eq!(note.matches("— w.example ").count(), 1, "{note}");
    }
    let server = Server::start(path, &["log", "serve", "log"]);
    let served = run_in(
        path,
        &["log", "prove", &server.url, "0", "--log-key", &log_key],
    );
    assert_eq!((served.code, &*served.err), (0, ""));
    assert_eq!(served.out, run_in(path, &["log", "prove", "log", "0"]).out);
    assert!(
        run_in(path, &["log", "prove", &server.url, "0"])
            .err
            .contains("log-key-missing")
    );
    let monitor = [
        "log",
        "monitor",
        &server.url,
        "--remember",
        "seen",
        "--log-key",
        &log_key,
    ];
    assert_eq!(run_in(path, &monitor).code, 0);
    drop(witness);
    let ran = append("three");
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    assert!(
        ran.err.contains("witness-unreachable") && ran.err.contains("witness-quorum"),
        "{}",
        ran.err
    );
    assert_eq!(
        json(path, &["log", "checkpoint", "log"])["size"],
        3,
        "it is logged all the same"
    );
}

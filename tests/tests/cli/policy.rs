//! The way of a policy: written, signed by its root, changed, and signed by both roots.

use std::path::Path;

use super::program::{Ran, folder, put, run_in};
use super::transcript::Transcript;

/// As if every call were at this moment.
const NOW: &str = "2026-11-26T18:00:00Z";
const PROFILE: &str =
    "proofmark/reference-1=sha256:0000000000000000000000000000000000000000000000000000000000000000";

/// Keys that everybody knows, from seeds that are one byte 32 times.
fn with_keys(path: &Path) {
    for (name, byte) in [
        ("root1", "01"),
        ("root2", "02"),
        ("root3", "03"),
        ("engine1", "0b"),
        ("engine2", "0c"),
        ("log", "1f"),
    ] {
        put(path, "seed", byte.repeat(32).as_bytes());
        let made = run_in(path, &["key", "import", "seed", &format!("{name}.pem")]);
        assert_eq!(made.code, 0, "{}", made.err);
    }
}

fn call(transcript: &mut Transcript, path: &Path, arguments: &[&str]) -> Ran {
    let arguments = [&["policy"], arguments, &["--now", NOW]].concat();
    transcript.call(path, &arguments)
}

const NEW: &[&str] = &[
    "new",
    "--root",
    "acme=root1.pub.pem",
    "--root",
    "acme=root2.pub.pem",
    "--root",
    "notary=root3.pub.pem",
    "--audience",
    "urn:market:acme",
];

/// From nothing to a signed policy, and what refuses on the way.
#[test]
fn from_new_to_signed() {
    let folder = folder(&[]);
    let path = folder.path();
    with_keys(path);
    let mut transcript = Transcript::default();
    let mut call = |arguments: &[&str]| call(&mut transcript, path, arguments).code;
    assert_eq!(call(NEW), 0);
    assert_eq!(call(NEW), 2);
    let engine = [
        "add-key",
        "policy.json",
        "engine1.pub.pem",
        "--role",
        "outcome",
        "--operator",
        "acme-labs",
    ];
    assert_eq!(call(&engine), 0);
    assert_eq!(
        call(&[
            "add-key",
            "policy.json",
            "engine2.pub.pem",
            "--role",
            "outcome",
            "--operator",
            "second",
            "--until",
            "2027-11-26T18:00:00Z"
        ]),
        0
    );
    assert_eq!(
        call(&[
            "add-key",
            "policy.json",
            "root1.pub.pem",
            "--role",
            "outcome",
            "--operator",
            "acme"
        ]),
        2
    );
    assert_eq!(call(&["set", "policy.json", "--threshold", "outcome=3"]), 2);
    assert_eq!(
        call(&["set", "policy.json", "--threshold", "outcome=2,distinct"]),
        0
    );
    assert_eq!(
        call(&["add-profile", "policy.json", "--profile", PROFILE]),
        0
    );
    assert_eq!(call(&["lint", "policy.json"]), 0);
    assert_eq!(call(&["sign", "policy.json", "--key", "engine1.pem"]), 2);
    assert_eq!(call(&["sign", "policy.json", "--key", "root1.pem"]), 0);
    assert_eq!(call(&["sign", "policy.json", "--key", "root2.pem"]), 0);
    assert_eq!(call(&["show", "policy.v1.dsse.json"]), 0);
    transcript.assert("policy-new-to-signed");
}

/// A signed policy is never overwritten: a change begins the next version, which the root before signs too.
#[test]
fn from_one_version_to_the_next() {
    let folder = folder(&[]);
    let path = folder.path();
    with_keys(path);
    let mut transcript = Transcript::default();
    let mut call = |arguments: &[&str]| call(&mut transcript, path, arguments).code;
    assert_eq!(call(NEW), 0);
    assert_eq!(
        call(&[
            "sign",
            "policy.json",
            "--key",
            "root1.pem",
            "--key",
            "root2.pem"
        ]),
        0
    );
    let first = std::fs::read(path.join("policy.v1.dsse.json")).expect("it was signed");
    assert_eq!(
        call(&[
            "revoke",
            "policy.json",
            "root1.pub.pem",
            "--reason",
            "compromised"
        ]),
        0
    );
    assert_eq!(
        call(&[
            "sign",
            "policy.json",
            "--key",
            "root1.pem",
            "--key",
            "root2.pem"
        ]),
        0
    );
    std::fs::rename(path.join("policy.v2.dsse.json"), path.join("theirs.json"))
        .expect("it was signed");
    assert_eq!(call(&["sign", "policy.json", "--key", "root3.pem"]), 0);
    assert_eq!(call(&["sign", "policy.json", "--merge", "theirs.json"]), 0);
    assert_eq!(
        call(&["sign", "policy.json", "--merge", "policy.v1.dsse.json"]),
        2
    );
    assert_eq!(
        call(&[
            "revoke",
            "policy.v2.dsse.json",
            "root2.pub.pem",
            "--reason",
            "ceased"
        ]),
        2
    );
    assert_eq!(
        call(&[
            "revoke",
            "policy.json",
            "engine1.pub.pem",
            "--reason",
            "ceased"
        ]),
        2
    );
    transcript.assert("policy-next-version");
    assert_eq!(
        std::fs::read(path.join("policy.v1.dsse.json")).expect("it is there"),
        first
    );
}

#[test]
fn keys_are_exported_for_other_tools() {
    let folder = folder(&[]);
    let path = folder.path();
    with_keys(path);
    let mut transcript = Transcript::default();
    let mut call = |arguments: &[&str]| call(&mut transcript, path, arguments).code;
    assert_eq!(call(NEW), 0);
    let log = "log.example/outcomes";
    let shown = run_in(
        path,
        &["key", "show", "log.pem", "--log", log, "--output", "json"],
    )
    .json();
    assert_eq!(
        call(&[
            "add-log",
            "policy.json",
            shown["log"].as_str().expect("a vkey")
        ]),
        0
    );
    for format in ["jwks", "pem", "allowed-signers", "tlog-policy"] {
        assert_eq!(
            call(&[
                "export",
                "policy.json",
                "--format",
                format,
                "--role",
                "root"
            ]),
            0
        );
    }
    transcript.assert("policy-export");
}

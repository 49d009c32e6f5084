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

/// Runs `proofmark policy` with these words, none of which holds a space.
fn call(transcript: &mut Transcript, path: &Path, line: &str) -> Ran {
    let mut words = vec!["policy"];
    words.extend(line.split(' '));
    words.extend(["--now", NOW]);
    transcript.call(path, &words)
}

const NEW: &str = "new --root acme=root1.pub.pem --root acme=root2.pub.pem --root notary=root3.pub.pem \
                   --audience urn:market:acme";
const ROOTS_SIGN: &str = "sign policy.json --key root1.pem --key root2.pem";

/// From nothing to a signed policy, and what refuses on the way.
#[test]
fn from_new_to_signed() {
    let folder = folder(&[]);
    let path = folder.path();
    with_keys(path);
    let mut transcript = Transcript::default();
    let mut call = |line: &str| call(&mut transcript, path, line).code;
    assert_eq!(call(NEW), 0);
    assert_eq!(call(NEW), 2);
    let add = "add-key policy.json";
    assert_eq!(
        call(&format!(
            "{add} engine1.pub.pem --role outcome --operator acme-labs"
        )),
        0
    );
    let until = "--until 2027-11-26T18:00:00Z";
    assert_eq!(
        call(&format!(
            "{add} engine2.pub.pem --role outcome --operator second {until}"
        )),
        0
    );
    assert_eq!(
        call(&format!(
            "{add} root1.pub.pem --role outcome --operator acme"
        )),
        2
    );
    assert_eq!(call("set policy.json --threshold outcome=3"), 2);
    assert_eq!(call("set policy.json --threshold outcome=2,distinct"), 0);
    assert_eq!(
        call(&format!("add-profile policy.json --profile {PROFILE}")),
        0
    );
    assert_eq!(call("lint policy.json"), 0);
    assert_eq!(call("sign policy.json --key engine1.pem"), 2);
    assert_eq!(call("sign policy.json --key root1.pub.pem"), 2);
    assert_eq!(call("sign policy.json --key root1.pem"), 0);
    assert_eq!(call("sign policy.json --key root2.pem"), 0);
    assert_eq!(call("show policy.v1.dsse.json"), 0);
    transcript.assert("policy-new-to-signed");
}

/// A signed policy is never overwritten: a change begins the next version, which the root before signs too.
#[test]
fn from_one_version_to_the_next() {
    let folder = folder(&[]);
    let path = folder.path();
    with_keys(path);
    let mut transcript = Transcript::default();
    let mut call = |line: &str| call(&mut transcript, path, line).code;
    assert_eq!(call(NEW), 0);
    assert_eq!(call(ROOTS_SIGN), 0);
    let first = std::fs::read(path.join("policy.v1.dsse.json")).expect("it was signed");
    assert_eq!(
        call("revoke policy.json root1.pub.pem --reason compromised"),
        0
    );
    assert_eq!(call(ROOTS_SIGN), 0);
    std::fs::rename(path.join("policy.v2.dsse.json"), path.join("theirs.json"))
        .expect("it was signed");
    assert_eq!(call("sign policy.json --key root3.pem"), 0);
    assert_eq!(call("sign policy.json --merge theirs.json"), 0);
    assert_eq!(call("sign policy.json --merge policy.v1.dsse.json"), 2);
    assert_eq!(
        call("revoke policy.v2.dsse.json root2.pub.pem --reason ceased"),
        2
    );
    assert_eq!(
        call("revoke policy.json engine1.pub.pem --reason ceased"),
        2
    );
    assert_eq!(call("revoke policy.json nobody --reason ceased"), 2);
    transcript.assert("policy-next-version");
    assert_eq!(
        std::fs::read(path.join("policy.v1.dsse.json")).expect("it is there"),
        first
    );
}

/// What was refused as stolen does not count again by accident, and whoever signs sees what counts again.
#[test]
fn a_revocation_is_weakened_only_on_purpose() {
    let folder = folder(&[]);
    let path = folder.path();
    with_keys(path);
    let mut transcript = Transcript::default();
    let mut call = |line: &str| call(&mut transcript, path, line).code;
    assert_eq!(call(NEW), 0);
    let revoke = "revoke policy.json root3.pub.pem";
    let stolen = "--reason compromised --effective 2026-11-20T00:00:00Z";
    assert_eq!(call(&format!("{revoke} {stolen}")), 0);
    assert_eq!(call(ROOTS_SIGN), 0);
    assert_eq!(call(&format!("{revoke} --reason ceased")), 2);
    assert_eq!(call(&format!("{revoke} --reason ceased --correct")), 0);
    assert_eq!(call(ROOTS_SIGN), 0);
    assert_eq!(
        call("end policy.json root2.pub.pem --at 2026-12-01T00:00:00Z"),
        0
    );
    assert_eq!(call("end policy.json profile:nothing"), 2);
    assert_eq!(call("retire policy.json root3.pub.pem --role root"), 0);
    assert_eq!(call(ROOTS_SIGN), 0);
    transcript.assert("policy-weaker-revocation");
}

#[test]
fn keys_are_exported_for_other_tools() {
    let folder = folder(&[]);
    let path = folder.path();
    with_keys(path);
    let mut transcript = Transcript::default();
    let mut call = |line: &str| call(&mut transcript, path, line).code;
    assert_eq!(call(NEW), 0);
    let vkey = |kind: &str| {
        let show = [
            "key",
            "show",
            "log.pem",
            kind,
            "log.example/outcomes",
            "--output",
            "json",
        ];
        let shown = run_in(path, &show).json();
        shown[&kind[2..]].as_str().expect("a vkey").to_owned()
    };
    assert_eq!(
        call(&format!("add-log policy.json {}", vkey("--witness"))),
        2
    );
    assert_eq!(call(&format!("add-log policy.json {}", vkey("--log"))), 0);
    for format in ["jwks", "pem", "allowed-signers", "tlog-policy"] {
        assert_eq!(
            call(&format!("export policy.json --format {format} --role root")),
            0
        );
    }
    transcript.assert("policy-export");
}

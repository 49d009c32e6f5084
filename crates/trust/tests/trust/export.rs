//! The forms that other tools read; OpenSSL and OpenSSH are asked where they are installed.

use std::io::Write as _;
use std::process::{Command, Stdio};

use proofmark_keys::{PublicKey, Signer as _};
use proofmark_trust::{Policy, Reason, Revision, Revocation, Role, export};

use crate::fixture::{now, policy, revision, secret, time, witness};

fn revoked() -> Policy {
    let mut revision = Revision::next(&policy(), now());
    let effective_at = time("2026-11-20T10:20:30.500000Z");
    let revocation = Revocation {
        effective_at,
        reason: Reason::Compromised,
    };
    revision
        .revoke(secret(11).public_key().id(), revocation)
        .expect("it is listed");
    revision.finish().expect("it is in order")
}

#[test]
fn a_key_set_names_current_keys() {
    let jwks = export::jwks(&policy(), Role::Outcome);
    let keys = jwks["keys"].as_array().expect("a list");
    assert_eq!(keys.len(), 2);
    for key in keys {
        assert_eq!(
            (&key["kty"], &key["crv"]),
            (&"OKP".into(), &"Ed25519".into())
        );
        assert_eq!((&key["alg"], &key["use"]), (&"EdDSA".into(), &"sig".into()));
        assert_eq!(key["x"].as_str().expect("text").len(), 43);
    }
    let left = export::jwks(&revoked(), Role::Outcome);
    assert_eq!(left["keys"].as_array().expect("a list").len(), 1);
    assert_eq!(
        left["keys"][0]["kid"],
        secret(12).public_key().id().to_string()
    );
}

/// RFC 8037, appendix A.2.
#[test]
fn the_published_key_has_its_published_form() {
    let x = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    let key = PublicKey::from_bytes(&hex(x)).expect("the key of RFC 8032");
    assert_eq!(
        export::jwk(&key)["x"],
        "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    );
}

fn hex(text: &str) -> Vec<u8> {
    let pairs = (0..text.len()).step_by(2).map(|at| &text[at..at + 2]);
    pairs
        .map(|pair| u8::from_str_radix(pair, 16).expect("digits"))
        .collect()
}

#[test]
fn blocks_of_pem_are_keys() {
    let text = export::pem(&policy(), Role::Root);
    let blocks: Vec<_> = text.split_inclusive("-----END PUBLIC KEY-----\n").collect();
    assert_eq!(blocks.len(), 3);
    for block in blocks {
        let (line, pem) = block.split_once('\n').expect("a line before it");
        let key = PublicKey::from_pem(pem).expect("a key");
        assert!(
            line.starts_with("# ") && line.ends_with(&key.id().to_string()),
            "{line}"
        );
    }
    assert_eq!(
        export::pem(&revoked(), Role::Outcome)
            .matches("BEGIN")
            .count(),
        1
    );
}

#[test]
fn windows_become_options_of_signers() {
    let text = export::allowed_signers(&revoked(), Role::Outcome);
    let line = text
        .lines()
        .find(|line| line.starts_with("acme-labs "))
        .expect("it is listed");
    let options = "namespaces=\"outcome@proofmark\",valid-after=\"20261101000000Z\",valid-before=\"20261120102030Z\"";
    assert!(line.contains(options), "{line}");
    let line = text
        .lines()
        .find(|line| line.starts_with("second-opinion "))
        .expect("it is listed");
    assert!(
        line.contains("valid-before=\"20271101000000Z\" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI"),
        "{line}"
    );
}

/// `ssh-keygen -Y find-principals` reads the file and applies the windows to a signature.
#[test]
fn openssh_reads_the_signers() {
    let folder = tempfile::tempdir().expect("a folder");
    let private = folder.path().join("key");
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(&private)
        .status();
    let Ok(true) = made.map(|status| status.success()) else {
        eprintln!("skipped: there is no ssh-keygen");
        return;
    };
    let public = std::fs::read_to_string(private.with_extension("pub")).expect("it was made");
    let blob = public.split(' ').nth(1).expect("the key");
    let own = export::ssh_blob(secret(11).public_key());
    let text = export::allowed_signers(&policy(), Role::Outcome).replace(&own, blob);
    let signers = folder.path().join("allowed_signers");
    std::fs::write(&signers, text).expect("it is written");
    let signature = run(Command::new("ssh-keygen")
        .args(["-Y", "sign", "-n", "outcome@proofmark", "-f"])
        .arg(&private));
    let file = folder.path().join("message.sig");
    std::fs::write(&file, signature.1).expect("it is written");
    let verify = |namespace: &str, at: &str| {
        let mut command = Command::new("ssh-keygen");
        command
            .args(["-Y", "verify", "-I", "acme-labs", "-n", namespace, "-s"])
            .arg(&file);
        command
            .arg("-f")
            .arg(&signers)
            .arg(format!("-Overify-time={at}"));
        run(&mut command).0
    };
    assert!(verify("outcome@proofmark", "20261126180000Z"));
    assert!(!verify("outcome@proofmark", "20261031180000Z"));
    assert!(!verify("outcome@proofmark", "20281031180000Z"));
    assert!(!verify("receipt@proofmark", "20261126180000Z"));
}

/// Runs it on the message; whether it succeeded, and what it said.
fn run(command: &mut Command) -> (bool, Vec<u8>) {
    let child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut child = child.expect("it starts");
    child
        .stdin
        .take()
        .expect("a pipe")
        .write_all(b"message")
        .expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    (output.status.success(), output.stdout)
}

#[test]
fn openssl_reads_the_first_key_of_a_bundle() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("keys.pem");
    std::fs::write(&file, export::pem(&policy(), Role::Root)).expect("it is written");
    let output = Command::new("openssl")
        .args(["pkey", "-pubin", "-outform", "DER", "-in"])
        .arg(&file)
        .output();
    let Ok(output) = output else {
        eprintln!("skipped: there is no openssl");
        return;
    };
    let first = policy()
        .keys_of(Role::Root)
        .next()
        .expect("there are three")
        .key
        .to_spki();
    assert_eq!(output.stdout, first);
}

#[test]
fn one_operator_is_one_member_of_the_quorum() {
    let mut revision = revision();
    let window = crate::fixture::window(None);
    revision.add_witness(&witness(43, "buyer.example/v"), "buyer".to_owned(), window);
    let text =
        export::tlog_policy(&revision.finish().expect("it is in order"), now()).expect("a policy");
    let lines: Vec<_> = text
        .lines()
        .map(|line| line.split('+').next().unwrap_or(line))
        .collect();
    assert_eq!(
        lines,
        [
            "log log.example/outcomes",
            "witness w1 buyer.example/w",
            "witness w2 supplier.example/w",
            "witness w3 buyer.example/v",
            "group operator-buyer 1 w1 w3",
            "group quorum 2 operator-buyer w2",
            "quorum quorum",
        ]
    );
    assert!(text.parse::<proofmark_tlog::policy::Policy>().is_ok());
}

#[test]
fn a_quorum_that_nobody_can_reach_has_no_text() {
    let mut document = policy().document().clone();
    document.transparency.witnesses[0].valid_until = Some(time("2026-11-02T00:00:00Z"));
    let policy = Policy::check(document).expect("it is in order");
    assert!(export::tlog_policy(&policy, now()).is_err());
}

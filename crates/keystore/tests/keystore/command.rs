//! Programs that sign, and all that they can do instead.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

use proofmark_keys::{SecretKey, SignError, Signer as _, sign};
use proofmark_keystore::{CommandSigner, open};

use crate::file::folder;

const MESSAGE: &[u8] = b"message";

fn secret() -> SecretKey {
    SecretKey::from_seed(&[5; 32])
}

/// A shell script as signer; `$SIG` in it is the base64 of the right signature. Nothing here waits for a
/// time to pass: only the test of the timeout has one that can pass.
fn signer(script: &str, timeout: Duration) -> CommandSigner {
    let signature = secret().sign(MESSAGE).expect("it signs").to_base64();
    let script = script.replace("$SIG", &signature);
    let arguments = vec!["-c".to_owned(), script];
    CommandSigner::new(*secret().public_key(), "sh".to_owned(), arguments, timeout)
}

fn told(script: &str) -> String {
    let error = sign(&signer(script, Duration::from_secs(300)), MESSAGE).expect_err(script);
    let source = std::error::Error::source(&error).map(ToString::to_string);
    format!("{error}: {}", source.unwrap_or_default())
}

#[test]
fn raw_bytes_and_base64_are_signatures() {
    for script in [
        "cat >/dev/null; echo $SIG",
        "cat >/dev/null; printf '\\n  %s \\r\\n' $SIG",
        "cat >/dev/null; printf %s $SIG | base64 -d",
        // It need not read the message, if it knows it.
        "echo $SIG",
        "echo $SIG; echo complaint >&2",
    ] {
        let signature = sign(&signer(script, Duration::from_secs(300)), MESSAGE);
        assert!(signature.is_ok(), "{script}: {signature:?}");
    }
}

#[test]
fn it_gets_exactly_the_message() {
    let length = "test \"$(cat)\" = message && echo $SIG";
    assert!(sign(&signer(length, Duration::from_secs(300)), MESSAGE).is_ok());
}

#[test]
fn anything_else_is_no_signature() {
    assert!(told("echo no access >&2; exit 3").ends_with("(exit status: 3): no access"));
    assert!(told("echo $SIG; exit 1").contains("failed (exit status: 1)"));
    assert!(told("kill -9 $$").contains("signal: 9"));
    assert!(told("true").ends_with("answered 0 bytes that are no signature"));
    assert!(told("echo $SIG; echo $SIG").ends_with("answered 178 bytes that are no signature"));
    // No end of output: only the first bytes are kept, and they are too many.
    assert!(told("head -c 100000 /dev/zero").ends_with("answered 257 bytes that are no signature"));
    assert!(told("head -c 100000 /dev/zero | tr '\\0' x >&2; exit 1").len() < 2300);
    let wrong = "head -c 64 /dev/zero";
    let error =
        sign(&signer(wrong, Duration::from_secs(300)), MESSAGE).expect_err("it is not of the key");
    assert!(matches!(error, SignError::Invalid), "{error:?}");
    let missing = CommandSigner::new(
        *secret().public_key(),
        "no-such-program".to_owned(),
        Vec::new(),
        Duration::MAX / 4,
    );
    let error = missing.sign(MESSAGE).expect_err("it is not there");
    assert!(matches!(error, SignError::Unavailable(_)), "{error:?}");
}

#[test]
fn a_program_that_does_not_answer_is_ended_with_what_it_started() {
    let folder = folder();
    let pids = folder.path().join("pids");
    let script = format!("sleep 1000 & echo $! > {}; wait", pids.display());
    let error = sign(&signer(&script, Duration::from_millis(1500)), MESSAGE).expect_err("it waits");
    let source = std::error::Error::source(&error)
        .expect("a reason")
        .to_string();
    assert!(source.contains("did not answer within 1 s"), "{source}");
    // Where the machine was so slow that the script did not come to its first line, there is nothing to see.
    if let Ok(pid) = fs::read_to_string(&pids) {
        // It was killed; the system takes it away when it comes to it, however long that takes.
        while is_running(pid.trim()) {
            std::thread::yield_now();
        }
    }
}

fn is_running(pid: &str) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/stat"));
    status.is_ok_and(|status| !status.contains(") Z "))
}

#[test]
fn a_text_names_a_program() {
    let folder = folder();
    let file = |name: &str, content: String, mode: u32| -> PathBuf {
        let path = folder.path().join(name);
        fs::write(&path, content).expect("it is written");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("it is ours");
        path
    };
    let signature = secret().sign(MESSAGE).expect("it signs").to_base64();
    let public = file("key.pub.pem", secret().public_key().to_pem(), 0o644);
    let answer = file("answer", signature, 0o644);
    let spec = format!("exec:{} cat {}", public.display(), answer.display());
    let signer = open(&spec).expect("it names both");
    assert_eq!(signer.public_key(), secret().public_key());
    assert!(sign(&*signer, MESSAGE).is_ok());
    for spec in [
        "exec:",
        "exec: ",
        "exec:key.pub.pem",
        "exec:key.pub.pem ",
        "exec: sh",
    ] {
        let error = open(spec).err().expect(spec);
        assert_eq!(error.code(), "signer-malformed", "{spec}");
    }
    let error = open("exec:/nowhere sh").err().expect("there is no key");
    assert_eq!(error.code(), "key-file-unreadable");
}

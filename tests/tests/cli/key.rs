//! Making, showing and importing keys.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::program::{command, folder, put, run_in};
use super::transcript::Transcript;

/// A seed that everybody knows makes a key that everybody knows.
const SEED: &[u8] = b"0101010101010101010101010101010101010101010101010101010101010101\n";

#[test]
fn a_seed_becomes_a_key_and_is_shown_in_every_form() {
    let folder = folder(&[("seed", SEED)]);
    let path = folder.path();
    let mut transcript = Transcript::default();
    assert_eq!(
        transcript
            .call(path, &["key", "import", "seed", "engine.pem"])
            .code,
        0
    );
    let show = [
        "key",
        "show",
        "engine.pub.pem",
        "--log",
        "log.example/outcomes",
        "--witness",
        "w.example",
    ];
    assert_eq!(transcript.call(path, &show).code, 0);
    transcript.note("of the private half, the public one is shown");
    assert_eq!(
        transcript
            .call(path, &["key", "show", "engine.pem", "--output", "json"])
            .code,
        0
    );
    transcript.note("a key is never replaced");
    assert_eq!(
        transcript
            .call(path, &["key", "import", "seed", "engine.pem"])
            .code,
        2
    );
    fs::set_permissions(path.join("engine.pem"), fs::Permissions::from_mode(0o644))
        .expect("it is ours");
    transcript.note("nor used where others can read it");
    assert_eq!(
        transcript.call(path, &["key", "show", "engine.pem"]).code,
        2
    );
    put(path, "engine.pem", b"nothing");
    assert_eq!(
        transcript
            .call(path, &["key", "show", "engine.pub.pem", "--log", "a b"])
            .code,
        2
    );
    transcript.assert("key-import-show");
}

#[test]
fn a_new_key_is_private_and_new() {
    let folder = folder(&[]);
    let path = folder.path();
    let made = run_in(path, &["key", "new", "a.pem", "--output", "json"]).json();
    let mode = fs::metadata(path.join("a.pem"))
        .expect("it was made")
        .permissions()
        .mode();
    assert_eq!(mode & 0o7777, 0o600);
    let shown = run_in(path, &["key", "show", "a.pub.pem", "--output", "json"]).json();
    assert_eq!(made["keyId"], shown["keyId"]);
    let other = run_in(path, &["key", "new", "b.pem", "--output", "json"]).json();
    assert_ne!(made["keyId"], other["keyId"]);
}

#[test]
fn an_encrypted_key_needs_its_passphrase() {
    let folder = folder(&[]);
    let path = folder.path();
    let call = |arguments: &[&str], passphrase: Option<&str>| {
        let mut command = command(path, arguments);
        command.envs(passphrase.map(|passphrase| ("PROOFMARK_KEY_PASSPHRASE", passphrase)));
        super::Ran::from(command.output().expect("the binary starts"))
    };
    let new = ["key", "new", "a.pem", "--encrypt", "--output", "json"];
    assert_eq!(call(&new, None).problems()[0].0, "key-passphrase-missing");
    assert_eq!(call(&new, Some("correct horse")).code, 0);
    let show = ["key", "show", "a.pem", "--output", "json"];
    assert_eq!(call(&show, Some("correct horse")).code, 0);
    assert_eq!(call(&show, None).problems()[0].0, "key-passphrase-missing");
    assert_eq!(
        call(&show, Some("wrong horse")).problems()[0].0,
        "key-passphrase-wrong"
    );
}

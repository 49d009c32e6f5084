//! How keys are kept, and every way in which they are not.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use proofmark_keys::{SecretKey, Signer as _};
use proofmark_keystore::{
    KeystoreError, MAX_KEY_FILE_BYTES, Passphrase, generate, import, open, read, read_public,
    write_new,
};

pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn secret() -> SecretKey {
    SecretKey::from_seed(&[7; 32])
}

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text.as_bytes().to_vec()).expect("it is not empty")
}

fn private(folder: &Path, text: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join("private.pem");
    fs::write(&path, text).expect("it is written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("it is ours");
    path
}

fn code<T>(result: Result<T, KeystoreError>) -> &'static str {
    let error = result.err().expect("it is refused");
    assert!(!error.hint().is_empty());
    error.code()
}

#[test]
fn a_new_key_is_private_and_comes_back() {
    let folder = folder();
    let path = folder.path().join("key.pem");
    let key = generate().expect("there is randomness");
    write_new(&path, &key, None).expect("it is written");
    let mode = fs::metadata(&path)
        .expect("it is there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o7777, 0o600);
    let back = read(&path, None).expect("it is a key");
    assert_eq!(back.public_key(), key.public_key());
    assert_ne!(
        generate().expect("there is randomness").public_key(),
        key.public_key()
    );
    let signer = open(path.to_str().expect("text")).expect("it is a key");
    assert_eq!(signer.public_key(), key.public_key());
    assert_eq!(
        &read_public(&path, None).expect("it is a key"),
        key.public_key()
    );
}

#[test]
fn nothing_is_ever_replaced() {
    let folder = folder();
    let path = folder.path().join("key.pem");
    fs::write(&path, "something").expect("it is written");
    assert_eq!(code(write_new(&path, &secret(), None)), "key-file-exists");
    assert_eq!(fs::read(&path).expect("it is there"), b"something");
    let dangling = folder.path().join("link.pem");
    symlink(folder.path().join("elsewhere"), &dangling).expect("it is made");
    assert_eq!(
        code(write_new(&dangling, &secret(), None)),
        "key-file-exists"
    );
    assert!(!folder.path().join("elsewhere").exists());
    assert_eq!(
        code(write_new(
            &folder.path().join("no/key.pem"),
            &secret(),
            None
        )),
        "key-file-unwritable"
    );
}

#[test]
fn what_others_may_use_is_refused() {
    let folder = folder();
    let path = private(folder.path(), secret().to_pem());
    for mode in [
        0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644, 0o666, 0o777,
    ] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("it is ours");
        assert_eq!(code(read(&path, None)), "key-file-permissions", "{mode:o}");
        assert_eq!(
            code(read_public(&path, None)),
            "key-file-permissions",
            "{mode:o}"
        );
    }
    for mode in [0o600, 0o400, 0o700] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("it is ours");
        assert!(read(&path, None).is_ok(), "{mode:o}");
    }
    // The mode of what a link leads to counts, as mounted secrets are links.
    let link = folder.path().join("link.pem");
    symlink(&path, &link).expect("it is made");
    assert!(read(&link, None).is_ok());
}

#[test]
fn what_belongs_to_another_user_is_refused() {
    let folder = folder();
    let path = private(folder.path(), secret().to_pem());
    if std::os::unix::fs::chown(&path, Some(65_534), None).is_err() {
        eprintln!("skipped: only the superuser gives files away");
        return;
    }
    assert_eq!(code(read(&path, None)), "key-file-owner");
}

#[test]
fn what_is_no_key_file_is_refused() {
    let folder = folder();
    let missing = folder.path().join("missing");
    assert_eq!(code(read(&missing, None)), "key-file-unreadable");
    assert_eq!(code(read(folder.path(), None)), "key-file-kind");
    let path = private(folder.path(), "x".repeat(MAX_KEY_FILE_BYTES + 1));
    assert_eq!(code(read(&path, None)), "key-file-too-large");
    let public = secret().public_key().to_pem();
    for text in [
        "",
        "nothing",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    ] {
        assert_eq!(
            code(read(&private(folder.path(), text), None)),
            "key-malformed",
            "{text}"
        );
    }
    assert_eq!(
        code(read(&private(folder.path(), [0xff; 10]), None)),
        "key-malformed"
    );
    let wrong_half = private(folder.path(), &public);
    for mode in [0o600, 0o644] {
        fs::set_permissions(&wrong_half, fs::Permissions::from_mode(mode)).expect("it is ours");
        assert_eq!(code(read(&wrong_half, None)), "key-is-public", "{mode:o}");
    }
    let openssh = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n";
    let openssh = private(folder.path(), openssh);
    assert_eq!(code(read(&openssh, None)), "key-foreign");
    assert_eq!(code(import(&openssh, None)), "key-foreign");
    let damaged = public.replacen("MCow", "AAAA", 1);
    assert_eq!(
        code(read_public(&private(folder.path(), damaged), None)),
        "key-malformed"
    );
}

/// Nobody writes to it: without a flag, opening it would wait for ever.
#[test]
fn a_pipe_is_refused_without_waiting() {
    let folder = folder();
    let path = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo")
        .args(["-m", "600"])
        .arg(&path)
        .status();
    assert!(made.expect("there is mkfifo").success());
    assert_eq!(code(read(&path, None)), "key-file-kind");
}

#[test]
fn an_encrypted_key_needs_its_passphrase() {
    let folder = folder();
    let path = folder.path().join("key.pem");
    write_new(&path, &secret(), Some(&passphrase("correct horse"))).expect("it is written");
    let text = fs::read_to_string(&path).expect("it is text");
    assert!(
        text.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"),
        "{text}"
    );
    let back = read(&path, Some(&passphrase("correct horse"))).expect("it is the passphrase");
    assert_eq!(back.public_key(), secret().public_key());
    assert_eq!(code(read(&path, None)), "key-passphrase-missing");
    assert_eq!(
        code(read(&path, Some(&passphrase("correct hors")))),
        "key-passphrase-wrong"
    );
    assert_eq!(code(Passphrase::new(Vec::new())), "key-passphrase-empty");
}

#[test]
fn a_passphrase_is_read_from_a_private_file() {
    let folder = folder();
    let file = private(folder.path(), "correct horse\n");
    let path = folder.path().join("key.pem");
    write_new(
        &path,
        &secret(),
        Some(&Passphrase::from_file(&file).expect("it is one")),
    )
    .expect("it is written");
    assert!(read(&path, Some(&passphrase("correct horse"))).is_ok());
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("it is ours");
    assert_eq!(code(Passphrase::from_file(&file)), "key-file-permissions");
    assert_eq!(
        code(Passphrase::from_file(&private(folder.path(), "\n"))),
        "key-passphrase-empty"
    );
}

#[test]
fn other_forms_are_imported() {
    let folder = folder();
    let path = folder.path().join("foreign");
    let of = |content: &[u8], passphrase: Option<&Passphrase>| {
        fs::write(&path, content).expect("it is written");
        import(&path, passphrase)
    };
    let version_2 = hex::decode(concat!(
        // RFC 8410 §10.3, second example: version 2, with an attribute and the public key.
        "3072020101300506032b657004220420d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842",
        "a01f301d060a2a864886f70d01090914310f0c0d437572646c6520436861697273",
        "81210019bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1"
    ))
    .expect("digits");
    let key = of(&version_2, None).expect("it is a key");
    assert_eq!(hex::encode(&key.public_key().as_bytes()[..4]), "19bf4409");
    for content in [
        &[7; 32][..],
        "07".repeat(32).as_bytes(),
        format!("{}\n", "07".repeat(32)).as_bytes(),
        secret().to_pem().as_bytes(),
        &secret().to_der(),
    ] {
        let key = of(content, None).expect("it is a key");
        assert_eq!(key.public_key(), secret().public_key());
    }
    for content in [&b"x"[..], &[0xff; 33], "07".repeat(31).as_bytes()] {
        assert_eq!(code(of(content, None)), "key-malformed");
    }
}

/// Neither the key nor the passphrase is ever shown.
#[test]
fn secrets_are_not_printed() {
    let shown = format!("{:?} {:?}", passphrase("correct horse"), secret());
    assert!(
        !shown.contains("horse") && !shown.contains("0707"),
        "{shown}"
    );
}

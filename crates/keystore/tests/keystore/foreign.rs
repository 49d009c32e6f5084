//! OpenSSL reads our keys, and we read its keys, where it is installed.

use std::fs;
use std::path::Path;
use std::process::Command;

use proofmark_keys::{SecretKey, Signer as _};
use proofmark_keystore::{Passphrase, generate, import, write_new};

use crate::file::folder;

const PASSPHRASE: &str = "pass:correct horse";

/// What OpenSSL printed; `None` where there is none.
fn openssl(arguments: &[&str], file: &Path) -> Option<Vec<u8>> {
    let output = Command::new("openssl")
        .args(arguments)
        .arg("-in")
        .arg(file)
        .output();
    let Ok(output) = output else {
        eprintln!("skipped: there is no openssl");
        return None;
    };
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Some(output.stdout)
}

fn passphrase() -> Passphrase {
    Passphrase::new(b"correct horse".to_vec()).expect("it is not empty")
}

#[test]
fn openssl_reads_our_keys() {
    let folder = folder();
    let key = generate().expect("there is randomness");
    let plain = folder.path().join("plain.pem");
    write_new(&plain, &key, None).expect("it is written");
    if let Some(der) = openssl(&["pkey", "-pubout", "-outform", "DER"], &plain) {
        assert_eq!(der, key.public_key().to_spki());
    }
    let encrypted = folder.path().join("encrypted.pem");
    write_new(&encrypted, &key, Some(&passphrase())).expect("it is written");
    let arguments = ["pkey", "-passin", PASSPHRASE, "-pubout", "-outform", "DER"];
    if let Some(der) = openssl(&arguments, &encrypted) {
        assert_eq!(der, key.public_key().to_spki());
    }
}

#[test]
fn we_read_the_keys_of_openssl() {
    let folder = folder();
    let secret = SecretKey::from_seed(&[9; 32]);
    let ours = folder.path().join("ours.pem");
    write_new(&ours, &secret, None).expect("it is written");
    let ways: &[&[&str]] = &[
        &["pkey"],
        &["pkcs8", "-topk8", "-nocrypt", "-outform", "DER"],
        &["pkcs8", "-topk8", "-passout", PASSPHRASE],
        &["pkcs8", "-topk8", "-passout", PASSPHRASE, "-scrypt"],
        &["pkcs8", "-topk8", "-passout", PASSPHRASE, "-outform", "DER"],
    ];
    for way in ways {
        let Some(bytes) = openssl(way, &ours) else {
            return;
        };
        let theirs = folder.path().join("theirs");
        fs::write(&theirs, bytes).expect("it is written");
        let key =
            import(&theirs, Some(&passphrase())).unwrap_or_else(|error| panic!("{way:?}: {error}"));
        assert_eq!(key.public_key(), secret.public_key(), "{way:?}");
    }
}

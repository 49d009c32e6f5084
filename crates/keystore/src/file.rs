//! Key files.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use proofmark_keys::{PublicKey, SecretKey, Signer as _};
use zeroize::Zeroizing;

use crate::{KeystoreError, Passphrase, encrypt};

/// Longest key file in bytes: a key has under 500, and people put comments around it.
pub const MAX_KEY_FILE_BYTES: usize = 16 << 10;

/// Owner may read and write, nobody else anything.
const PRIVATE: u32 = 0o600;

/// A new key, from the operating system's generator.
///
/// # Errors
/// [`KeystoreError::Randomness`].
pub fn generate() -> Result<SecretKey, KeystoreError> {
    let mut seed = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *seed).map_err(KeystoreError::Randomness)?;
    Ok(SecretKey::from_seed(&seed))
}

/// Writes a key into a new file of mode 0600: PKCS#8 PEM, encrypted if there is a passphrase. It is on the disk
/// when this returns.
///
/// # Errors
/// [`KeystoreError::Exists`], so that no key is ever replaced; a file that cannot be written.
pub fn write_new(
    path: &Path,
    key: &SecretKey,
    passphrase: Option<&Passphrase>,
) -> Result<(), KeystoreError> {
    let pem = match passphrase {
        Some(passphrase) => encrypt::to_pem(key, passphrase)?,
        None => Zeroizing::new(key.to_pem()),
    };
    let unwritable = |source: std::io::Error| match source.kind() {
        ErrorKind::AlreadyExists => KeystoreError::Exists(path.to_owned()),
        _ => KeystoreError::Unwritable {
            path: path.to_owned(),
            source,
        },
    };
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(PRIVATE);
    let mut file = options.open(path).map_err(unwritable)?;
    let written = file
        .write_all(pem.as_bytes())
        .and_then(|()| file.sync_all());
    written.map_err(|error| {
        // Half a key is none, and this file is ours: it did not exist before.
        let _ = std::fs::remove_file(path);
        unwritable(error)
    })
}

/// Reads a private key that is kept as [`write_new`] keeps it: in a regular file of this user, which nobody else
/// may use.
///
/// # Errors
/// [`KeystoreError`]; how the file is kept comes before what it holds.
pub fn read(path: &Path, passphrase: Option<&Passphrase>) -> Result<SecretKey, KeystoreError> {
    let read = read_bytes(path, true);
    // Whoever names the wrong half should not make it secret first.
    let public = || read_bytes(path, false).is_ok_and(|bytes| is_public(&bytes));
    if read
        .as_ref()
        .map_or_else(|_| public(), |bytes| is_public(bytes))
    {
        return Err(KeystoreError::PublicHalf(path.to_owned()));
    }
    let bytes = read?;
    let text = std::str::from_utf8(&bytes).map_err(|_| KeystoreError::Malformed)?;
    if encrypt::is_encrypted(text) {
        let passphrase = passphrase.ok_or(KeystoreError::PassphraseMissing)?;
        return encrypt::from_pem(text, passphrase);
    }
    SecretKey::from_pem(text).map_err(|_| unknown(text))
}

fn is_public(content: &[u8]) -> bool {
    std::str::from_utf8(content).is_ok_and(|text| text.contains("-----BEGIN PUBLIC KEY-----"))
}

/// Text that is no key of ours, and what it is, if that can be told.
pub(crate) fn unknown(text: &str) -> KeystoreError {
    let kinds = [
        ("OPENSSH PRIVATE KEY", "OpenSSH's own form"),
        ("RSA PRIVATE KEY", "RSA"),
        ("EC PRIVATE KEY", "ECDSA"),
    ];
    let kind = kinds.iter().find(|(label, _)| text.contains(label));
    kind.map_or(KeystoreError::Malformed, |(_, kind)| {
        KeystoreError::Foreign(kind)
    })
}

/// Reads a public key; of a file with a private key, its public half.
///
/// # Errors
/// [`KeystoreError`]; a private key must be kept as [`read`] wants it.
pub fn read_public(
    path: &Path,
    passphrase: Option<&Passphrase>,
) -> Result<PublicKey, KeystoreError> {
    let bytes = read_bytes(path, false)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| KeystoreError::Malformed)?;
    match text.contains("PRIVATE KEY-----") {
        true => read(path, passphrase).map(|key| *key.public_key()),
        false => PublicKey::from_pem(text).map_err(KeystoreError::PublicKey),
    }
}

/// The content of a file; of a private one only if nobody else may use it.
pub(crate) fn read_bytes(path: &Path, private: bool) -> Result<Zeroizing<Vec<u8>>, KeystoreError> {
    let unreadable = |source| KeystoreError::Unreadable {
        path: path.to_owned(),
        source,
    };
    // Opening a pipe must not wait for its writer.
    let nonblocking = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let mut options = OpenOptions::new();
    let file = options
        .read(true)
        .custom_flags(nonblocking)
        .open(path)
        .map_err(unreadable)?;
    check(path, &file, private)?;
    // Room for all of it at once: a vector that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_KEY_FILE_BYTES + 1));
    let mut limited = file.take(MAX_KEY_FILE_BYTES as u64 + 1);
    limited.read_to_end(&mut bytes).map_err(unreadable)?;
    match bytes.len() > MAX_KEY_FILE_BYTES {
        true => Err(KeystoreError::TooLarge(path.to_owned())),
        false => Ok(bytes),
    }
}

/// Looks at the file that is open, not at its name, which may lead elsewhere by now.
fn check(path: &Path, file: &File, private: bool) -> Result<(), KeystoreError> {
    let metadata = file
        .metadata()
        .map_err(|source| KeystoreError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
    if !metadata.is_file() {
        return Err(KeystoreError::NotAFile(path.to_owned()));
    }
    let mode = metadata.mode() & 0o7777;
    if private && mode & 0o077 != 0 {
        return Err(KeystoreError::Permissions {
            path: path.to_owned(),
            mode,
        });
    }
    if private && metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err(KeystoreError::Owner(path.to_owned()));
    }
    Ok(())
}

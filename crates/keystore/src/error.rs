//! What goes wrong with keys at rest.

use std::io;
use std::path::PathBuf;

use proofmark_keys::KeyError;

/// There is no key, or it is not kept as it should be. Whoever keeps it must act.
#[derive(Debug, thiserror::Error)]
pub enum KeystoreError {
    /// The file cannot be read.
    #[error("{} cannot be read", .path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file cannot be written.
    #[error("{} cannot be written", .path.display())]
    Unwritable {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// There is something already, and it may be the only copy of a key.
    #[error("{} exists already, and a key is never replaced", .0.display())]
    Exists(PathBuf),
    /// It is a directory, a pipe or a device.
    #[error("{} is no regular file", .0.display())]
    NotAFile(PathBuf),
    /// Others may read or change the private key.
    #[error("{} may be used by others: its mode is {mode:o}", .path.display())]
    Permissions {
        /// Which.
        path: PathBuf,
        /// The permission bits.
        mode: u32,
    },
    /// The private key belongs to another user, who can change it.
    #[error("{} belongs to another user", .0.display())]
    Owner(PathBuf),
    /// More bytes than any key has.
    #[error("{} is too large for a key", .0.display())]
    TooLarge(PathBuf),
    /// It is the public half, which signs nothing.
    #[error("{} is the public half of a key, which signs nothing", .0.display())]
    PublicHalf(PathBuf),
    /// A private key in a form of another tool that is not read, or of another algorithm.
    #[error("this is a private key of another kind: {0}")]
    Foreign(&'static str),
    /// Text that is no private key.
    #[error("this is no Ed25519 private key")]
    Malformed,
    /// A public key that is none, or not acceptable.
    #[error("this is no acceptable public key")]
    PublicKey(#[source] KeyError),
    /// The key is encrypted, and nobody said with what.
    #[error("the key is encrypted, and there is no passphrase")]
    PassphraseMissing,
    /// A passphrase that encrypts nothing.
    #[error("the passphrase is empty")]
    PassphraseEmpty,
    /// Wrong passphrase, or a file that was changed: encryption cannot tell.
    #[error("the key cannot be decrypted with this passphrase")]
    Passphrase,
    /// The operating system gives no random bytes.
    #[error("the operating system gives no random bytes")]
    Randomness(#[source] getrandom::Error),
    /// Not `exec:PUBLIC_KEY PROGRAM …`.
    #[error("`{0}` does not name a public key and a program")]
    Spec(String),
}

impl KeystoreError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "key-file-unreadable",
            Self::Unwritable { .. } => "key-file-unwritable",
            Self::Exists(_) => "key-file-exists",
            Self::NotAFile(_) => "key-file-kind",
            Self::Permissions { .. } => "key-file-permissions",
            Self::Owner(_) => "key-file-owner",
            Self::TooLarge(_) => "key-file-too-large",
            Self::PublicHalf(_) => "key-is-public",
            Self::Foreign(_) => "key-foreign",
            Self::Malformed => "key-malformed",
            Self::PublicKey(error) => error.code(),
            Self::PassphraseMissing => "key-passphrase-missing",
            Self::PassphraseEmpty => "key-passphrase-empty",
            Self::Passphrase => "key-passphrase-wrong",
            Self::Randomness(_) => "no-randomness",
            Self::Spec(_) => "signer-malformed",
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } | Self::Unwritable { .. } => {
                "check the path and its permissions"
            }
            Self::Exists(_) => "name another file",
            Self::NotAFile(_) => "name the file with the key",
            Self::Permissions { .. } => "chmod 600, and think about who has read it meanwhile",
            Self::Owner(_) => {
                "chown it, or import it into a file of your own: proofmark key import"
            }
            Self::PublicHalf(_) => {
                "name the file with the private key: it lies beside, without .pub"
            }
            Self::Foreign(_) => {
                "only Ed25519 keys in PKCS#8 are read: make one with proofmark key new"
            }
            Self::TooLarge(_) | Self::Malformed => {
                "keys are Ed25519 in PKCS#8 PEM, as proofmark key new writes them; proofmark key import also reads DER and seeds"
            }
            Self::PublicKey(_) => {
                "a public key is Ed25519 in PEM: proofmark key show prints that of a private one"
            }
            Self::PassphraseMissing | Self::PassphraseEmpty => {
                "set PROOFMARK_KEY_PASSPHRASE, or PROOFMARK_KEY_PASSPHRASE_FILE to a file that holds it"
            }
            Self::Passphrase => "check the passphrase",
            Self::Randomness(_) => "this says nothing about the key; try again",
            Self::Spec(_) => "write exec:PUBLIC_KEY_FILE PROGRAM [ARGUMENT…], with single spaces",
        }
    }
}

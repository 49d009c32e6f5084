//! Passphrases: from the environment or a file, never from the command line, which other users can see.

use std::fmt;
use std::path::Path;

use zeroize::Zeroizing;

use crate::KeystoreError;
use crate::file::read_bytes;

/// The environment variable with the passphrase.
pub const PASSPHRASE: &str = "PROOFMARK_KEY_PASSPHRASE";
/// The environment variable with the name of a file that holds the passphrase; it is looked at second.
pub const PASSPHRASE_FILE: &str = "PROOFMARK_KEY_PASSPHRASE_FILE";

/// What a key is encrypted with. Cleared when it is dropped, and never printed.
pub struct Passphrase(Zeroizing<Vec<u8>>);

impl Passphrase {
    /// A passphrase from elsewhere.
    ///
    /// # Errors
    /// [`KeystoreError::PassphraseEmpty`].
    pub fn new(bytes: Vec<u8>) -> Result<Self, KeystoreError> {
        match bytes.is_empty() {
            true => Err(KeystoreError::PassphraseEmpty),
            false => Ok(Self(Zeroizing::new(bytes))),
        }
    }

    /// The content of a file, without one final line feed. The file is as private as a key.
    ///
    /// # Errors
    /// As for a key file, and [`KeystoreError::PassphraseEmpty`].
    pub fn from_file(path: &Path) -> Result<Self, KeystoreError> {
        let mut bytes = read_bytes(path, true)?;
        if bytes.last() == Some(&b'\n') {
            bytes.pop();
        }
        Self::new(std::mem::take(&mut *bytes))
    }

    /// What [`PASSPHRASE`] says, else what stands in the file that [`PASSPHRASE_FILE`] names, if either is set.
    ///
    /// # Errors
    /// As [`Passphrase::from_file`].
    pub fn from_environment() -> Result<Option<Self>, KeystoreError> {
        use std::os::unix::ffi::OsStringExt as _;
        if let Some(text) = std::env::var_os(PASSPHRASE) {
            return Self::new(text.into_vec()).map(Some);
        }
        let file = std::env::var_os(PASSPHRASE_FILE);
        file.map(|file| Self::from_file(Path::new(&file)))
            .transpose()
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase")
    }
}

//! One hash of a tree.

use std::fmt;

use proofmark_core::Digest;

use crate::lines;

/// A SHA-256 hash of a leaf or a node. Its text form is standard base64 with padding (44 characters).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; 32]);

/// Text that is not a hash in its one spelling. Whoever wrote it is to blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a hash is 32 bytes in canonical base64")]
pub struct HashError;

impl HashError {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        "hash-malformed"
    }
}

impl Hash {
    /// Length in bytes.
    pub const BYTES: usize = 32;

    /// A hash that was computed elsewhere.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// SHA-256 of `bytes`, without the prefix of a leaf or a node.
    #[must_use]
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self(*Digest::of(bytes).as_bytes())
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The text form.
    #[must_use]
    pub fn to_base64(&self) -> String {
        lines::to_base64(&self.0)
    }

    /// Reads the text form.
    ///
    /// # Errors
    /// [`HashError`], also for base64 that another text would decode to as well.
    pub fn from_base64(text: &str) -> Result<Self, HashError> {
        let bytes = lines::from_base64(text).ok_or(HashError)?;
        bytes.try_into().map(Self).map_err(|_| HashError)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_base64())
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

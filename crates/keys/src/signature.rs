//! Signatures.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The 64 bytes of an Ed25519 signature. They are evidence and never an identity: whoever holds the key
/// can make many for one message.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signature([u8; 64]);

/// Not a signature, or not one of this key over this message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// There are not 64 bytes.
    #[error("an Ed25519 signature has 64 bytes")]
    Length,
    /// It does not verify.
    #[error("the signature does not verify")]
    Invalid,
}

impl Signature {
    /// The signature with these bytes; whose it is, [`crate::PublicKey::verify`] says.
    ///
    /// # Errors
    /// [`SignatureError::Length`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SignatureError> {
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| SignatureError::Length)
    }

    /// The 64 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }

    /// In standard base64 with padding.
    #[must_use]
    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.0)
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({})", self.to_base64())
    }
}

//! What can sign: a key in memory, a program, a key service.

use crate::{PublicKey, Signature};

/// Longest message in bytes. AWS KMS signs at most 4096 bytes with Ed25519, and no key service that signs
/// whole messages takes less; what is longer goes behind a digest.
pub const MAX_MESSAGE_BYTES: usize = 4096;

/// Holds or reaches one private key. Several threads may use it at a time.
pub trait Signer: Send + Sync {
    /// Whose signatures it makes.
    fn public_key(&self) -> &PublicKey;

    /// Signs `message` as pure Ed25519 (not Ed25519ph). Call [`sign`] instead: it checks what comes back.
    ///
    /// # Errors
    /// [`SignError`].
    fn sign(&self, message: &[u8]) -> Result<Signature, SignError>;
}

/// There is no signature. Whoever operates the signer must act.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The message is longer than every key service takes.
    #[error("a message of {0} bytes is not signed; {MAX_MESSAGE_BYTES} are allowed")]
    TooLong(usize),
    /// What came back is no signature of this key: a fault of the signer, or a fault induced in it, whose
    /// result would give the key away.
    #[error("what the signer gave back does not verify")]
    Invalid,
    /// The signer could not be reached, or refused.
    #[error("the signer gave no signature")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl SignError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLong(_) => "message-too-long",
            Self::Invalid => "signer-broken",
            Self::Unavailable(_) => "signer-unavailable",
        }
    }
}

/// Signs `message` and verifies what came back.
///
/// # Errors
/// [`SignError`].
pub fn sign(signer: &dyn Signer, message: &[u8]) -> Result<Signature, SignError> {
    if message.len() > MAX_MESSAGE_BYTES {
        return Err(SignError::TooLong(message.len()));
    }
    let signature = signer.sign(message)?;
    match signer.public_key().verify(message, &signature) {
        Ok(()) => Ok(signature),
        Err(_) => Err(SignError::Invalid),
    }
}

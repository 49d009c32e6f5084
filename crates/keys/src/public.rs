//! Public keys, and the one way to verify.

use std::fmt;

use ed25519_dalek::VerifyingKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePublicKey, EncodePublicKey};

use crate::{KeyId, Signature, SignatureError};

/// An Ed25519 public key with which no edge case can be made: its encoding is the canonical one, and it
/// lies in the prime-order subgroup.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKey {
    key: VerifyingKey,
    id: KeyId,
}

/// Bytes or text that are no acceptable key. Whoever made the key is to blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not a SubjectPublicKeyInfo PEM of an Ed25519 key.
    #[error("this is not a PEM file with an Ed25519 public key")]
    Pem,
    /// There are not 32 bytes.
    #[error("an Ed25519 public key has 32 bytes")]
    Length,
    /// The bytes are no point of the curve.
    #[error("the bytes are not a point of the curve")]
    NotAPoint,
    /// The bytes are a second spelling of another key (a coordinate that is not reduced).
    #[error("the key is not in its canonical encoding")]
    NotCanonical,
    /// The key has small order: signatures that fit any message can be made for it.
    #[error("the key is weak: it has small order")]
    Weak,
    /// The key has a component outside the prime-order subgroup: verifiers disagree about its signatures.
    #[error("the key has a component of small order")]
    MixedOrder,
}

impl KeyError {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pem => "key-malformed",
            Self::Length => "key-length",
            Self::NotAPoint => "key-not-a-point",
            Self::NotCanonical => "key-not-canonical",
            Self::Weak => "key-weak",
            Self::MixedOrder => "key-mixed-order",
        }
    }
}

impl PublicKey {
    /// The key with these 32 bytes (RFC 8032 §5.1.2).
    ///
    /// # Errors
    /// [`KeyError`] for bytes that are no key, and for keys that no honest generator makes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let bytes: &[u8; 32] = bytes.try_into().map_err(|_| KeyError::Length)?;
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::NotAPoint)?;
        let point = key.to_edwards();
        // `VerifyingKey` keeps the bytes that it was given, so only a new compression shows another spelling.
        if point.compress().to_bytes() != *bytes {
            return Err(KeyError::NotCanonical);
        }
        if key.is_weak() {
            return Err(KeyError::Weak);
        }
        if !point.is_torsion_free() {
            return Err(KeyError::MixedOrder);
        }
        Ok(Self::trusted(key))
    }

    /// A key that [`crate::SecretKey`] derived.
    pub(crate) fn trusted(key: VerifyingKey) -> Self {
        let id = KeyId::of_spki(&spki(&key));
        Self { key, id }
    }

    /// Reads a SubjectPublicKeyInfo PEM (`-----BEGIN PUBLIC KEY-----`).
    ///
    /// # Errors
    /// As [`PublicKey::from_bytes`], and [`KeyError::Pem`].
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        let key = VerifyingKey::from_public_key_pem(text.trim()).map_err(|_| KeyError::Pem)?;
        Self::from_bytes(key.as_bytes())
    }

    /// As a SubjectPublicKeyInfo PEM, which OpenSSL and Node read.
    #[must_use]
    pub fn to_pem(&self) -> String {
        self.key
            .to_public_key_pem(LineEnding::LF)
            .expect("32 bytes fit a PEM")
    }

    /// The 44 bytes of the DER SubjectPublicKeyInfo (RFC 8410 §4).
    #[must_use]
    pub fn to_spki(&self) -> Vec<u8> {
        spki(&self.key)
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// Its name.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// Whether `signature` is this key's over `message`: cofactorless, with canonical S and R, and without
    /// points of small order. Whatever this accepts, OpenSSL and Go accept too.
    ///
    /// # Errors
    /// [`SignatureError::Invalid`] if it is not.
    pub fn verify(&self, message: &[u8], signature: &Signature) -> Result<(), SignatureError> {
        let signature = ed25519_dalek::Signature::from_bytes(signature.as_bytes());
        self.key
            .verify_strict(message, &signature)
            .map_err(|_| SignatureError::Invalid)
    }
}

fn spki(key: &VerifyingKey) -> Vec<u8> {
    key.to_public_key_der()
        .expect("32 bytes fit a SubjectPublicKeyInfo")
        .into_vec()
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.id)
    }
}

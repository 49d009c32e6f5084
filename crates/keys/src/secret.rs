//! Private keys in memory.

use std::fmt;

use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey, KeypairBytes};
use ed25519_dalek::{Signer as _, SigningKey};

use crate::{PublicKey, SignError, Signature, Signer};

/// A private key. Its memory is cleared when it is dropped, and it is never printed.
pub struct SecretKey {
    key: SigningKey,
    public: PublicKey,
}

/// Text that is no private key. Whoever wrote it is to blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a PEM file with an Ed25519 private key (PKCS#8)")]
pub struct SecretKeyError;

impl SecretKey {
    /// The key of a seed (RFC 8032 §5.1.5): 32 bytes from the operating system's generator, nothing else.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let key = SigningKey::from_bytes(seed);
        let public = PublicKey::trusted(key.verifying_key());
        Self { key, public }
    }

    /// Reads an unencrypted PKCS#8 PEM, version 1 or 2.
    ///
    /// # Errors
    /// [`SecretKeyError`]; also where a public key is included that is not the private one's.
    pub fn from_pem(text: &str) -> Result<Self, SecretKeyError> {
        let key = SigningKey::from_pkcs8_pem(text.trim()).map_err(|_| SecretKeyError)?;
        Ok(Self::from_seed(key.as_bytes()))
    }

    /// Reads an unencrypted PKCS#8 DER, version 1 or 2.
    ///
    /// # Errors
    /// As [`SecretKey::from_pem`].
    pub fn from_der(der: &[u8]) -> Result<Self, SecretKeyError> {
        let key = SigningKey::from_pkcs8_der(der).map_err(|_| SecretKeyError)?;
        Ok(Self::from_seed(key.as_bytes()))
    }

    /// As an unencrypted PKCS#8 version 1 PEM: version 2, which would hold the public key too, is not read by
    /// OpenSSL 3.0 and Node 20. The caller keeps it secret, and clears it.
    #[must_use]
    pub fn to_pem(&self) -> String {
        let pem = self.version_1().to_pkcs8_pem(LineEnding::LF);
        pem.expect("32 bytes fit a PEM").to_string()
    }

    /// As an unencrypted PKCS#8 version 1 DER of 48 bytes, for whoever encrypts it.
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        let der = self.version_1().to_pkcs8_der();
        der.expect("32 bytes fit a PKCS#8").as_bytes().to_vec()
    }

    fn version_1(&self) -> KeypairBytes {
        KeypairBytes {
            secret_key: self.key.to_bytes(),
            public_key: None,
        }
    }
}

impl Signer for SecretKey {
    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, SignError> {
        Signature::from_bytes(&self.key.sign(message).to_bytes()).map_err(|_| SignError::Invalid)
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey(of {})", self.public.id())
    }
}

//! Keys that other tools made.

use std::path::Path;

use pkcs8::EncryptedPrivateKeyInfoRef;
use proofmark_keys::SecretKey;
use zeroize::Zeroizing;

use crate::file::{read_bytes, unknown};
use crate::{KeystoreError, Passphrase, encrypt};

/// Reads a private key in any of these forms, however the file is kept: PKCS#8 of version 1 or 2 as PEM or
/// DER, plain or encrypted (PBES2), as OpenSSL, Node and others write it; or the seed of RFC 8032 as 64
/// hexadecimal digits or 32 bytes.
///
/// # Errors
/// [`KeystoreError`].
pub fn import(path: &Path, passphrase: Option<&Passphrase>) -> Result<SecretKey, KeystoreError> {
    let bytes = read_bytes(path, false)?;
    if let Ok(seed) = <&[u8; 32]>::try_from(bytes.as_slice()) {
        return Ok(SecretKey::from_seed(seed));
    }
    // DER can be text by chance, so text that is no key is tried as DER too.
    match std::str::from_utf8(&bytes).map(|text| of_text(text.trim(), passphrase)) {
        Err(_) | Ok(Err(KeystoreError::Malformed)) => of_der(&bytes, passphrase),
        Ok(read) => read,
    }
}

fn of_text(text: &str, passphrase: Option<&Passphrase>) -> Result<SecretKey, KeystoreError> {
    if encrypt::is_encrypted(text) {
        let passphrase = passphrase.ok_or(KeystoreError::PassphraseMissing)?;
        return encrypt::from_pem(text, passphrase);
    }
    let mut seed = Zeroizing::new([0; 32]);
    if hex::decode_to_slice(text, &mut *seed).is_ok() {
        return Ok(SecretKey::from_seed(&seed));
    }
    SecretKey::from_pem(text).map_err(|_| unknown(text))
}

fn of_der(der: &[u8], passphrase: Option<&Passphrase>) -> Result<SecretKey, KeystoreError> {
    if let Ok(key) = SecretKey::from_der(der) {
        return Ok(key);
    }
    EncryptedPrivateKeyInfoRef::try_from(der).map_err(|_| KeystoreError::Malformed)?;
    let passphrase = passphrase.ok_or(KeystoreError::PassphraseMissing)?;
    encrypt::from_der(der, passphrase)
}

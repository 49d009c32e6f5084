//! Encrypted keys: PKCS#8 `EncryptedPrivateKeyInfo` under PBES2 (RFC 8018) with scrypt and AES-256-CBC, which
//! OpenSSL reads and writes (`openssl pkcs8 -topk8 -scrypt`).

use pkcs8::pkcs5::{pbes2, scrypt};
use pkcs8::{EncryptedPrivateKeyInfoRef, LineEnding, PrivateKeyInfoRef, SecretDocument};
use proofmark_keys::SecretKey;
use zeroize::Zeroizing;

use crate::{KeystoreError, Passphrase};

/// What the first line of an encrypted key says.
const LABEL: &str = "ENCRYPTED PRIVATE KEY";

/// scrypt with N = 2^14, r = 8, p = 5: 16 MiB of memory and some 100 ms. OpenSSL refuses more than 32 MiB, so
/// the work is made larger by p instead of N (OWASP lists both as equally strong).
const LOG_N: u8 = 14;
const R: u32 = 8;
const P: u32 = 5;

pub(crate) fn is_encrypted(text: &str) -> bool {
    text.contains(LABEL)
}

pub(crate) fn to_pem(
    key: &SecretKey,
    passphrase: &Passphrase,
) -> Result<Zeroizing<String>, KeystoreError> {
    let mut salt = [0; 16];
    let mut iv = [0; 16];
    for bytes in [&mut salt, &mut iv] {
        getrandom::fill(bytes).map_err(KeystoreError::Randomness)?;
    }
    let cost = scrypt::Params::new(LOG_N, R, P).expect("these are scrypt's parameters");
    let scheme =
        pbes2::Parameters::generate_scrypt_aes256cbc(cost, &salt, iv).expect("16 bytes are a salt");
    let der = Zeroizing::new(key.to_der());
    let document = encrypted(&der, scheme, passphrase).map_err(|_| KeystoreError::Malformed)?;
    let pem = document.to_pem(LABEL, LineEnding::LF);
    pem.map_err(|_| KeystoreError::Malformed)
}

fn encrypted(
    der: &[u8],
    scheme: pbes2::Parameters,
    passphrase: &Passphrase,
) -> pkcs8::Result<SecretDocument> {
    PrivateKeyInfoRef::try_from(der)?.encrypt_with_params(scheme, passphrase.as_bytes())
}

pub(crate) fn from_pem(text: &str, passphrase: &Passphrase) -> Result<SecretKey, KeystoreError> {
    let (_, document) =
        SecretDocument::from_pem(text.trim()).map_err(|_| KeystoreError::Malformed)?;
    from_der(document.as_bytes(), passphrase)
}

pub(crate) fn from_der(der: &[u8], passphrase: &Passphrase) -> Result<SecretKey, KeystoreError> {
    let encrypted =
        EncryptedPrivateKeyInfoRef::try_from(der).map_err(|_| KeystoreError::Malformed)?;
    let der = encrypted.decrypt(passphrase.as_bytes());
    let der = der.map_err(|_| KeystoreError::Passphrase)?;
    SecretKey::from_der(der.as_bytes()).map_err(|_| KeystoreError::Malformed)
}

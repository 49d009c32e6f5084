//! Private keys, and what else can sign.

use proofmark_keys::Signer;

use crate::failure::Failure;

/// The signer that an option names: a private key file, or `exec:PUBLIC_KEY PROGRAM [ARGUMENT…]`.
pub(crate) fn open(spec: &str) -> Result<Box<dyn Signer>, Failure> {
    Ok(proofmark_keystore::open(spec)?)
}

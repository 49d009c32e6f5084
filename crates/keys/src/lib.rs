//! Ed25519 (RFC 8032), pure and strict.
//!
//! In scope: keys and their text forms, signatures, the one way in which Proofmark verifies, and what
//! can sign. Out of scope: what is signed (`proofmark-dsse`, `proofmark-tlog`), who is trusted
//! (`proofmark-trust`), where private keys lie (`proofmark-keystore`).
//!
//! Libraries disagree about edge cases of Ed25519: of 914 published edge cases, three functions of one
//! library accept 208, 43 and 184. So there is one function here, [`PublicKey::verify`]; it is the
//! strictest of them, and keys with which edge cases can be made are no [`PublicKey`] to begin with.
//! Batch verification is a fourth opinion and is not offered.
//!
//! No I/O, clock or randomness: a new key is made from 32 bytes that the caller got somewhere.

mod id;
mod public;
mod secret;
mod signature;
mod signer;

pub use id::{KeyId, KeyIdError};
pub use public::{KeyError, PublicKey};
pub use secret::{SecretKey, SecretKeyError};
pub use signature::{Signature, SignatureError};
pub use signer::{MAX_MESSAGE_BYTES, SignError, Signer, sign};

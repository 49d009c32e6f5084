//! The sender's side.

use proofmark_core::canonical;
use proofmark_dsse::Envelope;
use proofmark_keys::{SignError, Signer};

use super::{PAYLOAD_TYPE, Payload};

/// The envelope of a command.
///
/// # Errors
/// [`SignError`], also for a command that is longer than key services sign.
///
/// # Panics
/// Never for what was read from JSON: text and integers up to 2^53 − 1 have a canonical form.
pub fn sign(payload: &Payload, signer: &dyn Signer) -> Result<Envelope, SignError> {
    let bytes = canonical::to_bytes(payload).expect("text and safe integers");
    Envelope::signed(PAYLOAD_TYPE, bytes, signer)
}

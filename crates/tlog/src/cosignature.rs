//! Cosignatures (C2SP tlog-cosignature): a witness says that a log has only grown, and when it saw that.

use proofmark_core::Timestamp;
use proofmark_keys::{Signature, Signer};

use crate::checkpoint::{Checkpoint, VerifiedCheckpoint};
use crate::note::{
    KeyKind, NoteKey, NoteSignature, SignNoteError, VerifyNoteError, checked_signature,
};

/// The line that keeps a cosignature apart from the signature of a log.
pub(crate) const HEADER: &str = "cosignature/v1\n";

/// Latest time that the format allows.
const MAX_TIME: u64 = (1 << 63) - 1;

/// A cosignature that verifies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosignature {
    /// Whose.
    pub witness: NoteKey,
    /// When it was made, as the witness says.
    pub at: Timestamp,
}

/// There is no cosignature.
pub type CosignError = SignNoteError;

/// Cosigns a checkpoint at a time. Whether the log has only grown since the last one is the caller's to
/// know: [`crate::decide`].
///
/// # Errors
/// [`CosignError`].
pub fn cosign(
    checkpoint: &VerifiedCheckpoint,
    witness: &NoteKey,
    signer: &dyn Signer,
    at: Timestamp,
) -> Result<NoteSignature, CosignError> {
    let message = message(checkpoint.note().text(), at.seconds());
    let signature = checked_signature(message.as_bytes(), KeyKind::Cosignature, witness, signer)?;
    let bytes = [&at.seconds().to_be_bytes()[..], signature.as_bytes()].concat();
    Ok(NoteSignature {
        name: witness.name().clone(),
        id: witness.id(),
        bytes,
    })
}

impl VerifiedCheckpoint {
    /// The cosignatures of these witnesses, one each, in the order of the note.
    ///
    /// # Errors
    /// [`VerifyNoteError::Invalid`] where one of a known witness does not verify, and
    /// [`VerifyNoteError::Ambiguous`]. That there is none is no error.
    pub fn cosignatures(
        &self,
        witnesses: &[&NoteKey],
    ) -> Result<Vec<Cosignature>, VerifyNoteError> {
        let witnesses = witnesses.iter().copied();
        let witnesses: Vec<_> = witnesses
            .filter(|key| key.kind() == KeyKind::Cosignature)
            .collect();
        let verification = match self.note().verify(&witnesses) {
            Err(VerifyNoteError::Unsigned) => return Ok(Vec::new()),
            other => other?,
        };
        let verified = verification.verified.into_iter().map(|one| {
            let at = one.at.and_then(|at| Timestamp::from_seconds(at).ok());
            let at = at.ok_or_else(|| VerifyNoteError::Invalid(one.key.name().clone()))?;
            Ok(Cosignature {
                witness: one.key.clone(),
                at,
            })
        });
        verified.collect()
    }
}

/// The time in a cosignature, if it is the key's under this checkpoint.
pub(crate) fn verify(text: &str, bytes: &[u8], key: &NoteKey) -> Option<u64> {
    // A witness signs checkpoints and nothing else.
    Checkpoint::parse(text).ok()?;
    let (time, signature) = bytes.split_first_chunk()?;
    let time = u64::from_be_bytes(*time);
    let signature = Signature::from_bytes(signature)
        .ok()
        .filter(|_| time <= MAX_TIME)?;
    let valid = key
        .public()
        .verify(message(text, time).as_bytes(), &signature);
    valid.ok().map(|()| time)
}

/// What a witness signs.
fn message(text: &str, time: u64) -> String {
    format!("{HEADER}time {time}\n{text}")
}

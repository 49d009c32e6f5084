//! Cosignatures (C2SP tlog-cosignature): a witness says that a log has only grown, and when it saw that.

use proofmark_core::Timestamp;
use proofmark_keys::{Signature, Signer};

use crate::checkpoint::{Checkpoint, VerifiedCheckpoint};
use crate::note::{
    KeyKind, NoteError, NoteKey, NoteSignature, SignNoteError, SignedNote, VerifyNoteError,
    checked_signature, parse_signature_lines,
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

/// A witness's answer that is of no use. The witness, or who speaks for it, is to blame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// It is not signature lines, or there are too many of them.
    #[error("the answer of the witness is not signature lines")]
    Malformed(#[source] NoteError),
    /// A line of a known witness is not its cosignature under this checkpoint.
    #[error("a cosignature in the answer does not verify")]
    Invalid(#[source] VerifyNoteError),
    /// There is no line of a known witness.
    #[error("no known witness has answered")]
    Unknown,
}

impl AnswerError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed(error) => error.code(),
            Self::Invalid(error) => error.code(),
            Self::Unknown => "cosignature-unknown",
        }
    }
}

impl VerifiedCheckpoint {
    /// Takes what a witness answered to `add-checkpoint`: cosignatures of these witnesses are put under the
    /// checkpoint, each in place of an older one of its key; lines of others are left out.
    ///
    /// # Errors
    /// [`AnswerError`]; then nothing has changed.
    pub fn take_answer(
        &mut self,
        answer: &str,
        witnesses: &[&NoteKey],
    ) -> Result<Vec<Cosignature>, AnswerError> {
        let lines = parse_signature_lines(answer).map_err(AnswerError::Malformed)?;
        // Only what is tried below may be taken: no line of the log's.
        let known = |line: &NoteSignature| {
            let mut witnesses = witnesses
                .iter()
                .filter(|key| key.kind() == KeyKind::Cosignature);
            witnesses.any(|key| line.claims(key))
        };
        let lines: Vec<_> = lines.into_iter().filter(known).collect();
        if lines.is_empty() {
            return Err(AnswerError::Unknown);
        }
        // Tried on their own: what stands under the checkpoint already does not count for the answer.
        let text = self.note().text().to_owned();
        let alone = SignedNote::new(text, lines.clone()).map_err(AnswerError::Malformed)?;
        let alone = self.clone().with_note(alone);
        let found = alone
            .cosignatures(witnesses)
            .map_err(AnswerError::Invalid)?;
        if found.is_empty() {
            return Err(AnswerError::Unknown);
        }
        let mut note = self.note().clone();
        for line in lines {
            note.attach(line).map_err(AnswerError::Malformed)?;
        }
        *self = self.clone().with_note(note);
        Ok(found)
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

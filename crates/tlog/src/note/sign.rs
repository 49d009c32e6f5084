//! Signing notes.

use proofmark_keys::{SignError, Signature, Signer, sign};

use super::signed::check_text;
use super::{KeyKind, NoteError, NoteKey, NoteSignature, SignedNote};
use crate::cosignature;

/// The note is not signed.
#[derive(Debug, thiserror::Error)]
pub enum SignNoteError {
    /// The text is not one that a note may have. Whoever wrote it is to blame.
    #[error("this text cannot be a note")]
    Text(#[source] NoteError),
    /// The text reads like what a witness signs. Whoever wrote it is to blame.
    #[error("this text could be taken for a cosignature")]
    Ambiguous,
    /// The key is of another type than this signature. Whoever configured it is to blame.
    #[error("the key {0} is not for this kind of signature")]
    Kind(Box<NoteKey>),
    /// The signer holds another key. Whoever configured it is to blame.
    #[error("the signer does not hold the key {0}")]
    Key(Box<NoteKey>),
    /// The signer gave no signature.
    #[error("the note could not be signed")]
    Sign(#[source] SignError),
}

impl SignNoteError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Text(error) => error.code(),
            Self::Ambiguous => "note-text-ambiguous",
            Self::Kind(_) => "note-key-kind",
            Self::Key(_) => "note-key-other",
            Self::Sign(_) => "note-not-signed",
        }
    }
}

/// Signs `text`, which ends in a newline.
///
/// # Errors
/// [`SignNoteError`], also for a text longer than key services sign.
pub fn sign_note(
    text: &str,
    key: &NoteKey,
    signer: &dyn Signer,
) -> Result<SignedNote, SignNoteError> {
    check_text(text).map_err(SignNoteError::Text)?;
    if text.starts_with(cosignature::HEADER) {
        return Err(SignNoteError::Ambiguous);
    }
    let signature = checked_signature(text.as_bytes(), KeyKind::Ed25519, key, signer)?;
    let signature = NoteSignature {
        name: key.name().clone(),
        id: key.id(),
        bytes: signature.as_bytes().to_vec(),
    };
    SignedNote::new(text.to_owned(), vec![signature]).map_err(SignNoteError::Text)
}

/// The signature of exactly this key, which must be of this kind.
pub(crate) fn checked_signature(
    message: &[u8],
    kind: KeyKind,
    key: &NoteKey,
    signer: &dyn Signer,
) -> Result<Signature, SignNoteError> {
    if key.kind() != kind {
        return Err(SignNoteError::Kind(Box::new(key.clone())));
    }
    if signer.public_key() != key.public() {
        return Err(SignNoteError::Key(Box::new(key.clone())));
    }
    sign(signer, message).map_err(SignNoteError::Sign)
}

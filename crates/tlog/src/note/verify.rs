//! Whose signatures stand under a note.

use proofmark_keys::Signature;

use super::{KeyKind, KeyName, NoteKey, NoteSignature, SignedNote};
use crate::cosignature;

/// What trying the signatures of a note with some keys gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteVerification<'k> {
    /// The keys whose signatures verify, each once, in the order of the note; at least one.
    pub verified: Vec<VerifiedSignature<'k>>,
    /// Signatures of nobody that was asked about.
    pub unknown: usize,
}

/// A key whose signature stands under a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedSignature<'k> {
    /// Whose.
    pub key: &'k NoteKey,
    /// For a cosignature when it was made, in seconds since 1970, as the witness says.
    pub at: Option<u64>,
}

/// The note is not to be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyNoteError {
    /// Two different keys have one name and one id. Whoever configured the keys is to blame.
    #[error("two keys are named {0} and have one id")]
    Ambiguous(KeyName),
    /// Under the name and id of a known key stands what is not its signature. Whoever sent the note is to
    /// blame.
    #[error("the signature of {0} does not verify")]
    Invalid(KeyName),
    /// None of the keys has signed.
    #[error("none of the known keys has signed the note")]
    Unsigned,
}

impl VerifyNoteError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Ambiguous(_) => "note-key-ambiguous",
            Self::Invalid(_) => "note-signature-invalid",
            Self::Unsigned => "note-unsigned",
        }
    }
}

impl SignedNote {
    /// Tries the signatures with `keys`. A signature of a name and id that none of them has is not tried;
    /// one that a key has must verify. Every one of them is tried, also where a key has signed twice.
    ///
    /// # Errors
    /// [`VerifyNoteError`], in this order: ambiguous keys, the first invalid signature, no signature.
    pub fn verify<'k>(
        &self,
        keys: &[&'k NoteKey],
    ) -> Result<NoteVerification<'k>, VerifyNoteError> {
        check_distinct(keys)?;
        let mut verified: Vec<VerifiedSignature<'k>> = Vec::new();
        let mut unknown = 0;
        for signature in self.signatures() {
            let Some(key) = keys.iter().find(|key| signature.claims(key)) else {
                unknown += 1;
                continue;
            };
            let at = signature.verify(self.text(), key);
            let at = at.ok_or_else(|| VerifyNoteError::Invalid(key.name().clone()))?;
            if verified.iter().all(|other| other.key != *key) {
                verified.push(VerifiedSignature { key, at });
            }
        }
        match verified.is_empty() {
            true => Err(VerifyNoteError::Unsigned),
            false => Ok(NoteVerification { verified, unknown }),
        }
    }
}

impl NoteSignature {
    /// Whether it stands under this key's name and id.
    pub(crate) fn claims(&self, key: &NoteKey) -> bool {
        self.id == key.id() && self.name == *key.name()
    }

    /// The time in it, if it verifies.
    fn verify(&self, text: &str, key: &NoteKey) -> Option<Option<u64>> {
        match key.kind() {
            KeyKind::Ed25519 => {
                let signature = Signature::from_bytes(&self.bytes).ok()?;
                let valid = key.public().verify(text.as_bytes(), &signature);
                valid.ok().map(|()| None)
            }
            KeyKind::Cosignature => cosignature::verify(text, &self.bytes, key).map(Some),
        }
    }
}

fn check_distinct(keys: &[&NoteKey]) -> Result<(), VerifyNoteError> {
    let clash = |one: &NoteKey, other: &NoteKey| {
        one != other && one.id() == other.id() && one.name() == other.name()
    };
    for (at, key) in keys.iter().enumerate() {
        if keys[..at].iter().any(|other| clash(key, other)) {
            return Err(VerifyNoteError::Ambiguous(key.name().clone()));
        }
    }
    Ok(())
}

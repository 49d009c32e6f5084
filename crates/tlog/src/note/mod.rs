//! Signed notes (C2SP signed-note): a text, and signatures of named keys under it.

mod key;
mod sign;
mod signed;
mod verify;

pub use key::{KeyKind, KeyName, KeyNameError, MAX_NAME_BYTES, NoteKey, NoteKeyError};
pub use sign::{SignNoteError, sign_note};
pub use signed::{
    MAX_NOTE_BYTES, MAX_SIGNATURES, NoteError, NoteSignature, SignedNote, parse_signature_lines,
};
pub use verify::{NoteVerification, VerifiedSignature, VerifyNoteError};

pub(crate) use sign::checked_signature;

//! What is signed: in-toto Statements v1, in the canonical JSON of `proofmark-core`.
//!
//! | statement | says | differs between engines |
//! |---|---|---|
//! | [`outcome`] `validated-outcome/v1` | what the validators said of a submission | never, within one profile |
//! | [`receipt`] `run-receipt/v1` | who ran them, when, at what cost | always |
//!
//! The bytes of an outcome are a function of the criteria, the submission, the engine profile and the
//! binding. So independent engines sign identical bytes, and one envelope carries the signatures of all.

pub mod binding;
pub mod listing;
pub mod outcome;
pub mod receipt;

mod build;
mod check;
mod read;

use std::borrow::Cow;

use proofmark_core::Digest;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

pub(crate) use build::subjects;
pub use build::{ARTIFACT_PREFIX, BuildError, SUBMISSION, build};
pub use check::Inconsistency;
pub use outcome::ValidatedOutcome;
pub use read::ReadError;

/// `_type` of every statement (in-toto Attestation Framework, `spec/v1/statement.md`).
pub const STATEMENT_V1: &str = "https://in-toto.io/Statement/v1";

/// `payloadType` of every envelope that holds a statement.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// A thing by its SHA-256, as in-toto writes it: `{"sha256":"<64 lowercase hexadecimal digits>"}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DigestSet(pub Digest);

/// Borrowed where that can be: a statement is full of them.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DigestSetWire<'a> {
    #[serde(borrow)]
    sha256: Cow<'a, str>,
}

impl Serialize for DigestSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut digits = [0; 64];
        let text = hex::encode_to_slice(self.0.as_bytes(), &mut digits)
            .ok()
            .and_then(|()| str::from_utf8(&digits).ok());
        let sha256 = Cow::Borrowed(text.expect("64 digits"));
        DigestSetWire { sha256 }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for DigestSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = DigestSetWire::deserialize(deserializer)?;
        let mut bytes = [0; 32];
        let lowercase = !wire.sha256.bytes().any(|byte| byte.is_ascii_uppercase());
        match hex::decode_to_slice(&*wire.sha256, &mut bytes) {
            Ok(()) if lowercase => Ok(Self(Digest::from_bytes(bytes))),
            _ => Err(D::Error::custom(
                "a digest has 64 lowercase hexadecimal digits",
            )),
        }
    }
}

/// One thing that a statement is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// What it is identified by.
    pub digest: DigestSet,
    /// Unique within the statement.
    pub name: String,
}

/// The four members of every in-toto statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Statement<P> {
    /// [`STATEMENT_V1`].
    #[serde(rename = "_type")]
    pub statement_type: String,
    /// What is said.
    pub predicate: P,
    /// What the predicate is.
    pub predicate_type: String,
    /// What it is about.
    pub subject: Vec<Subject>,
}

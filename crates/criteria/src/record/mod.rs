//! The verdict record: the bytes that two engines must agree on, and that are later signed.
//!
//! A record holds only what follows from the criteria, the submission and the engine profile: no time, no
//! host, no identity. It is RFC 8785 canonical JSON in lowerCamelCase, and members that are absent are
//! omitted. What depends on the engine's version (profile and fuel) stands in `execution`; the
//! [outcome digest](VerdictRecord::outcome_digest) leaves that out, so that it agrees across versions.

mod assemble;
mod document;
mod read;

use proofmark_core::{Digest, canonical};
use serde::Serialize;
use serde_json::Value;

pub use assemble::{AssembleError, RunEnd, RunOutcome, assemble};
pub use document::{
    CriteriaId, CriterionResult, Execution, Profile, RecordDocument, ReferenceId, Run, RunCode,
    RunResult, SubmissionId,
};
pub use read::RecordError;

/// Longest record in bytes: 256 MiB. The reports of one document sum to at most 64 MiB
/// ([`crate::lint::MAX_REPORT_BYTES_SUM`]), cleaning makes three bytes of one at most (U+FFFD), escaping
/// two; the last quarter is for everything that is not a report.
pub const MAX_RECORD_BYTES: usize = 256 << 20;

/// A verdict record that is in order: its bytes are canonical and its verdict follows from its checks.
/// Made only by [`assemble()`] and [`VerdictRecord::parse`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerdictRecord {
    document: RecordDocument,
    canonical: Vec<u8>,
    digest: Digest,
    outcome_digest: Digest,
}

impl VerdictRecord {
    /// The content.
    #[must_use]
    pub const fn document(&self) -> &RecordDocument {
        &self.document
    }

    /// The record itself.
    #[must_use]
    pub fn canonical_bytes(&self) -> &[u8] {
        &self.canonical
    }

    /// The digest of the record.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// The digest of the record without `execution`: agrees across engine versions.
    #[must_use]
    pub const fn outcome_digest(&self) -> Digest {
        self.outcome_digest
    }

    fn seal(document: RecordDocument) -> Result<Self, canonical::CanonicalError> {
        let mut value = json(&document)?;
        let canonical = canonical::to_bytes(&value)?;
        if let Value::Object(members) = &mut value {
            members.remove("execution");
        }
        Ok(Self {
            digest: Digest::of(&canonical),
            outcome_digest: canonical::digest(&value)?,
            document,
            canonical,
        })
    }
}

/// The document as JSON, with absent members omitted.
fn json(document: &impl Serialize) -> Result<Value, canonical::CanonicalError> {
    let mut value = serde_json::to_value(document).map_err(canonical::CanonicalError::Serialize)?;
    omit_absent(&mut value);
    Ok(value)
}

/// Absent options are `null` at first, because the types of a report must also pass through formats
/// that are not self-describing. No member of a record has a meaning as `null`.
fn omit_absent(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(omit_absent);
        }
        Value::Array(items) => items.iter_mut().for_each(omit_absent),
        _ => {}
    }
}

#[cfg(test)]
mod tests;

//! The verdict record: the bytes that two engines must agree on, and that are later signed.
//!
//! A record holds only what follows from the criteria, the submission and the engine profile: no time, no
//! host, no identity. It is RFC 8785 canonical JSON in lowerCamelCase, and members that are absent are
//! omitted. What depends on the engine's version (profile and fuel) stands in `execution`; the
//! [outcome digest](VerdictRecord::outcome_digest) leaves that out, so that it agrees across versions.

mod assemble;
mod document;
mod read;
mod written;

use proofmark_core::{Digest, canonical};
use serde::Serialize;

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
        let canonical = canonical::ordered_bytes(&document)?;
        debug_assert_eq!(
            canonical::to_bytes(&document).ok().as_ref(),
            Some(&canonical)
        );
        let outcome = Outcome::of(&document);
        Ok(Self {
            digest: Digest::of(&canonical),
            outcome_digest: Digest::of(&canonical::ordered_bytes(&outcome)?),
            document,
            canonical,
        })
    }
}

/// A record without its `execution`.
#[derive(Serialize)]
struct Outcome<'d> {
    criteria: &'d CriteriaId,
    result: &'d RunResult,
    schema: &'d str,
    submission: &'d SubmissionId,
}

impl<'d> Outcome<'d> {
    const fn of(document: &'d RecordDocument) -> Self {
        let RecordDocument {
            criteria,
            execution: _,
            result,
            schema,
            submission,
        } = document;
        Self {
            criteria,
            result,
            schema: schema.as_str(),
            submission,
        }
    }
}

#[cfg(test)]
mod tests;

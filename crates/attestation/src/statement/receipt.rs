//! `run-receipt/v1`: who ran the validators, when, and at what cost. Claims of one engine, none of which
//! another could repeat. These types are the format; its specification is `docs/spec/run-receipt-v1.md`.

use proofmark_core::canonical::{self, CanonicalError};
use proofmark_core::{Digest, Timestamp, uri};
use proofmark_dsse::Envelope;
use proofmark_keys::{SignError, Signer};
use serde::{Deserialize, Serialize};

use super::binding::Term;
use super::read::ReadError;
use super::{DigestSet, PAYLOAD_TYPE, STATEMENT_V1, Statement, Subject, ValidatedOutcome};

/// Name of the only subject: the outcome, by its statement digest.
pub const OUTCOME: &str = "outcome";

/// What is said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReceiptPredicate {
    /// Why it was run.
    pub kind: RunKind,
    /// Who ran it.
    pub engine: EngineId,
    /// On what.
    pub host: HostId,
    /// [`ValidatedOutcome::outcome_digest`] of the subject.
    pub outcome_digest: DigestSet,
    /// By the engine's clock, which nobody need believe.
    pub started_at: Timestamp,
    /// By the engine's clock.
    pub finished_at: Timestamp,
    /// What it took.
    pub usage: RunUsage,
}

/// Why validators were run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunKind {
    /// For the verdict itself.
    Original,
    /// To see whether the verdict can be had again.
    ReExecution,
    /// By the supplier, before delivering.
    PreCheck,
}

/// An engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EngineId {
    /// As the trust policy names it beside the engine's key.
    pub id: Term,
    /// Of the program.
    pub version: Term,
    /// Of the program's file.
    pub build_digest: DigestSet,
}

/// A machine, as far as it matters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostId {
    /// Processor architecture.
    pub arch: Term,
    /// Operating system.
    pub os: Term,
}

/// What a run took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RunUsage {
    /// Time from the first preparation to the last report, in microseconds.
    pub wall_micros: u64,
    /// Most linear memory that one validator took, in bytes.
    pub memory_bytes: u64,
    /// Bytes that were read for all validators together.
    pub read_bytes: u64,
}

/// A receipt that is in order. Made only by [`RunReceipt::new`] and [`RunReceipt::parse`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunReceipt {
    statement: Statement<ReceiptPredicate>,
    canonical: Vec<u8>,
}

impl RunReceipt {
    /// The receipt of a run that came to `outcome`.
    ///
    /// # Errors
    /// [`CanonicalError`] for a number beyond 2^53 − 1.
    pub fn new(
        outcome: &ValidatedOutcome,
        predicate: ReceiptPredicate,
    ) -> Result<Self, CanonicalError> {
        let subject = Subject {
            name: OUTCOME.to_owned(),
            digest: DigestSet(outcome.statement_digest()),
        };
        let statement = Statement {
            statement_type: STATEMENT_V1.to_owned(),
            subject: vec![subject],
            predicate_type: uri::RUN_RECEIPT_V1.to_owned(),
            predicate,
        };
        let canonical = canonical::to_bytes(&statement)?;
        Ok(Self {
            statement,
            canonical,
        })
    }

    pub(super) fn seal(
        statement: Statement<ReceiptPredicate>,
        canonical: &[u8],
    ) -> Result<Self, ReadError> {
        if canonical::to_bytes(&statement).map_or(true, |bytes| bytes != canonical) {
            return Err(ReadError::NotCanonical);
        }
        let [Subject { name, .. }] = &statement.subject[..] else {
            return Err(super::Inconsistency::Subject("a receipt has one subject").into());
        };
        if name != OUTCOME {
            return Err(super::Inconsistency::Subject("the subject is not an outcome").into());
        }
        if statement.predicate.finished_at < statement.predicate.started_at {
            return Err(super::Inconsistency::Metering("the run ended before it began").into());
        }
        Ok(Self {
            statement,
            canonical: canonical.to_vec(),
        })
    }

    /// What is said.
    #[must_use]
    pub const fn predicate(&self) -> &ReceiptPredicate {
        &self.statement.predicate
    }

    /// The statement digest of the outcome that the run came to.
    #[must_use]
    pub fn outcome(&self) -> Digest {
        self.statement.subject[0].digest.0
    }

    /// The payload of its envelope.
    #[must_use]
    pub fn canonical_bytes(&self) -> &[u8] {
        &self.canonical
    }

    /// An envelope with the engine's signature.
    ///
    /// # Errors
    /// [`SignError`].
    pub fn sign(&self, signer: &dyn Signer) -> Result<Envelope, SignError> {
        Envelope::signed(PAYLOAD_TYPE, self.canonical.clone(), signer)
    }
}

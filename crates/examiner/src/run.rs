//! One run: bytes in, signed bundles out.

use proofmark_attestation::Bundle;
use proofmark_attestation::bundle::DocumentRole;
use proofmark_attestation::statement::{ValidatedOutcome, build};
use proofmark_core::Digest;
use proofmark_criteria::document::Criteria;
use proofmark_engine::Engine;
use proofmark_engine::intake::Submission;
use proofmark_engine::judge::{self, JudgeError, Judgement};
use proofmark_keys::{KeyId, SecretKey};

use crate::bytes::Bytes;
use crate::order::Order;

/// Why there is no verdict. None of it says anything about the work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunError {
    /// Something has not been uploaded, or not yet.
    #[error("{0} is not there")]
    Missing(String),
    /// What the terms name is no criteria document. The buyer is to blame.
    #[error("{0} is no criteria document")]
    NoCriteria(Digest),
    /// What was submitted is no manifest. The supplier is to blame, and no engine can say so: there is nothing to judge.
    #[error("{digest} is no manifest: {why}")]
    NoManifest {
        /// What was submitted.
        digest: Digest,
        /// Why it is none.
        why: String,
    },
    /// A validator, or the machine, could not do its part.
    #[error("{code}: {why}")]
    Judge {
        /// Stable code.
        code: &'static str,
        /// What happened.
        why: String,
        /// Whether the machine is at fault.
        host: bool,
    },
    /// The record makes no statement, or could not be signed.
    #[error("the outcome could not be stated: {0}")]
    NotStated(String),
    /// A mistake here.
    #[error("the run ended without a word")]
    Panicked,
}

impl From<&JudgeError> for RunError {
    fn from(error: &JudgeError) -> Self {
        Self::Judge {
            code: error.code(),
            why: error.to_string(),
            host: error.is_host(),
        }
    }
}

/// A judgement, before it is signed.
pub(crate) struct Judged {
    criteria: Criteria,
    work: Submission,
    judgement: Judgement,
    outcome: ValidatedOutcome,
    engines: Vec<KeyId>,
}

/// What was signed.
pub(crate) struct Verdict {
    /// The canonical record, which is the same on every machine.
    pub(crate) record: Vec<u8>,
    /// A bundle of each engine.
    pub(crate) bundles: Vec<String>,
}

/// Runs the validators over the work.
pub(crate) fn judge(engine: &Engine, bytes: &Bytes, order: &Order) -> Result<Judged, RunError> {
    let criteria = bytes.criteria(&order.criteria)?;
    let work = bytes.submission(&order.submission)?;
    let judgement = judge::judge(engine, &criteria, &work, bytes, &|_| {});
    let judgement = judgement.map_err(|error| RunError::from(&error))?;
    let binding = Some(order.binding.clone());
    let outcome = build(&criteria, &work.manifest, &judgement.record, binding)
        .map_err(|error| RunError::NotStated(error.to_string()))?;
    Ok(Judged {
        criteria,
        work,
        judgement,
        outcome,
        engines: order.engines.clone(),
    })
}

impl Judged {
    /// Whether this engine counts for the run.
    pub(crate) fn signs(&self, engine: &KeyId) -> bool {
        self.engines.contains(engine)
    }

    /// Signed by each engine by itself; what the outcome names by digest travels along.
    pub(crate) fn sign<'k>(
        &self,
        engines: impl Iterator<Item = &'k SecretKey>,
    ) -> Result<Verdict, RunError> {
        let record = &self.judgement.record;
        let bundles = engines.map(|engine| {
            let envelope = self.outcome.sign(engine);
            let envelope = envelope.map_err(|error| RunError::NotStated(error.to_string()))?;
            let mut bundle = Bundle::of(envelope);
            bundle.attach(DocumentRole::Criteria, self.criteria.canonical_bytes());
            bundle.attach(DocumentRole::Record, record.canonical_bytes());
            bundle.attach(
                DocumentRole::Submission,
                self.work.manifest.canonical_bytes(),
            );
            Ok(bundle.to_json())
        });
        Ok(Verdict {
            bundles: bundles.collect::<Result<_, RunError>>()?,
            record: record.canonical_bytes().to_vec(),
        })
    }
}

//! One run: bytes in, a signed bundle out.

use proofmark_attestation::Bundle;
use proofmark_attestation::bundle::DocumentRole;
use proofmark_attestation::statement::build;
use proofmark_core::Digest;
use proofmark_engine::Engine;
use proofmark_engine::judge::{self, JudgeError};
use proofmark_keys::Signer;
use proofmark_market::Order;

use crate::bytes::Bytes;
use crate::known::Found;

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
    /// What was asked for is a document in another spelling than the canonical one. A verdict names the canonical digest,
    /// so no verdict of it would be taken for what was asked for.
    #[error("the {what} {asked} is another spelling of {canonical}")]
    Spelling {
        /// Criteria, or a manifest.
        what: &'static str,
        /// The digest of the bytes that are there.
        asked: Digest,
        /// The digest that names the document.
        canonical: Digest,
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

/// Runs the validators over the work, and signs what came out. What the outcome names by digest travels along.
pub(crate) fn judge(
    engine: &Engine,
    bytes: &Bytes,
    order: &Order,
    key: &dyn Signer,
) -> Result<String, RunError> {
    let known = bytes.known(&order.criteria)?;
    let known = &*known;
    let criteria = &known.criteria;
    let work = bytes.submission(&order.submission)?;
    let found = Found { bytes, known };
    let judgement = judge::judge(engine, criteria, &work, &found, &|_| {});
    let record = judgement.map_err(|error| RunError::from(&error))?.record;
    let stated = |error: &dyn std::fmt::Display| RunError::NotStated(error.to_string());
    let binding = Some(order.binding.clone());
    let outcome = build(criteria, &work.manifest, &record, binding);
    let outcome = outcome.map_err(|error| stated(&error))?;
    let envelope = outcome.sign(key).map_err(|error| stated(&error))?;
    let mut bundle = Bundle::of(envelope);
    bundle.attach(DocumentRole::Criteria, criteria.canonical_bytes());
    bundle.attach(DocumentRole::Record, record.canonical_bytes());
    bundle.attach(DocumentRole::Submission, work.manifest.canonical_bytes());
    Ok(bundle.to_json())
}

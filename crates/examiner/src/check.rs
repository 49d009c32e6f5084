//! Judges what is sent along, and signs what came out. It belongs to no order, so no money follows from it.

use std::sync::Arc;

use proofmark_attestation::Bundle;
use proofmark_attestation::statement::build;
use proofmark_core::Digest;
use proofmark_criteria::Verdict;
use proofmark_criteria::submission::{ArtifactPath, Entry, Manifest, SubmissionLimits};
use proofmark_engine::Engine;
use proofmark_engine::files::{FileSet, Source};
use proofmark_engine::intake::Submission;
use proofmark_engine::judge;
use proofmark_engine::run::ArtifactListing;
use proofmark_keys::SecretKey;

use crate::bytes::Bytes;
use crate::known::Found;
use crate::run::RunError;

/// Judges for whoever asks.
pub struct Checker {
    engine: Arc<Engine>,
    signer: SecretKey,
    bytes: Bytes,
}

/// What was signed.
#[derive(Debug)]
pub struct Checked {
    /// What the work comes to.
    pub verdict: Verdict,
    /// Digest of the outcome: the same on every machine.
    pub outcome: Digest,
    /// The bundle with the signed statement, as JSON.
    pub bundle: String,
    /// The canonical record.
    pub record: Vec<u8>,
}

/// Why there is no verdict.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The files make no submission. Whoever sent them is to blame.
    #[error("{0}")]
    NoSubmission(String),
    /// What the criteria need is not here, or cannot be used. Whoever published them is to blame.
    #[error("{0}")]
    NotJudgeable(String),
    /// This machine could not do its part. Tried again, it may.
    #[error("{0}")]
    Host(String),
}

impl From<RunError> for CheckError {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Judge { host: true, .. } | RunError::NotStated(_) | RunError::Panicked => {
                Self::Host(error.to_string())
            }
            _ => Self::NotJudgeable(error.to_string()),
        }
    }
}

impl Checker {
    /// Judges with this engine, and signs with this key.
    #[must_use]
    pub const fn new(engine: Arc<Engine>, signer: SecretKey, bytes: Bytes) -> Self {
        Self {
            engine,
            signer,
            bytes,
        }
    }

    /// Judges files by criteria. Blocks for as long as that takes.
    ///
    /// # Errors
    /// [`CheckError`] if there is no verdict.
    pub fn check(
        &self,
        criteria: &Digest,
        files: Vec<(String, Vec<u8>)>,
    ) -> Result<Checked, CheckError> {
        let known = self.bytes.known(criteria)?;
        let work = submission(files)?;
        let found = Found {
            bytes: &self.bytes,
            known: &known,
        };
        let judged = judge::judge(&self.engine, &known.criteria, &work, &found, &|_| {});
        let record = judged.map_err(|error| RunError::from(&error))?.record;
        let stated = |error: &dyn std::fmt::Display| RunError::NotStated(error.to_string());
        let outcome = build(&known.criteria, &work.manifest, &record, None);
        let outcome = outcome.map_err(|error| stated(&error))?;
        let envelope = outcome.sign(&self.signer).map_err(|error| stated(&error))?;
        Ok(Checked {
            verdict: record.document().result.verdict,
            outcome: outcome.outcome_digest(),
            bundle: Bundle::of(envelope).to_json(),
            record: record.canonical_bytes().to_vec(),
        })
    }
}

fn submission(files: Vec<(String, Vec<u8>)>) -> Result<Submission, CheckError> {
    let refused = |error: &dyn std::fmt::Display| CheckError::NoSubmission(error.to_string());
    let (mut entries, mut sources) = (Vec::new(), Vec::new());
    for (path, content) in files {
        let named: ArtifactPath = path.parse().map_err(|error| refused(&error))?;
        let (digest, size_bytes) = (Digest::of(&content), content.len() as u64);
        entries.push(Entry {
            path: named,
            digest,
            size_bytes,
        });
        let listing = ArtifactListing {
            path,
            size_bytes,
            digest,
        };
        sources.push((listing, Source::from(content)));
    }
    let manifest = Manifest::build(entries, &SubmissionLimits::default());
    let manifest = manifest.map_err(|error| refused(&error))?;
    Ok(Submission {
        manifest,
        files: Arc::new(FileSet::new(sources)),
    })
}

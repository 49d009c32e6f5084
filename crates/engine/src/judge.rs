//! A whole criteria document applied to a submission: one run for each criterion, then the record.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use proofmark_core::Digest;
use proofmark_criteria::document::{Criteria, Criterion, Reference};
use proofmark_criteria::record::{self, AssembleError, Profile, RunOutcome, VerdictRecord};

use crate::engine::{Engine, Prepared};
use crate::fault::HostFault;
use crate::files::{FileSet, Source};
use crate::intake::Submission;
use crate::job::Job;
use crate::options::Admission;
use crate::prepare::PrepareError;
use crate::profile::EngineProfile;
use crate::run::{ArtifactListing, LogLine, Usage};

/// Finds the bytes that a criteria document names by digest. Implemented at the edge.
pub trait Blobs {
    /// The component with this digest.
    fn validator(&self, digest: &Digest) -> Option<Cow<'_, [u8]>>;
    /// The reference file with this digest; `name` is what the document calls it.
    fn reference(&self, reference: &Reference) -> Option<Source>;
}

/// What a judgement is told about while it goes on: for progress bars, and for nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'a> {
    /// A criterion's validator is being prepared.
    Preparing(&'a str),
    /// A criterion is being evaluated.
    Evaluating(&'a str),
}

/// A verdict, and what is told to people beside it.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// The canonical record.
    pub record: VerdictRecord,
    /// One for each criterion, in the document's order.
    pub runs: Vec<RunNotes>,
}

/// What a run leaves behind that no record holds.
#[derive(Debug, Clone)]
pub struct RunNotes {
    /// The criterion.
    pub criterion: String,
    /// The guest's log.
    pub log: Vec<LogLine>,
    /// How near it came to its limits.
    pub usage: Usage,
    /// Time to prepare the validator.
    pub prepare_time: Duration,
    /// Time of the run.
    pub run_time: Duration,
}

/// There is no verdict.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    /// The bytes of a validator are not at hand.
    #[error("criterion {criterion} needs validator {digest}, which is not at hand")]
    ValidatorMissing {
        /// The criterion.
        criterion: String,
        /// The validator.
        digest: Digest,
    },
    /// The bytes of a reference file are not at hand.
    #[error("criterion {criterion} needs reference {name} ({digest}), which is not at hand")]
    ReferenceMissing {
        /// The criterion.
        criterion: String,
        /// What the document calls it.
        name: String,
        /// Its digest.
        digest: Digest,
    },
    /// The document gives a reference file another size than it has.
    #[error("reference {name} has {found} bytes, the criteria document says {expected}")]
    ReferenceSize {
        /// What the document calls it.
        name: String,
        /// The document's.
        expected: u64,
        /// The file's.
        found: u64,
    },
    /// Bytes that were handed in have another digest than was asked for.
    #[error("what was found for {expected} has digest {found}")]
    WrongBytes {
        /// Asked for.
        expected: Digest,
        /// Handed in.
        found: Digest,
    },
    /// A validator cannot be prepared.
    #[error("the validator of criterion {criterion} cannot be used")]
    Prepare {
        /// The criterion.
        criterion: String,
        /// Why.
        source: PrepareError,
    },
    /// The environment failed. Nothing is recorded.
    #[error("criterion {criterion} could not be evaluated")]
    Host {
        /// The criterion.
        criterion: String,
        /// How.
        source: HostFault,
    },
    /// The runs make no record.
    #[error("the runs make no record")]
    Assemble(#[from] AssembleError),
}

impl JudgeError {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::ValidatorMissing { .. } => "validator-missing",
            Self::ReferenceMissing { .. } => "reference-missing",
            Self::ReferenceSize { .. } => "reference-size-mismatch",
            Self::WrongBytes { .. } => "digest-mismatch",
            Self::Prepare { source, .. } => source.code(),
            Self::Host { source, .. } => source.code.as_str(),
            Self::Assemble(_) => "record-not-made",
        }
    }

    /// Did the environment fail, so that another try may succeed?
    pub fn is_host(&self) -> bool {
        matches!(
            self,
            Self::Host { .. }
                | Self::Assemble(_)
                | Self::Prepare {
                    source: PrepareError::Host(_),
                    ..
                }
        )
    }
}

/// The profile as records name it.
pub fn current_profile() -> Profile {
    let profile = EngineProfile::current();
    Profile {
        name: profile.name().to_owned(),
        digest: profile.digest(),
    }
}

/// Run every criterion over the submission and fold the outcomes.
///
/// # Errors
/// See [`JudgeError`]; then there is no verdict, and no money may move.
pub fn judge(
    engine: &Engine,
    criteria: &Criteria,
    submission: &Submission,
    blobs: &dyn Blobs,
    progress: &dyn Fn(Step<'_>),
) -> Result<Judgement, JudgeError> {
    let mut outcomes = Vec::new();
    let mut runs = Vec::new();
    for criterion in criteria.criteria() {
        let (outcome, notes) = run(engine, criterion, submission, blobs, progress)?;
        outcomes.push(outcome);
        runs.push(notes);
    }
    let record = record::assemble(criteria, &submission.manifest, &current_profile(), outcomes)?;
    Ok(Judgement { record, runs })
}

fn run(
    engine: &Engine,
    criterion: &Criterion,
    submission: &Submission,
    blobs: &dyn Blobs,
    progress: &dyn Fn(Step<'_>),
) -> Result<(RunOutcome, RunNotes), JudgeError> {
    progress(Step::Preparing(&criterion.name));
    let started = Instant::now();
    let validator = prepare(engine, criterion, blobs)?;
    let prepare_time = started.elapsed();
    let job = job(criterion, submission, blobs)?;
    progress(Step::Evaluating(&criterion.name));
    let started = Instant::now();
    let evaluation = engine
        .evaluate(&validator, &job)
        .map_err(|source| JudgeError::Host {
            criterion: criterion.name.clone(),
            source,
        })?;
    let notes = RunNotes {
        criterion: criterion.name.clone(),
        log: evaluation.log,
        usage: evaluation.usage,
        prepare_time,
        run_time: started.elapsed(),
    };
    Ok((evaluation.outcome, notes))
}

fn prepare(
    engine: &Engine,
    criterion: &Criterion,
    blobs: &dyn Blobs,
) -> Result<Arc<Prepared>, JudgeError> {
    let expected = criterion.validator.digest;
    let name = || criterion.name.clone();
    let failed = |source| JudgeError::Prepare {
        criterion: name(),
        source,
    };
    let known = engine.recall(&expected, Admission::Published);
    if let Some(found) = known.map_err(failed)? {
        return Ok(found);
    }
    let component = blobs
        .validator(&expected)
        .ok_or_else(|| JudgeError::ValidatorMissing {
            criterion: name(),
            digest: expected,
        })?;
    let found = Digest::of(&component);
    if found != expected {
        return Err(JudgeError::WrongBytes { expected, found });
    }
    engine
        .prepare(&component, Admission::Published)
        .map_err(failed)
}

fn job(
    criterion: &Criterion,
    submission: &Submission,
    blobs: &dyn Blobs,
) -> Result<Job, JudgeError> {
    let mut references = Vec::new();
    for reference in &criterion.references {
        references.push(find(criterion, reference, blobs)?);
    }
    let params = criterion.params_bytes().map_err(AssembleError::from)?;
    Ok(Job {
        // Canonical JSON is UTF-8 (RFC 8785 §3.2.4).
        params: String::from_utf8_lossy(&params).into_owned(),
        limits: criterion.limits,
        checks: criterion.checks.clone(),
        submission: Arc::clone(&submission.files),
        reference: Arc::new(FileSet::new(references)),
    })
}

/// The digest in the listing is the document's: whoever finds the bytes has hashed them.
fn find(
    criterion: &Criterion,
    reference: &Reference,
    blobs: &dyn Blobs,
) -> Result<(ArtifactListing, Source), JudgeError> {
    let source = blobs
        .reference(reference)
        .ok_or_else(|| JudgeError::ReferenceMissing {
            criterion: criterion.name.clone(),
            name: reference.name.to_string(),
            digest: reference.digest,
        })?;
    let found = source.size_bytes();
    if found != reference.size_bytes {
        return Err(JudgeError::ReferenceSize {
            name: reference.name.to_string(),
            expected: reference.size_bytes,
            found,
        });
    }
    let listing = ArtifactListing {
        path: reference.name.to_string(),
        size_bytes: reference.size_bytes,
        digest: reference.digest,
    };
    Ok((listing, source))
}

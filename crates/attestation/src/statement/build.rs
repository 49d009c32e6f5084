//! From a verdict record to the statement that engines sign.

use proofmark_core::canonical::{self, CanonicalError};
use proofmark_core::{Digest, uri};
use proofmark_criteria::record::{CriterionResult, RecordDocument, Run, RunCode, VerdictRecord};
use proofmark_criteria::report::VALIDATOR_WORLD;
use proofmark_criteria::{Criteria, Manifest};
use proofmark_keys::MAX_MESSAGE_BYTES;

use super::binding::Binding;
use super::listing::Listing;
use super::outcome::{
    CheckPart, CriteriaPart, CriterionPart, ExecutionPart, OutcomePredicate, ProfilePart,
    ReferencePart, ResultPart, RunPart, ValidatedOutcome, ValidatorPart,
};
use super::{DigestSet, STATEMENT_V1, Statement, Subject};

/// Name of the first subject: the submission, by the digest of its manifest.
pub const SUBMISSION: &str = "submission";

/// What the names of the further subjects start with: the artifacts, by their paths.
pub const ARTIFACT_PREFIX: &str = "submission/";

/// Why there is nothing to sign.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The record is of another criteria document. The caller is to blame.
    #[error("the record was made by criteria {record}, not by {given}")]
    Criteria {
        /// The record's.
        record: Digest,
        /// The document's at hand.
        given: Digest,
    },
    /// The record is of another submission. The caller is to blame.
    #[error("the record judges submission {record}, not {given}")]
    Submission {
        /// The record's.
        record: Digest,
        /// The manifest's at hand.
        given: Digest,
    },
    /// A run ended in a way that another engine need not see. The validator is to blame.
    #[error(
        "criterion {0} ended in a fault that depends on the machine's code: no engine may sign for others"
    )]
    NotDeterministic(String),
    /// Names in it leave no room even for the bare statement.
    #[error("the statement has {0} bytes, of which {MAX_MESSAGE_BYTES} can be signed")]
    TooLong(usize),
    /// Something in it has no canonical form.
    #[error("the statement has no canonical form")]
    Canonical(#[from] CanonicalError),
}

impl BuildError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Criteria { .. } => "record-of-other-criteria",
            Self::Submission { .. } => "record-of-other-submission",
            Self::NotDeterministic(_) => "outcome-not-deterministic",
            Self::TooLong(_) => "statement-too-long",
            Self::Canonical(_) => "statement-not-canonical",
        }
    }
}

/// The outcome that `record` states, of `submission` judged by `criteria`, for `binding`.
///
/// What does not fit into what key services sign (4096 bytes) is left out, its digest stays: first the
/// artifacts among the subjects (the manifest commits to them), then the items of the results, of the runs,
/// of the validators. The same inputs leave out the same, so engines still agree on every byte.
///
/// # Errors
/// [`BuildError`].
pub fn build(
    criteria: &Criteria,
    submission: &Manifest,
    record: &VerdictRecord,
    binding: Option<Binding>,
) -> Result<ValidatedOutcome, BuildError> {
    check(criteria, submission, record)?;
    let document = record.document();
    let statement = Statement {
        statement_type: STATEMENT_V1.to_owned(),
        subject: subjects(submission),
        predicate_type: uri::VALIDATED_OUTCOME_V1.to_owned(),
        predicate: OutcomePredicate {
            binding,
            criteria: CriteriaPart {
                digest: DigestSet(criteria.digest()),
                validators: validators(document),
            },
            result: result(record)?,
            execution: execution(criteria, record)?,
        },
    };
    shorten(statement)
}

fn check(
    criteria: &Criteria,
    submission: &Manifest,
    record: &VerdictRecord,
) -> Result<(), BuildError> {
    let document = record.document();
    if document.criteria.digest != criteria.digest() {
        return Err(BuildError::Criteria {
            record: document.criteria.digest,
            given: criteria.digest(),
        });
    }
    if document.submission.digest != submission.digest() {
        return Err(BuildError::Submission {
            record: document.submission.digest,
            given: submission.digest(),
        });
    }
    let deterministic = |run: &&Run| match run.end {
        RunCode::Returned => true,
        RunCode::Fault(code) => code.is_deterministic(),
    };
    match document
        .execution
        .runs
        .iter()
        .find(|run| !deterministic(run))
    {
        Some(run) => Err(BuildError::NotDeterministic(run.criterion.clone())),
        None => Ok(()),
    }
}

/// The submission, then its artifacts in ascending byte order of their paths.
pub(crate) fn subjects(submission: &Manifest) -> Vec<Subject> {
    let whole = Subject {
        name: SUBMISSION.to_owned(),
        digest: DigestSet(submission.digest()),
    };
    let artifacts = submission.entries().iter().map(|entry| Subject {
        name: format!("{ARTIFACT_PREFIX}{}", entry.path),
        digest: DigestSet(entry.digest),
    });
    std::iter::once(whole).chain(artifacts).collect()
}

fn validators(document: &RecordDocument) -> Listing<ValidatorPart> {
    let criteria = document.result.criteria.iter();
    Listing::of(criteria.map(validator).collect())
}

fn validator(criterion: &CriterionResult) -> ValidatorPart {
    let references = criterion.references.iter().map(|reference| ReferencePart {
        name: reference.name.clone(),
        digest: DigestSet(reference.digest),
    });
    ValidatorPart {
        criterion: criterion.name.clone(),
        digest: DigestSet(criterion.validator),
        world: VALIDATOR_WORLD.to_owned(),
        params: DigestSet(criterion.params_digest),
        references: references.collect(),
    }
}

fn result(record: &VerdictRecord) -> Result<ResultPart, CanonicalError> {
    let RecordDocument {
        result, execution, ..
    } = record.document();
    Ok(ResultPart {
        verdict: result.verdict,
        score: result.score,
        threshold: result.threshold,
        criteria: Listing::of(result.criteria.iter().map(criterion).collect()),
        evidence: DigestSet(record.outcome_digest()),
        log_digest: log_digest(&execution.runs)?,
        log_truncated: execution.runs.iter().any(|run| run.log_digest.is_none()),
    })
}

fn log_digest(runs: &[Run]) -> Result<DigestSet, CanonicalError> {
    let text = |run: &Run| {
        run.log_digest
            .map(|digest| digest.to_string())
            .unwrap_or_default()
    };
    let digests: Vec<_> = runs.iter().map(text).collect();
    Ok(DigestSet(canonical::digest(&digests)?))
}

fn criterion(criterion: &CriterionResult) -> CriterionPart {
    let checks = criterion.checks.iter().map(|check| CheckPart {
        id: check.id.clone(),
        status: check.status,
        score: check.score,
    });
    CriterionPart {
        name: criterion.name.clone(),
        status: criterion.status,
        required: criterion.required,
        weight: criterion.weight,
        score: criterion.score,
        fault: criterion.fault.map(|fault| fault.code),
        checks: checks.collect(),
    }
}

fn execution(criteria: &Criteria, record: &VerdictRecord) -> Result<ExecutionPart, CanonicalError> {
    let execution = &record.document().execution;
    let mut runs = Vec::new();
    for (run, criterion) in execution.runs.iter().zip(criteria.criteria()) {
        runs.push(RunPart {
            criterion: run.criterion.clone(),
            end: run.end,
            fuel_used: run.fuel_used,
            fuel_limit: run.fuel_limit,
            limits: DigestSet(canonical::digest(&criterion.limits)?),
        });
    }
    Ok(ExecutionPart {
        profile: ProfilePart {
            uri: format!("{}{}", uri::PROFILE, execution.profile.name),
            digest: DigestSet(execution.profile.digest),
        },
        record: DigestSet(record.digest()),
        runs: Listing::of(runs),
    })
}

/// Leaves out one list after another until the rest can be signed.
fn shorten(mut statement: Statement<OutcomePredicate>) -> Result<ValidatedOutcome, BuildError> {
    type Cut = fn(&mut Statement<OutcomePredicate>);
    const CUTS: [Cut; 4] = [
        |statement| statement.subject.truncate(1),
        |statement| statement.predicate.result.criteria.items = None,
        |statement| statement.predicate.execution.runs.items = None,
        |statement| statement.predicate.criteria.validators.items = None,
    ];
    let mut cuts = CUTS.iter();
    loop {
        let sealed = ValidatedOutcome::seal(statement);
        let bytes = sealed.signed_len();
        if bytes <= MAX_MESSAGE_BYTES {
            return Ok(sealed);
        }
        let cut = cuts.next().ok_or(BuildError::TooLong(bytes))?;
        statement = sealed.statement;
        cut(&mut statement);
    }
}

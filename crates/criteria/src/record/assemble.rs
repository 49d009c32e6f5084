//! From finished runs to a record.

use proofmark_core::{Digest, canonical, integer, uri};

use super::document::{
    CriteriaId, CriterionResult, Execution, Profile, RecordDocument, ReferenceId, Run, RunCode,
    RunResult, SubmissionId,
};
use super::{MAX_RECORD_BYTES, VerdictRecord};
use crate::document::{Criteria, Criterion};
use crate::fault::FaultCode;
use crate::report::{Check, Report};
use crate::submission::Manifest;
use crate::text::{MAX_MESSAGE_BYTES, clean};
use crate::verdict::{CriterionOutcome, fold};

/// How one run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunEnd {
    /// With a report.
    Reported(Report),
    /// The validator gave no report and said why.
    Refused {
        /// One of [`FaultCode::RefusedParams`], [`FaultCode::RefusedSubmission`],
        /// [`FaultCode::RefusedInternal`].
        code: FaultCode,
        /// The validator's own words, as they are: [`assemble`] makes them safe.
        text: String,
    },
    /// The run ended without a report.
    Faulted(FaultCode),
}

/// One finished run, of one criterion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunOutcome {
    /// How it ended.
    pub end: RunEnd,
    /// Units of fuel that `evaluate` used. Left out of the record where the end makes it inexact.
    pub fuel_used: Option<u64>,
    /// Units of fuel that it had.
    pub fuel_limit: u64,
    /// Digest of the log. Left out of the record unless `evaluate` returned.
    pub log_digest: Option<Digest>,
}

/// Why finished runs are no record. The engine is to blame (a host fault): nothing is recorded.
#[derive(Debug, thiserror::Error)]
pub enum AssembleError {
    /// There is not exactly one run per criterion.
    #[error("there are {runs} runs of {criteria} criteria")]
    RunCount {
        /// How many runs there are.
        runs: usize,
        /// How many criteria there are.
        criteria: usize,
    },
    /// A report has other checks than the criteria document names.
    #[error("the report on `{0}` has other checks than the criteria document")]
    Checks(String),
    /// A refusal with the code of another fault.
    #[error("the run of `{0}` was refused with a code that is no refusal")]
    NotARefusal(String),
    /// Fuel or log digest are missing where they are known, or the fuel is above its limit.
    #[error("the run of `{0}` lacks its fuel or log digest, or used more fuel than it had")]
    Metering(String),
    /// The record is longer than [`MAX_RECORD_BYTES`].
    #[error("the record has {0} bytes, of which {MAX_RECORD_BYTES} are allowed")]
    TooLarge(usize),
    /// Something in it has no canonical form.
    #[error("the record has no canonical form")]
    Canonical(#[from] canonical::CanonicalError),
}

/// The record of a submission judged by criteria: `runs` has one run per criterion, in the order of the
/// criteria document.
///
/// Checks are put into the order of the criteria document, so that engines that report them in different
/// orders agree.
///
/// # Errors
/// [`AssembleError`]; all of them are the engine's.
pub fn assemble(
    criteria: &Criteria,
    submission: &Manifest,
    profile: &Profile,
    runs: Vec<RunOutcome>,
) -> Result<VerdictRecord, AssembleError> {
    if runs.len() != criteria.criteria().len() {
        return Err(AssembleError::RunCount {
            runs: runs.len(),
            criteria: criteria.criteria().len(),
        });
    }
    let mut results = Vec::new();
    let mut records = Vec::new();
    let mut outcomes = Vec::new();
    for (criterion, run) in criteria.criteria().iter().zip(runs) {
        records.push(metering(criterion, &run)?);
        let (result, outcome) = judge(criterion, run.end)?;
        results.push(result);
        outcomes.push(outcome);
    }
    let roll = fold(criteria.threshold(), &outcomes);
    let document = RecordDocument {
        schema: uri::VERDICT_RECORD_V1.to_owned(),
        submission: SubmissionId {
            digest: submission.digest(),
            artifacts: submission.entries().len() as u64,
            size_bytes: submission.total_bytes(),
        },
        criteria: CriteriaId {
            digest: criteria.digest(),
            name: criteria.name().to_owned(),
        },
        result: RunResult {
            verdict: roll.verdict,
            score: roll.score,
            threshold: criteria.threshold(),
            criteria: results,
        },
        execution: Execution {
            profile: profile.clone(),
            runs: records,
        },
    };
    let record = VerdictRecord::seal(document)?;
    match record.canonical_bytes().len() {
        bytes if bytes > MAX_RECORD_BYTES => Err(AssembleError::TooLarge(bytes)),
        _ => Ok(record),
    }
}

fn metering(criterion: &Criterion, run: &RunOutcome) -> Result<Run, AssembleError> {
    let end = match &run.end {
        RunEnd::Reported(_) => RunCode::Returned,
        RunEnd::Refused { code, .. } | RunEnd::Faulted(code) => RunCode::Fault(*code),
    };
    let fuel_used = run.fuel_used.filter(|_| end.fuel_is_exact());
    let log_digest = run.log_digest.filter(|_| end.has_log());
    let complete =
        fuel_used.is_some() == end.fuel_is_exact() && log_digest.is_some() == end.has_log();
    let within =
        fuel_used.unwrap_or_default() <= run.fuel_limit && integer::is_safe(run.fuel_limit);
    if !complete || !within {
        return Err(AssembleError::Metering(criterion.name.clone()));
    }
    Ok(Run {
        criterion: criterion.name.clone(),
        end,
        fuel_used,
        fuel_limit: run.fuel_limit,
        log_digest,
    })
}

fn judge(
    criterion: &Criterion,
    end: RunEnd,
) -> Result<(CriterionResult, CriterionOutcome), AssembleError> {
    let (fault, refusal, checks) = match end {
        RunEnd::Reported(report) => (None, None, order(criterion, report)?),
        RunEnd::Refused { code, text } => {
            refusal_code(criterion, code)?;
            let text = clean(&text, MAX_MESSAGE_BYTES).into_owned();
            (Some(code), Some(text), Vec::new())
        }
        RunEnd::Faulted(code) => (Some(code), None, Vec::new()),
    };
    let outcome = match fault {
        Some(_) => CriterionOutcome::faulted(criterion.required, criterion.weight),
        None => CriterionOutcome::reported(criterion.required, criterion.weight, &checks),
    };
    let references = criterion.references.iter().map(|reference| ReferenceId {
        name: reference.name.to_string(),
        digest: reference.digest,
    });
    let result = CriterionResult {
        name: criterion.name.clone(),
        status: outcome.status,
        required: criterion.required,
        weight: criterion.weight,
        score: outcome.score.known(),
        validator: criterion.validator.digest,
        params_digest: Digest::of(&criterion.params_bytes()?),
        references: references.collect(),
        fault: fault.map(Into::into),
        refusal,
        checks,
    };
    Ok((result, outcome))
}

fn refusal_code(criterion: &Criterion, code: FaultCode) -> Result<(), AssembleError> {
    if !code.is_refusal() {
        return Err(AssembleError::NotARefusal(criterion.name.clone()));
    }
    Ok(())
}

/// The checks in the order of the criteria document, which is that of their ids.
fn order(criterion: &Criterion, report: Report) -> Result<Vec<Check>, AssembleError> {
    let mut checks = report.into_checks();
    checks.sort_by(|a, b| a.id.cmp(&b.id));
    if checks.iter().map(|check| &check.id).ne(&criterion.checks) {
        return Err(AssembleError::Checks(criterion.name.clone()));
    }
    Ok(checks)
}

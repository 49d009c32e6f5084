//! Reading a record that somebody else made.

use std::collections::BTreeSet;

use proofmark_core::canonical::{self, CanonicalError, ParseError, ParseLimits};
use proofmark_core::{Problem, integer, uri};

use super::document::{CriterionResult, RecordDocument, Run, RunCode};
use super::{MAX_RECORD_BYTES, VerdictRecord};
use crate::report;
use crate::submission::ArtifactPath;
use crate::text::{MAX_MESSAGE_BYTES, MAX_NAME_BYTES, clean, is_slug};
use crate::verdict::{CriterionOutcome, fold};

/// Why bytes are not a verdict record. Whoever presents them is to blame.
///
/// If several apply, the first in the order of the variants is reported.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The bytes are not a document of the canonical profile.
    #[error("the record is not a document of Proofmark")]
    Document(#[from] ParseError),
    /// They are JSON, but not a record.
    #[error("the record is malformed: {0}")]
    Malformed(String),
    /// A record of another kind or version.
    #[error(
        "the member `schema` of the record is not `{}`",
        uri::VERDICT_RECORD_V1
    )]
    Schema,
    /// Something in it has no canonical form.
    #[error("the record has no canonical form")]
    Canonical(#[from] CanonicalError),
    /// The bytes are another spelling of the record. A record is its bytes.
    #[error("the record is not canonical JSON")]
    NotCanonical,
    /// Two parts of the record contradict each other, for instance its checks and its verdict.
    #[error("the record contradicts itself: {0}")]
    Contradiction(&'static str),
}

impl RecordError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Document(error) => error.code(),
            Self::Malformed(_) => "record-malformed",
            Self::Schema => "record-schema",
            Self::Canonical(_) | Self::NotCanonical => "record-not-canonical",
            Self::Contradiction(_) => "record-contradiction",
        }
    }
}

impl From<RecordError> for Problem {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::Document(error) => error.into(),
            error => Self::new(error.code(), error.to_string())
                .hint("take the record as it was written, byte for byte"),
        }
    }
}

impl VerdictRecord {
    /// Reads a record: canonical bytes and nothing else, whose verdict follows from its checks.
    ///
    /// That the checks follow from the submission is not seen here; running again shows it.
    ///
    /// # Errors
    /// [`RecordError`], the first in the order stated there.
    pub fn parse(bytes: &[u8]) -> Result<Self, RecordError> {
        let limits = ParseLimits {
            max_bytes: MAX_RECORD_BYTES,
            ..ParseLimits::DOCUMENT
        };
        let value = canonical::parse(bytes, limits)?;
        let document: RecordDocument = serde_json::from_value(value).map_err(|error| {
            RecordError::Malformed(clean(&error.to_string(), MAX_MESSAGE_BYTES).into_owned())
        })?;
        if document.schema != uri::VERDICT_RECORD_V1 {
            return Err(RecordError::Schema);
        }
        let record = Self::seal(document)?;
        if record.canonical_bytes() != bytes {
            return Err(RecordError::NotCanonical);
        }
        check(record.document()).map_err(RecordError::Contradiction)?;
        Ok(record)
    }
}

fn check(document: &RecordDocument) -> Result<(), &'static str> {
    let result = &document.result;
    let runs = &document.execution.runs;
    if runs.len() != result.criteria.len() {
        return Err("there is not one run per criterion");
    }
    let names: BTreeSet<_> = result
        .criteria
        .iter()
        .map(|criterion| &criterion.name)
        .collect();
    if names.len() != result.criteria.len() {
        return Err("two criteria have one name");
    }
    if [&document.criteria.name, &document.execution.profile.name]
        .into_iter()
        .any(|name| clean(name, MAX_NAME_BYTES) != name.as_str())
    {
        return Err("a name is not made safe");
    }
    let mut outcomes = Vec::new();
    for (criterion, run) in result.criteria.iter().zip(runs) {
        check_run(criterion, run)?;
        outcomes.push(check_criterion(criterion)?);
    }
    let roll = fold(result.threshold, &outcomes);
    if (roll.verdict, roll.score) != (result.verdict, result.score) {
        return Err("the verdict does not follow from the criteria");
    }
    Ok(())
}

fn check_criterion(criterion: &CriterionResult) -> Result<CriterionOutcome, &'static str> {
    let (required, weight) = (criterion.required, criterion.weight);
    check_parts(criterion)?;
    if criterion.fault.is_some() != criterion.checks.is_empty() {
        return Err("a criterion has either a fault or checks");
    }
    let refused = criterion.fault.is_some_and(|fault| fault.code.is_refusal());
    if criterion.refusal.is_some() && !refused {
        return Err("a criterion that was not refused has a refusal");
    }
    let outcome = match criterion.fault {
        Some(_) => CriterionOutcome::faulted(required, weight),
        None => CriterionOutcome::reported(required, weight, &criterion.checks),
    };
    if (outcome.status, outcome.score.known()) != (criterion.status, criterion.score) {
        return Err("a criterion does not follow from its checks");
    }
    Ok(outcome)
}

/// No engine writes what this refuses, so nobody need expect it.
fn check_parts(criterion: &CriterionResult) -> Result<(), &'static str> {
    if !is_slug(&criterion.name) || !criterion.checks.iter().all(|check| is_slug(&check.id)) {
        return Err("a name is not a slug");
    }
    if !ascending(criterion.checks.iter().map(|check| &check.id))
        || !ascending(criterion.references.iter().map(|reference| &reference.name))
    {
        return Err("checks or references are not in ascending order, each once");
    }
    let checks = || criterion.checks.iter();
    if checks().any(|check| report::verify(check).is_err()) {
        return Err("the numbers, positions or codes of a check make no sense");
    }
    let refusal = criterion.refusal.as_deref().unwrap_or_default();
    if !checks().all(report::is_sanitized) || clean(refusal, MAX_MESSAGE_BYTES) != refusal {
        return Err("a text is not made safe, or the findings are not in order");
    }
    let names = criterion.references.iter().map(|reference| &reference.name);
    match names
        .map(|name| name.parse::<ArtifactPath>())
        .all(|name| name.is_ok())
    {
        true => Ok(()),
        false => Err("a reference has a name that no file can have"),
    }
}

fn ascending<'t>(names: impl Iterator<Item = &'t String> + Clone) -> bool {
    names
        .clone()
        .zip(names.skip(1))
        .all(|(name, next)| name < next)
}

fn check_run(criterion: &CriterionResult, run: &Run) -> Result<(), &'static str> {
    if run.criterion != criterion.name {
        return Err("the runs are not in the order of the criteria");
    }
    let end = criterion
        .fault
        .map_or(RunCode::Returned, |fault| RunCode::Fault(fault.code));
    if run.end != end {
        return Err("a run did not end as its criterion says");
    }
    let complete =
        run.fuel_used.is_some() == end.fuel_is_exact() && run.log_digest.is_some() == end.has_log();
    let within = run.fuel_used.unwrap_or_default() <= run.fuel_limit;
    if !complete || !within || !integer::is_safe(run.fuel_limit) {
        return Err("the metering of a run does not fit its end");
    }
    Ok(())
}

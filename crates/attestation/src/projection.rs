//! An outcome told in the words of others, for policy engines that know those words. Each is a function of
//! the outcome and is signed by itself; none of them can settle anything.

use proofmark_core::Timestamp;
use proofmark_criteria::Verdict;
use proofmark_criteria::report::Status;
use serde_json::{Value, json};

use crate::statement::outcome::{CriterionPart, OutcomePredicate};
use crate::statement::{STATEMENT_V1, ValidatedOutcome};

/// in-toto test-result (`spec/predicates/test-result.md`).
pub const TEST_RESULT_V0_1: &str = "https://in-toto.io/attestation/test-result/v0.1";

/// in-toto simple verification result (`spec/predicates/svr.md`).
pub const SVR_V0_2: &str = "https://in-toto.io/attestation/svr/v0.2";

/// Why there is no such projection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProjectionError {
    /// test-result knows passed, warned and failed; calling what was not decided any of these would be a lie.
    #[error("an inconclusive outcome is no test result")]
    Inconclusive,
    /// A simple verification result states what holds, and nothing else.
    #[error("only a pass can be told as a simple verification result")]
    NotPassed,
}

impl ProjectionError {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Inconclusive => "projection-inconclusive",
            Self::NotPassed => "projection-not-passed",
        }
    }
}

/// The outcome as a test-result statement. Checks are named `<criterion>/<check>`; where the statement had no
/// room for them the lists are absent.
///
/// # Errors
/// [`ProjectionError::Inconclusive`].
pub fn test_result(outcome: &ValidatedOutcome) -> Result<Value, ProjectionError> {
    let predicate = outcome.predicate();
    let result = match predicate.result.verdict {
        Verdict::Pass => "PASSED",
        Verdict::Fail => "FAILED",
        Verdict::Inconclusive => return Err(ProjectionError::Inconclusive),
    };
    let mut told = json!({
        "result": result,
        "configuration": configuration(predicate),
    });
    if let Some(criteria) = &predicate.result.criteria.items {
        told["passedTests"] = named(criteria, Status::Pass);
        told["warnedTests"] = named(criteria, Status::Inconclusive);
        told["failedTests"] = named(criteria, Status::Fail);
    }
    Ok(statement(outcome, TEST_RESULT_V0_1, told))
}

/// The outcome as a simple verification result of `verifier`, a URI, at a time that the caller answers for.
///
/// # Errors
/// [`ProjectionError::NotPassed`].
pub fn svr(
    outcome: &ValidatedOutcome,
    verifier: &str,
    at: Timestamp,
) -> Result<Value, ProjectionError> {
    let predicate = outcome.predicate();
    if predicate.result.verdict != Verdict::Pass {
        return Err(ProjectionError::NotPassed);
    }
    let told = json!({
        "verifier": { "id": verifier, "policies": configuration(predicate) },
        "timeCreated": at,
        "properties": ["PROOFMARK_OUTCOME_PASS"],
    });
    Ok(statement(outcome, SVR_V0_2, told))
}

fn statement(outcome: &ValidatedOutcome, predicate_type: &str, predicate: Value) -> Value {
    json!({
        "_type": STATEMENT_V1,
        "subject": outcome.statement().subject,
        "predicateType": predicate_type,
        "predicate": predicate,
    })
}

/// Criteria, validators and profile as resource descriptors.
fn configuration(predicate: &OutcomePredicate) -> Value {
    let criteria = json!({ "name": "criteria", "digest": predicate.criteria.digest });
    let profile = &predicate.execution.profile;
    let profile = json!({ "name": "profile", "uri": profile.uri, "digest": profile.digest });
    let validators = predicate.criteria.validators.items.iter().flatten();
    let validators = validators.map(|validator| {
        json!({
            "name": format!("validator/{}", validator.criterion),
            "digest": validator.digest,
        })
    });
    [criteria, profile].into_iter().chain(validators).collect()
}

fn named(criteria: &[CriterionPart], status: Status) -> Value {
    let checks = criteria.iter().flat_map(|criterion| {
        let of_status = criterion
            .checks
            .iter()
            .filter(move |check| check.status == status);
        of_status.map(|check| format!("{}/{}", criterion.name, check.id))
    });
    checks.collect()
}

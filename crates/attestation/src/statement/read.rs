//! Reading statements that somebody else made.

use proofmark_core::canonical::{self, ParseError, ParseLimits};
use proofmark_core::{integer, uri};
use proofmark_criteria::FaultCode;
use proofmark_criteria::record::RunCode;
use proofmark_keys::MAX_MESSAGE_BYTES;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::check::{Inconsistency, check};
use super::outcome::{OutcomePredicate, ValidatedOutcome};
use super::receipt::{ReceiptPredicate, RunReceipt};
use super::{STATEMENT_V1, Statement};

/// Deepest nesting of a statement: statement, predicate, result, criteria, items, criterion, checks, check
/// are eight; one more for digests.
const MAX_DEPTH: usize = 10;

/// What the pre-authentication encoding puts before a payload of four digits' length, in bytes:
/// `DSSEv1 28 application/vnd.in-toto+json 4052 `. What is longer could not have been signed by [`super::build()`].
const PAE_BYTES: usize = 44;

const LIMITS: ParseLimits = ParseLimits {
    max_bytes: MAX_MESSAGE_BYTES - PAE_BYTES,
    max_depth: MAX_DEPTH,
};

/// Bytes that are no statement of ours. Whoever signed them is to blame. In the order in which they are
/// looked for.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Not JSON of the strict profile, or too long.
    #[error("the payload is not JSON of the canonical profile")]
    Parse(#[from] ParseError),
    /// The bytes are another spelling of what they say.
    #[error("the payload is not in its canonical form (RFC 8785)")]
    NotCanonical,
    /// `_type` is another.
    #[error("the payload is not an in-toto Statement v1")]
    StatementType,
    /// `predicateType` is another.
    #[error("the statement has another predicate type: {0}")]
    PredicateType(String),
    /// Members are missing, unknown or of the wrong type. Version 1 is closed.
    #[error("the statement has not the members of its predicate type")]
    Schema(#[source] serde_json::Error),
    /// It states a fault that no engine may sign.
    #[error("the statement rests on a fault that depends on the machine's code")]
    NotDeterministic,
    /// It contradicts itself.
    #[error("the statement contradicts itself")]
    Inconsistent(#[from] Inconsistency),
}

impl ValidatedOutcome {
    /// Reads the payload of an envelope. Call it with bytes whose signatures have been verified.
    ///
    /// # Errors
    /// The first [`ReadError`] in the order stated there.
    pub fn parse(payload: &[u8]) -> Result<Self, ReadError> {
        let sealed = match quick(payload) {
            Some(sealed) => sealed,
            None => Self::seal(read(payload, uri::VALIDATED_OUTCOME_V1)?),
        };
        // Typed and written again: nothing was dropped or spelled otherwise on the way.
        if sealed.canonical_bytes() != payload {
            return Err(ReadError::NotCanonical);
        }
        if !is_deterministic(sealed.predicate()) {
            return Err(ReadError::NotDeterministic);
        }
        check(sealed.statement())?;
        Ok(sealed)
    }
}

/// Reads what is in order, which is what an honest engine signs. Bytes that come out again as they went in
/// are canonical, have every member once and no other, and no number out of the profile. Whatever this does
/// not read is read again by [`read`], which finds out what is wrong with it.
fn quick(payload: &[u8]) -> Option<ValidatedOutcome> {
    if payload.len() > LIMITS.max_bytes {
        return None;
    }
    let statement: Statement<OutcomePredicate> = serde_json::from_slice(payload).ok()?;
    let ours = statement.statement_type == STATEMENT_V1
        && statement.predicate_type == uri::VALIDATED_OUTCOME_V1;
    let sealed = ours.then(|| ValidatedOutcome::seal(statement))?;
    let runs = sealed.predicate().execution.runs.items.iter().flatten();
    let mut numbers = runs
        .flat_map(|run| [Some(run.fuel_limit), run.fuel_used])
        .flatten();
    (numbers.all(integer::is_safe) && sealed.canonical_bytes() == payload).then_some(sealed)
}

impl RunReceipt {
    /// Reads the payload of an envelope.
    ///
    /// # Errors
    /// The first [`ReadError`] in the order stated there.
    pub fn parse(payload: &[u8]) -> Result<Self, ReadError> {
        let statement: Statement<ReceiptPredicate> = read(payload, uri::RUN_RECEIPT_V1)?;
        Self::seal(statement, payload)
    }
}

fn read<P: DeserializeOwned + Serialize>(
    payload: &[u8],
    predicate_type: &'static str,
) -> Result<Statement<P>, ReadError> {
    let value = canonical::parse(payload, LIMITS)?;
    if canonical::to_bytes(&value).map_or(true, |bytes| bytes != payload) {
        return Err(ReadError::NotCanonical);
    }
    if value["_type"] != STATEMENT_V1 {
        return Err(ReadError::StatementType);
    }
    if value["predicateType"] != predicate_type {
        let found = &value["predicateType"];
        return Err(ReadError::PredicateType(shown(found)));
    }
    serde_json::from_value(value).map_err(ReadError::Schema)
}

/// Foreign text in a message: short, and visible.
fn shown(value: &Value) -> String {
    let text = value.as_str().unwrap_or("none");
    let visible = text.chars().filter(|c| c.is_ascii_graphic());
    visible.take(200).collect()
}

fn is_deterministic(predicate: &OutcomePredicate) -> bool {
    let criteria = predicate.result.criteria.items.iter().flatten();
    let mut faults = criteria.filter_map(|criterion| criterion.fault);
    let mut ends = predicate.execution.runs.items.iter().flatten();
    faults.all(FaultCode::is_deterministic)
        && ends.all(|run| match run.end {
            RunCode::Returned => true,
            RunCode::Fault(code) => code.is_deterministic(),
        })
}

//! Payload type, signatures, threshold.

use std::collections::BTreeSet;

use proofmark_dsse::{Envelope, Tally};
use proofmark_keys::KeyId;
use proofmark_trust::{Role, TrustPolicy};

use super::failure::{Failure, FailureCode};
use super::rule::{Rule, Trail};
use crate::statement::PAYLOAD_TYPE;

/// Whose signatures there are; enough of them, whenever they were made.
pub(super) fn check(
    trail: &mut Trail,
    envelope: &Envelope,
    policy: &TrustPolicy,
) -> Result<Tally, Failure> {
    trail.hold(Rule::Envelope, Ok(()))?;
    trail.hold(Rule::PayloadType, payload_type(envelope))?;
    let keys = policy.keys_of(Role::Outcome).map(|trusted| &trusted.key);
    let tally = envelope.tally(keys);
    trail.hold(Rule::Signatures, signatures(&tally))?;
    trail.hold(
        Rule::Threshold,
        threshold(policy, Role::Outcome, &tally.valid),
    )?;
    Ok(tally)
}

fn payload_type(envelope: &Envelope) -> Result<(), Failure> {
    match envelope.payload_type() == PAYLOAD_TYPE {
        true => Ok(()),
        false => {
            Err(FailureCode::PayloadType
                .because(format!("the payload is not of type {PAYLOAD_TYPE}")))
        }
    }
}

/// A signature of nobody known is passed over, as DSSE demands; a false one of somebody known means that
/// somebody altered the envelope, and is no honest engine's.
fn signatures(tally: &Tally) -> Result<(), Failure> {
    if let Some(key) = tally.invalid.first() {
        return Err(FailureCode::SignatureInvalid.because(format!(
            "the signature of trusted key {key} does not verify"
        )));
    }
    match tally.valid.is_empty() {
        false => Ok(()),
        true => Err(FailureCode::NoTrustedSignature
            .because("no key that the policy trusts for outcomes has signed")),
    }
}

/// Whether `keys`, all of this role, are enough of them.
pub(super) fn threshold(policy: &TrustPolicy, role: Role, keys: &[KeyId]) -> Result<(), Failure> {
    let Some(rule) = policy.role(role) else {
        return Err(FailureCode::ThresholdNotMet.because("the policy has no keys for outcomes"));
    };
    let operators = keys.iter().filter_map(|key| policy.key(key));
    let operators: BTreeSet<_> = operators.map(|key| key.operator.as_str()).collect();
    let (have, what) = match rule.distinct_operators {
        true => (operators.len(), "operators"),
        false => (keys.len(), "keys"),
    };
    match have >= rule.threshold as usize {
        true => Ok(()),
        false => Err(FailureCode::ThresholdNotMet.because(format!(
            "{have} distinct {what} signed, {} are needed",
            rule.threshold
        ))),
    }
}

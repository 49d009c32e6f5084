//! Two results of one run.
//!
//! One run is one binding, one submission and one criteria document. Engines of one profile must agree on
//! every byte of its outcome, engines of different profiles on its outcome digest. Where they do not, one
//! of them is broken or lies; where one *key* signed both, no honest explanation is left, and the two
//! envelopes are a proof of fraud that anybody can check with the key alone.

use proofmark_core::{canonical, uri};
use proofmark_dsse::{Envelope, EnvelopeError};
use proofmark_keys::{KeyError, KeyId, PublicKey};
use proofmark_trust::{Role, TrustPolicy};
use serde::Serialize;
use serde_json::Value;

use super::facts::Evidence;
use super::failure::{Failure, FailureCode};
use super::rule::{Rule, Trail};
use crate::statement::{PAYLOAD_TYPE, ReadError, ValidatedOutcome};

/// Two validly signed outcomes of one run that differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// What it means.
    pub kind: ConflictKind,
    /// One of the two.
    pub first: Envelope,
    /// The other.
    pub second: Envelope,
}

/// What a conflict means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConflictKind {
    /// Different keys signed: a validator or an engine is broken, or an engine lies.
    Disagreement,
    /// This key signed both under one profile.
    Equivocation(KeyId),
}

impl Conflict {
    /// The conflict between two envelopes, if there is one: both signed by trusted keys of engines, both
    /// outcomes of one run, and different where they must not be.
    #[must_use]
    pub fn between(first: &Envelope, second: &Envelope, policy: &TrustPolicy) -> Option<Self> {
        let one = signed(first, policy)?;
        let other = signed(second, policy)?;
        let shared = one.1.iter().find(|key| other.1.contains(key));
        let kind = match shared.filter(|_| same_profile(&one.0, &other.0)) {
            Some(key) => ConflictKind::Equivocation(*key),
            None => ConflictKind::Disagreement,
        };
        disagree(&one.0, &other.0).then(|| Self {
            kind,
            first: first.clone(),
            second: second.clone(),
        })
    }
}

fn signed(envelope: &Envelope, policy: &TrustPolicy) -> Option<(ValidatedOutcome, Vec<KeyId>)> {
    if envelope.payload_type() != PAYLOAD_TYPE {
        return None;
    }
    let keys = policy.keys_of(Role::Outcome).map(|trusted| &trusted.key);
    let valid = envelope.tally(keys).valid;
    let outcome = ValidatedOutcome::parse(envelope.payload()).ok()?;
    (!valid.is_empty()).then_some((outcome, valid))
}

fn same_run(one: &ValidatedOutcome, other: &ValidatedOutcome) -> bool {
    one.predicate().binding == other.predicate().binding
        && one.submission() == other.submission()
        && one.predicate().criteria.digest == other.predicate().criteria.digest
}

fn same_profile(one: &ValidatedOutcome, other: &ValidatedOutcome) -> bool {
    one.predicate().execution.profile.digest == other.predicate().execution.profile.digest
}

fn disagree(one: &ValidatedOutcome, other: &ValidatedOutcome) -> bool {
    let differ = match same_profile(one, other) {
        true => one.statement_digest() != other.statement_digest(),
        false => one.outcome_digest() != other.outcome_digest(),
    };
    same_run(one, other) && differ
}

pub(super) fn check(
    trail: &mut Trail,
    outcome: &ValidatedOutcome,
    envelope: &Envelope,
    policy: &TrustPolicy,
    evidence: &Evidence<'_>,
) -> Result<(), Failure> {
    let others = evidence.known.iter().map(|bundle| &bundle.envelope);
    let others = others.filter(|other| other.payload_digest() != outcome.statement_digest());
    let mut conflicts = others.filter_map(|other| Conflict::between(envelope, other, policy));
    let answer = match conflicts.next() {
        None => Ok(()),
        Some(conflict) => Err(failure(&conflict)),
    };
    trail.ask(
        Rule::Conflicts,
        (!evidence.known.is_empty()).then_some(answer),
    )
}

fn failure(conflict: &Conflict) -> Failure {
    let other = conflict.second.payload_digest();
    match conflict.kind {
        ConflictKind::Disagreement => FailureCode::ConflictingVerdict.because(format!(
            "another engine signed another result of this run: {other}"
        )),
        ConflictKind::Equivocation(key) => FailureCode::Equivocation.because(format!(
            "key {key} also signed another result of this run: {other}"
        )),
    }
}

/// A proof that one key signed two results of one run. Checked with nothing but itself; whose the key is,
/// the trust policy of the time says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FraudProof {
    key: PublicKey,
    first: Envelope,
    second: Envelope,
}

/// Bytes that prove no fraud. Whoever presents them is to blame.
#[derive(Debug, thiserror::Error)]
pub enum FraudProofError {
    /// Not JSON of the strict profile with exactly the members of a fraud proof.
    #[error("this is not a fraud proof")]
    Malformed,
    /// The key is none.
    #[error("the key is not acceptable")]
    Key(#[source] KeyError),
    /// An envelope is none.
    #[error("the {0} envelope is not DSSE")]
    Envelope(&'static str, #[source] EnvelopeError),
    /// The key did not sign one of them.
    #[error("the key did not sign the {0} envelope")]
    Signature(&'static str),
    /// One of them holds no outcome.
    #[error("the {0} envelope holds no outcome")]
    Outcome(&'static str, #[source] ReadError),
    /// The two contradict nothing: they are of different runs or profiles, or the same.
    #[error("the two outcomes do not contradict each other")]
    NoConflict,
}

impl FraudProofError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed | Self::Key(_) | Self::Envelope(..) => "fraud-proof-malformed",
            Self::Signature(_) => "fraud-proof-signature",
            Self::Outcome(..) | Self::NoConflict => "fraud-proof-no-conflict",
        }
    }
}

/// Members in the order of RFC 8785.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a> {
    first: &'a Envelope,
    public_key: String,
    schema: &'static str,
    second: &'a Envelope,
}

impl FraudProof {
    /// The proof in a conflict, if one key is behind it and the policy knows the key.
    #[must_use]
    pub fn of(conflict: &Conflict, policy: &TrustPolicy) -> Option<Self> {
        let ConflictKind::Equivocation(id) = conflict.kind else {
            return None;
        };
        Some(Self {
            key: policy.key(&id)?.key,
            first: conflict.first.clone(),
            second: conflict.second.clone(),
        })
    }

    /// Reads a proof and checks it: what is returned is proven.
    ///
    /// # Errors
    /// [`FraudProofError`].
    pub fn parse(json: &[u8]) -> Result<Self, FraudProofError> {
        let limits = canonical::ParseLimits {
            max_bytes: 2 * proofmark_dsse::MAX_ENVELOPE_BYTES,
            max_depth: 6,
        };
        let value = canonical::parse(json, limits).map_err(|_| FraudProofError::Malformed)?;
        let members = value.as_object().ok_or(FraudProofError::Malformed)?;
        if members.len() != 4 || members.get("schema") != Some(&uri::FRAUD_PROOF_V1.into()) {
            return Err(FraudProofError::Malformed);
        }
        let key = members.get("publicKey").and_then(Value::as_str);
        let key = PublicKey::from_pem(key.ok_or(FraudProofError::Malformed)?);
        let proof = Self {
            key: key.map_err(FraudProofError::Key)?,
            first: envelope(members.get("first"), "first")?,
            second: envelope(members.get("second"), "second")?,
        };
        proof.check()?;
        Ok(proof)
    }

    fn check(&self) -> Result<(), FraudProofError> {
        let first = self.outcome(&self.first, "first")?;
        let second = self.outcome(&self.second, "second")?;
        match same_profile(&first, &second) && disagree(&first, &second) {
            true => Ok(()),
            false => Err(FraudProofError::NoConflict),
        }
    }

    fn outcome(
        &self,
        envelope: &Envelope,
        which: &'static str,
    ) -> Result<ValidatedOutcome, FraudProofError> {
        let signed = envelope.payload_type() == PAYLOAD_TYPE
            && envelope.tally([&self.key]).valid == [self.key.id()];
        if !signed {
            return Err(FraudProofError::Signature(which));
        }
        ValidatedOutcome::parse(envelope.payload())
            .map_err(|error| FraudProofError::Outcome(which, error))
    }

    /// The key that signed both.
    #[must_use]
    pub const fn key(&self) -> &PublicKey {
        &self.key
    }

    /// As canonical JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        let wire = Wire {
            first: &self.first,
            public_key: self.key.to_pem(),
            schema: uri::FRAUD_PROOF_V1,
            second: &self.second,
        };
        serde_json::to_string(&wire).expect("text and lists are JSON")
    }
}

fn envelope(value: Option<&Value>, which: &'static str) -> Result<Envelope, FraudProofError> {
    let json = value.ok_or(FraudProofError::Malformed)?.to_string();
    Envelope::parse(json.as_bytes()).map_err(|error| FraudProofError::Envelope(which, error))
}

//! Proofs of fraud: two signed results of one run, checked with nothing but themselves
//! (`docs/spec/fraud-proof-v1.md`).

use proofmark_core::{canonical, uri};
use proofmark_dsse::{Envelope, EnvelopeError, MAX_ENVELOPE_BYTES};
use proofmark_keys::{KeyError, KeyId, PublicKey};
use proofmark_trust::TrustPolicy;
use serde::Serialize;
use serde_json::{Map, Value};

use super::conflict::{Conflict, ConflictKind, disagree};
use crate::statement::{PAYLOAD_TYPE, ReadError, ValidatedOutcome};

/// Longest proof in bytes.
pub const MAX_FRAUD_PROOF_BYTES: usize = 2 * MAX_ENVELOPE_BYTES;

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
    /// The two contradict nothing: they are of different runs, or agree where they must.
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
    /// The proofs in a conflict, one for each key that signed both and that the policy lists.
    pub fn all_of(conflict: &Conflict, policy: &TrustPolicy) -> impl Iterator<Item = Self> {
        let keys: &[KeyId] = match &conflict.kind {
            ConflictKind::Equivocation(keys) => keys,
            ConflictKind::Disagreement => &[],
        };
        let keys = keys.iter().filter_map(|id| policy.key(id));
        keys.map(|trusted| Self {
            key: trusted.key,
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
            max_bytes: MAX_FRAUD_PROOF_BYTES,
            max_depth: 6,
        };
        let value = canonical::parse(json, limits).map_err(|_| FraudProofError::Malformed)?;
        let members = value.as_object().ok_or(FraudProofError::Malformed)?;
        let key = members.get("publicKey").and_then(Value::as_str);
        let key = PublicKey::from_pem(key.ok_or(FraudProofError::Malformed)?);
        let proof = Self {
            key: key.map_err(FraudProofError::Key)?,
            first: envelope(members, "first")?,
            second: envelope(members, "second")?,
        };
        // One proof has one form: canonical, without unknown members or another spelling of base64.
        if proof.to_json().as_bytes() != json.strip_suffix(b"\n").unwrap_or(json) {
            return Err(FraudProofError::Malformed);
        }
        proof.check()?;
        Ok(proof)
    }

    fn check(&self) -> Result<(), FraudProofError> {
        self.signed(&self.first, "first")?;
        self.signed(&self.second, "second")?;
        let first = outcome(&self.first, "first")?;
        let second = outcome(&self.second, "second")?;
        match disagree(&first, &second) {
            true => Ok(()),
            false => Err(FraudProofError::NoConflict),
        }
    }

    fn signed(&self, envelope: &Envelope, which: &'static str) -> Result<(), FraudProofError> {
        let signed = envelope.payload_type() == PAYLOAD_TYPE
            && envelope.tally([&self.key]).valid == [self.key.id()];
        match signed {
            true => Ok(()),
            false => Err(FraudProofError::Signature(which)),
        }
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

fn outcome(envelope: &Envelope, which: &'static str) -> Result<ValidatedOutcome, FraudProofError> {
    ValidatedOutcome::parse(envelope.payload())
        .map_err(|error| FraudProofError::Outcome(which, error))
}

fn envelope(
    members: &Map<String, Value>,
    which: &'static str,
) -> Result<Envelope, FraudProofError> {
    let value = members.get(which).ok_or(FraudProofError::Malformed)?;
    Envelope::parse(value.to_string().as_bytes())
        .map_err(|error| FraudProofError::Envelope(which, error))
}

//! Facts and answers as JSON: for the command line, the browser, and the published vectors, which all give
//! the same answers because they all come through here.

use proofmark_core::{Digest, Timestamp, canonical};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::facts::{Evidence, Expected, Facts};
use super::{PolicySource, Verification, VerifiedOutcome, verify};
use crate::statement::DigestSet;
use crate::statement::binding::{Nonce, Term};

/// [`Facts`] as a document, in lowerCamelCase. Everything but the time may be absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FactsDocument {
    /// The settlement's clock.
    pub now: Timestamp,
    /// This settlement domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<Term>,
    /// The contract.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<ContractFacts>,
    /// The deliverable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deliverable: Option<Term>,
    /// The attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// The nonce that was issued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<Nonce>,
    /// Of the submission's manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submission: Option<DigestSet>,
    /// Of the contract's criteria.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub criteria: Option<DigestSet>,
    /// Of the contract's engine profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<DigestSet>,
    /// When the nonce was issued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordered_at: Option<Timestamp>,
    /// When the outcome must have existed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Timestamp>,
}

/// A contract, as far as it is stated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContractFacts {
    /// The market's name for it.
    pub id: Term,
    /// Of its signed terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<DigestSet>,
}

impl FactsDocument {
    /// Reads a facts document of the strict JSON profile.
    ///
    /// # Errors
    /// What is wrong with it, one sentence.
    pub fn parse(json: &[u8]) -> Result<Self, String> {
        let value = canonical::parse(json, canonical::ParseLimits::DOCUMENT)
            .map_err(|error| error.to_string())?;
        serde_json::from_value(value).map_err(|error| error.to_string())
    }
}

impl From<FactsDocument> for Facts {
    fn from(document: FactsDocument) -> Self {
        let digest = |set: Option<DigestSet>| set.map(|set| set.0);
        let contract = document.contract;
        Self {
            now: document.now,
            expected: Expected {
                audience: document.audience,
                contract_digest: contract
                    .as_ref()
                    .and_then(|contract| digest(contract.digest)),
                contract: contract.map(|contract| contract.id),
                deliverable: document.deliverable,
                attempt: document.attempt,
                nonce: document.nonce,
            },
            submission: digest(document.submission),
            criteria: digest(document.criteria),
            profile: digest(document.profile),
            ordered_at: document.ordered_at,
            deadline: document.deadline,
        }
    }
}

impl Verification {
    /// The answer as JSON, in snake_case like the service's API: `verified`, every rule, and either the
    /// outcome or the failure.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let rules = self.rules.iter().map(
            |report| json!({ "rule": report.rule.as_str(), "status": report.status.as_str() }),
        );
        let mut answer = json!({
            "verified": self.result.is_ok(),
            "rules": rules.collect::<Vec<_>>(),
        });
        match &self.result {
            Ok(verified) => answer["outcome"] = outcome(verified),
            Err(failure) => {
                answer["failure"] = json!({
                    "rule": failure.code.rule().as_str(),
                    "code": failure.code.as_str(),
                    "message": failure.message,
                    "hint": failure.code.hint(),
                });
            }
        }
        answer
    }
}

fn outcome(verified: &VerifiedOutcome) -> Value {
    let attested = verified.outcome();
    let predicate = attested.predicate();
    let mut answer = json!({
        "verdict": verified.verdict(),
        "statement_digest": attested.statement_digest(),
        "outcome_digest": attested.outcome_digest(),
        "submission_digest": attested.submission(),
        "criteria_digest": predicate.criteria.digest.0,
        "profile_digest": predicate.execution.profile.digest.0,
        "settles": verified.settles().is_some(),
        "signers": verified.signers(),
        "operators": verified.operators(),
        "existed_by": verified.existed_by(),
        "policy_version": verified.policy().0,
        "policy_digest": verified.policy().1,
    });
    let optional = [
        ("score", predicate.result.score.map(|score| json!(score))),
        (
            "binding",
            predicate.binding.as_ref().map(|binding| json!(binding)),
        ),
        (
            "existed_since",
            verified.existed_since().map(|at| json!(at)),
        ),
        (
            "log",
            verified.logged().map(|logged| {
                json!({
                    "origin": logged.origin.as_str(),
                    "index": logged.index,
                    "size": logged.size,
                })
            }),
        ),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            answer[name] = value;
        }
    }
    answer
}

/// [`verify()`] from bytes to bytes: a bundle, a signed policy, and a [`FactsDocument`]. For callers in other
/// languages. `pin` is the digest of the only policy that is acceptable, if there is one.
///
/// # Errors
/// One sentence, if the facts or the pin cannot be read: the caller's own mistake, and no answer about the
/// bundle.
pub fn verify_json(
    bundle: &[u8],
    policy: &[u8],
    facts: &[u8],
    pin: Option<&str>,
) -> Result<Value, String> {
    let facts = FactsDocument::parse(facts).map_err(|error| format!("facts: {error}"))?;
    let pin = pin.map(str::parse::<Digest>).transpose();
    let pin = pin.map_err(|error| format!("pin: {error}"))?;
    let source = PolicySource::Envelope {
        envelope: policy,
        remembered: None,
        pin: pin.as_ref(),
    };
    Ok(verify(bundle, source, &facts.into(), &Evidence::default()).to_json())
}

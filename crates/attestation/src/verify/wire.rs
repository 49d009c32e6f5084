//! Facts and answers as JSON: for the command line, the browser, and the published vectors, which all give
//! the same answers because they all come through here.

use std::num::NonZeroU32;

use proofmark_core::{Digest, Timestamp, canonical, chain};
use proofmark_criteria::submission::SubmissionLimits;
use proofmark_criteria::{Criteria, Manifest};
use proofmark_trust::recall;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::facts::{Evidence, Expected, Facts};
use super::{PolicySource, Verification, VerifiedOutcome, verify};
use crate::bundle::Bundle;
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
    pub attempt: Option<NonZeroU32>,
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
        Self::read(json, None)
    }

    /// As [`FactsDocument::parse`], for a caller that has a clock: `now` may be absent.
    ///
    /// # Errors
    /// As [`FactsDocument::parse`].
    pub fn parse_at(json: &[u8], clock: Timestamp) -> Result<Self, String> {
        Self::read(json, Some(clock))
    }

    fn read(json: &[u8], clock: Option<Timestamp>) -> Result<Self, String> {
        let mut value = canonical::parse(json, canonical::ParseLimits::DOCUMENT)
            .map_err(|error| error.to_string())?;
        if let (Some(clock), Some(members)) = (clock, value.as_object_mut()) {
            members.entry("now").or_insert_with(|| json!(clock));
        }
        canonical::read_as(&value)
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

/// What an engine or a verifier elsewhere is told. The digest of a contract without its name is left out: no document
/// states it.
impl From<&Facts> for FactsDocument {
    fn from(facts: &Facts) -> Self {
        let expected = facts.expected.clone();
        Self {
            now: facts.now,
            audience: expected.audience,
            contract: expected.contract.map(|id| ContractFacts {
                id,
                digest: expected.contract_digest.map(DigestSet),
            }),
            deliverable: expected.deliverable,
            attempt: expected.attempt,
            nonce: expected.nonce,
            submission: facts.submission.map(DigestSet),
            criteria: facts.criteria.map(DigestSet),
            profile: facts.profile.map(DigestSet),
            ordered_at: facts.ordered_at,
            deadline: facts.deadline,
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

/// What [`verify_json`] is asked, all of it as it lies in files.
#[derive(Debug, Clone, Copy, Default)]
pub struct Request<'a> {
    /// The bundle.
    pub bundle: &'a [u8],
    /// The signed trust policy.
    pub policy: &'a [u8],
    /// A [`FactsDocument`].
    pub facts: &'a [u8],
    /// The digest of the only policy that is acceptable.
    pub pin: Option<&'a str>,
    /// The newest signed policy that was accepted so far.
    pub remembered: Option<&'a [u8]>,
    /// The contract's criteria document.
    pub criteria: Option<&'a [u8]>,
    /// The submission's manifest, made from the work itself.
    pub submission: Option<&'a [u8]>,
    /// Other bundles, in which a conflict may show.
    pub known: &'a [Vec<u8>],
}

/// [`verify()`] from bytes to bytes, for callers in other languages.
///
/// # Errors
/// One sentence, if anything but bundle and policy cannot be read: the caller's own mistake, and no answer about
/// the bundle.
pub fn verify_json(request: &Request<'_>) -> Result<Value, String> {
    let facts = FactsDocument::parse(request.facts).map_err(|error| format!("facts: {error}"))?;
    let facts = Facts::from(facts);
    let pin = request.pin.map(str::parse::<Digest>).transpose();
    let pin = pin.map_err(|error| format!("pin: {error}"))?;
    let remembered = request.remembered.map(recall);
    let remembered = remembered.transpose();
    let remembered = remembered.map_err(|error| format!("remembered: {}", chain(&error)))?;
    let criteria = request.criteria.map(read_criteria).transpose()?;
    let submission = request.submission.map(read_submission).transpose()?;
    let known: Vec<_> = request
        .known
        .iter()
        .map(|bytes| Bundle::parse(bytes).map_err(|error| format!("known: {}", chain(&error))))
        .collect::<Result<_, _>>()?;
    let source = PolicySource::Envelope {
        envelope: request.policy,
        remembered: remembered.as_ref(),
        pin: pin.as_ref(),
    };
    let evidence = Evidence {
        criteria: criteria.as_ref(),
        submission: submission.as_ref(),
        known: &known,
    };
    let facts = facts.with_documents(&evidence);
    let facts = facts.map_err(|error| format!("facts: {error}"))?;
    Ok(verify(request.bundle, source, &facts, &evidence).to_json())
}

fn read_criteria(bytes: &[u8]) -> Result<Criteria, String> {
    Criteria::parse(bytes).map_err(|problems| {
        let first = problems.first().map(ToString::to_string);
        format!("criteria: {}", first.unwrap_or_default())
    })
}

fn read_submission(bytes: &[u8]) -> Result<Manifest, String> {
    let manifest = Manifest::parse(bytes, &SubmissionLimits::default());
    manifest.map_err(|error| format!("submission: {}", chain(&error)))
}

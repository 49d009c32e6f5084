//! `validated-outcome/v1`: what the validators said of a submission. These types are the format; its
//! specification is `docs/spec/validated-outcome-v1.md`.
//!
//! Members are declared in the order of RFC 8785, so that the compact form that serde writes is the canonical
//! one, and a verifier need not sort. A test holds every statement against [`proofmark_core::canonical`].

use proofmark_core::{Digest, Ppm, canonical};
use proofmark_criteria::FaultCode;
use proofmark_criteria::record::RunCode;
use proofmark_criteria::report::Status;
use proofmark_criteria::verdict::{CheckOutcome, Verdict};
use proofmark_dsse::{Envelope, pae};
use proofmark_keys::{SignError, Signer};
use serde::{Deserialize, Serialize};

use super::binding::Binding;
use super::listing::Listing;
use super::{DigestSet, PAYLOAD_TYPE, Statement};

/// What is said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OutcomePredicate {
    /// What it is for; absent in a free-standing check, which settles nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub binding: Option<Binding>,
    /// By what the submission was judged.
    pub criteria: CriteriaPart,
    /// How it was run; the part that may differ between engine profiles.
    pub execution: ExecutionPart,
    /// What came of it.
    pub result: ResultPart,
}

/// By what the submission was judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CriteriaPart {
    /// Of the canonical criteria document.
    pub digest: DigestSet,
    /// One per criterion, in the order of the criteria document.
    pub validators: Listing<ValidatorPart>,
}

/// The validator of one criterion with everything that it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ValidatorPart {
    /// Name of the criterion.
    pub criterion: String,
    /// Of the component.
    pub digest: DigestSet,
    /// Of its canonical parameters.
    pub params: DigestSet,
    /// The buyer's own files, in ascending byte order of their names.
    pub references: Vec<ReferencePart>,
    /// The interface that it implements, as WIT names it.
    pub world: String,
}

/// A reference file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReferencePart {
    /// Of its content.
    pub digest: DigestSet,
    /// By which the validator opens it.
    pub name: String,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResultPart {
    /// In the order of the criteria document.
    pub criteria: Listing<CriterionPart>,
    /// Of the verdict record without its `execution`: commits to every check with its findings.
    pub evidence: DigestSet,
    /// Of the canonical list of the runs' log digests (`""` where a run has none), in the order of the criteria
    /// document.
    pub log_digest: DigestSet,
    /// Whether a validator did not live to finish its log.
    pub log_truncated: bool,
    /// The weighted score, where weights are given and it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<Ppm>,
    /// What the score must reach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<Ppm>,
    /// Over all criteria.
    pub verdict: Verdict,
}

/// What one criterion came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CriterionPart {
    /// In the order of the criteria document; empty without a report.
    pub checks: Vec<CheckPart>,
    /// Why there are no checks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<FaultCode>,
    /// Its name.
    pub name: String,
    /// Whether it must pass.
    pub required: bool,
    /// Mean of its checks, where the criterion is decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<Ppm>,
    /// What it came to.
    pub status: Verdict,
    /// Its share in the weighted score.
    pub weight: u32,
}

/// What one check came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CheckPart {
    /// The id that the validator declares.
    pub id: String,
    /// Its degree, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<Ppm>,
    /// Its outcome.
    pub status: Status,
}

impl From<&CheckPart> for CheckOutcome {
    fn from(check: &CheckPart) -> Self {
        Self {
            status: check.status,
            score: check.score,
        }
    }
}

/// How it was run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExecutionPart {
    /// The rules under which fuel can be compared.
    pub profile: ProfilePart,
    /// Of the whole verdict record.
    pub record: DigestSet,
    /// One per criterion, in the order of the criteria document.
    pub runs: Listing<RunPart>,
}

/// An engine profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfilePart {
    /// Of everything that is fixed in it.
    pub digest: DigestSet,
    /// Its name, below [`proofmark_core::uri::PROFILE`].
    pub uri: String,
}

/// One run of one validator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RunPart {
    /// Name of the criterion.
    pub criterion: String,
    /// How it ended.
    pub end: RunCode,
    /// Units of fuel that it had.
    pub fuel_limit: u64,
    /// Units of fuel that `evaluate` used, where the counter is exact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fuel_used: Option<u64>,
    /// Of all its limits, as the criteria document states them, in canonical JSON.
    pub limits: DigestSet,
}

/// An outcome that is in order: canonical bytes, nothing in them contradicts the rest, and short enough to
/// be signed. Made only by [`super::build()`] and [`ValidatedOutcome::parse`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidatedOutcome {
    pub(super) statement: Statement<OutcomePredicate>,
    pub(super) canonical: Vec<u8>,
    pub(super) statement_digest: Digest,
    pub(super) outcome_digest: Digest,
}

impl ValidatedOutcome {
    /// The content.
    #[must_use]
    pub const fn statement(&self) -> &Statement<OutcomePredicate> {
        &self.statement
    }

    /// What is said.
    #[must_use]
    pub const fn predicate(&self) -> &OutcomePredicate {
        &self.statement.predicate
    }

    /// The verdict.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        self.statement.predicate.result.verdict
    }

    /// The verdict, where a criterion whose validator refused the submission counts as failed: what was delivered is
    /// then the reason, and whoever delivers it must not gain by it. The same as [`Self::verdict`] where nothing was
    /// refused, or where the statement does not show its list of criteria.
    #[must_use]
    pub fn verdict_of_refusals(&self) -> Verdict {
        super::check::verdict_of_refusals(self.predicate())
    }

    /// The digest of the submission's manifest.
    #[must_use]
    pub fn submission(&self) -> Digest {
        // In order, so there is a first subject, and it is the submission.
        self.statement.subject[0].digest.0
    }

    /// The payload of its envelope.
    #[must_use]
    pub fn canonical_bytes(&self) -> &[u8] {
        &self.canonical
    }

    /// The identity of the outcome within one engine profile.
    #[must_use]
    pub const fn statement_digest(&self) -> Digest {
        self.statement_digest
    }

    /// The identity of the outcome across profiles: the statement without `execution`, without the items
    /// of its lists and without the artifacts among its subjects, all of which digests in it commit to.
    /// So it does not depend on what there was room for.
    #[must_use]
    pub const fn outcome_digest(&self) -> Digest {
        self.outcome_digest
    }

    /// Length of what is signed, in bytes.
    #[must_use]
    pub fn signed_len(&self) -> usize {
        pae(PAYLOAD_TYPE, &self.canonical).len()
    }

    /// An envelope with the signature of one engine.
    ///
    /// # Errors
    /// [`SignError`].
    pub fn sign(&self, signer: &dyn Signer) -> Result<Envelope, SignError> {
        Envelope::signed(PAYLOAD_TYPE, self.canonical.clone(), signer)
    }

    pub(super) fn seal(statement: Statement<OutcomePredicate>) -> Self {
        let canonical = ordered_bytes(&statement);
        Self {
            statement_digest: Digest::of(&canonical),
            outcome_digest: outcome_digest(&statement),
            statement,
            canonical,
        }
    }
}

/// The canonical bytes of a value whose members are declared in the order of RFC 8785, and whose numbers are
/// known to be in range.
pub(super) fn ordered_bytes<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    canonical::ordered_bytes(value).expect("documents of text, lists and integers are JSON")
}

/// What engines of different profiles must agree on: a statement without `execution`, without artifacts, and
/// with its lists closed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Agreement<'s> {
    #[serde(skip_serializing_if = "Option::is_none")]
    binding: Option<&'s Binding>,
    criteria: AgreedCriteria,
    predicate_type: &'s str,
    result: AgreedResult,
    submission: DigestSet,
}

#[derive(Serialize)]
struct AgreedCriteria {
    digest: DigestSet,
    validators: Listing<()>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AgreedResult {
    criteria: Listing<()>,
    evidence: DigestSet,
    log_digest: DigestSet,
    log_truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<Ppm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold: Option<Ppm>,
    verdict: Verdict,
}

fn outcome_digest(statement: &Statement<OutcomePredicate>) -> Digest {
    let predicate = &statement.predicate;
    let submission = statement.subject.first().map(|subject| subject.digest);
    let result = &predicate.result;
    let agreement = Agreement {
        binding: predicate.binding.as_ref(),
        criteria: AgreedCriteria {
            digest: predicate.criteria.digest,
            validators: predicate.criteria.validators.closed(),
        },
        predicate_type: &statement.predicate_type,
        result: AgreedResult {
            criteria: result.criteria.closed(),
            evidence: result.evidence,
            log_digest: result.log_digest,
            log_truncated: result.log_truncated,
            score: result.score,
            threshold: result.threshold,
            verdict: result.verdict,
        },
        submission: submission.unwrap_or(DigestSet(Digest::of(b""))),
    };
    Digest::of(&ordered_bytes(&agreement))
}

//! Verification: an ordered list of rules over a bundle, a trust policy, and what the settlement itself
//! knows. It ends in a [`VerifiedOutcome`], which nothing else makes, or in the first failure.
//!
//! The order is fixed and published (`docs/spec/verification.md`): the cheap before the expensive, and
//! cryptography before meaning. A `fail` that is validly signed is not a failed verification: it is a
//! [`VerifiedOutcome`] whose verdict is fail.
//!
//! | file | rules |
//! |---|---|
//! | `envelope` | payload type, signatures, threshold |
//! | `meaning` | audience, contract, nonce, subject, criteria, profile, limits, result |
//! | `logged` | log origin, inclusion, witness quorum, time |
//! | `standing` | key validity, receipts |
//! | `conflict` | conflicting verdicts |
//!
//! Beside the rules stand `fraud` (proofs made of a conflict) and `wire` (all of it as JSON).

mod conflict;
mod envelope;
mod facts;
mod failure;
mod fraud;
mod logged;
mod meaning;
mod rule;
mod standing;
mod verified;
mod wire;

use proofmark_core::{Digest, Timestamp};
use proofmark_trust::{TrustPolicy, accept};

pub use conflict::{Conflict, ConflictKind};
pub use facts::{Evidence, Expected, Facts, FactsContradict};
pub use failure::{Failure, FailureCode};
pub use fraud::{FraudProof, FraudProofError, MAX_FRAUD_PROOF_BYTES};
pub use rule::{Rule, RuleReport, RuleStatus};
pub use verified::{Logged, VerifiedOutcome};
pub use wire::{ContractFacts, FactsDocument, Request, verify_json};

use crate::bundle::{Bundle, BundleError};
use crate::statement::{ReadError, ValidatedOutcome};
use rule::Trail;
use verified::Trusted;

/// Whom to trust.
#[derive(Debug, Clone, Copy)]
pub enum PolicySource<'a> {
    /// A policy that was accepted before: what a server does once for many bundles.
    Accepted(&'a TrustPolicy),
    /// A signed policy, to be accepted by [`proofmark_trust::accept`].
    Envelope {
        /// As it came.
        envelope: &'a [u8],
        /// The newest policy accepted so far. Without it and without a pin, any policy is believed that signs for itself,
        /// and nothing that is verified under it settles anything.
        remembered: Option<&'a TrustPolicy>,
        /// The one policy that is acceptable.
        pin: Option<&'a Digest>,
    },
}

/// What verifying a bundle came to.
#[derive(Debug)]
pub struct Verification {
    /// Every rule, in order.
    pub rules: Vec<RuleReport>,
    /// The proof, or the first rule that failed.
    pub result: Result<VerifiedOutcome, Failure>,
}

/// Verifies the bytes of a bundle.
///
/// `facts` is what the settlement knows by itself, the time included; a rule about something that it does
/// not state is reported as not asked. `evidence` are documents and other bundles at hand.
#[must_use]
pub fn verify(
    bundle: &[u8],
    policy: PolicySource<'_>,
    facts: &Facts,
    evidence: &Evidence<'_>,
) -> Verification {
    let mut trail = Trail::new();
    let result = run(&mut trail, bundle, policy, facts, evidence);
    Verification {
        rules: trail.finish(),
        result,
    }
}

fn run(
    trail: &mut Trail,
    bytes: &[u8],
    source: PolicySource<'_>,
    facts: &Facts,
    evidence: &Evidence<'_>,
) -> Result<VerifiedOutcome, Failure> {
    let bundle = open(trail, bytes)?;
    let accepted;
    let (policy, known) = match source {
        PolicySource::Accepted(policy) => (policy, true),
        PolicySource::Envelope {
            envelope,
            remembered,
            pin,
        } => {
            let policy = accept(envelope, remembered, pin, facts.now).map_err(Failure::policy);
            accepted = trail.fail(Rule::Policy, policy)?;
            (&accepted, remembered.is_some() || pin.is_some())
        }
    };
    trail.hold(Rule::Policy, applies(policy, facts))?;
    let envelope = bundle.envelope.clone();
    let tally = envelope::check(trail, &envelope, policy)?;
    let outcome = read(trail, envelope.payload())?;
    let subject = meaning::Subject {
        outcome: &outcome,
        bundle: &bundle,
        policy,
        facts,
        evidence,
    };
    meaning::check(trail, &subject)?;
    let logged = logged::check(trail, &bundle, &tally, policy, facts)?;
    let signers = standing::check(trail, &bundle, &tally, &logged, policy, facts, &outcome)?;
    conflict::check(trail, &outcome, &envelope, policy, facts, evidence)?;
    let trusted = Trusted { policy, known };
    Ok(VerifiedOutcome::new(
        outcome, signers, logged, trusted, facts,
    ))
}

/// Size, parse and envelope: one reading of the bytes, three rules.
fn open(trail: &mut Trail, bytes: &[u8]) -> Result<Bundle, Failure> {
    let parsed = Bundle::parse(bytes);
    if let Err(BundleError::TooLarge) = parsed {
        return trail.fail(Rule::Size, parsed.map_err(Failure::bundle));
    }
    trail.hold(Rule::Size, Ok(()))?;
    // The envelope is inside the bundle, but its rule comes after the policy's: a bad policy is no
    // supplier's fault. What cannot be read at all cannot wait.
    match parsed {
        Err(error @ BundleError::Envelope("the envelope", _)) => {
            trail.hold(Rule::Parse, Ok(()))?;
            trail.fail(Rule::Envelope, Err(Failure::bundle(error)))
        }
        other => trail.hold(Rule::Parse, other.map_err(Failure::bundle)),
    }
}

/// An accepted policy may have expired since, and may be meant for somebody else.
fn applies(policy: &TrustPolicy, facts: &Facts) -> Result<(), Failure> {
    if facts.now > policy.expires_at() {
        return Err(FailureCode::PolicyExpired
            .because(format!("the policy expired at {}", policy.expires_at())));
    }
    let audience = facts.expected.audience.as_ref();
    match (policy.audience(), audience) {
        (Some(meant), Some(asked)) if meant != asked.as_str() => {
            Err(FailureCode::PolicyAudience.because(format!("the policy is meant for {meant}")))
        }
        _ => Ok(()),
    }
}

/// Canonical form, statement type and predicate: one reading of the payload, three rules. (What the reading
/// finds about the result belongs to a later rule, and is reported there.)
fn read(trail: &mut Trail, payload: &[u8]) -> Result<ValidatedOutcome, Failure> {
    let rules = [
        Rule::CanonicalForm,
        Rule::StatementType,
        Rule::Predicate,
        Rule::Subject,
        Rule::Limits,
        Rule::Result,
    ];
    let (failed, error) = match ValidatedOutcome::parse(payload) {
        Ok(outcome) => {
            for rule in &rules[..3] {
                trail.hold(*rule, Ok(()))?;
            }
            return Ok(outcome);
        }
        Err(error) => (rule_of(&error), error),
    };
    for rule in rules.iter().take(3).take_while(|rule| **rule != failed) {
        trail.hold(*rule, Ok(()))?;
    }
    trail.fail(failed, Err(Failure::read(error)))
}

fn rule_of(error: &ReadError) -> Rule {
    use crate::statement::Inconsistency;
    match error {
        ReadError::Parse(_) | ReadError::NotCanonical => Rule::CanonicalForm,
        ReadError::StatementType => Rule::StatementType,
        ReadError::PredicateType(_) | ReadError::Schema(_) => Rule::Predicate,
        ReadError::Inconsistent(Inconsistency::Subject(_)) => Rule::Subject,
        ReadError::Inconsistent(Inconsistency::Metering(_)) => Rule::Limits,
        ReadError::Inconsistent(Inconsistency::Result(_)) | ReadError::NotDeterministic => {
            Rule::Result
        }
    }
}

/// The moment by which something certainly existed.
type Bound = Timestamp;

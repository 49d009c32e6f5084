//! Two results of one run.
//!
//! One run is one binding, one submission and one criteria document. Engines of one profile must agree on
//! every byte of its outcome, engines of different profiles on its outcome digest. Where they do not, one
//! of them is broken or lies; where one *key* signed both, its holder answers for it, under however many
//! profiles it signs, and the two envelopes are a [fraud proof](super::FraudProof).

use std::fmt;

use proofmark_dsse::Envelope;
use proofmark_keys::KeyId;
use proofmark_trust::{Role, Standing, TrustPolicy, TrustedKey};

use super::facts::{Evidence, Facts};
use super::failure::{Failure, FailureCode};
use super::rule::{Rule, Trail};
use crate::statement::{PAYLOAD_TYPE, ValidatedOutcome};

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConflictKind {
    /// Different keys signed: a validator or an engine is broken, or an engine lies.
    Disagreement,
    /// These keys signed both, at least one, ascending.
    Equivocation(Vec<KeyId>),
}

impl Conflict {
    /// The conflict between two envelopes, if there is one: both signed by keys that are listed for outcomes,
    /// whatever became of the keys since; both outcomes of one run; and different where they must not be.
    #[must_use]
    pub fn between(first: &Envelope, second: &Envelope, policy: &TrustPolicy) -> Option<Self> {
        Self::against(first, second, policy, |_| true)
    }

    /// As [`Conflict::between`], where only these keys count of those that signed the second.
    fn against(
        first: &Envelope,
        second: &Envelope,
        policy: &TrustPolicy,
        counts: impl Fn(&TrustedKey) -> bool,
    ) -> Option<Self> {
        let (one, mut both) = signed(first, policy, |_| true)?;
        let (other, others) = signed(second, policy, counts)?;
        both.retain(|key| others.contains(key));
        let kind = match both.is_empty() {
            false => ConflictKind::Equivocation(both),
            true => ConflictKind::Disagreement,
        };
        disagree(&one, &other).then(|| Self {
            kind,
            first: first.clone(),
            second: second.clone(),
        })
    }
}

impl fmt::Display for ConflictKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disagreement => f.write_str("different keys signed them"),
            Self::Equivocation(keys) => {
                let keys: Vec<_> = keys.iter().map(ToString::to_string).collect();
                write!(f, "signed both: key {}", keys.join(" and key "))
            }
        }
    }
}

fn signed(
    envelope: &Envelope,
    policy: &TrustPolicy,
    counts: impl Fn(&TrustedKey) -> bool,
) -> Option<(ValidatedOutcome, Vec<KeyId>)> {
    if envelope.payload_type() != PAYLOAD_TYPE {
        return None;
    }
    let keys = policy.keys_of(Role::Outcome).filter(|key| counts(key));
    let valid = envelope.tally(keys.map(|trusted| &trusted.key)).valid;
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

/// Two results of one run that cannot both be right.
pub(super) fn disagree(one: &ValidatedOutcome, other: &ValidatedOutcome) -> bool {
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
    facts: &Facts,
    evidence: &Evidence<'_>,
) -> Result<(), Failure> {
    // Whoever stole a key could else stop the payment of whatever engines signed. The signers of this very bundle
    // were found to count, by the time of their signatures.
    let counts = |key: &TrustedKey| key.standing(facts.now) != Standing::Revoked;
    let others = evidence.known.iter().map(|bundle| &bundle.envelope);
    let others = others.filter(|other| other.payload_digest() != outcome.statement_digest());
    let mut conflicts =
        others.filter_map(|other| Conflict::against(envelope, other, policy, counts));
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
    let (other, kind) = (conflict.second.payload_digest(), &conflict.kind);
    let code = match kind {
        ConflictKind::Disagreement => FailureCode::ConflictingVerdict,
        ConflictKind::Equivocation(_) => FailureCode::Equivocation,
    };
    code.because(format!("{other} is another result of this run; {kind}"))
}

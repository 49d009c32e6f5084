//! What a policy believes and the one before it did not: for whoever signs it to see before.

use proofmark_core::Problem;

use crate::{Policy, Revocation, Role};

/// Warnings where `policy` is laxer than `previous`: a revocation taken back or moved later, a threshold or
/// quorum lowered, a log no longer required. Each can be meant; none of them should pass unseen.
#[must_use]
pub fn weaker(policy: &Policy, previous: &Policy) -> Vec<Problem> {
    let mut warnings = keys(policy, previous);
    warnings.extend(witnesses(policy, previous));
    for role in Role::ALL {
        warnings.extend(threshold(policy, previous, role));
    }
    warnings.extend(transparency(policy, previous));
    warnings
}

fn warn(code: &'static str, pointer: String, message: &str) -> Problem {
    Problem::new(code, message)
        .at(pointer)
        .hint("sign only if that is meant: compare with the version before")
}

const REVOCATION: &str = "what the version before refuses as revoked would count again";

fn keys(policy: &Policy, previous: &Policy) -> Vec<Problem> {
    let now = policy.keys().enumerate();
    let weaker = now.filter(|(_, key)| {
        let id = key.key.id();
        policy.role_of(&id).is_some()
            && is_weaker(key.revoked, previous.key(&id).and_then(|key| key.revoked))
    });
    let place = weaker.map(|(at, _)| format!("/keys/{at}/revoked"));
    place
        .map(|place| warn("revocation-weakened", place, REVOCATION))
        .collect()
}

fn witnesses(policy: &Policy, previous: &Policy) -> Vec<Problem> {
    let now = policy.transparency().witnesses.iter().enumerate();
    let weaker = now.filter(|(_, witness)| {
        let mut before = previous.transparency().witnesses.iter();
        let before = before.find(|before| before.key.public() == witness.key.public());
        is_weaker(witness.revoked, before.and_then(|before| before.revoked))
    });
    let place = weaker.map(|(at, _)| format!("/transparency/witnesses/{at}/revoked"));
    place
        .map(|place| warn("revocation-weakened", place, REVOCATION))
        .collect()
}

fn is_weaker(now: Option<Revocation>, before: Option<Revocation>) -> bool {
    match (now, before) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(now), Some(before)) => now.is_weaker_than(&before),
    }
}

fn threshold(policy: &Policy, previous: &Policy, role: Role) -> Option<Problem> {
    let (now, before) = (policy.role(role)?, previous.role(role)?);
    let undone = before.distinct_operators && !now.distinct_operators;
    (now.threshold < before.threshold || undone).then(|| {
        let place = format!("/roles/{}", role.name());
        let message = "fewer signatures, or of fewer operators, are enough than before";
        warn("threshold-lowered", place, message)
    })
}

fn transparency(policy: &Policy, previous: &Policy) -> Vec<Problem> {
    let (now, before) = (policy.transparency(), previous.transparency());
    let mut warnings = Vec::new();
    if before.required && !now.required {
        let message = "an outcome need no longer be in a log";
        let place = "/transparency/required".to_owned();
        warnings.push(warn("log-no-longer-required", place, message));
    }
    if now.quorum < before.quorum {
        let message = "fewer witnesses are enough than before";
        let place = "/transparency/quorum".to_owned();
        warnings.push(warn("quorum-lowered", place, message));
    }
    warnings
}

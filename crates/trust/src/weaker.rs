//! What a policy believes and the one before it did not: for whoever signs it to see before.

use proofmark_core::Problem;
use proofmark_keys::PublicKey;

use crate::{Policy, Revocation, Role, Window};

/// Warnings where `policy` is laxer than `previous`: a revocation taken back, moved later or out of sight, a window
/// that ends later, a threshold or quorum lowered, a log no longer required, more time allowed. Each can be meant;
/// none of them should pass unseen. What is new (a key, a log) is not looked at: [`crate::lint`] is for that.
#[must_use]
pub fn weaker(policy: &Policy, previous: &Policy) -> Vec<Problem> {
    let mut warnings = keys(policy, previous);
    warnings.extend(windows(policy, previous));
    for role in Role::ALL {
        warnings.extend(threshold(policy, previous, role));
    }
    warnings.extend(transparency(policy, previous));
    let (now, before) = (policy.time(), previous.time());
    if now.max_age_seconds > before.max_age_seconds
        || now.max_clock_skew_seconds > before.max_clock_skew_seconds
    {
        let message = "evidence may be older, or further in the future, than before";
        warnings.push(warn("time-relaxed", "/time".to_owned(), message));
    }
    warnings
}

fn warn(code: &'static str, pointer: String, message: &str) -> Problem {
    Problem::new(code, message)
        .at(pointer)
        .hint("sign only if that is meant: compare with the version before")
}

const REVOCATION: &str = "what the version before refuses as revoked would count again";
const WINDOW: &str = "what the version before refuses as too late would count again";

/// A key or a witness: its place, its id, its window and its revocation.
type Entry<'p> = (String, &'p PublicKey, &'p Window, Option<Revocation>);

/// Every key, also without a role: the next version may give it one.
fn entries(policy: &Policy) -> Vec<Entry<'_>> {
    let keys = policy.keys().enumerate().map(|(at, key)| {
        let place = format!("/keys/{at}");
        (place, &key.key, &key.window, key.revoked)
    });
    let witnesses = policy.transparency().witnesses.iter().enumerate();
    let witnesses = witnesses.map(|(at, witness)| {
        let place = format!("/transparency/witnesses/{at}");
        (
            place,
            witness.key.public(),
            &witness.window,
            witness.revoked,
        )
    });
    keys.chain(witnesses).collect()
}

fn keys(policy: &Policy, previous: &Policy) -> Vec<Problem> {
    let now = entries(policy);
    let mut warnings = Vec::new();
    for (place, key, window, revoked) in entries(previous) {
        let Some((place, _, later, still)) = now.iter().find(|(_, other, ..)| *other == key) else {
            if revoked.is_some() {
                let message = "a revoked key is no longer listed, and could be listed anew";
                let list = place.rsplit_once('/').map_or(&*place, |(list, _)| list);
                warnings.push(warn("revocation-dropped", list.to_owned(), message));
            }
            continue;
        };
        if is_weaker(*still, revoked) {
            let place = format!("{place}/revoked");
            warnings.push(warn("revocation-weakened", place, REVOCATION));
        }
        if ends_later(later, window) {
            let place = format!("{place}/validUntil");
            warnings.push(warn("window-extended", place, WINDOW));
        }
    }
    warnings
}

/// Of logs by their keys, and of profiles by their digests.
fn windows(policy: &Policy, previous: &Policy) -> Vec<Problem> {
    let (now, before) = (policy.transparency(), previous.transparency());
    let logs = now.logs.iter().enumerate().filter_map(|(at, log)| {
        let old = before.logs.iter().find(|old| old.key == log.key)?;
        let place = format!("/transparency/logs/{at}/validUntil");
        ends_later(&log.window, &old.window).then_some(place)
    });
    let profiles = policy.profiles().iter().enumerate();
    let profiles = profiles.filter_map(|(at, profile)| {
        let old = previous.profile(&profile.digest)?;
        let place = format!("/profiles/{at}/validUntil");
        ends_later(&profile.window, &old.window).then_some(place)
    });
    logs.chain(profiles)
        .map(|place| warn("window-extended", place, WINDOW))
        .collect()
}

fn ends_later(now: &Window, before: &Window) -> bool {
    match (now.valid_until, before.valid_until) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(now), Some(before)) => now > before,
    }
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

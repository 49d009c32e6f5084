//! What a policy may say, and had better not.

use std::collections::BTreeSet;

use proofmark_core::{Problem, Timestamp};
use proofmark_dsse::pae;
use proofmark_keys::MAX_MESSAGE_BYTES;

use crate::{PAYLOAD_TYPE, Policy, Role, Standing};

/// A policy that is believed for longer can be kept from its readers' sight for longer: a year, in seconds.
const LONG_SECONDS: u64 = 366 * 86_400;
/// Time to make and sign the next one: two weeks, in seconds.
const SOON_SECONDS: u64 = 14 * 86_400;

/// Warnings, in the order of the document. None of them keeps a policy from being accepted.
#[must_use]
pub fn lint(policy: &Policy, now: Timestamp) -> Vec<Problem> {
    let mut warnings = Vec::new();
    warnings.extend(lifetime(policy, now));
    warnings.extend(root(policy));
    warnings.extend(outcome(policy));
    for role in Role::ALL {
        warnings.extend(out_of_keys(policy, role, now));
    }
    warnings.extend(keys(policy));
    warnings.extend(profiles(policy, now));
    warnings.extend(transparency(policy));
    warnings.extend(reachable(policy, now));
    warnings.extend(length(policy));
    warnings
}

fn warn(code: &'static str, pointer: &str, message: &str, hint: &str) -> Problem {
    Problem::new(code, message).at(pointer).hint(hint)
}

fn lifetime(policy: &Policy, now: Timestamp) -> Vec<Problem> {
    let mut warnings = Vec::new();
    let expires = policy.expires_at();
    if now > expires {
        warnings.push(warn(
            "expired",
            "/expiresAt",
            "the policy has expired",
            "issue the next version",
        ));
    } else if now.plus_seconds(SOON_SECONDS) > expires {
        let message = "the policy expires within two weeks";
        warnings.push(warn(
            "expires-soon",
            "/expiresAt",
            message,
            "issue the next version",
        ));
    }
    if expires > policy.issued_at().plus_seconds(LONG_SECONDS) {
        let message = "the policy is believed for longer than a year, and so is a key that is stolen meanwhile";
        warnings.push(warn(
            "long-lived",
            "/expiresAt",
            message,
            "let it expire sooner",
        ));
    }
    if policy.audience().is_none() {
        let message = "the policy is meant for every market";
        warnings.push(warn(
            "no-audience",
            "",
            message,
            "name the settlement domain as audience",
        ));
    }
    warnings
}

fn root(policy: &Policy) -> Vec<Problem> {
    let mut warnings = Vec::new();
    let Some(rule) = policy.role(Role::Root) else {
        return warnings;
    };
    if rule.threshold < 2 {
        let message = "one stolen root key changes everything";
        warnings.push(warn(
            "root-threshold-one",
            "/roles/root/threshold",
            message,
            "let two root keys sign",
        ));
    }
    if rule.keys.len() == rule.threshold as usize {
        let message = "if one root key is lost, the policy can never be changed again";
        warnings.push(warn(
            "no-spare-root-key",
            "/roles/root/keys",
            message,
            "add a root key, and keep it elsewhere",
        ));
    }
    let early = |until: Option<Timestamp>| until.is_some_and(|until| until < policy.expires_at());
    if policy
        .keys_of(Role::Root)
        .any(|key| early(key.window.valid_until))
    {
        let message = "a root key stops counting before the policy expires";
        warnings.push(warn(
            "root-key-ends-early",
            "/roles/root/keys",
            message,
            "give root keys no end",
        ));
    }
    warnings
}

fn outcome(policy: &Policy) -> Vec<Problem> {
    let place = "/roles/outcome";
    let Some(rule) = policy.role(Role::Outcome) else {
        let message = "nobody may sign outcomes";
        return vec![warn(
            "no-outcome-key",
            place,
            message,
            "add a key: proofmark policy add-key",
        )];
    };
    let mut warnings = Vec::new();
    if rule.threshold < 2 {
        let message = "one engine alone decides over the money";
        warnings.push(warn(
            "outcome-threshold-one",
            place,
            message,
            "let two engines sign",
        ));
    }
    let operators: BTreeSet<_> = policy
        .keys_of(Role::Outcome)
        .map(|key| &key.operator)
        .collect();
    if operators.len() == 1 {
        let message = "one operator holds all keys that sign outcomes";
        warnings.push(warn(
            "one-outcome-operator",
            place,
            message,
            "add a key of another operator",
        ));
    }
    if rule.threshold > 1 && !rule.distinct_operators {
        let message = "two signatures of one operator count as two";
        warnings.push(warn(
            "operators-not-distinct",
            place,
            message,
            "ask for distinct operators",
        ));
    }
    warnings
}

fn out_of_keys(policy: &Policy, role: Role, now: Timestamp) -> Option<Problem> {
    let rule = policy.role(role)?;
    let good = policy
        .keys_of(role)
        .filter(|key| key.standing(now) == Standing::Good);
    let able = match rule.distinct_operators {
        true => good.map(|key| &key.operator).collect::<BTreeSet<_>>().len(),
        false => good.count(),
    };
    (able < rule.threshold as usize).then(|| {
        let message = "too few keys of the role count now to reach its threshold";
        let place = format!("/roles/{}", role.name());
        warn(
            "role-out-of-keys",
            &place,
            message,
            "add keys, or wait until their windows open",
        )
    })
}

fn keys(policy: &Policy) -> Vec<Problem> {
    let mut warnings = Vec::new();
    for (at, key) in policy.keys().enumerate() {
        let place = format!("/keys/{at}");
        let role = policy.role_of(&key.key.id());
        if role.is_none() {
            let message = "the key has no role, so nothing that it signed counts";
            warnings.push(warn(
                "key-without-role",
                &place,
                message,
                "leave it if that is meant",
            ));
        }
        let endless = key.window.valid_until.is_none() && key.revoked.is_none();
        if endless && matches!(role, Some(Role::Outcome | Role::Receipt)) {
            let message = "the key counts without end";
            warnings.push(warn(
                "key-without-end",
                &place,
                message,
                "give it a last moment, and renew it",
            ));
        }
    }
    warnings
}

fn profiles(policy: &Policy, now: Timestamp) -> Option<Problem> {
    let open = policy
        .profiles()
        .iter()
        .any(|profile| profile.window.contains(now));
    (!open).then(|| {
        let message = "no engine profile is allowed now, so no outcome counts";
        warn(
            "no-profile",
            "/profiles",
            message,
            "add one: proofmark policy add-profile",
        )
    })
}

fn transparency(policy: &Policy) -> Vec<Problem> {
    let mut warnings = Vec::new();
    let transparency = policy.transparency();
    if !transparency.required {
        let message = "outcomes need not be in a log, so nothing proves when they were signed";
        warnings.push(warn(
            "log-not-required",
            "/transparency/required",
            message,
            "require a log",
        ));
    } else if transparency.quorum == 0 {
        let message = "no witness is asked, so a log can show everybody something else";
        warnings.push(warn(
            "no-quorum",
            "/transparency/quorum",
            message,
            "ask for witnesses of two operators",
        ));
    }
    let hosts: BTreeSet<_> = transparency
        .logs
        .iter()
        .map(|log| host(log.key.name().as_str()))
        .collect();
    for (at, witness) in transparency.witnesses.iter().enumerate() {
        let place = format!("/transparency/witnesses/{at}");
        if hosts.contains(host(witness.key.name().as_str())) {
            let message = "the witness stands at the host of a log that it watches";
            warnings.push(warn("witness-at-log", &place, message, "ask somebody else"));
        }
        if policy
            .keys_of(Role::Outcome)
            .any(|key| key.operator == witness.operator)
        {
            let message = "the witness watches the log of its own operator's outcomes";
            warnings.push(warn(
                "witness-signs-outcomes",
                &place,
                message,
                "ask for witnesses of others too",
            ));
        }
    }
    warnings
}

/// Whether a log and enough witnesses count now; else no outcome does.
fn reachable(policy: &Policy, now: Timestamp) -> Vec<Problem> {
    let transparency = policy.transparency();
    let mut warnings = Vec::new();
    if !transparency.required {
        return warnings;
    }
    let mut logs = transparency.logs.iter();
    if !logs.any(|log| log.window.contains(now)) {
        let message = "no log counts now, so no outcome does";
        let hint = "add one: proofmark policy add-log";
        warnings.push(warn("no-log", "/transparency/logs", message, hint));
    }
    let good = transparency.witnesses.iter();
    let good = good.filter(|witness| witness.standing(now) == Standing::Good);
    let operators: BTreeSet<_> = good.map(|witness| &witness.operator).collect();
    if operators.len() < transparency.quorum as usize {
        let message =
            "too few operators of witnesses count now to reach the quorum, so no outcome counts";
        let hint = "add witnesses: proofmark policy add-witness";
        warnings.push(warn(
            "out-of-witnesses",
            "/transparency/witnesses",
            message,
            hint,
        ));
    }
    warnings
}

fn host(name: &str) -> &str {
    name.split('/').next().unwrap_or(name)
}

fn length(policy: &Policy) -> Option<Problem> {
    let length = pae(PAYLOAD_TYPE, policy.payload()).len();
    (length > MAX_MESSAGE_BYTES).then(|| {
        let message =
            format!("key services sign at most {MAX_MESSAGE_BYTES} bytes, and these are {length}");
        Problem::new("too-long-for-key-services", message)
            .hint("keep root keys in files, or take keys without a role out of the policy")
    })
}

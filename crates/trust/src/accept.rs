//! When a policy is believed.

use std::collections::BTreeSet;
use std::fmt;

use proofmark_core::{Digest, Problem, Timestamp};
use proofmark_dsse::{Envelope, EnvelopeError, Tally};
use proofmark_keys::KeyId;

use crate::{PAYLOAD_TYPE, Policy, Role, Standing, TrustPolicy, TrustedKey, check};

/// Whose root must have signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    /// That of the policy itself.
    Own,
    /// That of the policy which its reader knew before.
    Remembered,
}

impl fmt::Display for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Own => "its own root",
            Self::Remembered => "the root of the policy known before",
        })
    }
}

/// Why a policy is not believed. If several apply, the first in the order of the variants is reported.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// It is no envelope. Whoever handed it over is to blame.
    #[error("the policy is not in a DSSE envelope")]
    Envelope(#[source] EnvelopeError),
    /// The envelope holds something else. Whoever handed it over is to blame.
    #[error("the envelope does not hold a trust policy")]
    PayloadType,
    /// It is not the policy that was asked for. Whoever handed it over is to blame.
    #[error("the policy is {found}, but {pinned} is pinned")]
    Pin {
        /// The one that was asked for.
        pinned: Digest,
        /// The one that is there.
        found: Digest,
    },
    /// The payload is no policy document. Whoever wrote it is to blame.
    #[error("the payload is not a trust policy")]
    Malformed(#[source] Problem),
    /// The payload is another spelling of a policy. Whoever wrote it is to blame.
    #[error("the policy is not canonical JSON")]
    NotCanonical,
    /// It contradicts itself. Whoever wrote it is to blame.
    #[error("the policy contradicts itself in {} place(s)", .0.len())]
    Invalid(Vec<Problem>),
    /// Under the id of a root key stands what is not its signature. Whoever handed it over is to blame.
    #[error("the signature of root key {0} does not verify")]
    Signature(KeyId),
    /// Too few of the root have signed. Its root must act.
    #[error("{valid} of {root} signed the policy, {threshold} must")]
    Threshold {
        /// Which root.
        root: Root,
        /// Signatures that count: of distinct keys, or operators where they must be distinct.
        valid: usize,
        /// So many are needed.
        threshold: u32,
    },
    /// It is meant for another market than the one known before. Whoever handed it over is to blame.
    #[error("the policy is meant for another audience than the one known before")]
    Audience,
    /// A newer one is known. Whoever handed it over is to blame: this is how an attacker brings back a key.
    #[error("the policy has version {found}, but version {remembered} is known")]
    Rollback {
        /// The version known.
        remembered: u64,
        /// The version that is there.
        found: u64,
    },
    /// Another policy of the same version is known, signed by the same root. The root is to blame: it signed two.
    #[error("another policy of version {version} is known: {remembered}, not {found}")]
    Conflict {
        /// Of both.
        version: u64,
        /// The one known.
        remembered: Digest,
        /// The one that is there.
        found: Digest,
    },
    /// It was issued in the future, or its root keys count only then. The root is to blame, or the reader's clock.
    #[error("the policy counts from {0} on, which is not yet")]
    NotYetValid(Timestamp),
    /// It is no longer believed. The root must issue another, or whoever keeps it back must hand it over.
    #[error("the policy expired at {0}")]
    Expired(Timestamp),
}

impl PolicyError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Envelope(_) | Self::Malformed(_) => "policy-malformed",
            Self::PayloadType => "policy-payload-type",
            Self::Pin { .. } => "policy-pin",
            Self::NotCanonical => "policy-not-canonical",
            Self::Invalid(_) => "policy-invalid",
            Self::Signature(_) => "policy-signature",
            Self::Threshold { .. } => "policy-threshold",
            Self::Audience => "policy-audience",
            Self::Rollback { .. } => "policy-rollback",
            Self::Conflict { .. } => "policy-conflict",
            Self::NotYetValid(_) => "policy-not-yet-valid",
            Self::Expired(_) => "policy-expired",
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Envelope(_) | Self::PayloadType => {
                "give the signed policy, the file that ends in .dsse.json and that `proofmark policy sign` writes"
            }
            Self::Pin { .. } => {
                "get the pinned policy, or change the pin after asking the root why"
            }
            Self::Malformed(_) | Self::Invalid(_) => {
                "say everything that is wrong: proofmark policy lint"
            }
            Self::NotCanonical => "take the policy as it was signed, byte for byte",
            Self::Signature(_) => "get the policy again from its root",
            Self::Threshold { .. } => "have more keys of that root sign it: proofmark policy sign",
            Self::Audience => "get the policy of this market",
            Self::Rollback { .. } => "get the newest policy",
            Self::Conflict { .. } => "keep both and ask the root: one of them must be withdrawn",
            Self::NotYetValid(_) => "set the clock",
            Self::Expired(_) => "get a newer policy from the root",
        }
    }
}

/// Believes a policy, or says why not.
///
/// `remembered` is the newest policy that the reader has accepted so far: it must never be forgotten, or an
/// attacker can bring an old one back. `pin` is the digest of the one policy that is acceptable, for the
/// first time, when there is nothing to remember. With neither of them, any root is believed that signs for
/// itself: whoever chose the bytes then answers for them.
///
/// The rules, in this order, the cheap before the expensive and cryptography before meaning:
///
/// 1. `policy-malformed`: it is a DSSE envelope.
/// 2. `policy-payload-type`: of a trust policy.
/// 3. `policy-pin`: of the pinned one.
/// 4. `policy-malformed`: the payload has the members of a policy and no others.
/// 5. `policy-not-canonical`: it is spelled canonically.
/// 6. `policy-invalid`: it does not contradict itself.
/// 7. `policy-signature`: no signature under the id of one of its root keys fails.
/// 8. `policy-threshold`: enough of its root signed. A key counts if its standing at `now` is good: root keys
///    that shall sign for long need a window that is long, or has no end. Where enough have signed and only
///    their windows are not open yet, it is `policy-not-yet-valid`.
/// 9. `policy-audience`: it is meant for the same audience as the remembered one.
/// 10. `policy-rollback`: it is not older than the remembered one.
/// 11. `policy-threshold`: if it is another one, enough of the *remembered* root signed, by the same rule: only
///     what that root signed can be held against it.
/// 12. `policy-conflict`: it is not another one of the same version.
/// 13. `policy-not-yet-valid`: it is not issued in the future, beyond the clock skew that it allows itself.
/// 14. `policy-expired`: nor expired.
///
/// # Errors
/// The first rule that does not hold.
pub fn accept(
    envelope: &[u8],
    remembered: Option<&TrustPolicy>,
    pin: Option<&Digest>,
    now: Timestamp,
) -> Result<TrustPolicy, PolicyError> {
    let policy = follow(envelope, remembered.map(|policy| &**policy), pin, now)?;
    in_force(policy, now)
}

/// Believes the last of several policies, each of which follows from the one before by the rules of
/// [`accept`]; only the last must be in force. This is how somebody who pinned or kept an old policy, perhaps
/// expired since, reaches the newest. `pin` is that of the first.
///
/// # Errors
/// The first rule that does not hold. No policy at all is `policy-malformed`.
pub fn accept_chain(
    envelopes: &[&[u8]],
    pin: Option<&Digest>,
    now: Timestamp,
) -> Result<TrustPolicy, PolicyError> {
    let mut last: Option<Policy> = None;
    for envelope in envelopes {
        let pin = if last.is_none() { pin } else { None };
        last = Some(follow(envelope, last.as_ref(), pin, now)?);
    }
    let none = || PolicyError::Malformed(Problem::new("policy-member", "there is no policy"));
    in_force(last.ok_or_else(none)?, now)
}

/// Reads the policy that was accepted before, from where its reader keeps it. It may have expired since, and its
/// root keys too: what matters of it is its version and its root. So only rules 1 to 7 are asked, and whether enough
/// of its root signed, whenever their keys counted. Whoever can write there can do worse than this could notice.
///
/// # Errors
/// [`PolicyError`].
pub fn recall(envelope: &[u8]) -> Result<TrustPolicy, PolicyError> {
    let envelope = Envelope::parse(envelope).map_err(PolicyError::Envelope)?;
    let policy = read(&envelope, None)?;
    let tally = unbroken(&envelope, &policy)?;
    enough(&policy, &tally.valid, Root::Own, |_| true)?;
    Ok(TrustPolicy::accepted(policy))
}

/// Rules 1 to 12.
fn follow(
    envelope: &[u8],
    remembered: Option<&Policy>,
    pin: Option<&Digest>,
    now: Timestamp,
) -> Result<Policy, PolicyError> {
    let envelope = Envelope::parse(envelope).map_err(PolicyError::Envelope)?;
    let policy = read(&envelope, pin)?;
    signed_by(&envelope, &policy, Root::Own, now)?;
    if let Some(remembered) = remembered {
        succeeds(&policy, remembered)?;
        if policy.digest() != remembered.digest() {
            signed_by(&envelope, remembered, Root::Remembered, now)?;
            differs(&policy, remembered)?;
        }
    }
    Ok(policy)
}

/// Rules 2 to 6.
pub(crate) fn read(envelope: &Envelope, pin: Option<&Digest>) -> Result<Policy, PolicyError> {
    if envelope.payload_type() != PAYLOAD_TYPE {
        return Err(PolicyError::PayloadType);
    }
    let found = envelope.payload_digest();
    if let Some(pinned) = pin.filter(|pinned| **pinned != found) {
        return Err(PolicyError::Pin {
            pinned: *pinned,
            found,
        });
    }
    let document = check::parse(envelope.payload()).map_err(PolicyError::Malformed)?;
    let canonical = proofmark_core::canonical::to_bytes(&document);
    if canonical.is_ok_and(|bytes| bytes != envelope.payload()) {
        return Err(PolicyError::NotCanonical);
    }
    Policy::check(document).map_err(PolicyError::Invalid)
}

/// Rules 7 and 8, or 11.
fn signed_by(
    envelope: &Envelope,
    policy: &Policy,
    root: Root,
    now: Timestamp,
) -> Result<(), PolicyError> {
    let tally = unbroken(envelope, policy)?;
    let good = |key: &TrustedKey| key.standing(now) == Standing::Good;
    enough(policy, &tally.valid, root, good)
        .map_err(|error| opening(policy, &tally.valid, now).map_or(error, PolicyError::NotYetValid))
}

/// Rule 7.
fn unbroken(envelope: &Envelope, policy: &Policy) -> Result<Tally, PolicyError> {
    let tally = envelope.tally(policy.keys_of(Role::Root).map(|key| &key.key));
    match tally.invalid.first() {
        None => Ok(tally),
        Some(key) => Err(PolicyError::Signature(*key)),
    }
}

/// Whether those of `signers` that count reach the threshold of the root.
fn enough(
    policy: &Policy,
    signers: &[KeyId],
    root: Root,
    counts: impl Fn(&TrustedKey) -> bool,
) -> Result<(), PolicyError> {
    let valid = number(policy, signers, counts);
    let threshold = threshold(policy);
    match valid >= threshold as usize {
        true => Ok(()),
        false => Err(PolicyError::Threshold {
            root,
            valid,
            threshold,
        }),
    }
}

fn threshold(policy: &Policy) -> u32 {
    policy
        .role(Role::Root)
        .map_or(u32::MAX, |rule| rule.threshold)
}

/// The moment after `now` at which enough of `signers` count, if there is one.
fn opening(policy: &Policy, signers: &[KeyId], now: Timestamp) -> Option<Timestamp> {
    let keys = signers.iter().filter_map(|id| policy.key(id));
    let mut opening: Vec<_> = keys.map(|key| key.window.valid_from).collect();
    opening.sort();
    let mut later = opening.into_iter().filter(|from| *from > now);
    later.find(|from| counted(policy, signers, *from) >= threshold(policy) as usize)
}

/// How many of `signers` count at `now`: keys, or operators where they must be distinct.
pub(crate) fn counted(policy: &Policy, signers: &[KeyId], now: Timestamp) -> usize {
    number(policy, signers, |key| key.standing(now) == Standing::Good)
}

fn number(policy: &Policy, signers: &[KeyId], counts: impl Fn(&TrustedKey) -> bool) -> usize {
    let keys = signers.iter().filter_map(|id| policy.key(id));
    let good = keys.filter(|key| counts(key));
    let distinct = policy
        .role(Role::Root)
        .is_some_and(|rule| rule.distinct_operators);
    match distinct {
        true => good.map(|key| &key.operator).collect::<BTreeSet<_>>().len(),
        false => good.map(|key| key.key.id()).collect::<BTreeSet<_>>().len(),
    }
}

/// Rules 9 and 10.
fn succeeds(policy: &Policy, remembered: &Policy) -> Result<(), PolicyError> {
    if policy.audience() != remembered.audience() {
        return Err(PolicyError::Audience);
    }
    let (found, known) = (policy.version(), remembered.version());
    if found < known {
        return Err(PolicyError::Rollback {
            remembered: known,
            found,
        });
    }
    Ok(())
}

/// Rule 12, for two policies that are not the same.
fn differs(policy: &Policy, remembered: &Policy) -> Result<(), PolicyError> {
    match policy.version() == remembered.version() {
        false => Ok(()),
        true => Err(PolicyError::Conflict {
            version: policy.version(),
            remembered: remembered.digest(),
            found: policy.digest(),
        }),
    }
}

/// Rules 13 and 14.
fn in_force(policy: Policy, now: Timestamp) -> Result<TrustPolicy, PolicyError> {
    let latest = now.plus_seconds(policy.time().max_clock_skew_seconds);
    if policy.issued_at() > latest {
        return Err(PolicyError::NotYetValid(policy.issued_at()));
    }
    if now > policy.expires_at() {
        return Err(PolicyError::Expired(policy.expires_at()));
    }
    Ok(TrustPolicy::accepted(policy))
}

//! When a policy is believed: each code is reached, and the order of the rules holds.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proofmark_core::{Digest, Timestamp};
use proofmark_keys::Signer as _;
use proofmark_trust::{
    Policy, PolicyError, Reason, Revision, Revocation, Role, Root, Standing, TrustPolicy, Window,
    accept, accept_chain, recall, sign,
};
use proptest::prelude::*;

use crate::fixture::{
    document, forged, key, now, policy, revision, secret, signed, time, trusted, window,
};

fn code(envelope: &str, remembered: Option<&TrustPolicy>, at: Timestamp) -> &'static str {
    refused(envelope, remembered, at).code()
}

fn refused(envelope: &str, remembered: Option<&TrustPolicy>, at: Timestamp) -> PolicyError {
    accept(envelope.as_bytes(), remembered, None, at).expect_err("it is refused")
}

/// The next version, in which root key 1 made way for root key 4.
fn next() -> Policy {
    let mut next = Revision::next(&policy(), now());
    next.add_key(Role::Root, key(4, "acme"));
    next.retire(Role::Root, secret(1).public_key().id())
        .expect("it is a root key");
    next.finish().expect("it is in order")
}

#[test]
fn a_signed_policy_is_believed() {
    let trusted = trusted();
    assert_eq!(trusted.digest(), policy().digest());
    assert_eq!(trusted.version(), 1);
}

#[test]
fn what_is_no_policy_is_refused() {
    assert_eq!(code("{}", None, now()), "policy-malformed");
    assert_eq!(code(&"x".repeat(300_000), None, now()), "policy-malformed");
    let other = signed(&policy(), None, &[1, 2]).replace("trust-policy.v1", "trust-policy.v2");
    assert_eq!(code(&other, None, now()), "policy-payload-type");
    assert_eq!(code(&forged(b"{}", &[1]), None, now()), "policy-malformed");
    assert!(accept_chain(&[], None, now()).is_err_and(|error| error.code() == "policy-malformed"));
}

#[test]
fn one_policy_has_one_spelling() {
    let pretty = serde_json::to_vec_pretty(policy().document()).expect("JSON");
    assert_eq!(
        code(&forged(&pretty, &[1, 2]), None, now()),
        "policy-not-canonical"
    );
    let escaped = String::from_utf8(policy().payload().to_vec())
        .expect("JSON")
        .replacen("acme", "\\u0061cme", 1);
    assert_eq!(
        code(&forged(escaped.as_bytes(), &[1, 2]), None, now()),
        "policy-not-canonical"
    );
}

#[test]
fn a_contradiction_is_refused_although_it_is_signed() {
    let text = String::from_utf8(policy().payload().to_vec()).expect("JSON");
    let zero = text.replacen("\"threshold\":2", "\"threshold\":0", 1);
    let error = refused(&forged(zero.as_bytes(), &[1, 2]), None, now());
    assert!(
        matches!(&error, PolicyError::Invalid(problems) if problems[0].code == "threshold-zero"),
        "{error:?}"
    );
    assert_eq!(error.code(), "policy-invalid");
}

#[test]
fn a_pin_accepts_one_policy_only() {
    let envelope = signed(&policy(), None, &[1, 2]);
    let pinned = |digest| accept(envelope.as_bytes(), None, Some(&digest), now());
    assert!(pinned(policy().digest()).is_ok());
    let error = pinned(Digest::of(b"another")).expect_err("another is pinned");
    assert_eq!(error.code(), "policy-pin");
}

#[test]
fn signatures_are_counted_by_key_and_all_of_the_root_must_fit() {
    // 11 is no root key: it does not count, and does not harm.
    for (numbers, valid) in [(&[1][..], 1), (&[11, 12][..], 0), (&[1, 11][..], 1)] {
        let error = refused(&forged(policy().payload(), numbers), None, now());
        let expected = matches!(error, PolicyError::Threshold { root: Root::Own, valid: found, threshold: 2 } if found == valid);
        assert!(expected, "{numbers:?}: {error:?}");
    }
    assert!(
        accept(
            forged(policy().payload(), &[1, 2, 11]).as_bytes(),
            None,
            None,
            now()
        )
        .is_ok()
    );
    let mut envelope = sign(&policy(), None, None, &secret(1)).expect("a root key");
    envelope = sign(&policy(), None, Some(envelope), &secret(2)).expect("a root key");
    let other = secret(3).sign(b"something else").expect("it signs");
    envelope
        .attach(secret(3).public_key().id(), &other)
        .expect("there is room");
    assert_eq!(code(&envelope.to_json(), None, now()), "policy-signature");
}

#[test]
fn distinct_operators_are_counted_by_operator() {
    let mut revision = revision();
    revision
        .set_threshold(Role::Root, 2, true)
        .expect("there are root keys");
    let policy = revision.finish().expect("it is in order");
    // 1 and 2 are both of `acme`.
    assert_eq!(
        code(&signed(&policy, None, &[1, 2]), None, now()),
        "policy-threshold"
    );
    assert!(accept(signed(&policy, None, &[1, 3]).as_bytes(), None, None, now()).is_ok());
}

/// Who remembers a policy must reach the next one, whatever became of the old one's root meanwhile.
#[test]
fn what_was_accepted_is_recalled_when_it_and_its_root_have_ended() {
    let mut document = document();
    let ends = now().plus_seconds(60);
    let first = document.roles.root.keys[0];
    for key in document.keys.iter_mut().filter(|key| key.key_id == first) {
        key.valid_until = Some(ends);
    }
    let policy = Policy::check(document).expect("it is in order");
    let envelope = signed(&policy, None, &[1, 2, 3]);
    let known = recall(envelope.as_bytes()).expect("it was accepted once");
    assert_eq!(known.digest(), policy.digest());
    let next = Revision::next(&policy, now())
        .finish()
        .expect("it is in order");
    let later = policy.expires_at();
    let signed_next = signed(&next, Some(&policy), &[1, 2, 3]);
    assert!(accept(signed_next.as_bytes(), Some(&known), None, later).is_ok());
    let few = recall(signed(&policy, None, &[1]).as_bytes()).expect_err("too few signed");
    assert_eq!(few.code(), "policy-threshold");
}

/// A stranger who signs for itself accuses nobody's root.
#[test]
fn only_what_the_remembered_root_signed_is_its_conflict() {
    let mut foreign = document();
    foreign.time.max_age_seconds += 1;
    let foreign = Policy::check(foreign).expect("it is in order");
    let remembered = trusted();
    let signed_by_root = signed(&foreign, None, &[1, 2]);
    assert_eq!(
        code(&signed_by_root, Some(&remembered), now()),
        "policy-conflict"
    );
    let mut taken = foreign.document().clone();
    for (id, number) in [(1_u8, 4_u8), (2, 5)] {
        let (old, new) = (secret(id).public_key().id(), key(number, "stranger"));
        let entry = taken
            .keys
            .iter_mut()
            .find(|key| key.key_id == old)
            .expect("listed");
        entry.public_key = STANDARD.encode(new.key.as_bytes());
        entry.key_id = new.key.id();
        let at = taken
            .roles
            .root
            .keys
            .iter()
            .position(|key| *key == old)
            .expect("a root");
        taken.roles.root.keys[at] = new.key.id();
    }
    taken.keys.sort_by_key(|key| key.key_id);
    taken.roles.root.keys.sort();
    let taken = Policy::check(taken).expect("it is in order");
    let envelope = signed(&taken, None, &[4, 5]);
    let refused = refused(&envelope, Some(&remembered), now());
    assert!(
        matches!(
            refused,
            PolicyError::Threshold {
                root: Root::Remembered,
                valid: 0,
                ..
            }
        ),
        "{refused:?}"
    );
}

#[test]
fn a_policy_whose_root_counts_only_later_is_not_yet_valid() {
    let mut document = document();
    let opens = now().plus_seconds(600);
    let root = document.roles.root.keys.clone();
    for key in document
        .keys
        .iter_mut()
        .filter(|key| root.contains(&key.key_id))
    {
        key.valid_from = opens;
    }
    let policy = Policy::check(document).expect("it is in order");
    let both = signed(&policy, None, &[1, 2]);
    assert_eq!(code(&both, None, now()), "policy-not-yet-valid");
    assert!(accept(both.as_bytes(), None, None, opens).is_ok());
    // Too few will be too few then too.
    assert_eq!(
        code(&signed(&policy, None, &[1]), None, now()),
        "policy-threshold"
    );
}

#[test]
fn root_keys_that_do_not_count_now_do_not_count() {
    let revoked = |effective_at| {
        let mut revision = revision();
        let reason = Reason::Compromised;
        let revocation = Revocation {
            effective_at,
            reason,
        };
        revision
            .revoke(secret(1).public_key().id(), revocation)
            .expect("it is listed");
        signed(&revision.finish().expect("it is in order"), None, &[1, 2])
    };
    assert_eq!(code(&revoked(now()), None, now()), "policy-threshold");
    assert!(accept(revoked(now().plus_seconds(1)).as_bytes(), None, None, now()).is_ok());
}

#[test]
fn an_older_policy_and_another_of_the_same_version_are_refused() {
    let remembered = trusted();
    let newer = signed(&next(), Some(&policy()), &[1, 2, 3, 4]);
    let newer =
        accept(newer.as_bytes(), Some(&remembered), None, now()).expect("both roots signed");
    let old = signed(&policy(), None, &[1, 2]);
    assert_eq!(code(&old, Some(&newer), now()), "policy-rollback");
    let mut other = revision();
    other.set_expiry(time("2027-06-01T00:00:00Z"));
    let other = signed(&other.finish().expect("it is in order"), None, &[1, 2]);
    assert_eq!(code(&other, Some(&remembered), now()), "policy-conflict");
    // The same again is no conflict, whoever signed it.
    let again = signed(&policy(), None, &[2, 3]);
    assert!(accept(again.as_bytes(), Some(&remembered), None, now()).is_ok());
}

#[test]
fn a_newer_policy_needs_the_root_that_was_known() {
    let remembered = trusted();
    // Enough for the new root 2, 3, 4, and 2 is one of the old root 1, 2, 3.
    let error = refused(&signed(&next(), None, &[2, 4]), Some(&remembered), now());
    assert!(
        matches!(
            error,
            PolicyError::Threshold {
                root: Root::Remembered,
                valid: 1,
                threshold: 2
            }
        ),
        "{error:?}"
    );
    assert!(
        accept(
            signed(&next(), None, &[2, 3]).as_bytes(),
            Some(&remembered),
            None,
            now()
        )
        .is_ok()
    );
    // Enough for the old root alone.
    let error = refused(
        &signed(&next(), Some(&policy()), &[1, 2]),
        Some(&remembered),
        now(),
    );
    assert!(
        matches!(
            error,
            PolicyError::Threshold {
                root: Root::Own,
                valid: 1,
                ..
            }
        ),
        "{error:?}"
    );
}

#[test]
fn a_stranger_cannot_continue_a_policy() {
    let mut stranger = Revision::first(now(), now().plus_seconds(86_400));
    stranger.set_audience(Some("urn:market:acme".to_owned()));
    stranger.add_key(Role::Root, key(66, "mallory"));
    let first = stranger.finish().expect("it is in order");
    let second = Revision::next(&first, now())
        .finish()
        .expect("it is in order");
    let envelope = signed(&second, None, &[66]);
    assert!(accept(envelope.as_bytes(), None, None, now()).is_ok());
    assert_eq!(code(&envelope, Some(&trusted()), now()), "policy-threshold");
}

#[test]
fn a_policy_of_another_market_continues_nothing() {
    let mut other = Revision::next(&policy(), now());
    other.set_audience(Some("urn:market:other".to_owned()));
    let other = signed(&other.finish().expect("it is in order"), None, &[1, 2]);
    assert_eq!(code(&other, Some(&trusted()), now()), "policy-audience");
}

#[test]
fn the_last_moment_is_inside_and_clocks_may_differ() {
    let envelope = signed(&policy(), None, &[1, 2]);
    let at = |text: &str| accept(envelope.as_bytes(), None, None, time(text));
    assert!(at("2027-05-26T12:00:00Z").is_ok());
    assert_eq!(
        code(&envelope, None, time("2027-05-26T12:00:00.000001Z")),
        "policy-expired"
    );
    assert!(at("2026-11-26T11:55:00Z").is_ok());
    assert_eq!(
        code(&envelope, None, time("2026-11-26T11:54:59.999999Z")),
        "policy-not-yet-valid"
    );
}

#[test]
fn a_chain_leads_from_an_expired_policy_to_the_newest() {
    let late = time("2027-06-26T12:00:00Z");
    let first = signed(&policy(), None, &[1, 2]);
    let mut next = Revision::next(&policy(), late);
    next.set_expiry(late.plus_seconds(86_400));
    let next = signed(&next.finish().expect("it is in order"), None, &[1, 2]);
    let pin = policy().digest();
    assert_eq!(code(&first, None, late), "policy-expired");
    let chain = [first.as_bytes(), next.as_bytes()];
    let newest = accept_chain(&chain, Some(&pin), late).expect("they follow");
    assert_eq!(newest.version(), 2);
    let backwards = accept_chain(&[next.as_bytes(), first.as_bytes()], None, late);
    assert!(backwards.is_err_and(|error| error.code() == "policy-rollback"));
    let pinned = accept_chain(&chain, Some(&newest.digest()), late);
    assert!(pinned.is_err_and(|error| error.code() == "policy-pin"));
}

/// One policy that breaks them all; mended step by step, it shows the next rule each time.
#[test]
fn the_first_rule_of_the_order_is_reported() {
    let mut remembered = Revision::next(&policy(), now());
    remembered.set_audience(Some("urn:market:acme".to_owned()));
    let remembered = signed(&remembered.finish().expect("it is in order"), None, &[1, 2]);
    let remembered = accept(remembered.as_bytes(), None, None, now()).expect("it is signed");
    let late = time("2028-01-01T00:00:00Z");
    let text = String::from_utf8(policy().payload().to_vec()).expect("JSON");
    let other_audience = text.replacen("urn:market:acme", "urn:market:other", 1);
    let zero = other_audience.replacen("\"threshold\":2", "\"threshold\":0", 1);
    let steps = [
        ("policy-not-canonical", format!(" {zero}"), &[1][..]),
        ("policy-invalid", zero, &[1][..]),
        ("policy-threshold", other_audience.clone(), &[1][..]),
        ("policy-audience", other_audience, &[1, 2][..]),
        ("policy-rollback", text, &[1, 2][..]),
    ];
    for (code, payload, numbers) in steps {
        let error = refused(
            &forged(payload.as_bytes(), numbers),
            Some(&remembered),
            late,
        );
        assert_eq!(error.code(), code);
        assert!(!error.hint().is_empty());
    }
}

#[test]
fn standing_has_sharp_edges() {
    let mut key = policy()
        .keys_of(Role::Outcome)
        .next()
        .expect("there are two")
        .clone();
    key.window = Window {
        valid_from: time("2026-11-01T00:00:00Z"),
        valid_until: Some(time("2026-12-01T00:00:00Z")),
    };
    let at = |key: &proofmark_trust::TrustedKey, text: &str| key.standing(time(text));
    assert_eq!(
        at(&key, "2026-10-31T23:59:59.999999Z"),
        Standing::NotYetValid
    );
    assert_eq!(at(&key, "2026-11-01T00:00:00Z"), Standing::Good);
    assert_eq!(at(&key, "2026-12-01T00:00:00Z"), Standing::Good);
    assert_eq!(at(&key, "2026-12-01T00:00:00.000001Z"), Standing::Expired);
    for reason in [Reason::Compromised, Reason::Superseded, Reason::Ceased] {
        key.revoked = Some(Revocation {
            effective_at: time("2026-11-20T00:00:00Z"),
            reason,
        });
        assert_eq!(at(&key, "2026-11-19T23:59:59.999999Z"), Standing::Good);
        assert_eq!(at(&key, "2026-11-20T00:00:00Z"), Standing::Revoked);
        assert_eq!(at(&key, "2027-11-20T00:00:00Z"), Standing::Revoked);
    }
    assert!(window(None).contains(time("2999-01-01T00:00:00Z")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Another byte anywhere: refused, or nothing that is signed has changed.
    #[test]
    fn a_flipped_byte_is_noticed(at in 0_usize..10_000, bit in 0_u32..8) {
        let mut envelope = signed(&policy(), None, &[1, 2]).into_bytes();
        let at = at % envelope.len();
        envelope[at] ^= 1 << bit;
        if let Ok(believed) = accept(&envelope, None, None, now()) {
            prop_assert_eq!(believed.digest(), policy().digest());
        }
    }

    /// A byte of the payload itself: always refused, for the signatures are over it.
    #[test]
    fn a_flipped_byte_of_the_payload_is_refused(at in 0_usize..10_000, bit in 0_u32..8) {
        let envelope = proofmark_dsse::Envelope::parse(signed(&policy(), None, &[1, 2]).as_bytes()).expect("one");
        let mut payload = policy().payload().to_vec();
        let at = at % payload.len();
        payload[at] ^= 1 << bit;
        let mut changed = proofmark_dsse::Envelope::unsigned(proofmark_trust::PAYLOAD_TYPE, payload);
        for signature in envelope.signatures() {
            let bytes = proofmark_keys::Signature::from_bytes(&signature.bytes).expect("64");
            changed.attach(signature.key_id.expect("ours"), &bytes).expect("there is room");
        }
        prop_assert!(accept(changed.to_json().as_bytes(), None, None, now()).is_err());
    }

    /// Whatever comes in, there is an answer.
    #[test]
    fn random_payloads_are_refused(payload in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(accept(forged(&payload, &[1, 2]).as_bytes(), None, None, now()).is_err());
    }

    /// What is written canonically is read back the same.
    #[test]
    fn the_canonical_form_goes_round(
        version in 1_u64..1 << 53, age in 1_u64..1 << 53, skew in 0_u64..=86_400, quorum in 0_u32..=2,
        audience in "[!-~]{1,64}", name in "[!-~]{1,64}",
    ) {
        let mut document = policy().document().clone();
        document.version = version;
        document.time.max_age_seconds = age;
        document.time.max_clock_skew_seconds = skew;
        document.transparency.quorum = quorum;
        document.audience = Some(audience);
        document.profiles[0].name = name;
        let written = Policy::check(document).expect("it is in order");
        let read = Policy::parse(written.payload()).expect("it was written");
        prop_assert_eq!(&read, &written);
        let envelope = signed(&written, None, &[1, 2]);
        prop_assert!(accept(envelope.as_bytes(), None, None, now()).is_ok());
    }
}

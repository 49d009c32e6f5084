//! Changing and signing a policy.

use proofmark_core::Digest;
use proofmark_keys::{KeyId, Signer as _};
use proofmark_tlog::NoteKey;
use proofmark_trust::{
    EditError, Listed, Policy, PolicySignError, Reason, Revision, Revocation, Role, Root,
    TimeRules, progress, sign,
};

use crate::fixture::{key, now, policy, revision, secret, signed, time, window};

fn next() -> Revision {
    Revision::next(&policy(), now())
}

fn finish(revision: Revision) -> Policy {
    revision.finish().expect("it is in order")
}

#[test]
fn a_change_makes_the_next_version() {
    let mut next = next();
    next.set_time(TimeRules {
        max_age_seconds: 60,
        ..next.time()
    });
    next.add_profile(Digest::of(b"second"), "second".to_owned(), window(None));
    let next = finish(next);
    assert_eq!((next.version(), next.issued_at()), (2, now()));
    assert_eq!(next.time().max_age_seconds, 60);
    assert_eq!(next.profiles().len(), 2);
    let again = finish(Revision::again(&next, now().plus_seconds(1)));
    assert_eq!((again.version(), again.profiles()), (2, next.profiles()));
}

#[test]
fn keys_are_kept_in_order_and_a_second_one_is_reported() {
    let mut revision = next();
    for number in 50..60 {
        revision.add_key(Role::Receipt, key(number, "many"));
    }
    let policy = finish(revision.clone());
    assert_eq!(policy.keys_of(Role::Receipt).count(), 11);
    revision.add_key(Role::Receipt, key(50, "many"));
    let problems = revision.finish().expect_err("the key is there already");
    assert!(
        problems
            .iter()
            .all(|problem| problem.code == "duplicate-key"),
        "{problems:?}"
    );
}

#[test]
fn keys_and_witnesses_are_revoked_by_their_ids() {
    let revocation = Revocation {
        effective_at: now(),
        reason: Reason::Ceased,
    };
    let mut revision = next();
    for number in [11, 42] {
        let id = secret(number).public_key().id();
        revision.revoke(id, revocation).expect("it is listed");
    }
    let unknown = secret(77).public_key().id();
    assert_eq!(
        revision.revoke(unknown, revocation),
        Err(EditError::UnknownKey(unknown))
    );
    let policy = finish(revision);
    let key = policy
        .key(&secret(11).public_key().id())
        .expect("it is listed");
    assert_eq!(key.revoked, Some(revocation));
    assert_eq!(policy.transparency().witnesses[1].revoked, Some(revocation));
    assert_eq!(policy.transparency().witnesses[0].revoked, None);
}

#[test]
fn a_role_goes_with_its_last_key() {
    let mut revision = next();
    let id = secret(21).public_key().id();
    revision.retire(Role::Receipt, id).expect("it has the role");
    let policy = finish(revision.clone());
    assert_eq!(policy.role(Role::Receipt), None);
    assert!(policy.key(&id).is_some());
    let again = revision.retire(Role::Receipt, id);
    assert_eq!(again, Err(EditError::EmptyRole(Role::Receipt)));
}

#[test]
fn windows_of_whatever_is_listed_are_ended() {
    let mut revision = next();
    let document = revision.document().clone();
    let log: NoteKey = document.transparency.logs[0].key.parse().expect("a key");
    let id = |number| secret(number).public_key().id();
    let listed = [
        Listed::Key(id(11)),
        Listed::Key(id(42)),
        Listed::Log(Box::new(log)),
        Listed::Profile(document.profiles[0].name.clone()),
    ];
    for what in &listed {
        revision.end(what, now()).expect("it is listed");
    }
    let policy = finish(revision.clone());
    assert_eq!(
        policy.key(&id(11)).expect("listed").window.valid_until,
        Some(now())
    );
    let transparency = policy.transparency();
    assert_eq!(transparency.witnesses[0].window.valid_until, None);
    assert_eq!(transparency.witnesses[1].window.valid_until, Some(now()));
    assert_eq!(transparency.logs[0].window.valid_until, Some(now()));
    assert_eq!(policy.profiles()[0].window.valid_until, Some(now()));
    for what in [Listed::Key(id(77)), Listed::Profile("another".to_owned())] {
        let refused = revision.end(&what, now()).expect_err("it is not listed");
        assert_eq!(refused.code(), "policy-unlisted");
    }
}

#[test]
fn a_revocation_is_made_stricter_and_not_weaker_unless_it_was_a_mistake() {
    let id = secret(11).public_key().id();
    let revocation = |seconds, reason| Revocation {
        effective_at: now().plus_seconds(seconds),
        reason,
    };
    let stolen = revocation(100, Reason::Compromised);
    let mut revision = next();
    revision
        .revoke(id, revocation(200, Reason::Ceased))
        .expect("it was not revoked");
    revision.revoke(id, stolen).expect("it is stricter");
    for weaker in [
        revocation(101, Reason::Compromised),
        revocation(100, Reason::Superseded),
        revocation(99, Reason::Ceased),
    ] {
        let refused = revision.revoke(id, weaker).expect_err("it is weaker");
        assert_eq!(refused.code(), "policy-weaker-revocation");
    }
    assert_eq!(revoked(&revision, id), Some(stolen));
    let earlier = revocation(50, Reason::Compromised);
    revision.revoke(id, earlier).expect("it is stricter");
    let later = revocation(300, Reason::Superseded);
    revision
        .correct_revocation(id, later)
        .expect("it is asked for");
    assert_eq!(revoked(&revision, id), Some(later));
}

fn revoked(revision: &Revision, id: KeyId) -> Option<Revocation> {
    let mut keys = revision.document().keys.iter();
    keys.find(|key| key.key_id == id)
        .expect("it is listed")
        .revoked
}

#[test]
fn roles_are_taken_away_and_thresholds_set_only_where_they_are() {
    let mut first = Revision::first(now(), time("2027-01-01T00:00:00Z"));
    let id = secret(1).public_key().id();
    let empty = Err(EditError::EmptyRole(Role::Outcome));
    assert_eq!(first.set_threshold(Role::Outcome, 1, false), empty);
    assert_eq!(first.retire(Role::Outcome, id), empty);
    assert_eq!(first.retire(Role::Root, id), Err(EditError::UnknownKey(id)));
    let problems = first.finish().expect_err("there is no root");
    assert_eq!(problems[0].code, "threshold-above-keys");
    let mut retired = next();
    retired.retire(Role::Root, id).expect("it is a root key");
    let retired = finish(retired);
    assert!(retired.key(&id).is_some());
    assert_eq!(retired.role_of(&id), None);
}

#[test]
fn only_root_keys_sign_and_only_this_policy() {
    let error = sign(&policy(), None, None, &secret(11)).expect_err("an outcome key");
    assert!(matches!(error, PolicySignError::NotRoot(_)), "{error:?}");
    let envelope = sign(&policy(), None, None, &secret(1)).expect("a root key");
    let other = finish(next());
    let error = sign(&other, None, Some(envelope), &secret(1)).expect_err("another policy");
    assert_eq!(error.code(), "policy-other");
}

#[test]
fn a_policy_longer_than_key_services_sign_is_signed_by_a_file() {
    let mut revision = revision();
    for number in 50..80 {
        revision.add_key(Role::Receipt, key(number, "many"));
    }
    let policy = finish(revision);
    assert!(policy.payload().len() > 4096);
    let envelope = sign(&policy, None, None, &secret(1)).expect("a root key");
    assert_eq!(envelope.signatures().len(), 1);
}

#[test]
fn progress_is_told_for_both_roots() {
    let mut revision = next();
    revision.add_key(Role::Root, key(4, "acme"));
    revision
        .retire(Role::Root, secret(1).public_key().id())
        .expect("it is a root key");
    let (old, new) = (policy(), finish(revision));
    let envelope = signed(&new, Some(&old), &[1, 4]);
    let envelope = proofmark_dsse::Envelope::parse(envelope.as_bytes()).expect("an envelope");
    let told = progress(&new, Some(&old), &envelope, now());
    let told: Vec<_> = told
        .iter()
        .map(|one| (one.root, one.valid, one.threshold, one.is_enough()))
        .collect();
    assert_eq!(
        told,
        [(Root::Own, 1, 2, false), (Root::Remembered, 1, 2, false)]
    );
}

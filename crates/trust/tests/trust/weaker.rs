//! What a version believes and the one before did not.

use proofmark_trust::{KeyEntry, Policy, PolicyDocument, Reason, Revocation, weaker};

use crate::fixture::{document, now};

type Step = fn(&mut PolicyDocument);

/// What is changed of the fixture with revocations, what that is called, and where.
const CASES: &[(&str, &str, Step)] = &[
    ("revocation-weakened", "/keys/0/revoked", |d| {
        d.keys[0].revoked = None
    }),
    ("revocation-weakened", "/keys/0/revoked", |d| {
        d.keys[0].revoked = Some(revocation(1, Reason::Compromised))
    }),
    ("revocation-weakened", "/keys/0/revoked", |d| {
        d.keys[0].revoked = Some(revocation(0, Reason::Ceased))
    }),
    (
        "revocation-weakened",
        "/transparency/witnesses/1/revoked",
        |d| d.transparency.witnesses[1].revoked = None,
    ),
    ("threshold-lowered", "/roles/root", |d| {
        d.roles.root.threshold = 1
    }),
    ("threshold-lowered", "/roles/outcome", |d| {
        d.roles.outcome.as_mut().expect("one").distinct_operators = false
    }),
    ("time-relaxed", "/time", |d| d.time.max_age_seconds += 1),
    ("time-relaxed", "/time", |d| {
        d.time.max_clock_skew_seconds += 1
    }),
    ("log-no-longer-required", "/transparency/required", |d| {
        d.transparency.required = false
    }),
    ("quorum-lowered", "/transparency/quorum", |d| {
        d.transparency.quorum = 1
    }),
];

fn revocation(seconds: u64, reason: Reason) -> Revocation {
    Revocation {
        effective_at: now().plus_seconds(seconds),
        reason,
    }
}

fn before() -> PolicyDocument {
    let mut document = document();
    document.keys[0].revoked = Some(revocation(0, Reason::Compromised));
    document.transparency.witnesses[1].revoked = Some(revocation(0, Reason::Ceased));
    document
}

fn check(document: PolicyDocument) -> Policy {
    Policy::check(document).expect("it is in order")
}

#[test]
fn whatever_is_laxer_is_named() {
    for (code, place, step) in CASES {
        let mut document = before();
        step(&mut document);
        let warnings = weaker(&check(document), &check(before()));
        let found: Vec<_> = warnings
            .iter()
            .map(|warning| (warning.code, warning.pointer.as_deref()))
            .collect();
        assert_eq!(found, [(*code, Some(*place))]);
    }
}

#[test]
fn what_is_the_same_or_stricter_is_not() {
    assert_eq!(weaker(&check(before()), &check(before())), []);
    // The other way round each of them is stricter.
    for (_, _, step) in CASES {
        let mut document = before();
        step(&mut document);
        assert_eq!(weaker(&check(before()), &check(document)), []);
    }
}

fn receipt_key(document: &mut PolicyDocument) -> (usize, &mut KeyEntry) {
    let id = document.roles.receipt.as_ref().expect("one").keys[0];
    let mut keys = document.keys.iter_mut().enumerate();
    keys.find(|(_, key)| key.key_id == id)
        .expect("it is listed")
}

fn codes(policy: PolicyDocument, previous: PolicyDocument) -> Vec<&'static str> {
    let warnings = weaker(&check(policy), &check(previous));
    warnings.iter().map(|warning| warning.code).collect()
}

/// In two steps: first out of sight, and in the version after that as if it were new.
#[test]
fn what_is_revoked_does_not_get_out_of_sight() {
    let mut revoked = document();
    receipt_key(&mut revoked).1.revoked = Some(revocation(0, Reason::Ceased));
    let mut without_role = revoked.clone();
    receipt_key(&mut without_role).1.revoked = None;
    without_role.roles.receipt = None;
    assert_eq!(
        codes(without_role, revoked.clone()),
        ["revocation-weakened"]
    );
    let mut unlisted = revoked.clone();
    let (at, _) = receipt_key(&mut unlisted);
    unlisted.keys.remove(at);
    unlisted.roles.receipt = None;
    assert_eq!(codes(unlisted, revoked), ["revocation-dropped"]);
}

#[test]
fn a_window_is_not_extended_unseen() {
    let ends = |seconds| {
        let mut document = document();
        receipt_key(&mut document).1.valid_until = seconds;
        document
    };
    let at = |seconds| Some(now().plus_seconds(seconds));
    assert_eq!(codes(ends(at(2)), ends(at(1))), ["window-extended"]);
    assert_eq!(codes(ends(None), ends(at(1))), ["window-extended"]);
    assert_eq!(codes(ends(at(1)), ends(at(2))), [""; 0]);
    assert_eq!(codes(ends(at(1)), ends(None)), [""; 0]);
    let ended = |step: fn(&mut PolicyDocument)| {
        let mut ended = document();
        step(&mut ended);
        codes(document(), ended)
    };
    let log = ended(|d| d.transparency.logs[0].valid_until = Some(now().plus_seconds(1)));
    let profile = ended(|d| d.profiles[0].valid_until = Some(now().plus_seconds(1)));
    assert_eq!(
        (log, profile),
        (vec!["window-extended"], vec!["window-extended"])
    );
}

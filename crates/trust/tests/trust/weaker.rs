//! What a version believes and the one before did not.

use proofmark_trust::{Policy, PolicyDocument, Reason, Revocation, weaker};

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

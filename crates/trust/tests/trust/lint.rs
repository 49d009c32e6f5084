//! Warnings: each is reached, and the fixture has none.

use proofmark_core::Timestamp;
use proofmark_trust::{Policy, PolicyDocument, lint};

use crate::fixture::{document, now, policy, time, witness};

type Step = fn(&mut PolicyDocument);

const CASES: &[(&str, Step)] = &[
    ("expired", |d| d.expires_at = time("2026-11-26T17:00:00Z")),
    ("expires-soon", |d| {
        d.expires_at = time("2026-12-01T00:00:00Z")
    }),
    ("long-lived", |d| {
        d.expires_at = time("2028-01-01T00:00:00Z")
    }),
    ("no-audience", |d| d.audience = None),
    ("root-threshold-one", |d| d.roles.root.threshold = 1),
    ("no-spare-root-key", |d| d.roles.root.threshold = 3),
    ("root-key-ends-early", |d| {
        root(d).valid_until = Some(time("2027-01-01T00:00:00Z"))
    }),
    ("no-outcome-key", |d| d.roles.outcome = None),
    ("outcome-threshold-one", |d| {
        d.roles.outcome.as_mut().expect("one").threshold = 1
    }),
    ("operators-not-distinct", |d| {
        d.roles.outcome.as_mut().expect("one").distinct_operators = false
    }),
    ("one-outcome-operator", |d| {
        d.roles.outcome.as_mut().expect("one").distinct_operators = false;
        for key in &mut d.keys {
            key.operator = "acme".to_owned();
        }
    }),
    ("role-out-of-keys", |d| {
        for key in d
            .keys
            .iter_mut()
            .filter(|key| key.operator == "second-opinion")
        {
            key.valid_until = Some(time("2026-11-02T00:00:00Z"));
        }
    }),
    ("key-without-role", |d| d.roles.receipt = None),
    ("key-without-end", |d| {
        for key in &mut d.keys {
            key.valid_until = None;
        }
    }),
    ("no-profile", |d| {
        d.profiles[0].valid_until = Some(time("2026-11-02T00:00:00Z"))
    }),
    ("log-not-required", |d| d.transparency.required = false),
    ("no-quorum", |d| d.transparency.quorum = 0),
    ("no-log", |d| {
        d.transparency.logs[0].valid_until = Some(time("2026-11-02T00:00:00Z"))
    }),
    ("out-of-witnesses", |d| {
        d.transparency.witnesses[1].valid_until = Some(time("2026-11-02T00:00:00Z"))
    }),
    ("witness-at-log", |d| {
        d.transparency.witnesses[0].key = witness(41, "log.example/w").to_string()
    }),
    ("witness-signs-outcomes", |d| {
        d.transparency.witnesses[0].operator = "acme-labs".to_owned()
    }),
    ("too-long-for-key-services", |d| {
        for key in &mut d.keys {
            key.engine = Some("e".repeat(500));
        }
    }),
];

fn root(document: &mut PolicyDocument) -> &mut proofmark_trust::KeyEntry {
    let id = document.roles.root.keys[0];
    let mut keys = document.keys.iter_mut();
    keys.find(|key| key.key_id == id).expect("it is listed")
}

fn codes(policy: &Policy, at: Timestamp) -> Vec<&'static str> {
    lint(policy, at)
        .iter()
        .map(|warning| warning.code)
        .collect()
}

#[test]
fn the_fixture_has_no_warning() {
    assert_eq!(codes(&policy(), now()), [""; 0]);
}

#[test]
fn every_warning_is_reached() {
    for (code, step) in CASES {
        let mut document = document();
        step(&mut document);
        let policy = Policy::check(document).expect("a warning is no error");
        assert!(
            codes(&policy, now()).contains(code),
            "{code}: {:?}",
            codes(&policy, now())
        );
    }
}

#[test]
fn no_warning_is_without_a_case() {
    let source = include_str!("../../src/lint.rs");
    let codes = source.split('"').filter(|text| {
        let slug = text.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        text.len() > 5 && slug
    });
    for code in codes {
        assert!(
            CASES.iter().any(|(case, _)| case == &code),
            "no case for {code}"
        );
    }
}

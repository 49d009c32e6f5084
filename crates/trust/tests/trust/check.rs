//! What a policy must not contradict: each code is reached, alone, at its place.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proofmark_core::canonical;
use proofmark_trust::{Policy, PolicyDocument, Role, Standing};

use crate::fixture::{document, key, log, now, policy, time, witness};

type Step = fn(&mut PolicyDocument);

/// Code, place, and the step that leads there.
const CASES: &[(&str, &str, Step)] = &[
    ("version-zero", "/version", |d| d.version = 0),
    ("policy-number", "/version", |d| d.version = 1 << 53),
    ("empty-window", "/expiresAt", |d| {
        d.expires_at = time("2026-11-26T11:59:59Z")
    }),
    ("policy-text", "/audience", |d| {
        d.audience = Some("a b".to_owned())
    }),
    ("policy-text", "/audience", |d| {
        d.audience = Some(String::new())
    }),
    ("policy-text", "/audience", |d| {
        d.audience = Some("a".repeat(513))
    }),
    ("policy-text", "/keys/0/engine", |d| {
        d.keys[0].engine = Some("https://e\u{301}".to_owned())
    }),
    ("policy-text", "/profiles/0/name", |d| {
        d.profiles[0].name.clear()
    }),
    ("no-age", "/time/maxAgeSeconds", |d| {
        d.time.max_age_seconds = 0
    }),
    ("skew-too-large", "/time/maxClockSkewSeconds", |d| {
        d.time.max_clock_skew_seconds = 86_401
    }),
    ("keys-not-sorted", "/keys/1", |d| d.keys.swap(0, 1)),
    ("key-base64", "/keys/0/publicKey", |d| {
        d.keys[0].public_key = "%".to_owned()
    }),
    ("key-base64", "/keys/0/publicKey", |d| {
        d.keys[0].public_key = unpadded(&d.keys[0].public_key)
    }),
    ("key-length", "/keys/0/publicKey", |d| {
        d.keys[0].public_key = STANDARD.encode([7; 31])
    }),
    ("key-weak", "/keys/0/publicKey", |d| {
        d.keys[0].public_key = STANDARD.encode(identity(1, 0))
    }),
    ("key-not-canonical", "/keys/0/publicKey", |d| {
        d.keys[0].public_key = STANDARD.encode(second_spelling())
    }),
    ("key-id-mismatch", "/keys/0/keyId", |d| {
        d.keys[0].public_key = STANDARD.encode(key(99, "x").key.as_bytes())
    }),
    ("duplicate-key", "/keys/1/publicKey", |d| {
        d.keys[1].public_key = d.keys[0].public_key.clone()
    }),
    ("operator-name", "/keys/0/operator", |d| {
        d.keys[0].operator = "Acme".to_owned()
    }),
    ("operator-name", "/keys/0/operator", |d| {
        d.keys[0].operator = "a,b".to_owned()
    }),
    ("operator-name", "/keys/0/operator", |d| {
        d.keys[0].operator = "-a".to_owned()
    }),
    ("operator-name", "/keys/0/operator", |d| {
        d.keys[0].operator = "a".repeat(65)
    }),
    ("operator-name", "/transparency/witnesses/0/operator", |d| {
        d.transparency.witnesses[0].operator.clear()
    }),
    ("empty-window", "/keys/0/validUntil", |d| {
        d.keys[0].valid_until = Some(time("2026-10-31T23:59:59Z"))
    }),
    ("empty-window", "/profiles/0/validUntil", |d| {
        d.profiles[0].valid_until = Some(time("2026-10-31T23:59:59Z"))
    }),
    ("empty-window", "/transparency/logs/0/validUntil", |d| {
        d.transparency.logs[0].valid_until = Some(time("2026-10-31T23:59:59Z"));
    }),
    ("too-many", "/profiles", |d| {
        for number in 0..32_u8 {
            let mut profile = d.profiles[0].clone();
            profile.name = format!("p{number}");
            profile.digest = proofmark_core::Digest::of(&[number]);
            d.profiles.push(profile);
        }
    }),
    ("key-not-listed", "/roles/receipt/keys/0", |d| {
        let receipt = d.roles.receipt.as_ref().expect("it is there").keys[0];
        d.keys.retain(|key| key.key_id != receipt);
    }),
    ("key-in-two-roles", "/roles/receipt/keys/0", |d| {
        d.roles.receipt.as_mut().expect("it is there").keys[0] = d.roles.root.keys[0];
    }),
    ("keys-not-sorted", "/roles/root/keys/1", |d| {
        d.roles.root.keys.swap(0, 1)
    }),
    ("threshold-zero", "/roles/root/threshold", |d| {
        d.roles.root.threshold = 0
    }),
    ("receipt-threshold", "/roles/receipt/threshold", |d| {
        d.roles
            .receipt
            .as_mut()
            .expect("it is there")
            .distinct_operators = true
    }),
    ("threshold-above-keys", "/roles/root/threshold", |d| {
        d.roles.root.threshold = 4
    }),
    ("threshold-above-operators", "/roles/root/threshold", |d| {
        d.roles.root.threshold = 3;
        d.roles.root.distinct_operators = true;
    }),
    ("duplicate-digest", "/profiles/1/digest", |d| {
        let mut profile = d.profiles[0].clone();
        profile.name = "other".to_owned();
        d.profiles.push(profile);
    }),
    ("duplicate-name", "/profiles/1/name", |d| {
        let mut profile = d.profiles[0].clone();
        profile.digest = proofmark_core::Digest::of(b"other");
        d.profiles.push(profile);
    }),
    ("no-log", "/transparency/logs", |d| {
        d.transparency.logs.clear()
    }),
    ("quorum-above-operators", "/transparency/quorum", |d| {
        d.transparency.quorum = 3
    }),
    ("quorum-above-operators", "/transparency/quorum", |d| {
        d.transparency.witnesses[0].operator = "supplier".to_owned()
    }),
    ("note-key", "/transparency/witnesses/0/key", |d| {
        d.transparency.witnesses[0].key = "w".to_owned()
    }),
    ("note-key-type", "/transparency/logs/0/key", |d| {
        d.transparency.logs[0].key = witness(31, "log.example/outcomes").to_string();
    }),
    ("note-key-type", "/transparency/witnesses/0/key", |d| {
        d.transparency.witnesses[0].key = log(41, "buyer.example/w").to_string();
    }),
    ("duplicate-name", "/transparency", |d| {
        d.transparency.witnesses[0].key = witness(41, "log.example/outcomes").to_string();
    }),
    // The key of a log is an outcome key; then a witness's, then another witness's.
    ("duplicate-key", "/transparency", |d| {
        d.transparency.logs[0].key = log(11, "log.example/outcomes").to_string()
    }),
    ("duplicate-key", "/transparency", |d| {
        d.transparency.logs[0].key = log(41, "log.example/outcomes").to_string()
    }),
    ("duplicate-key", "/transparency", |d| {
        d.transparency.witnesses[0].key = witness(42, "buyer.example/w").to_string();
    }),
];

fn unpadded(text: &str) -> String {
    text.trim_end_matches('=').to_owned()
}

/// The point with y = `first`, little-endian, the last byte being `last`.
fn identity(first: u8, last: u8) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[0] = first;
    bytes[31] = last;
    bytes
}

/// y = p + 3, which is y = 3 spelled a second time.
fn second_spelling() -> [u8; 32] {
    let mut bytes = [0xff; 32];
    bytes[0] = 0xf0;
    bytes[31] = 0x7f;
    bytes
}

#[test]
fn every_rule_is_reached_at_its_place() {
    for (code, place, step) in CASES {
        let mut document = document();
        step(&mut document);
        let problems = Policy::check(document).expect_err(code);
        let found = problems
            .iter()
            .any(|problem| problem.code == *code && problem.pointer.as_deref() == Some(place));
        assert!(found, "{code} at {place}: {problems:#?}");
    }
}

/// A rule that no case reaches might as well not be there.
#[test]
fn no_rule_is_without_a_case() {
    let source = include_str!("../../src/check.rs");
    let codes = source.split('"').filter(|text| {
        let slug = text.len() > 5 && text.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        slug && text.contains('-')
    });
    let mut cases: BTreeSet<_> = CASES.iter().map(|(code, ..)| *code).collect();
    // These have tests of their own.
    cases.extend([
        "policy-member",
        "policy-schema",
        "policy-too-large",
        "threshold-too-large",
    ]);
    for code in codes {
        assert!(cases.contains(code), "no case for {code}");
    }
}

#[test]
fn limits_of_number_and_length_are_kept() {
    let codes = |document| {
        let problems = Policy::check(document).expect_err("too much");
        problems
            .iter()
            .map(|problem| problem.code)
            .collect::<BTreeSet<_>>()
    };
    let mut many = crate::fixture::revision();
    for number in 0..=250_u8 {
        many.add_key(Role::Receipt, seeded(number));
    }
    let many = many.document().clone();
    assert_eq!(many.keys.len(), 257);
    assert!(codes(many.clone()).contains("too-many"));
    let mut long = many.clone();
    for key in &mut long.keys {
        key.engine = Some("e".repeat(512));
    }
    assert!(codes(long).contains("policy-too-large"));
    let mut high = many;
    high.roles.receipt.as_mut().expect("it is there").threshold = 17;
    assert!(codes(high).contains("threshold-too-large"));
}

fn seeded(number: u8) -> proofmark_trust::NewKey {
    let mut seed = [0xaa; 32];
    seed[0] = number;
    let secret = proofmark_keys::SecretKey::from_seed(&seed);
    let mut key = key(99, "many");
    key.key = *proofmark_keys::Signer::public_key(&secret);
    key
}

#[test]
fn everything_is_said_at_once() {
    let mut document = document();
    document.version = 0;
    document.roles.root.threshold = 0;
    document.profiles[0].name.clear();
    assert_eq!(Policy::check(document).expect_err("three steps").len(), 3);
}

#[test]
fn unknown_missing_and_foreign_members_are_refused() {
    let text = String::from_utf8(policy().payload().to_vec()).expect("JSON");
    let cases = [
        (
            text.replacen("\"version\":1", "\"version\":1,\"x\":1", 1),
            "policy-member",
        ),
        (
            text.replacen("\"threshold\":2", "\"threshold\":2,\"x\":1", 1),
            "policy-member",
        ),
        (
            text.replacen("\"version\":1", "\"version\":\"1\"", 1),
            "policy-member",
        ),
        (text.replacen(",\"version\":1", "", 1), "policy-member"),
        (
            text.replacen("trust-policy/v1", "trust-policy/v2", 1),
            "policy-schema",
        ),
        (
            text.replacen("\"version\":1", "\"version\":1,\"version\":1", 1),
            "duplicate-member",
        ),
        (
            text.replacen("\"version\":1", "\"version\":1.0", 1),
            "fraction-not-allowed",
        ),
        (
            text.replacen("\"version\":1", "\"version\":null", 1),
            "null-not-allowed",
        ),
        (text.clone() + " x", "not-json"),
    ];
    for (changed, code) in cases {
        assert_ne!(changed, text, "{code}");
        let problems = Policy::parse(changed.as_bytes()).expect_err(code);
        assert_eq!(problems[0].code, code, "{problems:?}");
    }
}

#[test]
fn an_author_may_spell_freely() {
    let pretty = serde_json::to_string_pretty(policy().document()).expect("JSON");
    let read = Policy::parse(pretty.as_bytes()).expect("it is in order");
    assert_eq!(read, policy());
    assert_eq!(
        read.payload(),
        canonical::to_bytes(&document()).expect("JSON")
    );
}

#[test]
fn what_is_read_is_what_was_written() {
    let policy = policy();
    let outcome = policy.role(Role::Outcome).expect("it is there");
    assert_eq!((outcome.threshold, outcome.distinct_operators), (2, true));
    assert_eq!(policy.keys_of(Role::Root).count(), 3);
    assert_eq!(policy.keys().count(), 6);
    let first = policy.keys_of(Role::Outcome).next().expect("there are two");
    assert_eq!(policy.role_of(&first.key.id()), Some(Role::Outcome));
    assert_eq!(policy.key(&first.key.id()), Some(first));
    assert_eq!(first.standing(now()), Standing::Good);
    assert_eq!(policy.transparency().witnesses.len(), 2);
    let profile = &policy.profiles()[0];
    assert_eq!(policy.profile(&profile.digest), Some(profile));
    assert_eq!(policy.audience(), Some("urn:market:acme"));
}

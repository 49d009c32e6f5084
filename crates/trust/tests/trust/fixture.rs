//! A policy in order, from which every test takes its own step away.

use proofmark_core::{Digest, Timestamp};
use proofmark_dsse::Envelope;
use proofmark_keys::{SecretKey, Signer as _};
use proofmark_tlog::NoteKey;
use proofmark_trust::{
    NewKey, PAYLOAD_TYPE, Policy, PolicyDocument, Revision, Role, TrustPolicy, Window, accept, sign,
};

/// Root keys are 1, 2 and 3, outcome keys 11 and 12, the receipt key 21, the log 31, witnesses 41 and 42.
pub(crate) fn secret(number: u8) -> SecretKey {
    SecretKey::from_seed(&[number; 32])
}

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

pub(crate) fn now() -> Timestamp {
    time("2026-11-26T18:00:00Z")
}

pub(crate) fn window(until: Option<&str>) -> Window {
    Window {
        valid_from: time("2026-11-01T00:00:00Z"),
        valid_until: until.map(time),
    }
}

pub(crate) fn key(number: u8, operator: &str) -> NewKey {
    NewKey {
        key: *secret(number).public_key(),
        operator: operator.to_owned(),
        engine: None,
        window: window(None),
    }
}

pub(crate) fn log(number: u8, name: &str) -> NoteKey {
    NoteKey::log(name.parse().expect("a name"), *secret(number).public_key())
}

pub(crate) fn witness(number: u8, name: &str) -> NoteKey {
    NoteKey::witness(name.parse().expect("a name"), *secret(number).public_key())
}

pub(crate) fn revision() -> Revision {
    let mut revision = Revision::first(time("2026-11-26T12:00:00Z"), time("2027-05-26T12:00:00Z"));
    revision.set_audience(Some("urn:market:acme".to_owned()));
    for (number, operator) in [(1, "acme"), (2, "acme"), (3, "notary")] {
        revision.add_key(Role::Root, key(number, operator));
    }
    revision
        .set_threshold(Role::Root, 2, false)
        .expect("there are root keys");
    for (number, operator) in [(11, "acme-labs"), (12, "second-opinion")] {
        let mut key = key(number, operator);
        key.engine = Some(format!("https://engines.example/{operator}"));
        key.window = window(Some("2027-11-01T00:00:00Z"));
        revision.add_key(Role::Outcome, key);
    }
    revision
        .set_threshold(Role::Outcome, 2, true)
        .expect("there are outcome keys");
    let mut receipt = key(21, "acme-labs");
    receipt.window = window(Some("2027-11-01T00:00:00Z"));
    revision.add_key(Role::Receipt, receipt);
    let profile = Digest::of(b"a profile");
    revision.add_profile(profile, "proofmark/reference-1".to_owned(), window(None));
    revision.add_log(&log(31, "log.example/outcomes"), window(None));
    revision.add_witness(
        &witness(41, "buyer.example/w"),
        "buyer".to_owned(),
        window(None),
    );
    revision.add_witness(
        &witness(42, "supplier.example/w"),
        "supplier".to_owned(),
        window(None),
    );
    revision.set_transparency(true, 2);
    revision
}

pub(crate) fn policy() -> Policy {
    revision().finish().expect("the fixture is in order")
}

pub(crate) fn document() -> PolicyDocument {
    policy().document().clone()
}

/// Signed by these root keys.
pub(crate) fn signed(policy: &Policy, previous: Option<&Policy>, numbers: &[u8]) -> String {
    let mut envelope = None;
    for number in numbers {
        envelope = Some(sign(policy, previous, envelope, &secret(*number)).expect("a root key"));
    }
    envelope.expect("somebody signs").to_json()
}

/// Any payload, signed by anybody: what an attacker can make.
pub(crate) fn forged(payload: &[u8], numbers: &[u8]) -> String {
    let mut envelope = Envelope::unsigned(PAYLOAD_TYPE, payload.to_vec());
    for number in numbers {
        let secret = secret(*number);
        let signature = secret.sign(&envelope.pae()).expect("it signs");
        envelope
            .attach(secret.public_key().id(), &signature)
            .expect("there is room");
    }
    envelope.to_json()
}

pub(crate) fn trusted() -> TrustPolicy {
    let envelope = signed(&policy(), None, &[1, 2]);
    accept(envelope.as_bytes(), None, None, now()).expect("it is signed")
}

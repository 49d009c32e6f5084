//! The small market in which every test of this crate plays: one buyer's criteria, one submission, three
//! engines, a log, and witnesses. Nothing in it depends on chance or on the clock.

#![allow(dead_code, reason = "each test program uses its own part of it")]

mod evidence;
mod signing;
mod work;

use std::sync::LazyLock;

use proofmark_attestation::statement::ValidatedOutcome;
use proofmark_attestation::statement::binding::Binding;
use proofmark_attestation::{Bundle, statement};
use proofmark_core::{Digest, Timestamp, canonical};
use proofmark_criteria::{Criteria, Manifest, VerdictRecord};
use serde_json::{Value, json};

pub(crate) use evidence::*;
pub(crate) use signing::*;
pub(crate) use work::*;

/// When the market issued the nonce.
pub(crate) const ORDERED_AT: &str = "2026-11-26T17:00:00Z";
/// When the first witness saw the log.
pub(crate) const SEEN_AT: &str = "2026-11-26T18:00:00Z";
/// When the second did: with a quorum of two, the outcome existed by then.
pub(crate) const EXISTED_BY: &str = "2026-11-26T18:00:10Z";
/// The settlement's clock.
pub(crate) const NOW: &str = "2026-11-26T19:00:00Z";
/// When the outcome must have existed.
pub(crate) const DEADLINE: &str = "2026-11-27T00:00:00Z";
/// The settlement domain.
pub(crate) const AUDIENCE: &str = "urn:market:acme";

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// Everything that is made once.
pub(crate) struct World {
    pub(crate) criteria: Criteria,
    pub(crate) manifest: Manifest,
    pub(crate) pass: VerdictRecord,
    pub(crate) fail: VerdictRecord,
    pub(crate) inconclusive: VerdictRecord,
}

pub(crate) static WORLD: LazyLock<World> = LazyLock::new(|| {
    let (criteria, manifest) = (criteria(), manifest());
    let record = |runs| record(&criteria, &manifest, REFERENCE, runs);
    World {
        pass: record(passing(&criteria, &manifest)),
        fail: record(failing(&criteria, &manifest)),
        inconclusive: record(faulting(&criteria, &manifest)),
        criteria: criteria.clone(),
        manifest: manifest.clone(),
    }
});

/// Ties outcomes to the one order of this market.
pub(crate) fn binding() -> Binding {
    let binding = json!({
        "audience": AUDIENCE,
        "contract": { "id": "con_7m2k", "digest": digest_set(b"signed terms") },
        "deliverable": "translation",
        "attempt": 1,
        "nonce": "8c93255d71dcab10e8f379c26200f3c7",
    });
    serde_json::from_value(binding).expect("a binding")
}

/// As in-toto writes it.
pub(crate) fn digest_set(content: &[u8]) -> Value {
    json!({ "sha256": Digest::of(content).hex() })
}

pub(crate) fn outcome_of(record: &VerdictRecord) -> ValidatedOutcome {
    let built = statement::build(&WORLD.criteria, &WORLD.manifest, record, Some(binding()));
    built.expect("the record is of this market")
}

/// The outcome of the order: a pass.
pub(crate) fn outcome() -> ValidatedOutcome {
    outcome_of(&WORLD.pass)
}

/// The statement as JSON, for those who write another.
pub(crate) fn statement_of(outcome: &ValidatedOutcome) -> Value {
    serde_json::from_slice(outcome.canonical_bytes()).expect("a statement is JSON")
}

pub(crate) fn canonical_bytes(value: &Value) -> Vec<u8> {
    canonical::to_bytes(value).expect("inside the profile")
}

/// Puts the digest and the count of a listing right after its items were changed: what a liar who knows the
/// format does.
pub(crate) fn close(listing: &mut Value) {
    let items = listing["items"].clone();
    listing["count"] = json!(items.as_array().expect("items").len());
    let digest = canonical::digest(&items).expect("inside the profile");
    listing["digest"] = json!({ "sha256": digest.hex() });
}

/// What the settlement of the order knows.
pub(crate) fn facts() -> Value {
    let binding = binding();
    json!({
        "now": NOW,
        "audience": AUDIENCE,
        "contract": binding.contract,
        "deliverable": binding.deliverable,
        "attempt": binding.attempt,
        "nonce": binding.nonce,
        "submission": { "sha256": WORLD.manifest.digest().hex() },
        "criteria": { "sha256": WORLD.criteria.digest().hex() },
        "profile": digest_set(REFERENCE.as_bytes()),
        "orderedAt": ORDERED_AT,
        "deadline": DEADLINE,
    })
}

/// The bundle of an outcome, signed by two engines, logged, witnessed by three, with one receipt.
pub(crate) fn bundle_of(outcome: &ValidatedOutcome) -> Bundle {
    let envelope = sign_payload(outcome.canonical_bytes(), &[ALPHA, BETA]);
    let mut bundle = logged(envelope);
    bundle.receipts.push(receipt(outcome, ALPHA_RECEIPTS));
    bundle
}

/// The bundle of the order.
pub(crate) fn bundle() -> Bundle {
    bundle_of(&outcome())
}

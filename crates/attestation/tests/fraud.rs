//! Conflicts and proofs of fraud: what is one, what is none, and what is refused.

mod world;

use proofmark_attestation::statement::ValidatedOutcome;
use proofmark_attestation::verify::{Conflict, ConflictKind, FraudProof};
use proofmark_dsse::Envelope;
use serde_json::{Value, json};

use world::*;

fn fail() -> ValidatedOutcome {
    outcome_of(&WORLD.fail)
}

fn fraud_json() -> Value {
    serde_json::from_str(&fraud().to_json()).expect("JSON")
}

/// The proof, changed, in canonical form.
fn changed(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut value = fraud_json();
    change(&mut value);
    canonical_bytes(&value)
}

fn code(proof: &[u8]) -> &'static str {
    FraudProof::parse(proof).expect_err("it is none").code()
}

#[test]
fn every_key_that_signed_both_is_named_and_proven() {
    let both = conflict(&[ALPHA, BETA], &[BETA, ALPHA, GAMMA]);
    let mut keys = vec![id(ALPHA), id(BETA)];
    keys.sort();
    assert_eq!(both.kind, ConflictKind::Equivocation(keys.clone()));
    let policy = trusted_policy();
    let proven: Vec<_> = FraudProof::all_of(&both, &policy).collect();
    let of: Vec<_> = proven.iter().map(|proof| proof.key().id()).collect();
    assert_eq!(of, keys);
    for proof in proven {
        let read = FraudProof::parse(proof.to_json().as_bytes());
        assert_eq!(read.expect("it proves itself"), proof);
    }
}

#[test]
fn keys_that_signed_one_each_disagree_and_nobody_is_proven_a_fraud() {
    let conflict = conflict(&[ALPHA], &[BETA]);
    assert_eq!(conflict.kind, ConflictKind::Disagreement);
    assert_eq!(FraudProof::all_of(&conflict, &trusted_policy()).count(), 0);
}

#[test]
fn what_does_not_contradict_itself_is_no_conflict() {
    let between =
        |one: &Envelope, other: &Envelope| Conflict::between(one, other, &trusted_policy());
    let pass = sign_payload(outcome().canonical_bytes(), &[ALPHA]);
    let again = sign_payload(outcome().canonical_bytes(), &[BETA]);
    assert_eq!(between(&pass, &again), None);
    let stranger = sign_payload(fail().canonical_bytes(), &[STRANGER]);
    assert_eq!(between(&pass, &stranger), None);
    let mut other_run = statement_of(&fail());
    other_run["predicate"]["binding"]["attempt"] = json!(2);
    let other_run = sign_payload(&canonical_bytes(&other_run), &[ALPHA]);
    assert_eq!(between(&pass, &other_run), None);
}

#[test]
fn a_proof_has_one_form() {
    for change in [
        |proof: &mut Value| proof["note"] = json!("x"),
        |proof: &mut Value| proof["schema"] = json!("https://proofmark.example/fraud-proof/v2"),
        |proof: &mut Value| proof["publicKey"] = json!("key"),
        |proof: &mut Value| proof["first"]["note"] = json!("x"),
        |proof: &mut Value| proof["second"] = json!([]),
        |proof: &mut Value| proof["first"]["signatures"] = json!([]),
        |proof: &mut Value| drop(proof.as_object_mut().expect("an object").remove("second")),
    ] {
        assert_eq!(code(&changed(change)), "fraud-proof-malformed");
    }
    let pretty = serde_json::to_vec_pretty(&fraud_json()).expect("JSON");
    assert_eq!(code(&pretty), "fraud-proof-malformed");
    assert_eq!(code(b""), "fraud-proof-malformed");
    assert_eq!(code(b"[]"), "fraud-proof-malformed");
    let twice = fraud().to_json().replacen('{', "{\"schema\":\"x\",", 1);
    assert_eq!(code(twice.as_bytes()), "fraud-proof-malformed");
}

#[test]
fn a_proof_proves_what_it_says_or_is_refused() {
    let pem = secret_pem(GAMMA);
    assert_eq!(
        code(&changed(|proof| proof["publicKey"] = json!(pem))),
        "fraud-proof-signature"
    );
    let unsigned = json!(sign_payload(fail().canonical_bytes(), &[BETA]));
    assert_eq!(
        code(&changed(|proof| proof["second"] = unsigned)),
        "fraud-proof-signature"
    );
    let other_type = json!(sign_as("text/plain", fail().canonical_bytes(), &[ALPHA]));
    assert_eq!(
        code(&changed(|proof| proof["second"] = other_type)),
        "fraud-proof-signature"
    );
    // Signatures come before what was signed.
    let both = changed(|proof| {
        proof["first"] = json!(sign_payload(b"{}", &[ALPHA]));
        proof["second"] = json!(sign_payload(b"{}", &[BETA]));
    });
    assert_eq!(code(&both), "fraud-proof-signature");
    let same = |proof: &mut Value| proof["second"] = proof["first"].clone();
    assert_eq!(code(&changed(same)), "fraud-proof-no-conflict");
    let nothing = json!(sign_payload(b"{}", &[ALPHA]));
    assert_eq!(
        code(&changed(|proof| proof["second"] = nothing)),
        "fraud-proof-no-conflict"
    );
    let mut other_run = statement_of(&fail());
    other_run["predicate"]["binding"]["attempt"] = json!(2);
    let other_run = json!(sign_payload(&canonical_bytes(&other_run), &[ALPHA]));
    assert_eq!(
        code(&changed(|proof| proof["second"] = other_run)),
        "fraud-proof-no-conflict"
    );
}

fn secret_pem(number: u8) -> String {
    proofmark_keys::Signer::public_key(&secret(number)).to_pem()
}

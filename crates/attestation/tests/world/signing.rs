//! Keys, and signatures that honest and dishonest people make with them.

use proofmark_attestation::statement::PAYLOAD_TYPE;
use proofmark_attestation::statement::binding::Term;
use proofmark_attestation::statement::receipt::{
    EngineId, HostId, ReceiptPredicate, RunKind, RunReceipt, RunUsage,
};
use proofmark_attestation::statement::{DigestSet, ValidatedOutcome};
use proofmark_attestation::verify::{Conflict, FraudProof};
use proofmark_core::Digest;
use proofmark_dsse::Envelope;
use proofmark_keys::{KeyId, SecretKey, Signature, Signer as _};
use proofmark_trust::{Policy, TrustPolicy, accept};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha512};

use super::{WORLD, outcome, outcome_of, time};

/// Roots: two of three must sign a policy.
pub(crate) const ROOTS: [u8; 3] = [1, 2, 3];
/// Engines of three operators.
pub(crate) const ALPHA: u8 = 11;
pub(crate) const BETA: u8 = 12;
pub(crate) const GAMMA: u8 = 13;
/// A second engine of alpha's operator.
pub(crate) const ALPHA_AGAIN: u8 = 14;
/// With which the engines sign receipts.
pub(crate) const ALPHA_RECEIPTS: u8 = 21;
pub(crate) const BETA_RECEIPTS: u8 = 22;
/// In no policy.
pub(crate) const STRANGER: u8 = 51;

/// The key with this number: its seed is 32 bytes of that value.
pub(crate) fn secret(number: u8) -> SecretKey {
    SecretKey::from_seed(&[number; 32])
}

pub(crate) fn id(number: u8) -> KeyId {
    secret(number).public_key().id()
}

/// Signs whatever it is given, as no honest signer does.
pub(crate) fn sign_as(payload_type: &str, payload: &[u8], numbers: &[u8]) -> Envelope {
    let mut envelope = Envelope::unsigned(payload_type, payload.to_vec());
    for number in numbers {
        let signature = secret(*number).sign(&envelope.pae()).expect("it signs");
        envelope
            .attach(id(*number), &signature)
            .expect("there is room");
    }
    envelope
}

pub(crate) fn sign_payload(payload: &[u8], numbers: &[u8]) -> Envelope {
    sign_as(PAYLOAD_TYPE, payload, numbers)
}

/// The same envelope with another signature of this key.
pub(crate) fn resigned(envelope: &Envelope, number: u8, signature: [u8; 64]) -> Envelope {
    let mut envelope = envelope.clone();
    let signature = Signature::from_bytes(&signature).expect("64 bytes");
    envelope
        .attach(id(number), &signature)
        .expect("there is room");
    envelope
}

/// Order of the prime-order subgroup, little-endian (RFC 8032 §5.1).
const GROUP_ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// The same signature with S + L in place of S: lax verifiers take it for a second one.
pub(crate) fn malleated(number: u8, message: &[u8]) -> [u8; 64] {
    let mut bytes = *secret(number).sign(message).expect("it signs").as_bytes();
    let mut carry = 0_u16;
    for (byte, order) in bytes[32..].iter_mut().zip(GROUP_ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        (*byte, carry) = ((sum & 0xff) as u8, sum >> 8);
    }
    bytes
}

/// Ed25519ph (RFC 8032 §5.1.6 with `dom2`), which some key services make unless told otherwise.
pub(crate) fn prehashed(number: u8, message: &[u8]) -> [u8; 64] {
    use curve25519_dalek::{EdwardsPoint, Scalar};
    const DOM2: &[u8] = b"SigEd25519 no Ed25519 collisions\x01\x00";
    let hash = |parts: &[&[u8]]| -> [u8; 64] { Sha512::digest(parts.concat()).into() };
    let scalar = |parts: &[&[u8]]| Scalar::from_bytes_mod_order_wide(&hash(parts));
    let (message, expanded) = (hash(&[message]), hash(&[&[number; 32]]));
    let clamped = curve25519_dalek::scalar::clamp_integer(expanded[..32].try_into().expect("32"));
    let secret_scalar = Scalar::from_bytes_mod_order(clamped);
    let nonce = scalar(&[DOM2, &expanded[32..], &message]);
    let point = EdwardsPoint::mul_base(&nonce).compress();
    let public = *secret(number).public_key().as_bytes();
    let challenge = scalar(&[DOM2, point.as_bytes(), &public, &message]);
    let mut bytes = [0; 64];
    bytes[..32].copy_from_slice(point.as_bytes());
    bytes[32..].copy_from_slice((nonce + challenge * secret_scalar).as_bytes());
    bytes
}

pub(crate) fn engine_uri(number: u8) -> String {
    let name = match number {
        ALPHA | ALPHA_RECEIPTS => "alpha",
        BETA | BETA_RECEIPTS => "beta",
        GAMMA => "gamma",
        ALPHA_AGAIN => "alpha-2",
        _ => "nobody",
    };
    format!("https://engines.example/{name}")
}

/// What a receipt says of the run that came to `outcome`.
pub(crate) fn receipt_predicate(outcome: &ValidatedOutcome, number: u8) -> ReceiptPredicate {
    let term = |text: &str| text.parse::<Term>().expect("a term");
    ReceiptPredicate {
        kind: RunKind::Original,
        engine: EngineId {
            id: term(&engine_uri(number)),
            version: term("0.1.0"),
            build_digest: DigestSet(Digest::of(b"a build")),
        },
        host: HostId {
            arch: term("x86_64"),
            os: term("linux"),
        },
        outcome_digest: DigestSet(outcome.outcome_digest()),
        started_at: time("2026-11-26T17:59:00Z"),
        finished_at: time("2026-11-26T17:59:01Z"),
        usage: RunUsage {
            wall_micros: 900_000,
            memory_bytes: 1 << 20,
            read_bytes: 20,
        },
    }
}

pub(crate) fn receipt(outcome: &ValidatedOutcome, number: u8) -> Envelope {
    let receipt = RunReceipt::new(outcome, receipt_predicate(outcome, number));
    let receipt = receipt.expect("a receipt");
    receipt.sign(&secret(number)).expect("it signs")
}

/// A policy document, whatever it says, signed by these keys.
pub(crate) fn sign_policy(document: &Value, numbers: &[u8]) -> String {
    let payload = super::canonical_bytes(document);
    sign_as(proofmark_trust::PAYLOAD_TYPE, &payload, numbers).to_json()
}

/// Of the policy of this market; its document as JSON.
pub(crate) fn policy_document() -> Value {
    json!(policy().document())
}

/// As the market publishes it: signed by two roots.
pub(crate) fn signed_policy() -> String {
    sign_policy(&policy_document(), &ROOTS[..2])
}

pub(crate) fn policy() -> Policy {
    super::evidence::revision()
        .finish()
        .expect("the policy is in order")
}

/// The entry of a key in a policy document.
pub(crate) fn entry(document: &mut Value, number: u8) -> &mut Value {
    let wanted = json!(id(number));
    let keys = document["keys"].as_array_mut().expect("keys");
    let found = keys.iter_mut().find(|key| key["keyId"] == wanted);
    found.expect("the key is listed")
}

/// The same, accepted by the settlement.
pub(crate) fn trusted_policy() -> TrustPolicy {
    let accepted = accept(signed_policy().as_bytes(), None, None, time(super::NOW));
    accepted.expect("it is signed and in force")
}

/// The contradiction of a pass and a fail.
pub(crate) fn conflict(first: &[u8], second: &[u8]) -> Conflict {
    let pass = sign_payload(outcome().canonical_bytes(), first);
    let fail = sign_payload(outcome_of(&WORLD.fail).canonical_bytes(), second);
    let conflict = Conflict::between(&pass, &fail, &trusted_policy());
    conflict.expect("a pass and a fail of one run")
}

/// Alpha and Beta signed the pass, Alpha the fail.
pub(crate) fn fraud() -> FraudProof {
    let conflict = conflict(&[ALPHA, BETA], &[ALPHA]);
    let policy = trusted_policy();
    let mut proofs = FraudProof::all_of(&conflict, &policy);
    proofs.next().expect("a key signed both")
}

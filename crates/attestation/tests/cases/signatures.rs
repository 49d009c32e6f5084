//! Signatures: stripped, swapped, made by others, or in other ways.

use proofmark_attestation::statement::PAYLOAD_TYPE;
use proofmark_attestation::verify::FailureCode::*;
use proofmark_keys::Signer as _;
use serde_json::{Value, json};

use super::valid::signed;
use super::{Case, bad};
use crate::world::*;

pub(crate) fn cases() -> Vec<Case> {
    [counts(), forgeries(), standing()]
        .into_iter()
        .flatten()
        .collect()
}

fn by(numbers: &[u8]) -> proofmark_attestation::Bundle {
    logged(sign_payload(outcome().canonical_bytes(), numbers))
}

fn counts() -> Vec<Case> {
    vec![
        bad(
            "signature-stripped",
            "One of two signatures was stripped.",
            ThresholdNotMet,
        )
        .edit(|bundle| {
            drop(
                bundle["envelope"]["signatures"]
                    .as_array_mut()
                    .map(|all| all.remove(0)),
            )
        }),
        bad(
            "one-signature",
            "Only one engine signed, where two must.",
            ThresholdNotMet,
        )
        .bundle(&by(&[ALPHA])),
        bad(
            "one-key-twice",
            "One engine's signature stands there again under the id of an unknown key.",
            ThresholdNotMet,
        )
        .bundle(&by(&[ALPHA]))
        .edit(|bundle| {
            let signatures = bundle["envelope"]["signatures"]
                .as_array_mut()
                .expect("a list");
            let mut again = signatures[0].clone();
            again["keyid"] = json!(id(STRANGER));
            signatures.push(again);
        }),
        bad(
            "two-keys-of-one-operator",
            "Two engines of one operator signed, where two operators must.",
            ThresholdNotMet,
        )
        .bundle(&by(&[ALPHA, ALPHA_AGAIN])),
        bad(
            "one-trusted-one-unknown",
            "One engine and a stranger signed.",
            ThresholdNotMet,
        )
        .bundle(&by(&[ALPHA, STRANGER])),
        bad(
            "unknown-keys-only",
            "Two strangers signed.",
            NoTrustedSignature,
        )
        .bundle(&by(&[STRANGER, 52])),
        bad(
            "receipt-keys-sign-outcome",
            "The keys for receipts signed an outcome.",
            NoTrustedSignature,
        )
        .bundle(&by(&[ALPHA_RECEIPTS, BETA_RECEIPTS])),
        bad(
            "root-keys-sign-outcome",
            "Two root keys signed an outcome.",
            NoTrustedSignature,
        )
        .bundle(&by(&[ROOTS[0], ROOTS[1]])),
        bad(
            "log-and-witness-keys-sign-outcome",
            "The keys of the log and of a witness signed an outcome.",
            NoTrustedSignature,
        )
        .bundle(&by(&[LOG, BUYER])),
        bad(
            "nobody-may-sign-outcomes",
            "The policy trusts nobody for outcomes.",
            NoTrustedSignature,
        )
        .under(|policy| {
            policy["roles"]
                .as_object_mut()
                .expect("an object")
                .remove("outcome");
        }),
    ]
}

/// Alpha's signature is replaced by another; the log proof is of what is there now.
fn forged(name: &'static str, about: &'static str, signature: [u8; 64]) -> Case {
    bad(name, about, SignatureInvalid).bundle(&logged(resigned(&signed(), ALPHA, signature)))
}

fn bytes_of(number: u8, message: &[u8]) -> [u8; 64] {
    *secret(number).sign(message).expect("it signs").as_bytes()
}

fn forgeries() -> Vec<Case> {
    let (envelope, other) = (signed(), outcome_of(&WORLD.fail));
    let pae = envelope.pae();
    let mut flipped = bytes_of(ALPHA, &pae);
    flipped[0] ^= 1;
    let cut = |bundle: &mut Value, from: &str, to: &str| {
        let sig = &mut bundle["envelope"]["signatures"][0]["sig"];
        *sig = json!(sig.as_str().expect("text").replacen(from, to, 1));
    };
    vec![
        bad(
            "signatures-swapped",
            "Each of two signatures stands under the other's key id.",
            SignatureInvalid,
        )
        .edit(|bundle| {
            let signatures = bundle["envelope"]["signatures"]
                .as_array_mut()
                .expect("a list");
            let first = signatures[0]["sig"].clone();
            signatures[0]["sig"] = signatures[1]["sig"].clone();
            signatures[1]["sig"] = first;
        }),
        bad(
            "one-signature-under-two-ids",
            "One engine's signature stands there again under another's key id.",
            SignatureInvalid,
        )
        .bundle(&logged(resigned(&envelope, BETA, bytes_of(ALPHA, &pae)))),
        bad(
            "signature-truncated",
            "A signature has 63 bytes.",
            SignatureInvalid,
        )
        .edit(|bundle| shortened(bundle, 63)),
        bad(
            "signature-too-long",
            "A signature has a byte too many.",
            SignatureInvalid,
        )
        .edit(|bundle| shortened(bundle, 65)),
        bad(
            "signature-empty",
            "A signature has no bytes.",
            SignatureInvalid,
        )
        .edit(|bundle| bundle["envelope"]["signatures"][0]["sig"] = json!("")),
        bad(
            "signature-not-base64",
            "A signature is not base64.",
            EnvelopeMalformed,
        )
        .edit(move |bundle| cut(bundle, "=", "*")),
        forged(
            "signature-bit-flipped",
            "A bit of a signature was flipped.",
            flipped,
        ),
        forged("signature-zero", "A signature is all zeros.", [0; 64]),
        forged(
            "signature-malleated",
            "The group's order was added to a signature's S; lax verifiers take it.",
            malleated(ALPHA, &pae),
        ),
        forged(
            "signature-without-pae",
            "The bare payload was signed, without its type.",
            bytes_of(ALPHA, envelope.payload()),
        ),
        forged("signature-of-base64", "The payload's base64 was signed.", {
            let text = json!(envelope)["payload"]
                .as_str()
                .expect("text")
                .to_owned();
            bytes_of(ALPHA, text.as_bytes())
        }),
        forged(
            "signature-of-digest",
            "The digest of what should be signed was signed.",
            bytes_of(ALPHA, proofmark_core::Digest::of(&pae).as_bytes()),
        ),
        forged(
            "signature-ed25519ph",
            "The signature was made with Ed25519ph, as some key services do.",
            prehashed(ALPHA, &pae),
        ),
        forged(
            "signature-of-other-type",
            "The same payload was signed under another type.",
            bytes_of(
                ALPHA,
                &sign_as("application/json", envelope.payload(), &[ALPHA]).pae(),
            ),
        ),
        forged(
            "signature-of-another-outcome",
            "The engine's signature under a fail stands under a pass.",
            bytes_of(
                ALPHA,
                &sign_payload(other.canonical_bytes(), &[ALPHA]).pae(),
            ),
        ),
        forged(
            "signature-of-another-attempt",
            "The engine's signature of another attempt stands here.",
            {
                let mut statement = statement_of(&outcome());
                statement["predicate"]["binding"]["attempt"] = json!(2);
                bytes_of(
                    ALPHA,
                    &sign_as(PAYLOAD_TYPE, &canonical_bytes(&statement), &[ALPHA]).pae(),
                )
            },
        ),
    ]
}

/// The first signature with another length.
fn shortened(bundle: &mut Value, length: usize) {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let sig = &mut bundle["envelope"]["signatures"][0]["sig"];
    let mut bytes = STANDARD
        .decode(sig.as_str().expect("text"))
        .expect("base64");
    bytes.resize(length, 0);
    *sig = json!(STANDARD.encode(bytes));
}

fn standing() -> Vec<Case> {
    let revoked = |at: &str| json!({ "effectiveAt": at, "reason": "compromised" });
    let at_existence = revoked(EXISTED_BY);
    let before = revoked(ORDERED_AT);
    let later = || {
        let envelope = sign_payload(outcome().canonical_bytes(), &[ALPHA, BETA]);
        logged_for(envelope, &[BETA])
    };
    vec![
        bad(
            "key-not-yet-valid",
            "A key's window begins after the outcome existed.",
            KeyNotYetValid,
        )
        .under(|policy| entry(policy, ALPHA)["validFrom"] = json!("2026-11-26T18:00:10.000001Z")),
        bad(
            "key-expired",
            "A key's window ended before the outcome is known to have existed.",
            KeyExpired,
        )
        .under(|policy| entry(policy, ALPHA)["validUntil"] = json!("2026-11-26T18:00:09Z")),
        bad(
            "key-revoked",
            "A key was revoked before the outcome is known to have existed.",
            KeyRevoked,
        )
        .under(|policy| entry(policy, ALPHA)["revoked"] = before.clone()),
        bad(
            "key-revoked-that-moment",
            "A key was revoked at the very moment by which the outcome existed.",
            KeyRevoked,
        )
        .under(|policy| entry(policy, ALPHA)["revoked"] = at_existence.clone()),
        bad(
            "signature-added-after-revocation",
            "A revoked key's signature was added to an envelope that had been logged before.",
            KeyRevoked,
        )
        .bundle(&later())
        .under(|policy| entry(policy, ALPHA)["revoked"] = revoked("2026-11-26T18:30:00Z")),
        bad(
            "signature-added-after-expiry",
            "A key's signature was added to a logged envelope after its window ended.",
            KeyExpired,
        )
        .bundle(&later())
        .under(|policy| entry(policy, ALPHA)["validUntil"] = json!("2026-11-26T18:30:00Z")),
        bad(
            "signature-added-after-deadline",
            "One signature was logged in time, the second that is needed was added after the deadline.",
            TimeAfterDeadline,
        )
        .bundle(&later())
        .fact("deadline", "2026-11-26T18:30:00Z"),
        bad(
            "log-expired",
            "The log's window ended before the outcome was seen in it.",
            LogExpired,
        )
        .under(|policy| policy["transparency"]["logs"][0]["validUntil"] = json!(SEEN_AT)),
        bad(
            "profile-expired",
            "The engine profile's window ended before the outcome existed.",
            ProfileExpired,
        )
        .under(|policy| policy["profiles"][1]["validUntil"] = json!(SEEN_AT)),
        bad(
            "profile-not-yet-valid",
            "The engine profile's window begins after the outcome existed.",
            ProfileExpired,
        )
        .under(|policy| policy["profiles"][1]["validFrom"] = json!("2026-11-26T18:30:00Z")),
    ]
}

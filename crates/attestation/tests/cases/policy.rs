//! Trust policies: old, of others, tampered with, or signed by too few.

use proofmark_attestation::verify::FailureCode::*;
use proofmark_core::Digest;
use proofmark_keys::Signer as _;
use serde_json::{Value, json};

use super::binding::with_payload;
use super::{Case, bad};
use crate::world::*;

pub(crate) fn cases() -> Vec<Case> {
    [envelopes(), documents(), successions()]
        .into_iter()
        .flatten()
        .collect()
}

fn changed(change: impl FnOnce(&mut Value)) -> Value {
    let mut document = policy_document();
    change(&mut document);
    document
}

fn by(numbers: &[u8]) -> String {
    sign_policy(&policy_document(), numbers)
}

fn envelopes() -> Vec<Case> {
    let envelope =
        || proofmark_dsse::Envelope::parse(signed_policy().as_bytes()).expect("an envelope");
    let twice = |text: String| text.replacen("\"version\":1", "\"version\":1,\"version\":2", 1);
    let raw =
        |payload: &[u8]| sign_as(proofmark_trust::PAYLOAD_TYPE, payload, &ROOTS[..2]).to_json();
    let payload = || String::from_utf8(envelope().payload().to_vec()).expect("text");
    vec![
        bad(
            "policy-not-an-envelope",
            "The bare policy document is handed over, which nobody signed.",
            PolicyMalformed,
        )
        .policy(canonical_bytes(&policy_document())),
        bad("policy-empty", "There is no policy.", PolicyMalformed).policy(""),
        bad(
            "outcome-as-policy",
            "The envelope of an outcome is handed over as the policy.",
            PolicyPayloadType,
        )
        .policy(bundle().envelope.to_json()),
        bad(
            "policy-pinned-other",
            "The verifier pins another policy than is handed over.",
            PolicyPin,
        )
        .also(|case| case.pin = Some(Digest::of(b"the pinned policy").to_string())),
        bad(
            "policy-not-canonical",
            "The roots signed another spelling of the policy.",
            PolicyNotCanonical,
        )
        .policy(raw(
            &serde_json::to_vec_pretty(&policy_document()).expect("JSON")
        )),
        bad(
            "policy-duplicate-name",
            "The policy has two versions: readers disagree about which counts.",
            PolicyMalformed,
        )
        .policy(raw(twice(payload()).as_bytes())),
        bad(
            "policy-unsigned",
            "Nobody signed the policy.",
            PolicyMalformed,
        )
        .policy({
            let mut value = json!(envelope());
            value["signatures"] = json!([]);
            value.to_string()
        }),
        bad(
            "policy-self-signed",
            "A stranger signed the policy in the place of its roots.",
            PolicyThreshold,
        )
        .policy(by(&[STRANGER, 52])),
        bad(
            "policy-one-root",
            "One root signed the policy, where two must.",
            PolicyThreshold,
        )
        .policy(by(&ROOTS[..1])),
        bad(
            "policy-one-root-twice",
            "One root's signature stands there again under the id of an unknown key.",
            PolicyThreshold,
        )
        .policy({
            let mut value: Value = serde_json::from_str(&by(&ROOTS[..1])).expect("JSON");
            let mut again = value["signatures"][0].clone();
            again["keyid"] = json!(id(STRANGER));
            value["signatures"]
                .as_array_mut()
                .expect("a list")
                .push(again);
            value.to_string()
        }),
        bad(
            "policy-engines-sign",
            "Two engines signed the policy in the place of its roots.",
            PolicyThreshold,
        )
        .policy(by(&[ALPHA, BETA])),
        bad(
            "policy-tampered",
            "A key was put into the policy; the roots' signatures stayed.",
            PolicySignature,
        )
        .policy({
            let tampered = changed(|policy| policy["roles"]["outcome"]["threshold"] = json!(1));
            with_payload(&envelope(), &canonical_bytes(&tampered)).to_json()
        }),
        bad(
            "policy-signature-malleated",
            "The group's order was added to a root's signature.",
            PolicySignature,
        )
        .policy({
            let envelope = envelope();
            resigned(&envelope, ROOTS[0], malleated(ROOTS[0], &envelope.pae())).to_json()
        }),
        bad(
            "policy-root-revoked",
            "One of the two roots that signed is revoked.",
            PolicyThreshold,
        )
        .under(|policy| {
            entry(policy, ROOTS[0])["revoked"] =
                json!({ "effectiveAt": "2026-11-21T00:00:00Z", "reason": "compromised" });
        }),
    ]
}

fn documents() -> Vec<Case> {
    let weak = "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    vec![
        bad(
            "policy-unknown-member",
            "The policy has a member that nobody knows.",
            PolicyMalformed,
        )
        .under(|policy| policy["trustAll"] = json!(true)),
        bad(
            "policy-schema-2",
            "A policy of a later version.",
            PolicyMalformed,
        )
        .under(|policy| policy["schema"] = json!("https://proofmark.example/trust-policy/v2")),
        bad(
            "policy-key-in-two-roles",
            "A key for outcomes may sign receipts too.",
            PolicyInvalid,
        )
        .under(|policy| {
            let mut keys = vec![id(ALPHA), id(ALPHA_RECEIPTS), id(BETA_RECEIPTS)];
            keys.sort();
            policy["roles"]["receipt"]["keys"] = json!(keys);
        }),
        bad(
            "policy-root-signs-outcomes",
            "A root may sign outcomes too.",
            PolicyInvalid,
        )
        .under(|policy| {
            let mut keys: Vec<_> = [ALPHA, BETA, GAMMA, ALPHA_AGAIN, ROOTS[0]].map(id).to_vec();
            keys.sort();
            policy["roles"]["outcome"]["keys"] = json!(keys);
        }),
        bad(
            "policy-witness-is-engine",
            "An engine's key is a witness's too.",
            PolicyInvalid,
        )
        .under(|policy| {
            let name = "engine.example".parse().expect("a name");
            let key = proofmark_tlog::NoteKey::witness(name, *secret(ALPHA).public_key());
            policy["transparency"]["witnesses"][0]["key"] = json!(key.to_string());
        }),
        bad(
            "policy-weak-key",
            "A key of small order is listed, for which anybody can sign.",
            PolicyInvalid,
        )
        .under(|policy| entry(policy, GAMMA)["publicKey"] = json!(weak)),
        bad(
            "policy-key-id-of-another",
            "A key is listed under the id of another.",
            PolicyInvalid,
        )
        .under(|policy| {
            let other = entry(policy, STRANGER_IN_PLACE)["publicKey"].clone();
            entry(policy, GAMMA)["publicKey"] = other;
        }),
        bad(
            "policy-threshold-0",
            "No signature at all would be enough.",
            PolicyInvalid,
        )
        .under(|policy| policy["roles"]["outcome"]["threshold"] = json!(0)),
        bad(
            "policy-threshold-beyond-operators",
            "More operators must sign than there are.",
            PolicyInvalid,
        )
        .under(|policy| policy["roles"]["outcome"]["threshold"] = json!(4)),
        bad(
            "policy-quorum-beyond-operators",
            "More witnesses' operators must cosign than there are.",
            PolicyInvalid,
        )
        .under(|policy| policy["transparency"]["quorum"] = json!(4)),
        bad(
            "policy-keys-unsorted",
            "The keys stand in another order.",
            PolicyInvalid,
        )
        .under(|policy| policy["keys"].as_array_mut().expect("a list").reverse()),
        bad(
            "policy-audience-other",
            "The policy is meant for another market than this one.",
            PolicyAudience,
        )
        .under(|policy| policy["audience"] = json!("urn:market:other")),
        bad(
            "policy-expired",
            "The policy is kept on by somebody who hides a newer one.",
            PolicyExpired,
        )
        .under(|policy| policy["expiresAt"] = json!("2026-11-26T18:59:59Z")),
        bad(
            "policy-from-the-future",
            "The policy says that it was issued later than now.",
            PolicyNotYetValid,
        )
        .under(|policy| policy["issuedAt"] = json!("2026-11-26T19:05:01Z")),
    ]
}

/// A key that the policy lists too.
const STRANGER_IN_PLACE: u8 = BETA;

fn successions() -> Vec<Case> {
    let remembering = |case: Case, document: Value| {
        case.also(|case| case.remembered = Some(sign_policy(&document, &ROOTS[..2]).into_bytes()))
    };
    let second = || changed(|policy| policy["version"] = json!(2));
    // The attacker's own roots in a policy that is otherwise the same.
    let taken_over = changed(|policy| {
        policy["version"] = json!(2);
        let mut roots = Vec::new();
        for (old, new) in ROOTS.into_iter().zip([STRANGER, 52, 53]) {
            let key = secret(new);
            let entry = entry(policy, old);
            entry["publicKey"] = {
                use base64::Engine as _;
                json!(base64::engine::general_purpose::STANDARD.encode(key.public_key().as_bytes()))
            };
            entry["keyId"] = json!(id(new));
            roots.push(id(new));
        }
        roots.sort();
        policy["roles"]["root"]["keys"] = json!(roots);
        let keys = policy["keys"].as_array_mut().expect("a list");
        keys.sort_by_key(|key| key["keyId"].as_str().expect("text").to_owned());
    });
    vec![
        remembering(
            bad(
                "policy-rollback",
                "An old policy is handed over, after a newer one was accepted.",
                PolicyRollback,
            ),
            second(),
        ),
        remembering(
            bad(
                "policy-conflict",
                "Another policy of the version that was accepted.",
                PolicyConflict,
            ),
            changed(|policy| policy["roles"]["outcome"]["threshold"] = json!(1)),
        ),
        bad(
            "policy-governs-another-market",
            "The policy is meant for another market than the outcome; the verifier does not say which it is.",
            AudienceMismatch,
        )
        .under(|policy| policy["audience"] = json!("urn:market:other"))
        .without(&["audience"]),
        bad(
            "policy-roots-not-yet",
            "Both roots signed, with keys that count only later.",
            PolicyNotYetValid,
        )
        .under(|policy| {
            for number in &ROOTS[..2] {
                entry(policy, *number)["validFrom"] = json!("2026-11-26T20:00:00Z");
            }
        }),
        bad(
            "policy-counts-receipts",
            "The policy asks for two signatures of a receipt.",
            PolicyInvalid,
        )
        .under(|policy| policy["roles"]["receipt"]["threshold"] = json!(2)),
        remembering(
            bad(
                "policy-of-another-market",
                "A newer policy of another market follows that of this one.",
                PolicyAudience,
            )
            .under(|policy| {
                policy["version"] = json!(2);
                policy["audience"] = json!("urn:market:other");
            }),
            policy_document(),
        ),
        remembering(
            bad(
                "policy-taken-over",
                "A newer policy is signed by its own new roots, and not by the old ones.",
                PolicyThreshold,
            )
            .policy(sign_policy(&taken_over, &[STRANGER, 52])),
            policy_document(),
        ),
    ]
}

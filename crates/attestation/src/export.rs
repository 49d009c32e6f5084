//! The same evidence in the formats of others. An export proves what the envelope proves; the rest of the
//! bundle stays behind.

use proofmark_dsse::Envelope;
use serde_json::{Value, json};

use crate::Bundle;

/// Media type of a Sigstore bundle, version 0.3 (protobuf-specs, `sigstore_bundle.proto`).
pub const SIGSTORE_BUNDLE_V0_3: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

/// An in-toto bundle (in-toto Attestation Framework, `spec/v1/bundle.md`): JSON Lines, the outcome's envelope
/// first, then those of the receipts. Its files end in `.intoto.jsonl`.
#[must_use]
pub fn intoto_jsonl(bundle: &Bundle) -> String {
    let envelopes = std::iter::once(&bundle.envelope).chain(&bundle.receipts);
    envelopes
        .map(|envelope| envelope.to_json() + "\n")
        .collect()
}

/// Sigstore bundles v0.3, one for each signature: Sigstore allows one signature in a bundle. They name a plain key, have
/// no log entry of Rekor (which takes no pure Ed25519), and verify where the thresholds for logs and time are 0.
#[must_use]
pub fn sigstore(bundle: &Bundle) -> Vec<Value> {
    let envelope: Value = json!(bundle.envelope);
    let signatures = envelope["signatures"].as_array().into_iter().flatten();
    signatures
        .map(|signature| {
            json!({
                "mediaType": SIGSTORE_BUNDLE_V0_3,
                "verificationMaterial": { "publicKey": { "hint": signature["keyid"] } },
                "dsseEnvelope": {
                    "payload": envelope["payload"],
                    "payloadType": envelope["payloadType"],
                    "signatures": [signature],
                },
            })
        })
        .collect()
}

/// What is signed, byte for byte, for tools that only know keys: `openssl pkeyutl -verify -rawin`.
#[must_use]
pub fn signed_bytes(envelope: &Envelope) -> Vec<u8> {
    envelope.pae()
}

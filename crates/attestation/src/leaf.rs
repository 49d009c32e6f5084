//! What a log holds of an envelope: digests and signatures, no content.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proofmark_core::Digest;
use proofmark_dsse::Envelope;
use proofmark_keys::KeyId;
use serde::Serialize;

use crate::statement::DigestSet;

/// The members are in the order of RFC 8785, and hold nothing but digits, letters and base64; so serde's
/// compact form is the canonical one.
#[derive(Serialize)]
struct Leaf {
    kind: &'static str,
    pae: DigestSet,
    signatures: Vec<LeafSignature>,
    v: u8,
}

#[derive(Serialize)]
struct LeafSignature {
    keyid: String,
    sig: String,
}

/// The log entry of `envelope` with the signatures of `signers`: canonical JSON of
/// `{"kind":"dsse","pae":{"sha256":…},"signatures":[{"keyid":…,"sig":…}],"v":1}`, signatures ascending by
/// key id. `None` where one of the signers has not signed, or there is none.
///
/// Who verifies computes this from the envelope at hand, and never takes a leaf from elsewhere: a proof for
/// another envelope leads to another leaf.
#[must_use]
pub fn leaf(envelope: &Envelope, signers: &[KeyId]) -> Option<Vec<u8>> {
    let mut signers = signers.to_vec();
    signers.sort();
    signers.dedup();
    let mut signatures = Vec::with_capacity(signers.len());
    for signer in signers {
        let all = envelope.signatures().iter();
        let signature = all.clone().find(|one| one.key_id == Some(signer))?;
        signatures.push(LeafSignature {
            keyid: signer.to_string(),
            sig: STANDARD.encode(&signature.bytes),
        });
    }
    if signatures.is_empty() {
        return None;
    }
    let leaf = Leaf {
        kind: "dsse",
        pae: DigestSet(Digest::of(&envelope.pae())),
        signatures,
        v: 1,
    };
    Some(serde_json::to_vec(&leaf).expect("text and lists are JSON"))
}

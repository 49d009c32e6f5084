//! Any changed byte of a bundle is noticed: it is refused, or what is proven is not the same.

use std::path::Path;

use proofmark_attestation::Bundle;
use proofmark_attestation::verify::{Evidence, Facts, FactsDocument, PolicySource, verify};
use proofmark_tlog::SignedNote;
use proofmark_trust::{TrustPolicy, accept};
use serde_json::Value;

/// What is done to each byte: every single bit, and all of them.
const CHANGES: [u8; 9] = [1, 2, 4, 8, 16, 32, 64, 128, 255];

/// A published bundle in which every signature is needed: two engines of two, and two witnesses of two.
fn golden() -> (String, TrustPolicy, Facts) {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/verify/valid-pass");
    let read = |name: &str| std::fs::read(folder.join(name)).expect("a vector");
    let mut bundle = Bundle::parse(&read("bundle.json")).expect("a bundle");
    let evidence = bundle.log.as_mut().expect("it was logged");
    let note = &evidence.proof.checkpoint;
    let kept = note.signatures()[..3].to_vec();
    evidence.proof.checkpoint = SignedNote::new(note.text().to_owned(), kept).expect("a note");
    let facts: Facts = FactsDocument::parse(&read("facts.json"))
        .expect("facts")
        .into();
    let policy = accept(&read("policy.dsse.json"), None, None, facts.now).expect("a policy");
    (bundle.to_json(), policy, facts)
}

fn proven(bundle: &[u8], policy: &TrustPolicy, facts: &Facts) -> Option<Value> {
    let source = PolicySource::Accepted(policy);
    let answer = verify(bundle, source, facts, &Evidence::default());
    answer.result.is_ok().then(|| answer.to_json())
}

#[test]
fn any_changed_byte_is_noticed() {
    let (json, policy, facts) = golden();
    let before = proven(json.as_bytes(), &policy, &facts).expect("it is in order");
    let mut bytes = json.into_bytes();
    let mut unnoticed = Vec::new();
    for at in 0..bytes.len() {
        for change in CHANGES {
            bytes[at] ^= change;
            if proven(&bytes, &policy, &facts).as_ref() == Some(&before) {
                unnoticed.push((at, change));
            }
            bytes[at] ^= change;
        }
    }
    assert_eq!(unnoticed, [], "of {} bytes", bytes.len());
}

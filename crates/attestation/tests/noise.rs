//! Bytes from strangers: nothing panics, and nothing but the outcome that was signed is ever proven.

mod world;

use proofmark_attestation::verify::{FactsDocument, FraudProof, Request, verify_json};
use proofmark_attestation::{Bundle, statement};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;

/// A piece of a document that is taken out and put in elsewhere, or replaced by noise.
#[derive(Debug, Clone)]
struct Damage {
    from: Index,
    length: usize,
    to: Index,
    noise: Vec<u8>,
}

fn damage() -> impl Strategy<Value = Damage> {
    let noise = prop_oneof![
        Just(Vec::new()),
        proptest::collection::vec(any::<u8>(), 1..20),
        proptest::collection::vec(
            proptest::sample::select(b"{}[]\",:0123456789=\n ".to_vec()),
            1..8
        ),
    ];
    (any::<Index>(), 0_usize..200, any::<Index>(), noise).prop_map(|(from, length, to, noise)| {
        Damage {
            from,
            length,
            to,
            noise,
        }
    })
}

fn damaged(document: &[u8], damages: &[Damage]) -> Vec<u8> {
    let mut bytes = document.to_vec();
    for damage in damages {
        let from = damage.from.index(bytes.len() + 1);
        let end = (from + damage.length).min(bytes.len());
        let piece: Vec<u8> = bytes.drain(from..end).collect();
        let to = damage.to.index(bytes.len() + 1);
        let put = if damage.noise.is_empty() {
            &piece
        } else {
            &damage.noise
        };
        bytes.splice(to..to, put.iter().copied());
    }
    bytes
}

fn asked(bundle: &[u8], policy: &[u8], known: &[Vec<u8>]) -> Result<Value, String> {
    verify_json(&Request {
        bundle,
        policy,
        facts: world::facts().to_string().as_bytes(),
        known,
        ..Request::default()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_damaged_bundle_proves_what_was_signed_or_nothing(
        damages in proptest::collection::vec(damage(), 1..4),
    ) {
        let bundle = damaged(world::bundle().to_json().as_bytes(), &damages);
        let answer = asked(&bundle, world::signed_policy().as_bytes(), &[]).expect("facts");
        if answer["verified"] == true {
            let digest = world::outcome().statement_digest().to_string();
            prop_assert_eq!(&answer["outcome"]["statement_digest"], &Value::from(digest));
        }
    }

    #[test]
    fn a_damaged_policy_is_refused_or_the_same(
        damages in proptest::collection::vec(damage(), 1..4),
    ) {
        let policy = damaged(world::signed_policy().as_bytes(), &damages);
        let bundle = world::bundle().to_json();
        let answer = asked(bundle.as_bytes(), &policy, &[]).expect("facts");
        if answer["verified"] == true {
            let digest = world::policy().digest().to_string();
            prop_assert_eq!(&answer["outcome"]["policy_digest"], &Value::from(digest));
        }
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let (bundle, policy) = (world::bundle().to_json(), world::signed_policy());
        for (bundle, policy) in [(&bytes[..], policy.as_bytes()), (bundle.as_bytes(), &bytes)] {
            prop_assert_eq!(&asked(bundle, policy, &[]).expect("facts")["verified"], &Value::from(false));
        }
        let known = asked(bundle.as_bytes(), policy.as_bytes(), std::slice::from_ref(&bytes));
        prop_assert!(known.is_err());
        let _ = (Bundle::parse(&bytes), FraudProof::parse(&bytes), FactsDocument::parse(&bytes));
        let _ = statement::ValidatedOutcome::parse(&bytes);
        let _ = statement::receipt::RunReceipt::parse(&bytes);
    }

    /// Documents that are almost ones: every reader comes as far as it can.
    #[test]
    fn no_damaged_document_panics(damages in proptest::collection::vec(damage(), 1..4)) {
        let fraud = damaged(world::fraud().to_json().as_bytes(), &damages);
        let _ = FraudProof::parse(&fraud);
        let outcome = damaged(world::outcome().canonical_bytes(), &damages);
        if let Ok(read) = statement::ValidatedOutcome::parse(&outcome) {
            prop_assert_eq!(read.canonical_bytes(), &outcome[..]);
        }
        let facts = damaged(world::facts().to_string().as_bytes(), &damages);
        let _ = FactsDocument::parse(&facts);
        let known = damaged(world::bundle().to_json().as_bytes(), &damages);
        let bundle = world::bundle().to_json();
        let _ = asked(bundle.as_bytes(), world::signed_policy().as_bytes(), &[known]);
    }
}

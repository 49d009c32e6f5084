//! Signing and verifying, beside the bare cryptography that is in them, measured in turn in one run.
//!
//! `cargo bench -p proofmark-attestation --bench figures`

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use ed25519_dalek::{Signer as _, SigningKey};
use proofmark_attestation::statement::ValidatedOutcome;
use proofmark_attestation::verify::{Evidence, Facts, FactsDocument, PolicySource, verify};
use proofmark_attestation::{Bundle, leaf};
use proofmark_core::Digest;
use proofmark_keys::{SecretKey, Signer as _};
use proofmark_tlog::{SignedNote, leaf_hash, node_hash};
use proofmark_trust::{TrustPolicy, accept};

/// Each figure is the median of so many rounds, in which everything is measured once.
const ROUNDS: usize = 301;
/// Calls of one measurement.
const CALLS: u32 = 20;

fn main() {
    let case = Case::read();
    sign(&case);
    verify_all(&case);
    hash();
}

/// A valid case of the published vectors.
struct Case {
    bundle: Bundle,
    outcome: ValidatedOutcome,
    policy: TrustPolicy,
    facts: Facts,
}

impl Case {
    fn read() -> Self {
        let folder =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/verify/valid-pass");
        let read = |name: &str| std::fs::read(folder.join(name)).expect("a vector");
        let mut bundle = Bundle::parse(&read("bundle.json")).expect("a bundle");
        // Two signatures, a proof, two cosignatures, and nothing else.
        bundle.receipts.clear();
        let evidence = bundle.log.as_mut().expect("it was logged");
        let note = &evidence.proof.checkpoint;
        let kept = note.signatures()[..3].to_vec();
        evidence.proof.checkpoint = SignedNote::new(note.text().to_owned(), kept).expect("a note");
        let facts = FactsDocument::parse(&read("facts.json")).expect("facts");
        let facts: Facts = facts.into();
        let policy = accept(&read("policy.dsse.json"), None, None, facts.now).expect("a policy");
        let outcome = ValidatedOutcome::parse(bundle.envelope.payload()).expect("an outcome");
        Self {
            bundle,
            outcome,
            policy,
            facts,
        }
    }
}

/// One signature with everything around it, beside a bare signature and a bare verification.
fn sign(case: &Case) {
    let seed = [7; 32];
    let (ours, bare) = (SecretKey::from_seed(&seed), SigningKey::from_bytes(&seed));
    let pae = case.bundle.envelope.pae();
    let [whole, floor] = measure([
        &mut || drop(black_box(case.outcome.sign(&ours).expect("signed"))),
        &mut || {
            let signature = bare.sign(black_box(&pae));
            bare.verifying_key()
                .verify_strict(&pae, &signature)
                .expect("valid");
        },
    ]);
    assert_eq!(
        ours.public_key().as_bytes(),
        bare.verifying_key().as_bytes()
    );
    show(
        "sign one statement",
        whole,
        "bare sign and strict verify",
        floor,
    );
}

/// A bundle from its bytes, beside the signatures and hashes in it.
fn verify_all(case: &Case) {
    let json = case.bundle.to_json();
    let source = PolicySource::Accepted(&case.policy);
    let evidence = Evidence::default();
    let answer = verify(json.as_bytes(), source, &case.facts, &evidence);
    assert!(answer.result.is_ok(), "{:?}", answer.result);
    let (bare, pae) = (SigningKey::from_bytes(&[7; 32]), case.bundle.envelope.pae());
    let note = case
        .bundle
        .log
        .as_ref()
        .expect("logged")
        .proof
        .checkpoint
        .text()
        .as_bytes();
    let (over_pae, over_note) = (bare.sign(&pae), bare.sign(note));
    let [whole, floor] = measure([
        &mut || {
            let answer = verify(json.as_bytes(), source, &case.facts, &evidence);
            black_box(answer.result.is_ok());
        },
        &mut || {
            let key = bare.verifying_key();
            for _ in 0..2 {
                key.verify_strict(black_box(&pae), &over_pae)
                    .expect("valid");
            }
            for _ in 0..3 {
                key.verify_strict(black_box(note), &over_note)
                    .expect("valid");
            }
            hashes(case, &pae);
        },
    ]);
    show(
        "verify a whole bundle",
        whole,
        "its 5 strict verifications and hashes",
        floor,
    );
    println!(
        "  bundle of {} bytes, statement of {}",
        json.len(),
        case.outcome.canonical_bytes().len()
    );
}

/// What is hashed in a bundle: statement, what was signed, leaf, and the path to the root.
fn hashes(case: &Case, pae: &[u8]) {
    black_box(Digest::of(case.bundle.envelope.payload()));
    black_box(Digest::of(pae));
    let log = case.bundle.log.as_ref().expect("logged");
    let entry = leaf(&case.bundle.envelope, &log.signers).expect("the signers signed");
    let start = leaf_hash(&entry);
    black_box(
        log.proof
            .path
            .iter()
            .fold(start, |below, side| node_hash(&below, side)),
    );
}

fn hash() {
    let megabyte = vec![7; 1 << 20];
    let [once, ..] = measure([&mut || _ = black_box(Digest::of(&megabyte)), &mut || ()]);
    println!(
        "SHA-256: {:.0} MB/s",
        f64::from(1 << 20) / once.as_secs_f64() / 1e6
    );
}

/// Medians, in turn, so that a noisy machine is equally noisy for both.
fn measure(mut what: [&mut dyn FnMut(); 2]) -> [Duration; 2] {
    let mut times: [Vec<Duration>; 2] = Default::default();
    for _ in 0..ROUNDS {
        for (one, times) in what.iter_mut().zip(&mut times) {
            let started = Instant::now();
            (0..CALLS).for_each(|_| one());
            times.push(started.elapsed() / CALLS);
        }
    }
    times.map(|mut times| {
        times.sort();
        times[ROUNDS / 2]
    })
}

fn show(what: &str, whole: Duration, floor_is: &str, floor: Duration) {
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    println!(
        "{what}: {:.1} µs; {floor_is}: {:.1} µs; ratio {:.2}",
        micros(whole),
        micros(floor),
        whole.as_secs_f64() / floor.as_secs_f64()
    );
}

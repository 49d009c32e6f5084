//! What a witness decides, case by case, in the order of the specification.

use proofmark_core::Timestamp;
use proofmark_keys::{SecretKey, Signer as _};
use proofmark_tlog::merkle::{Frontier, ProofError};
use proofmark_tlog::note::{NoteKey, SignedNote};
use proofmark_tlog::witness::{
    AddCheckpoint, MAX_PROOF_LINES, MAX_REQUEST_BYTES, Refusal, SIZE_CONTENT_TYPE, WitnessState,
    decide,
};
use proofmark_tlog::{Checkpoint, Hash, cosign, empty_root, leaf_hash, node_hash};
use proptest::prelude::*;

const EXAMPLE: &str = include_str!("../vectors/c2sp/add-checkpoint.txt");

fn secret(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

fn log() -> NoteKey {
    NoteKey::log(
        "example.com/log".parse().expect("a name"),
        *secret(1).public_key(),
    )
}

fn leaf(number: u8) -> Hash {
    leaf_hash(&[number])
}

fn root(size: u8) -> Hash {
    let mut frontier = Frontier::new();
    for number in 0..size {
        frontier.push(leaf(number)).expect("a small log");
    }
    frontier.root()
}

fn signed(size: u8, root: Hash) -> SignedNote {
    let checkpoint = Checkpoint::new(log().name(), u64::from(size), root).expect("a small log");
    checkpoint.sign(&log(), &secret(1)).expect("it signs")
}

fn state(size: u8) -> WitnessState {
    WitnessState {
        size: u64::from(size),
        root: root(size),
    }
}

/// From 2 to 3 leaves: the proof is the third.
fn two_to_three() -> AddCheckpoint {
    AddCheckpoint {
        old_size: 2,
        proof: vec![leaf(2)],
        note: signed(3, root(3)),
    }
}

#[test]
fn a_log_that_has_only_grown_is_cosigned() {
    let first = AddCheckpoint {
        old_size: 0,
        proof: Vec::new(),
        note: signed(2, root(2)),
    };
    let accepted = decide(None, &first, &log()).expect("the first one");
    assert_eq!(accepted.state(), state(2));
    let accepted = decide(Some(&accepted.state()), &two_to_three(), &log()).expect("it has grown");
    assert_eq!(accepted.state(), state(3));
    // The same again, as after an answer that was lost.
    let again = AddCheckpoint {
        old_size: 3,
        proof: Vec::new(),
        note: signed(3, root(3)),
    };
    let accepted = decide(Some(&accepted.state()), &again, &log()).expect("it has not changed");
    assert_eq!(accepted.state(), state(3));
    let witness = NoteKey::witness(
        "example.com/w".parse().expect("a name"),
        *secret(2).public_key(),
    );
    let at = Timestamp::from_seconds(1_700_000_000).expect("this century");
    let line = cosign(accepted.checkpoint(), &witness, &secret(2), at).expect("it signs");
    let mut note = again.note.clone();
    note.attach(line).expect("it fits");
    assert_eq!(
        note.verify(&[&log(), &witness])
            .expect("both")
            .verified
            .len(),
        2
    );
    // An empty log has a checkpoint too.
    let empty = AddCheckpoint {
        old_size: 0,
        proof: Vec::new(),
        note: signed(0, empty_root()),
    };
    assert_eq!(
        decide(None, &empty, &log()).expect("empty").state(),
        WitnessState::initial()
    );
}

#[test]
fn every_refusal_has_its_status() {
    let stranger = NoteKey::log(log().name().clone(), *secret(9).public_key());
    let renamed = NoteKey::log(
        "example.com/lag".parse().expect("a name"),
        *secret(1).public_key(),
    );
    let with = |change: &dyn Fn(&mut AddCheckpoint)| {
        let mut request = two_to_three();
        change(&mut request);
        request
    };
    let other_root = node_hash(&leaf(7), &leaf(8));
    let forked = with(&|request| request.note = signed(3, other_root));
    let same_size = AddCheckpoint {
        old_size: 2,
        proof: Vec::new(),
        note: signed(2, other_root),
    };
    let (two, three) = (state(2), state(3));
    let cases = [
        (
            "signed by another",
            Some(&two),
            two_to_three(),
            stranger.clone(),
            403,
            "note-unsigned",
        ),
        (
            "of another log",
            Some(&two),
            two_to_three(),
            renamed,
            400,
            "checkpoint-other-log",
        ),
        (
            "old above new",
            Some(&two),
            with(&|r| r.old_size = 4),
            log(),
            400,
            "add-checkpoint-old-size",
        ),
        (
            "old not known",
            None,
            two_to_three(),
            log(),
            409,
            "add-checkpoint-stale",
        ),
        (
            "old too old",
            Some(&three),
            two_to_three(),
            log(),
            409,
            "add-checkpoint-stale",
        ),
        (
            "asking for the size",
            Some(&two),
            with(&|r| r.old_size = 0),
            log(),
            409,
            "add-checkpoint-stale",
        ),
        (
            "another root at one size",
            Some(&two),
            same_size.clone(),
            log(),
            409,
            "add-checkpoint-split-view",
        ),
        (
            "first, of an empty log with a root",
            None,
            AddCheckpoint {
                old_size: 0,
                proof: Vec::new(),
                note: signed(0, leaf(0)),
            },
            log(),
            409,
            "add-checkpoint-split-view",
        ),
        (
            "forked",
            Some(&two),
            forked.clone(),
            log(),
            422,
            "proof-root",
        ),
        (
            "no proof",
            Some(&two),
            with(&|r| r.proof.clear()),
            log(),
            422,
            "proof-length",
        ),
        (
            "another proof",
            Some(&two),
            with(&|r| r.proof[0] = leaf(3)),
            log(),
            422,
            "proof-root",
        ),
        (
            "too long a proof",
            Some(&two),
            with(&|r| r.proof.push(leaf(3))),
            log(),
            422,
            "proof-length",
        ),
        (
            "a proof from nothing",
            None,
            AddCheckpoint {
                old_size: 0,
                ..two_to_three()
            },
            log(),
            422,
            "proof-length",
        ),
        (
            "a proof to the same",
            Some(&three),
            AddCheckpoint {
                old_size: 3,
                ..two_to_three()
            },
            log(),
            422,
            "proof-length",
        ),
        // Who is wrong in several ways is told the first of them.
        (
            "unsigned and old above new",
            Some(&two),
            with(&|r| r.old_size = 4),
            stranger,
            403,
            "note-unsigned",
        ),
        (
            "old above new and not known",
            None,
            with(&|r| r.old_size = 4),
            log(),
            400,
            "add-checkpoint-old-size",
        ),
        (
            "not known and forked",
            None,
            forked,
            log(),
            409,
            "add-checkpoint-stale",
        ),
        (
            "split and a proof too many",
            Some(&two),
            AddCheckpoint {
                proof: vec![leaf(1)],
                ..same_size
            },
            log(),
            409,
            "add-checkpoint-split-view",
        ),
    ];
    for (case, state, request, key, status, code) in &cases {
        let refused = decide(*state, request, key).expect_err(case);
        assert_eq!(
            (refused.status(), refused.code()),
            (*status, *code),
            "{case}"
        );
        let stale = *code == "add-checkpoint-stale";
        assert_eq!(refused.size_body().is_some(), stale, "{case}");
    }
    assert_eq!(cases.len(), 18);
    let refused = decide(Some(&three), &two_to_three(), &log()).expect_err("too old");
    assert_eq!(refused.size_body().as_deref(), Some("3\n"));
    assert_eq!(SIZE_CONTENT_TYPE, "text/x.tlog.size");
    let refused = decide(Some(&two), &with(&|r| r.proof.clear()), &log());
    assert_eq!(refused, Err(Refusal::Inconsistent(ProofError::Length)));
}

#[test]
fn requests_have_one_spelling() {
    let request = AddCheckpoint::parse(EXAMPLE.as_bytes()).expect("the example");
    assert_eq!((request.old_size, request.proof.len()), (20_852_014, 4));
    assert_eq!(request.origin(), Some("example.com/behind-the-sofa"));
    assert_eq!(request.note.signatures().len(), 2);
    assert_eq!(request.to_string(), EXAMPLE);
    let hash = format!("{}\n", empty_root());
    let many = |count| EXAMPLE.replace("old 20852014\n", &format!("old 1\n{}", hash.repeat(count)));
    assert!(AddCheckpoint::parse(many(MAX_PROOF_LINES - 4).as_bytes()).is_ok());
    let bad = [
        String::new(),
        many(MAX_PROOF_LINES - 3),
        EXAMPLE.replace("old 20852014", "old 020852014"),
        EXAMPLE.replace("old 20852014", "old +20852014"),
        EXAMPLE.replace("old 20852014", "old  20852014"),
        EXAMPLE.replace("old 20852014", "old 20852014 "),
        EXAMPLE.replace("old 20852014", "old"),
        EXAMPLE.replace("old 20852014", "old -1"),
        EXAMPLE.replace("old 20852014", "old 9223372036854775808"),
        EXAMPLE.replace("old 20852014", "Old 20852014"),
        EXAMPLE.replace("old 20852014\n", ""),
        EXAMPLE.replace('\n', "\r\n"),
        EXAMPLE.replace("Dpkaw=", "Dpkax="),
        EXAMPLE.replace("Dpkaw=", "Dpkaw"),
        EXAMPLE.replace("\n\nexample", "\nexample"),
        EXAMPLE.trim_end().to_owned(),
        format!("{EXAMPLE}\n"),
        format!("{EXAMPLE}{}", "a".repeat(MAX_REQUEST_BYTES)),
    ];
    for text in &bad {
        let refused = AddCheckpoint::parse(text.as_bytes()).expect_err(text);
        assert_eq!(refused.status(), 400, "{text}");
    }
    assert_eq!(bad.len(), 18);
    assert!(AddCheckpoint::parse(b"old 1\n\xff\n").is_err());
}

proptest! {
    #[test]
    fn a_witness_follows_a_log_of_any_size_and_no_other(old in 0_u8..60, more in 0_u8..60, wrong in 0_u8..120) {
        let new = old + more;
        let mut edge = proofmark_tlog::RightEdge::new();
        let leaves: Vec<_> = (0..new).map(leaf).collect();
        let tiles = edge.append(&leaves).expect("a small log");
        let reader = Memory(tiles.into_iter().map(|one| one.hashes).next().unwrap_or_default());
        let proof = proofmark_tlog::prove_consistency(u64::from(old), u64::from(new), &reader);
        let proof = proof.expect("it is in memory");
        let request = AddCheckpoint { old_size: u64::from(old), proof, note: signed(new, root(new)) };
        let parsed = AddCheckpoint::parse(request.to_string().as_bytes());
        prop_assert_eq!(parsed.as_ref(), Ok(&request));
        let accepted = decide(Some(&state(old)), &request, &log()).expect("it has only grown");
        prop_assert_eq!(accepted.state(), state(new));
        if wrong != old {
            prop_assert!(decide(Some(&state(wrong)), &request, &log()).is_err());
            let lied = WitnessState { root: root(wrong), ..state(old) };
            prop_assert!(decide(Some(&lied), &request, &log()).is_err());
        }
    }

    #[test]
    fn any_bytes_are_a_request_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
        let bytes = [b"old 1\n", &bytes[..]].concat();
        if let Ok(request) = AddCheckpoint::parse(&bytes) {
            prop_assert_eq!(request.to_string().into_bytes(), bytes);
        }
    }
}

/// One partial tile.
struct Memory(Vec<Hash>);

impl proofmark_tlog::TileReader for Memory {
    type Error = std::convert::Infallible;

    fn hashes(&self, _: proofmark_tlog::Tile) -> Result<Vec<Hash>, Self::Error> {
        Ok(self.0.clone())
    }
}

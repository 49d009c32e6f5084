//! Checkpoints, cosignatures, and proofs of logging.

use proofmark_core::Timestamp;
use proofmark_keys::{SecretKey, Signer as _};
use proofmark_tlog::checkpoint::{Checkpoint, CheckpointError, MAX_EXTENSIONS, VerifiedCheckpoint};
use proofmark_tlog::merkle::{MAX_SIZE, ProofError};
use proofmark_tlog::note::{KeyName, NoteKey, NoteSignature, SignedNote, VerifyNoteError};
use proofmark_tlog::policy::Policy;
use proofmark_tlog::proof::{TlogProof, TlogProofError};
use proofmark_tlog::{Hash, cosign, empty_root, leaf_hash, node_hash};
use proptest::prelude::*;

const EXAMPLE: &str = include_str!("../vectors/example/index-3.tlog-proof");
const POLICY: &str = include_str!("../vectors/example/policy.txt");
const ROOT: &str = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";

fn name(text: &str) -> KeyName {
    text.parse().expect("a name")
}

fn secret(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

fn log() -> NoteKey {
    NoteKey::log(name("example.com/log"), *secret(1).public_key())
}

fn witness(seed: u8) -> NoteKey {
    NoteKey::witness(
        name(&format!("example.com/w{seed}")),
        *secret(seed).public_key(),
    )
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_seconds(seconds).expect("this century")
}

fn signed(size: u64, root: Hash) -> SignedNote {
    let checkpoint = Checkpoint::new(log().name(), size, root).expect("a small log");
    checkpoint.sign(&log(), &secret(1)).expect("it signs")
}

fn open(note: &SignedNote) -> VerifiedCheckpoint {
    VerifiedCheckpoint::open(note, &log()).expect("it is signed")
}

#[test]
fn checkpoints_have_one_spelling() {
    let good = format!("example.com/behind-the-sofa\n20852163\n{ROOT}\n");
    let go = "go.sum database tree\n123456789012\nTszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=\n";
    let valid = [
        good.clone(),
        go.to_owned(),
        good.replace("20852163", "0"),
        good.replace("20852163", &MAX_SIZE.to_string()),
        format!("{good}an extension\n"),
        format!("{good}one\ntwo\n"),
        format!("{good}{}", "x\n".repeat(MAX_EXTENSIONS)),
        good.replace("example.com/behind-the-sofa", "Banana"),
    ];
    for text in &valid {
        let checkpoint = Checkpoint::parse(text).expect(text);
        assert_eq!(checkpoint.to_text(), *text);
    }
    let invalid = [
        (String::new(), "checkpoint-malformed"),
        ("\n".to_owned(), "checkpoint-malformed"),
        (good.trim_end().to_owned(), "checkpoint-malformed"),
        (format!("{good}\n"), "checkpoint-malformed"),
        (format!("{good}\nx\n"), "checkpoint-malformed"),
        (format!("{good}x"), "checkpoint-malformed"),
        (format!("{good}x\u{1}\n"), "checkpoint-malformed"),
        (format!("\n{good}"), "checkpoint-malformed"),
        (
            good.replace("example.com/behind-the-sofa", ""),
            "checkpoint-malformed",
        ),
        (good.replace("20852163\n", "\n"), "checkpoint-malformed"),
        (
            good.replace(&format!("{ROOT}\n"), ""),
            "checkpoint-malformed",
        ),
        (good.replace(ROOT, ""), "checkpoint-malformed"),
        (good.replace('\n', "\r\n"), "checkpoint-origin"),
        (
            good.replace("behind", &"b".repeat(256)),
            "checkpoint-origin",
        ),
        (good.replace("20852163", "020852163"), "checkpoint-size"),
        (good.replace("20852163", "00"), "checkpoint-size"),
        (good.replace("20852163", "+20852163"), "checkpoint-size"),
        (good.replace("20852163", "-1"), "checkpoint-size"),
        (good.replace("20852163", " 20852163"), "checkpoint-size"),
        (good.replace("20852163", "20852163 "), "checkpoint-size"),
        (good.replace("20852163", "0x20"), "checkpoint-size"),
        (good.replace("20852163", "2e7"), "checkpoint-size"),
        (good.replace("20852163", "banana"), "checkpoint-size"),
        (good.replace("20852163", "٣"), "checkpoint-size"),
        (
            good.replace("20852163", "9223372036854775808"),
            "checkpoint-size",
        ),
        (
            good.replace("20852163", "18446744073709551616"),
            "checkpoint-size",
        ),
        (good.replace(ROOT, "bananas"), "checkpoint-root"),
        (good.replace("q2I=", "q2J="), "checkpoint-root"),
        (good.replace("q2I=", "q2I"), "checkpoint-root"),
        (good.replace("q2I=", "q2I=="), "checkpoint-root"),
        (good.replace("om/X", "om_X"), "checkpoint-root"),
        (good.replace(ROOT, "YmFuYW5hcw=="), "checkpoint-root"),
        (good.replace(ROOT, &format!("{ROOT} ")), "checkpoint-root"),
        (go.replace("Bb0=", "BTOOBIG="), "checkpoint-root"),
        (go.replace("123456789012", "0xabcdef"), "checkpoint-size"),
        (
            format!("{good}{}", "x\n".repeat(MAX_EXTENSIONS + 1)),
            "checkpoint-extensions",
        ),
    ];
    for (text, code) in &invalid {
        let refused = Checkpoint::parse(text).expect_err(text);
        assert_eq!(refused.code(), *code, "{text:?}");
    }
    assert_eq!((valid.len(), invalid.len()), (8, 36));
    let too_large = Checkpoint::new(&name("x"), MAX_SIZE + 1, empty_root());
    assert_eq!(too_large, Err(CheckpointError::Size));
}

#[test]
fn the_checkpoints_of_the_specifications_are_read() {
    let mut count = 0;
    for text in [
        include_str!("../vectors/c2sp/checkpoint.note"),
        include_str!("../vectors/c2sp/cosignature.note"),
    ] {
        let note = SignedNote::parse(text.as_bytes()).expect("a note");
        let checkpoint = Checkpoint::parse(note.text()).expect("a checkpoint");
        assert_eq!(checkpoint.origin(), "example.com/behind-the-sofa");
        assert_eq!(checkpoint.size(), 20_852_163);
        assert_eq!(checkpoint.root().to_string(), ROOT);
        assert!(checkpoint.extensions().is_empty());
        count += 1;
    }
    assert_eq!(count, 2);
}

/// What only one who knows the key of the log can say about a checkpoint; the cases are those of Sigstore's
/// conformance suite for the checkpoints of Rekor 2, by name.
#[test]
fn only_a_checkpoint_of_the_log_is_one() {
    let good = signed(7, leaf_hash(b"x"));
    let (text, line) = (good.text(), good.signatures()[0].to_string());
    let with = |text: &str, lines: &[&str]| {
        let note = format!("{text}\n{}\n", lines.join("\n"));
        let note = SignedNote::parse(note.as_bytes()).expect("a note");
        VerifiedCheckpoint::open(&note, &log())
            .map(|_| ())
            .map_err(|error| error.code())
    };
    let stranger = Checkpoint::new(log().name(), 7, leaf_hash(b"x")).expect("a small log");
    let impostor = NoteKey::log(log().name().clone(), *secret(2).public_key());
    let foreign = stranger
        .sign(&impostor, &secret(2))
        .expect("it signs")
        .signatures()[0]
        .to_string();
    let mut claimed = good.signatures()[0].clone();
    claimed.bytes[63] ^= 1;
    let claimed = claimed.to_string();
    let mut short = good.signatures()[0].clone();
    short.bytes.pop();
    let short = short.to_string();
    let renamed = line.replace("example.com/log", "example.com/other");
    let cases = [
        ("good", with(text, &[&line]), Ok(())),
        (
            "multiple signatures, one of a stranger",
            with(text, &[&foreign, &line]),
            Ok(()),
        ),
        (
            "the same signature twice",
            with(text, &[&line, &line]),
            Ok(()),
        ),
        (
            "no signature of the log",
            with(text, &[&foreign]),
            Err("note-unsigned"),
        ),
        (
            "key id of a stranger",
            with(text, &[&renamed]),
            Err("note-unsigned"),
        ),
        (
            "bad signature",
            with(text, &[&claimed]),
            Err("note-signature-invalid"),
        ),
        (
            "short signature",
            with(text, &[&short]),
            Err("note-signature-invalid"),
        ),
        (
            "a good and a bad one",
            with(text, &[&line, &claimed]),
            Err("note-signature-invalid"),
        ),
        (
            "size changed",
            with(&text.replace("\n7\n", "\n8\n"), &[&line]),
            Err("note-signature-invalid"),
        ),
        (
            "root changed",
            with(
                &text.replace(&leaf_hash(b"x").to_string(), &empty_root().to_string()),
                &[&line],
            ),
            Err("note-signature-invalid"),
        ),
        (
            "origin changed",
            with(&text.replace("com/log", "com/lag"), &[&line]),
            Err("checkpoint-other-log"),
        ),
        (
            "extension added",
            with(&format!("{text}x\n"), &[&line]),
            Err("note-signature-invalid"),
        ),
        (
            "not a checkpoint",
            with("x\n", &[&line]),
            Err("checkpoint-malformed"),
        ),
    ];
    for (case, found, expected) in &cases {
        assert_eq!(found, expected, "{case}");
    }
    assert_eq!(cases.len(), 13);
    let refused = VerifiedCheckpoint::open(&good, &witness(1)).expect_err("a witness's key");
    assert_eq!(refused.code(), "note-key-kind");
    let other = Checkpoint::new(&name("example.com/lag"), 7, leaf_hash(b"x")).expect("a small log");
    assert_eq!(
        other
            .sign(&log(), &secret(1))
            .expect_err("another's")
            .code(),
        "note-key-other"
    );
}

#[test]
fn a_cosignature_says_who_and_when() {
    let mut note = signed(7, leaf_hash(b"x"));
    for seed in [2, 3] {
        let moment = at(1_700_000_000 + u64::from(seed));
        let line = cosign(&open(&note), &witness(seed), &secret(seed), moment).expect("it signs");
        assert_eq!(line.bytes.len(), 72);
        note.attach(line).expect("it fits");
    }
    let checkpoint = open(&note);
    let (two, three, four) = (witness(2), witness(3), witness(4));
    let found = checkpoint
        .cosignatures(&[&three, &four, &two, &log()])
        .expect("they verify");
    let found: Vec<_> = found
        .iter()
        .map(|one| (&one.witness, one.at.seconds()))
        .collect();
    assert_eq!(found, [(&two, 1_700_000_002), (&three, 1_700_000_003)]);
    assert_eq!(checkpoint.cosignatures(&[&four]), Ok(Vec::new()));
    assert_eq!(checkpoint.cosignatures(&[]), Ok(Vec::new()));
    // Another time, another tree, another form: a cosignature of nobody.
    let good = &note.signatures()[1];
    let changes: [&dyn Fn(&mut NoteSignature); 5] = [
        &|line| line.bytes[7] ^= 1,
        &|line| line.bytes[0] ^= 0x80,
        &|line| line.bytes[71] ^= 1,
        &|line| line.bytes.truncate(71),
        &|line| line.bytes = line.bytes[8..].to_vec(),
    ];
    for change in changes {
        let mut note = note.clone();
        let mut line = good.clone();
        change(&mut line);
        note.attach(line).expect("it fits");
        let refused = Err(VerifyNoteError::Invalid(two.name().clone()));
        assert_eq!(open(&note).cosignatures(&[&two]), refused);
        assert_eq!(
            open(&note).cosignatures(&[&three]).map(|found| found.len()),
            Ok(1)
        );
    }
    let mut other = signed(8, leaf_hash(b"x"));
    other.attach(good.clone()).expect("it fits");
    assert!(open(&other).cosignatures(&[&two]).is_err());
    let refused = cosign(&checkpoint, &log(), &secret(1), at(1)).expect_err("a log's key");
    assert_eq!(refused.code(), "note-key-kind");
    let refused = cosign(&checkpoint, &two, &secret(3), at(1)).expect_err("another's key");
    assert_eq!(refused.code(), "note-key-other");
}

#[test]
fn of_the_answer_of_a_witness_only_its_cosignatures_are_taken() {
    let mut checkpoint = open(&signed(7, leaf_hash(b"x")));
    let line = |seed: u8, size: u64, seconds: u64| {
        let other = open(&signed(size, leaf_hash(b"x")));
        let line = cosign(&other, &witness(seed), &secret(seed), at(seconds)).expect("it signs");
        format!("{line}\n")
    };
    let (two, three) = (witness(2), witness(3));
    let before = checkpoint.clone();
    let stranger = line(4, 7, 9);
    let log_line = format!("{}\n", checkpoint.note().signatures()[0]);
    let mut refused = 0;
    for (answer, code) in [
        (String::new(), "note-malformed"),
        ("\n".to_owned(), "note-signature-malformed"),
        (line(2, 7, 9).trim_end().to_owned(), "note-malformed"),
        (stranger.clone(), "cosignature-unknown"),
        (log_line, "cosignature-unknown"),
        (line(2, 8, 9), "note-signature-invalid"),
        (
            format!("{}{}", line(2, 7, 9), line(3, 8, 9)),
            "note-signature-invalid",
        ),
        (stranger.repeat(65), "note-signature-count"),
    ] {
        let error = checkpoint
            .take_answer(&answer, &[&two, &three, &log()])
            .expect_err(&answer);
        assert_eq!(error.code(), code, "{answer}");
        assert_eq!(checkpoint, before);
        refused += 1;
    }
    assert_eq!(refused, 8);
    for seconds in [9, 10] {
        let answer = format!("{stranger}{}", line(2, 7, seconds));
        let found = checkpoint
            .take_answer(&answer, &[&two, &three])
            .expect("it has cosigned");
        assert_eq!((found.len(), found[0].at.seconds()), (1, seconds));
        assert_eq!(checkpoint.note().signatures().len(), 2);
        assert_eq!(open(checkpoint.note()), checkpoint);
    }
    let mut forged = checkpoint.note().signatures()[0].clone();
    forged.bytes[0] ^= 1;
    let answer = format!("{}{forged}\n", line(2, 7, 10));
    let taken = checkpoint.take_answer(&answer, &[&two, &log()]);
    assert_eq!(taken.map(|found| found.len()), Ok(1));
    assert_eq!(
        open(checkpoint.note()),
        checkpoint,
        "the log's own signature stays"
    );
    checkpoint
        .take_answer(&line(3, 7, 11), &[&two, &three])
        .expect("another witness");
    assert_eq!(
        checkpoint
            .cosignatures(&[&two, &three])
            .map(|found| found.len()),
        Ok(2)
    );
}

/// Cosignatures that a witness could sign and none may: after the last time there is, and under what is no
/// checkpoint.
#[test]
fn a_cosignature_of_what_no_witness_signs_is_none() {
    let good = signed(7, leaf_hash(b"x"));
    let verify = |text: &str, time: u64| {
        let message = format!("cosignature/v1\ntime {time}\n{text}");
        let signature = secret(2).sign(message.as_bytes()).expect("it signs");
        let bytes = [&time.to_be_bytes()[..], signature.as_bytes()].concat();
        let (name, id) = (witness(2).name().clone(), witness(2).id());
        let line = NoteSignature { name, id, bytes };
        let note = SignedNote::new(text.to_owned(), vec![line]).expect("a note");
        note.verify(&[&witness(2)])
            .map(|found| found.verified[0].at)
    };
    let refused = Err(VerifyNoteError::Invalid(witness(2).name().clone()));
    assert_eq!(verify(good.text(), MAX_SIZE), Ok(Some(MAX_SIZE)));
    assert_eq!(verify(good.text(), MAX_SIZE + 1), refused);
    assert_eq!(verify("no checkpoint\n", 9), refused);
}

/// The signature of a log over a text is never a cosignature, and the other way round, even of one key.
#[test]
fn a_log_and_a_witness_cannot_stand_in_for_each_other() {
    let note = signed(7, leaf_hash(b"x"));
    let both = NoteKey::witness(log().name().clone(), *log().public());
    let line = cosign(&open(&note), &both, &secret(1), at(5)).expect("it signs");
    let as_log = NoteSignature {
        id: log().id(),
        bytes: line.bytes[8..].to_vec(),
        ..line.clone()
    };
    let forged = SignedNote::new(note.text().to_owned(), vec![as_log]).expect("a note");
    let refused = VerifiedCheckpoint::open(&forged, &log()).expect_err("a cosignature");
    assert_eq!(refused.code(), "note-signature-invalid");
    let text = format!("cosignature/v1\ntime 5\n{}", note.text());
    let bytes = line.bytes[8..].to_vec();
    let stolen = NoteSignature {
        id: log().id(),
        bytes,
        ..line
    };
    let stolen = SignedNote::new(text, vec![stolen]).expect("a note");
    let refused = VerifiedCheckpoint::open(&stolen, &log()).expect_err("no checkpoint");
    assert_eq!(refused.code(), "checkpoint-size");
}

#[test]
fn the_worked_example_verifies() {
    let proof = TlogProof::parse(EXAMPLE.as_bytes()).expect("a proof");
    assert_eq!(proof.to_string(), EXAMPLE);
    assert_eq!(
        (proof.index, proof.path.len(), proof.extra.as_ref()),
        (3, 3, None)
    );
    let policy: Policy = POLICY.parse().expect("a policy");
    assert_eq!(policy.to_string(), POLICY);
    let (log, witness) = (&policy.logs()[0].key, &policy.witnesses()[0].key);
    let checkpoint = VerifiedCheckpoint::open(&proof.checkpoint, log).expect("it is signed");
    assert_eq!(
        (checkpoint.checkpoint().size(), log.name().as_str()),
        (7, "log.example.org/outcomes")
    );
    let cosignatures = checkpoint.cosignatures(&[witness]).expect("they verify");
    assert_eq!(cosignatures[0].at.to_string(), "2026-01-01T00:00:00Z");
    assert!(policy.is_met_by(&[&cosignatures[0].witness]));
    assert!(!policy.is_met_by(&[]));
    let leaf = leaf_hash(include_bytes!("../vectors/example/leaf-3.json"));
    let verified = proof.verify(&leaf, log).expect("it is in the log");
    assert_eq!(verified.checkpoint(), &checkpoint);
    let refused = proof.verify(&leaf_hash(b"another"), log);
    assert_eq!(refused, Err(TlogProofError::Inclusion(ProofError::Root)));
}

/// A log of three leaves, and the proof of the last.
fn made(extra: Option<Vec<u8>>) -> (TlogProof, Hash) {
    let leaves = [b"a", b"b", b"c"].map(|entry| leaf_hash(entry));
    let left = node_hash(&leaves[0], &leaves[1]);
    let checkpoint = signed(3, node_hash(&left, &leaves[2]));
    let proof = TlogProof {
        extra,
        index: 2,
        path: vec![left],
        checkpoint,
    };
    (proof, leaves[2])
}

#[test]
fn a_proof_holds_for_its_leaf_in_its_log_only() {
    let (proof, leaf) = made(None);
    let verified = proof.verify(&leaf, &log()).expect("it is in the log");
    assert_eq!((verified.index(), verified.leaf()), (2, &leaf));
    assert_eq!(verified.checkpoint().checkpoint().size(), 3);
    let code = |proof: &TlogProof, leaf: &Hash, log: &NoteKey| {
        proof
            .verify(leaf, log)
            .expect_err("it must be refused")
            .code()
    };
    assert_eq!(code(&proof, &leaf_hash(b"b"), &log()), "proof-root");
    let with = |change: &dyn Fn(&mut TlogProof)| {
        let mut changed = proof.clone();
        change(&mut changed);
        code(&changed, &leaf, &log())
    };
    assert_eq!(with(&|proof| proof.index = 1), "proof-length");
    assert_eq!(with(&|proof| proof.index = 3), "proof-out-of-tree");
    assert_eq!(with(&|proof| proof.path.clear()), "proof-length");
    assert_eq!(with(&|proof| proof.path.push(empty_root())), "proof-length");
    assert_eq!(
        with(&|proof| proof.checkpoint = signed(3, leaf)),
        "proof-root"
    );
    assert_eq!(
        with(&|proof| proof.checkpoint = signed(2, leaf)),
        "proof-out-of-tree"
    );
    let other = NoteKey::log(name("example.com/other"), *secret(1).public_key());
    assert_eq!(code(&proof, &leaf, &other), "checkpoint-other-log");
    let other = NoteKey::log(log().name().clone(), *secret(2).public_key());
    assert_eq!(code(&proof, &leaf, &other), "note-unsigned");
}

#[test]
fn proofs_have_one_spelling() {
    let good = made(None).0.to_string();
    let extra = made(Some(b"extra data".to_vec())).0.to_string();
    let hash = empty_root().to_string();
    let lines = |count: usize| {
        good.replace(
            "index 2\n",
            &format!("index 2\n{}", format!("{hash}\n").repeat(count)),
        )
    };
    let valid = [
        good.clone(),
        extra.clone(),
        good.replace("index 2", "index 0"),
        good.replace("index 2", &format!("index {MAX_SIZE}")),
        lines(62),
        EXAMPLE.to_owned(),
    ];
    for text in &valid {
        let proof = TlogProof::parse(text.as_bytes()).expect(text);
        assert_eq!(proof.to_string(), *text);
    }
    let invalid = [
        (String::new(), "tlog-proof-header"),
        (good.replace("@v1", "@v2"), "tlog-proof-header"),
        (format!(" {good}"), "tlog-proof-header"),
        (good.replace('\n', "\r\n"), "tlog-proof-header"),
        (good.replace("index 2", "index 02"), "tlog-proof-index"),
        (good.replace("index 2", "index  2"), "tlog-proof-index"),
        (good.replace("index 2", "index -1"), "tlog-proof-index"),
        (good.replace("index 2", "index"), "tlog-proof-index"),
        (good.replace("index 2", "Index 2"), "tlog-proof-index"),
        (good.replace("index 2\n", ""), "tlog-proof-index"),
        (
            good.replace("index 2", "index 2\nindex 2"),
            "tlog-proof-path",
        ),
        (
            good.replace("index 2", "index 9223372036854775808"),
            "tlog-proof-index",
        ),
        (
            good.replace("index 2\n", "index 2\nextra YQ==\n"),
            "tlog-proof-path",
        ),
        (
            extra.replace("extra ZX", "extra YQ==\nextra ZX"),
            "tlog-proof-index",
        ),
        (extra.replace("extra ", "extra  "), "tlog-proof-extra"),
        (
            good.replace("index 2", "extra \nindex 2"),
            "tlog-proof-extra",
        ),
        (
            good.replace("index 2", "extra YR==\nindex 2"),
            "tlog-proof-extra",
        ),
        (
            good.replace("index 2", "extra YQ\nindex 2"),
            "tlog-proof-extra",
        ),
        (
            good.replace("index 2", "extra\nindex 2"),
            "tlog-proof-index",
        ),
        (good.replace("index 2", "index 2\nYQ=="), "tlog-proof-path"),
        (good.replace("index 2", "index 2\n "), "tlog-proof-path"),
        (lines(63), "tlog-proof-path"),
        (good.replace("\n\nexample", "\nexample"), "tlog-proof-path"),
        (
            good.replace("\n\nexample", "\n\n\nexample"),
            "checkpoint-malformed",
        ),
        (good.trim_end().to_owned(), "note-malformed"),
        (format!("{good}\n"), "note-malformed"),
        (good.replace("\n3\n", "\n03\n"), "checkpoint-size"),
    ];
    for (text, code) in &invalid {
        let read = TlogProof::parse(text.as_bytes());
        let refused = read
            .and_then(|proof| proof.verify(&made(None).1, &log()))
            .expect_err(text);
        assert_eq!(refused.code(), *code, "{text}");
    }
    assert_eq!((valid.len(), invalid.len()), (6, 27));
    let huge = format!("c2sp.org/tlog-proof@v1\nextra {}\n", "QUFB".repeat(50_000));
    assert_eq!(
        TlogProof::parse(huge.as_bytes()),
        Err(TlogProofError::TooLarge)
    );
    let large = good.replace(
        "index 2",
        &format!("extra {}\nindex 2", "QUFB".repeat(6_000)),
    );
    assert_eq!(
        TlogProof::parse(large.as_bytes()),
        Err(TlogProofError::TooLarge)
    );
}

proptest! {
    #[test]
    fn any_proof_is_read_as_it_was_written(
        index in 0..=MAX_SIZE,
        size in 0..=MAX_SIZE,
        path in proptest::collection::vec(any::<[u8; 32]>(), 0..=63),
        extra in proptest::option::of(proptest::collection::vec(any::<u8>(), 1..50)),
    ) {
        let path = path.into_iter().map(Hash::from_bytes).collect();
        let proof = TlogProof { extra, index, path, checkpoint: signed(size, empty_root()) };
        prop_assert_eq!(TlogProof::parse(proof.to_string().as_bytes()), Ok(proof));
    }

    #[test]
    fn any_text_is_a_checkpoint_or_none(text in "[a0-9=\n]{0,60}") {
        if let Ok(checkpoint) = Checkpoint::parse(&text) {
            prop_assert_eq!(checkpoint.to_text(), text);
        }
    }
}

/// Every bit of a proof with its witness is needed: none can be changed, whether it is the log's or the
/// witness's, in a number, a hash, a name or a space.
#[test]
fn any_changed_bit_of_a_proof_is_noticed() {
    let policy: Policy = POLICY.parse().expect("a policy");
    let (log, witness) = (&policy.logs()[0].key, &policy.witnesses()[0].key);
    let leaf = leaf_hash(include_bytes!("../vectors/example/leaf-3.json"));
    let accepts = |bytes: &[u8]| {
        let verified = TlogProof::parse(bytes).and_then(|proof| proof.verify(&leaf, log));
        let cosigned = verified
            .ok()
            .and_then(|one| one.checkpoint().cosignatures(&[witness]).ok());
        cosigned.is_some_and(|cosigned| {
            let cosigned: Vec<_> = cosigned.iter().map(|one| &one.witness).collect();
            policy.is_met_by(&cosigned)
        })
    };
    assert!(accepts(EXAMPLE.as_bytes()));
    for bit in 0..8 * EXAMPLE.len() {
        let mut bytes = EXAMPLE.as_bytes().to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(!accepts(&bytes), "bit {bit}");
    }
    for end in 0..EXAMPLE.len() {
        assert!(
            !accepts(&EXAMPLE.as_bytes()[..end]),
            "the first {end} bytes"
        );
    }
}

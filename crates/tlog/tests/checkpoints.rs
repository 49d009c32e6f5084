//! Checkpoints, cosignatures, proofs of logging and policies.

use proofmark_core::Timestamp;
use proofmark_keys::{SecretKey, Signer as _};
use proofmark_tlog::checkpoint::{Checkpoint, CheckpointError, MAX_EXTENSIONS, VerifiedCheckpoint};
use proofmark_tlog::merkle::{MAX_SIZE, ProofError};
use proofmark_tlog::note::{KeyName, NoteKey, NoteSignature, SignedNote, VerifyNoteError};
use proofmark_tlog::policy::{Group, LogLine, Policy};
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
        (
            good.replace('/', "_").replace("om_X", "om_X"),
            "checkpoint-root",
        ),
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
            with(&text.replace("\n7\n", "\n7\n"), &[&claimed]),
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
    // The entry itself is not in the example.
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

#[test]
fn policies_are_written_as_specified() {
    let logs = || {
        vec![LogLine {
            key: log(),
            url: Some("https://example.com/log".to_owned()),
        }]
    };
    let policy = Policy::threshold(logs(), [2, 3, 4].map(witness), 2).expect("it makes sense");
    let text = policy.to_string();
    let expected = format!(
        "log {} https://example.com/log\nwitness w1 {}\nwitness w2 {}\nwitness w3 {}\n\
         group quorum 2 w1 w2 w3\nquorum quorum\n",
        log(),
        witness(2),
        witness(3),
        witness(4)
    );
    assert_eq!(text, expected);
    assert_eq!(text.parse(), Ok(policy.clone()));
    assert!(policy.is_met_by(&[&witness(4), &witness(2)]));
    assert!(!policy.is_met_by(&[&witness(4), &witness(4)]));
    assert!(!policy.is_met_by(&[&witness(4), &witness(5)]));
    let none = Policy::threshold(logs(), [], 0).expect("it makes sense");
    assert!(none.to_string().ends_with("quorum none\n"));
    assert!(none.is_met_by(&[]));
    let refused = Policy::threshold(logs(), [witness(2)], 2).expect_err("more than there are");
    assert_eq!(refused.code(), "tlog-policy-threshold");
}

/// The example of the specification, with keys.
fn two_levels() -> String {
    let keys: Vec<_> = (2..8).map(witness).collect();
    format!(
        "# comment\n\n log {}\nwitness X1 {}\nwitness\tX2  {} \nwitness X3 {} https://w.example\n\
         group X-witnesses 2 X1 X2 X3\nwitness Y1 {}\nwitness Y2 {}\nwitness Y3 {}\n\
         group Y-witnesses any Y1 Y2 Y3\ngroup X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n",
        log(),
        keys[0],
        keys[1],
        keys[2],
        keys[3],
        keys[4],
        keys[5]
    )
}

#[test]
fn the_policy_of_the_specification_means_what_it_says() {
    let policy: Policy = two_levels().parse().expect("a policy");
    assert_eq!(policy.to_string().parse(), Ok(policy.clone()));
    let met = |seeds: &[u8]| {
        let keys: Vec<_> = seeds.iter().map(|seed| witness(*seed)).collect();
        policy.is_met_by(&keys.iter().collect::<Vec<_>>())
    };
    assert!(met(&[2, 3, 5]) && met(&[2, 4, 7]) && met(&[2, 3, 4, 5, 6, 7]));
    assert!(!met(&[2, 5, 6, 7]) && !met(&[2, 3, 4]) && !met(&[]));
}

#[test]
fn policies_that_make_no_sense_are_refused() {
    let good = two_levels();
    let cases = [
        (good.replace("quorum X-and-Y\n", ""), "tlog-policy-line"),
        (format!("{good}quorum none\n"), "tlog-policy-line"),
        (
            good.replace("quorum X-and-Y", "quorum Z"),
            "tlog-policy-line",
        ),
        (good.trim_end().to_owned(), "tlog-policy-line"),
        (good.replace('\n', "\r\n"), "tlog-policy-line"),
        (
            good.replace("group X-witnesses 2", "group X-witnesses 0"),
            "tlog-policy-threshold",
        ),
        (
            good.replace("group X-witnesses 2", "group X-witnesses 4"),
            "tlog-policy-threshold",
        ),
        (
            good.replace("group X-witnesses 2", "group X-witnesses 02"),
            "tlog-policy-line",
        ),
        (good.replace("2 X1 X2 X3", "1"), "tlog-policy-threshold"),
        (
            good.replace("2 X1 X2 X3", "2 X1 X2 X2"),
            "tlog-policy-member-twice",
        ),
        (
            good.replace("any Y1 Y2 Y3", "any Y1 Y2 X3"),
            "tlog-policy-member-twice",
        ),
        (
            good.replace("any Y1 Y2 Y3", "any Y1 Y2 none"),
            "tlog-policy-line",
        ),
        (
            good.replace("any Y1 Y2 Y3", "any Y1 Y2 X-and-Y"),
            "tlog-policy-line",
        ),
        (
            good.replace("group Y-witnesses any", "group Y1 any")
                .replace("X-witnesses Y-witnesses", "X-witnesses Y1"),
            "tlog-policy-name-twice",
        ),
        (
            good.replace("witness Y1", "witness none"),
            "tlog-policy-line",
        ),
        (
            good.replace(&witness(5).to_string(), &witness(2).to_string()),
            "tlog-policy-key-twice",
        ),
        (
            good.replace(&witness(5).to_string(), &log().to_string()),
            "note-key-kind",
        ),
        (
            good.replace(&log().to_string(), &witness(5).to_string()),
            "note-key-kind",
        ),
        (good.replace("group X-w", "gruppe X-w"), "tlog-policy-line"),
        (good.replace("https://w.example", "a b"), "tlog-policy-line"),
        (
            format!("{}{good}", "#\n".repeat(70_000)),
            "tlog-policy-too-large",
        ),
    ];
    for (text, code) in &cases {
        let refused = text.parse::<Policy>().expect_err(text);
        assert_eq!(refused.code(), *code, "{refused}: {text}");
    }
    assert_eq!(cases.len(), 21);
    let group = Group {
        name: "a b".to_owned(),
        threshold: 1,
        members: Vec::new(),
    };
    let refused = Policy::new(Vec::new(), Vec::new(), vec![group], None).expect_err("a space");
    assert_eq!(refused.code(), "tlog-policy-word");
    let many =
        (0..33).map(|seed| NoteKey::log(name(&format!("l{seed}")), *secret(seed).public_key()));
    let many = many.map(|key| LogLine { key, url: None }).collect();
    let refused = Policy::new(many, Vec::new(), Vec::new(), None).expect_err("too many");
    assert_eq!(refused.code(), "tlog-policy-too-large");
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
    fn any_changed_byte_of_a_proof_is_noticed(at in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let (proof, leaf) = made(None);
        let mut bytes = proof.to_string().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let changed = TlogProof::parse(&bytes).and_then(|proof| proof.verify(&leaf, &log()));
        prop_assert!(changed.is_err());
    }

    #[test]
    fn any_text_is_a_checkpoint_or_none(text in "[a0-9=\n]{0,60}") {
        if let Ok(checkpoint) = Checkpoint::parse(&text) {
            prop_assert_eq!(checkpoint.to_text(), text);
        }
    }
}

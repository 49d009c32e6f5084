use std::fs;

use proofmark_keys::SecretKey;
use proofmark_tlog::{Checkpoint, VerifiedCheckpoint, leaf_hash};

use super::*;
use crate::log::Log;

fn now() -> Timestamp {
    Timestamp::from_seconds(1_795_716_000).expect("this century")
}

fn log_signer() -> SecretKey {
    SecretKey::from_seed(&[1; 32])
}

fn log_key() -> NoteKey {
    NoteKey::log(
        "log.example".parse().expect("a name"),
        *log_signer().public_key(),
    )
}

fn witness_signer() -> Arc<dyn Signer> {
    Arc::new(SecretKey::from_seed(&[2; 32]))
}

fn witness_key() -> NoteKey {
    NoteKey::witness(
        "witness.example".parse().expect("a name"),
        *witness_signer().public_key(),
    )
}

fn open(directory: &Path) -> Witness {
    Witness::open(directory, &witness_key(), witness_signer(), &[log_key()]).expect("opened")
}

fn request(log: &Log, old_size: u64) -> Vec<u8> {
    let request = AddCheckpoint {
        old_size,
        proof: log.prove_consistency(old_size).expect("it has only grown"),
        note: log.checkpoint().clone(),
    };
    request.to_string().into_bytes()
}

fn status(result: Result<NoteSignature, CosignRefusal>) -> u16 {
    result.map_or_else(|refusal| refusal.status(), |_| 200)
}

#[test]
fn growth_is_cosigned_and_remembered() {
    let scratch = tempfile::tempdir().expect("a directory");
    let mut log =
        Log::create(&scratch.path().join("log"), &log_key(), &log_signer()).expect("made");
    let directory = scratch.path().join("witness");
    let witness = open(&directory);
    log.append(&[b"one".to_vec()], &log_signer())
        .expect("appended");
    let first = request(&log, 0);
    let cosignature = witness.add_checkpoint(&first, now()).expect("cosigned");
    let mut note = log.checkpoint().clone();
    note.attach(cosignature).expect("short");
    let checkpoint = VerifiedCheckpoint::open(&note, &log_key()).expect("signed");
    let cosignatures = checkpoint.cosignatures(&[&witness_key()]).expect("valid");
    assert_eq!(cosignatures[0].at, now());
    drop(witness);
    let witness = open(&directory);
    let origin = Digest::of(b"log.example").hex();
    assert_eq!(witness.last(&origin), Some(note));
    // An answer that was lost is asked for again with the size that the witness names.
    let refused = witness.add_checkpoint(&first, now()).expect_err("stale");
    assert!(matches!(
        refused,
        CosignRefusal::Refused(Refusal::Stale { known: 1, .. })
    ));
    assert_eq!(
        status(witness.add_checkpoint(&request(&log, 1), now())),
        200
    );
    log.append(&[b"two".to_vec(), b"three".to_vec()], &log_signer())
        .expect("appended");
    assert_eq!(
        status(witness.add_checkpoint(&request(&log, 1), now())),
        200
    );
    assert_eq!(
        witness.last(&origin).expect("known").text(),
        log.checkpoint().text()
    );
    assert_eq!(witness.last("00"), None);
}

#[test]
fn what_is_not_growth_is_refused_and_forgotten() {
    let scratch = tempfile::tempdir().expect("a directory");
    let mut log =
        Log::create(&scratch.path().join("log"), &log_key(), &log_signer()).expect("made");
    let witness = open(&scratch.path().join("witness"));
    log.append(&[b"one".to_vec()], &log_signer())
        .expect("appended");
    let early = request(&log, 0);
    log.append(&[b"two".to_vec()], &log_signer())
        .expect("appended");
    witness
        .add_checkpoint(&request(&log, 0), now())
        .expect("cosigned");
    let before = witness.last(&Digest::of(b"log.example").hex());
    let head = |origin: &str, key: &NoteKey, signer: &SecretKey| {
        let name = origin.parse().expect("a name");
        let other = Checkpoint::new(&name, 2, leaf_hash(b"other")).expect("small");
        let note = other.sign(key, signer).expect("signed");
        AddCheckpoint {
            old_size: 2,
            proof: Vec::new(),
            note,
        }
        .to_string()
        .into_bytes()
    };
    let stranger = SecretKey::from_seed(&[3; 32]);
    let named = |name: &str| NoteKey::log(name.parse().expect("a name"), *stranger.public_key());
    let cases = [
        (early, 409),
        (head("log.example", &log_key(), &log_signer()), 409),
        (head("log.example", &named("log.example"), &stranger), 403),
        (
            head("other.example", &named("other.example"), &stranger),
            404,
        ),
        (b"old x\n".to_vec(), 400),
        (Vec::new(), 400),
    ];
    for (body, expected) in cases {
        let text = String::from_utf8_lossy(&body).into_owned();
        assert_eq!(
            status(witness.add_checkpoint(&body, now())),
            expected,
            "{text}"
        );
    }
    let mut unproven = AddCheckpoint::parse(&request(&log, 2)).expect("a request");
    let name = "log.example".parse().expect("a name");
    let grown = Checkpoint::new(&name, 3, leaf_hash(b"other")).expect("small");
    unproven.note = grown.sign(&log_key(), &log_signer()).expect("signed");
    unproven.proof = vec![leaf_hash(b"a"), leaf_hash(b"b")];
    let body = unproven.to_string().into_bytes();
    assert_eq!(status(witness.add_checkpoint(&body, now())), 422);
    assert_eq!(witness.last(&Digest::of(b"log.example").hex()), before);
}

#[test]
fn a_witness_is_alone_and_knows_its_keys() {
    let scratch = tempfile::tempdir().expect("a directory");
    let open_with = |key: &NoteKey, logs: &[NoteKey]| {
        Witness::open(scratch.path(), key, witness_signer(), logs).map(|_| ())
    };
    let other = NoteKey::witness("w".parse().expect("a name"), *log_key().public());
    assert!(matches!(open_with(&other, &[]), Err(WitnessError::Key(_))));
    assert!(matches!(
        open_with(&log_key(), &[]),
        Err(WitnessError::Key(_))
    ));
    assert!(matches!(
        open_with(&witness_key(), &[witness_key()]),
        Err(WitnessError::Log(_))
    ));
    assert!(matches!(
        open_with(&witness_key(), &[log_key(), log_key()]),
        Err(WitnessError::Log(_))
    ));
    let witness = open(scratch.path());
    let second = open_with(&witness_key(), &[]);
    assert!(matches!(
        second,
        Err(WitnessError::Directory(LogError::Locked(_)))
    ));
    drop(witness);
    fs::write(
        scratch.path().join(Digest::of(b"log.example").hex()),
        "damaged",
    )
    .expect("written");
    let damaged = open_with(&witness_key(), &[log_key()]);
    assert!(matches!(
        damaged,
        Err(WitnessError::Directory(LogError::Damaged { .. }))
    ));
}

#[test]
fn of_two_growths_at_once_one_is_cosigned() {
    let scratch = tempfile::tempdir().expect("a directory");
    let witness = open(&scratch.path().join("witness"));
    let grow = |number: u8| {
        let directory = scratch.path().join(number.to_string());
        let mut log = Log::create(&directory, &log_key(), &log_signer()).expect("made");
        log.append(&[vec![number]], &log_signer())
            .expect("appended");
        request(&log, 0)
    };
    // Two trees of one size by one key: what a witness is there to stop.
    let requests = [grow(1), grow(2), grow(3), grow(4)];
    let cosigned = std::thread::scope(|scope| {
        let asked: Vec<_> = requests
            .iter()
            .map(|body| scope.spawn(|| witness.add_checkpoint(body, now()).is_ok()))
            .collect();
        let answers = asked
            .into_iter()
            .map(|thread| thread.join().expect("no panic"));
        answers.filter(|cosigned| *cosigned).count()
    });
    assert_eq!(cosigned, 1);
}

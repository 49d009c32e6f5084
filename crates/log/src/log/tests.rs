use std::fs;

use proofmark_keys::{SecretKey, Signer};
use proofmark_tlog::{NoteKey, leaf_hash, verify_consistency};

use super::*;

fn signer() -> SecretKey {
    SecretKey::from_seed(&[7; 32])
}

fn key() -> NoteKey {
    let name = "log.example/outcomes".parse().expect("a name");
    NoteKey::log(name, *signer().public_key())
}

fn entries(range: std::ops::Range<u64>) -> Vec<Vec<u8>> {
    range
        .map(|index| format!("entry {index}").into_bytes())
        .collect()
}

#[test]
fn what_is_appended_is_proven_and_survives_reopening() {
    let scratch = tempfile::tempdir().expect("a directory");
    let directory = scratch.path().join("log");
    let mut log = Log::create(&directory, &key(), &signer()).expect("made");
    assert_eq!(log.size(), 0);
    let mut heads = vec![(0, log.checkpoint().clone())];
    let mut size = 0;
    for batch in [1, 254, 1, 1, 700, 1000, 256] {
        let appended = log
            .append(&entries(size..size + batch), &signer())
            .expect("appended");
        assert_eq!(appended.indexes, size..size + batch);
        size += batch;
        heads.push((size, appended.checkpoint));
    }
    drop(log);
    let log = Log::open(&directory).expect("opened");
    assert_eq!(log.size(), size);
    for index in (0..size).step_by(97).chain([size - 1]) {
        let proof = log.prove(index).expect("proven");
        let leaf = leaf_hash(format!("entry {index}").as_bytes());
        proof.verify(&leaf, &key()).expect("it holds");
    }
    let last = log.checkpoint.checkpoint();
    for (old_size, note) in heads {
        let old = VerifiedCheckpoint::open(&note, &key()).expect("signed");
        let proof = log.prove_consistency(old_size).expect("proven");
        verify_consistency(old_size, size, &proof, old.checkpoint().root(), last.root())
            .expect("it holds");
    }
    assert!(matches!(log.prove(size), Err(LogError::OutOfTree { .. })));
    assert!(matches!(
        log.prove_consistency(size + 1),
        Err(LogError::OutOfTree { .. })
    ));
}

#[test]
fn entries_are_read_back_and_verified() {
    let scratch = tempfile::tempdir().expect("a directory");
    let mut log = Log::create(scratch.path(), &key(), &signer()).expect("made");
    log.append(&entries(0..600), &signer()).expect("appended");
    let reader = LogReader::open(Folder::new(scratch.path()), &key()).expect("opened");
    let mut found = Vec::new();
    loop {
        let more = reader.entries(found.len() as u64).expect("read");
        if more.is_empty() {
            break;
        }
        found.extend(more);
    }
    assert_eq!(found, entries(0..600));
    let bundle = scratch.path().join("public/tile/entries/001");
    let mut bytes = fs::read(&bundle).expect("there");
    bytes[104] ^= 1;
    fs::write(&bundle, bytes).expect("written");
    reader.entries(0).expect("another bundle");
    assert!(matches!(reader.entries(300), Err(ReadError::Root(_))));
    assert!(matches!(
        reader.entries(601),
        Err(ReadError::OutOfTree { .. })
    ));
}

#[test]
fn there_is_one_writer_and_one_log_of_a_directory() {
    let scratch = tempfile::tempdir().expect("a directory");
    assert!(matches!(
        Log::open(scratch.path()),
        Err(LogError::Missing(_))
    ));
    let log = Log::create(scratch.path(), &key(), &signer()).expect("made");
    assert!(matches!(
        Log::open(scratch.path()),
        Err(LogError::Locked(_))
    ));
    assert!(matches!(
        Log::create(scratch.path(), &key(), &signer()),
        Err(LogError::Locked(_))
    ));
    drop(log);
    assert!(matches!(
        Log::create(scratch.path(), &key(), &signer()),
        Err(LogError::Exists(_))
    ));
    Log::open(scratch.path()).expect("free again");
}

#[test]
fn a_refused_batch_changes_nothing() {
    let scratch = tempfile::tempdir().expect("a directory");
    let mut log = Log::create(scratch.path(), &key(), &signer()).expect("made");
    log.append(&entries(0..3), &signer()).expect("appended");
    let before = log.checkpoint().clone();
    let other = SecretKey::from_seed(&[8; 32]);
    assert!(matches!(
        log.append(&entries(3..4), &other),
        Err(LogError::WrongKey { .. })
    ));
    assert!(matches!(
        log.append(&[], &signer()),
        Err(LogError::BatchEmpty)
    ));
    let long = vec![vec![0; 65_535], vec![0; 65_536]];
    let refused = log.append(&long, &signer());
    assert!(matches!(
        refused,
        Err(LogError::EntryTooLong {
            position: 1,
            size_bytes: 65_536
        })
    ));
    let batch = vec![vec![0; 65_535]; 1025];
    assert!(matches!(
        log.append(&batch, &signer()),
        Err(LogError::BatchTooLong)
    ));
    assert_eq!(*log.checkpoint(), before);
    log.append(&long[..1], &signer())
        .expect("the longest entry fits");
    assert_eq!(log.size(), 4);
}

#[test]
fn partial_files_go_when_the_full_one_is_durable() {
    let scratch = tempfile::tempdir().expect("a directory");
    let log = Log::create(scratch.path(), &key(), &signer()).expect("made");
    let mut log = log.with_journal_limit(0);
    log.append(&entries(0..200), &signer()).expect("appended");
    let tiles = scratch.path().join("public/tile");
    assert!(tiles.join("0/000.p/200").exists() && tiles.join("entries/000.p/200").exists());
    log.append(&entries(200..300), &signer()).expect("appended");
    for full in ["0/000", "entries/000"] {
        assert!(tiles.join(full).exists());
        assert!(!tiles.join(format!("{full}.p")).exists());
    }
    assert!(tiles.join("0/001.p/44").exists() && tiles.join("1/000.p/1").exists());
    let state: Vec<_> = fs::read_dir(scratch.path().join("state"))
        .expect("read")
        .collect();
    assert_eq!(state.len(), 3, "key, lock and one journal");
}

#[test]
fn a_cosigned_checkpoint_survives_and_another_is_refused() {
    let scratch = tempfile::tempdir().expect("a directory");
    let mut log = Log::create(scratch.path(), &key(), &signer()).expect("made");
    let empty = log.checkpoint().clone();
    log.append(&entries(0..3), &signer()).expect("appended");
    let witness = SecretKey::from_seed(&[9; 32]);
    let name = "witness.example/w".parse().expect("a name");
    let witness_key = NoteKey::witness(name, *witness.public_key());
    let at = proofmark_core::Timestamp::from_seconds(1_795_716_000).expect("this century");
    let cosignature = proofmark_tlog::cosign(&log.checkpoint, &witness_key, &witness, at);
    let mut cosigned = log.checkpoint().clone();
    cosigned
        .attach(cosignature.expect("signed"))
        .expect("short");
    log.publish_cosigned(&cosigned).expect("published");
    assert!(matches!(
        log.publish_cosigned(&empty),
        Err(LogError::OtherCheckpoint)
    ));
    drop(log);
    let log = Log::open(scratch.path()).expect("opened");
    assert_eq!(*log.checkpoint(), cosigned);
    let public = fs::read_to_string(scratch.path().join("public/checkpoint")).expect("there");
    assert_eq!(public, cosigned.to_string());
    assert_eq!(log.prove(1).expect("proven").checkpoint, cosigned);
}

#[test]
fn damage_is_seen_when_a_log_is_opened() {
    let scratch = tempfile::tempdir().expect("a directory");
    type Damage = fn(&mut Vec<u8>);
    let damages: [(&str, Damage); 5] = [
        ("public/tile/0/000.p/3", |bytes| bytes[40] ^= 1),
        ("public/tile/0/000.p/3", |bytes| bytes.truncate(64)),
        ("public/tile/entries/000.p/3", |bytes| bytes[5] ^= 1),
        ("state/journal-2", |bytes| *bytes = b"nothing".to_vec()),
        ("state/key", |bytes| bytes[20] ^= 1),
    ];
    for (number, (file, damage)) in damages.into_iter().enumerate() {
        let directory = scratch.path().join(number.to_string());
        let mut log = Log::create(&directory, &key(), &signer())
            .expect("made")
            .with_journal_limit(0);
        log.append(&entries(0..3), &signer()).expect("appended");
        drop(log);
        let path = directory.join(file);
        let mut bytes = fs::read(&path).expect("it is there");
        damage(&mut bytes);
        fs::write(&path, bytes).expect("written");
        let opened = Log::open(&directory).map(|_| ());
        assert!(
            matches!(opened, Err(LogError::Damaged { .. })),
            "{file}: {opened:?}"
        );
    }
}

#[test]
fn a_journal_that_lost_what_was_published_is_refused() {
    let scratch = tempfile::tempdir().expect("a directory");
    let mut log = Log::create(scratch.path(), &key(), &signer()).expect("made");
    let journal = log.journal_file.clone();
    let before = fs::read(&journal).expect("there");
    log.append(&entries(0..3), &signer()).expect("appended");
    drop(log);
    fs::write(&journal, before).expect("written");
    let refused = Log::open(scratch.path()).map(|_| ()).expect_err("refused");
    assert_eq!(refused.code(), "log-damaged");
    assert!(
        refused.to_string().contains("3 were published"),
        "{refused}"
    );
}

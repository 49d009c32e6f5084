use std::path::Path;

use proofmark_keys::{SecretKey, Signer};
use proofmark_tlog::leaf_hash;

use super::*;
use crate::{Folder, Log};

fn signer() -> SecretKey {
    SecretKey::from_seed(&[1; 32])
}

fn key() -> NoteKey {
    NoteKey::log(
        "log.example".parse().expect("a name"),
        *signer().public_key(),
    )
}

/// A log whose entries from `from` on are others than in a log with another word.
fn log(directory: &Path, size: u64, from: u64, word: &str) -> Log {
    let mut log = Log::create(directory, &key(), &signer()).expect("made");
    grow(&mut log, size, from, word);
    log
}

fn grow(log: &mut Log, size: u64, from: u64, word: &str) {
    let entry = |index: u64| match index < from {
        true => format!("{index}").into_bytes(),
        false => format!("{word} {index}").into_bytes(),
    };
    let entries: Vec<_> = (log.size()..size).map(entry).collect();
    log.append(&entries, &signer()).expect("appended");
}

fn reader(directory: &Path) -> LogReader<Folder> {
    LogReader::open(Folder::new(directory), &key()).expect("opened")
}

#[test]
fn growth_is_growth() {
    let scratch = tempfile::tempdir().expect("a directory");
    let mut log = log(scratch.path(), 300, 0, "one");
    let first = reader(scratch.path());
    assert_eq!(observe(&first, None).expect("read"), Observation::First);
    let before = first.checkpoint();
    assert_eq!(
        observe(&first, Some(before)).expect("read"),
        Observation::Unchanged
    );
    grow(&mut log, 777, 0, "one");
    let second = reader(scratch.path());
    let grown = Observation::Grown { entries: 477 };
    assert_eq!(observe(&second, Some(before)).expect("read"), grown);
    let behind = Observation::Behind { remembered: 777 };
    assert_eq!(
        observe(&first, Some(second.checkpoint())).expect("read"),
        behind
    );
}

#[test]
fn a_fork_is_proven_to_strangers() {
    let scratch = tempfile::tempdir().expect("a directory");
    let one = scratch.path().join("one");
    let _one = log(&one, 300, 0, "one");
    let remembered = reader(&one).checkpoint().clone();
    // Of the same size and larger; from the first entry on, and only in the last one.
    for (size, from) in [(300, 0), (300, 299), (301, 0), (1000, 299), (512, 256)] {
        let two = scratch.path().join(format!("{size} {from}"));
        let _two = log(&two, size, from, "two");
        let observed = observe(&reader(&two), Some(&remembered)).expect("read");
        let Observation::Forked(fork) = observed else {
            panic!("{size} from {from}: {observed:?}");
        };
        fork.check(&key()).expect("proven");
        let document = fork.to_json();
        assert_eq!(ForkProof::parse(&document).expect("read"), *fork);
    }
}

#[test]
fn what_is_no_fork_proves_none() {
    let scratch = tempfile::tempdir().expect("a directory");
    let (one, two) = (scratch.path().join("one"), scratch.path().join("two"));
    let mut honest = log(&one, 5, 0, "one");
    let small = reader(&one).checkpoint().clone();
    grow(&mut honest, 9, 0, "one");
    let large = reader(&one);
    let (root, proof) = large.prefix(5).expect("proven");
    let second = large.checkpoint().note().clone();
    let first = small.note().clone();
    let grown = ForkProof {
        first,
        second,
        root,
        proof,
    };
    assert!(matches!(grown.check(&key()), Err(ForkError::Agree)));
    let mut wrong = grown.clone();
    wrong.root = leaf_hash(b"wrong");
    assert!(matches!(wrong.check(&key()), Err(ForkError::Proof(_))));
    let _two = log(&two, 9, 0, "two");
    let Observation::Forked(fork) = observe(&reader(&two), Some(&small)).expect("read") else {
        panic!("a fork");
    };
    let stranger = SecretKey::from_seed(&[2; 32]);
    let other = NoteKey::log(
        "log.example".parse().expect("a name"),
        *stranger.public_key(),
    );
    assert!(matches!(
        fork.check(&other),
        Err(ForkError::Checkpoint { which: "first", .. })
    ));
    let mut turned = fork.clone();
    std::mem::swap(&mut turned.first, &mut turned.second);
    assert!(matches!(turned.check(&key()), Err(ForkError::Proof(_))));
    let document = String::from_utf8(fork.to_json()).expect("text");
    for changed in [
        document.replace("log-fork/v1", "log-fork/v2"),
        document.replace("\"first\"", "\"frist\""),
        document.replacen('{', "{\"more\":1,", 1),
        document[..document.len() - 1].to_owned(),
    ] {
        assert!(
            matches!(
                ForkProof::parse(changed.as_bytes()),
                Err(ForkError::Malformed(_))
            ),
            "{changed}"
        );
    }
}

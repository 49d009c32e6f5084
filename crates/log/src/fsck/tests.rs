use std::fs;
use std::path::Path as FilePath;

use proofmark_keys::{SecretKey, Signer};

use super::*;
use crate::Log;

const SIZE: u64 = 700;

fn signer() -> SecretKey {
    SecretKey::from_seed(&[1; 32])
}

fn key() -> NoteKey {
    NoteKey::log(
        "log.example".parse().expect("a name"),
        *signer().public_key(),
    )
}

fn make(directory: &FilePath) {
    let mut log = Log::create(directory, &key(), &signer()).expect("made");
    for (first, end) in [(0, 300), (300, 600), (600, SIZE)] {
        let entries: Vec<_> = (first..end)
            .map(|index: u64| format!("entry {index}").into_bytes())
            .collect();
        log.append(&entries, &signer()).expect("appended");
    }
}

fn check(directory: &FilePath) -> FsckReport {
    fsck(&Folder::new(directory), &key()).expect("everything can be read")
}

/// Every file of the public half.
fn files(directory: &FilePath) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![directory.join("public")];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).expect("a directory") {
            let path = entry.expect("a name").path();
            match path.is_dir() {
                true => open.push(path),
                false => found.push(path),
            }
        }
    }
    found.sort();
    found
}

#[test]
fn a_whole_log_is_clean_as_is_an_empty_one() {
    let scratch = tempfile::tempdir().expect("a directory");
    let (whole, empty) = (scratch.path().join("whole"), scratch.path().join("empty"));
    make(&whole);
    let report = check(&whole);
    assert!(report.is_clean() && report.size == SIZE, "{report:?}");
    assert_eq!(
        report.files,
        files(&whole).len() as u64,
        "every file was looked at"
    );
    drop(Log::create(&empty, &key(), &signer()).expect("made"));
    assert!(check(&empty).is_clean());
}

#[test]
fn every_file_that_is_changed_cut_or_gone_is_named() {
    let scratch = tempfile::tempdir().expect("a directory");
    make(scratch.path());
    let all = files(scratch.path());
    assert_eq!(all.len(), 13, "{all:#?}");
    for file in all {
        let whole = fs::read(&file).expect("there");
        let flipped = |at: usize| {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            bytes
        };
        let last = whole.len() - 1;
        let changes = [
            flipped(3),
            flipped(last / 2),
            flipped(last),
            whole[..last].to_vec(),
            Vec::new(),
        ];
        for (number, bytes) in changes.into_iter().enumerate() {
            fs::write(&file, &bytes).expect("written");
            let report = check(scratch.path());
            let first = report.damages.first().map(|damage| damage.place.clone());
            assert_eq!(
                first,
                Some(file.display().to_string()),
                "change {number}: {report:#?}"
            );
        }
        fs::remove_file(&file).expect("removed");
        let report = check(scratch.path());
        // Partial files of sizes before may go.
        let needed = file
            .parent()
            .is_none_or(|parent| parent.extension().is_none())
            || [".p/188", ".p/2"]
                .iter()
                .any(|end| file.display().to_string().ends_with(end));
        let first = report.damages.first().map(|damage| damage.place.clone());
        assert_eq!(
            first,
            needed.then(|| file.display().to_string()),
            "{report:#?}"
        );
        fs::write(&file, &whole).expect("written");
    }
    assert!(check(scratch.path()).is_clean());
}

#[test]
fn tiles_that_agree_with_each_other_do_not_fool_it() {
    let scratch = tempfile::tempdir().expect("a directory");
    let (one, two) = (scratch.path().join("one"), scratch.path().join("two"));
    make(&one);
    let mut other = Log::create(&two, &key(), &signer()).expect("made");
    other
        .append(&vec![b"other".to_vec(); 700], &signer())
        .expect("appended");
    drop(other);
    // All of another log but the checkpoint.
    fs::copy(one.join("public/checkpoint"), two.join("public/checkpoint")).expect("copied");
    let report = check(&two);
    assert_eq!(report.damages[0].code, "log-root");
    let stranger = SecretKey::from_seed(&[2; 32]);
    let stranger = NoteKey::log(
        "log.example".parse().expect("a name"),
        *stranger.public_key(),
    );
    let report = fsck(&Folder::new(&one), &stranger).expect("read");
    assert_eq!(
        report.damages[0].place,
        one.join("public/checkpoint").display().to_string()
    );
}

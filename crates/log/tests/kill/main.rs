//! A real process that appends to a real log is killed at one step of the disk after another, and started again
//! until it is done. Without the usual harness, because it starts itself.

mod child;

use std::path::Path;
use std::process::{Command, Output};

use proofmark_keys::{SecretKey, Signer};
use proofmark_log::{Folder, Log, LogReader, fsck};
use proofmark_tlog::{NoteKey, leaf_hash};

/// Starts this very program as the one that is killed.
fn run(directory: &Path, step: usize) -> Output {
    let mut command = Command::new(std::env::current_exe().expect("this test is a file"));
    command.arg(CHILD).arg(directory).arg(step.to_string());
    command.output().expect("the program starts")
}

fn key() -> NoteKey {
    let signer = SecretKey::from_seed(&[1; 32]);
    NoteKey::log("log.example".parse().expect("a name"), *signer.public_key())
}

/// What the program said is durable: sizes and roots.
fn committed(output: &Output) -> Vec<(u64, String)> {
    let text = String::from_utf8_lossy(&output.stdout);
    let lines = text
        .lines()
        .filter_map(|line| line.strip_prefix("committed "));
    lines
        .map(|line| {
            let (size, root) = line.split_once(' ').expect("two words");
            (size.parse().expect("a number"), root.to_owned())
        })
        .collect()
}

/// The first argument of the process that is killed.
const CHILD: &str = "append-until-killed";

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [first, directory, step] if first == CHILD => {
            let step = step.parse().expect("a number");
            child::append(Path::new(directory), step).expect("the disk works");
        }
        _ => a_process_killed_again_and_again_gets_done_and_takes_nothing_back(),
    }
}

fn a_process_killed_again_and_again_gets_done_and_takes_nothing_back() {
    let scratch = tempfile::tempdir().expect("a directory");
    let directory = scratch.path().join("log");
    let mut heads = Vec::new();
    let mut kills = 0;
    // Each life is a little longer than the one before, so that every kind of step is somebody's last.
    for step in 0.. {
        let output = run(&directory, step);
        heads.extend(committed(&output));
        if output.status.success() {
            break;
        }
        kills += 1;
        assert_eq!(
            output.status.code(),
            None,
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        if directory.join("public/checkpoint").exists() {
            let report = fsck(&Folder::new(&directory), &key()).expect("it can be read");
            assert!(report.is_clean(), "killed at step {step}: {report:?}");
        }
    }
    assert!(kills > 30, "{kills} kills are no test");
    Log::open(&directory).expect("it opens");
    let reader = LogReader::open(Folder::new(&directory), &key()).expect("it is signed");
    let report = fsck(&Folder::new(&directory), &key()).expect("it can be read");
    assert!(
        report.is_clean() && report.size == reader.size(),
        "{report:?}"
    );
    for (size, root) in &heads {
        let (then, _) = reader.prefix(*size).expect("the log has only grown");
        assert_eq!(then.to_base64(), *root, "the tree of {size} entries");
    }
    for index in 0..reader.size() {
        let proof = reader.prove(index).expect("it is there");
        let leaf = leaf_hash(format!("entry {index}").as_bytes());
        proof.verify(&leaf, &key()).expect("it holds");
    }
    println!("killed {kills} times, {} checkpoints hold", heads.len());
}

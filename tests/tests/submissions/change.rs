//! What changes while it is read, or after it was hashed.

use std::cell::Cell;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use proofmark_criteria::HostFaultCode;
use proofmark_criteria::submission::SubmissionLimits;
use proofmark_engine::intake::{self, IntakeError, Submission};
use proofmark_engine::{Admission, Engine, Isolation, Job};
use proofmark_tests::setup;
use proofmark_validators::hostile::guest;

use super::{PROGRAM, folder, read};

/// Progress is told between two reads, so a test can act in the midst of the walk.
fn read_while(folder: &Path, act: impl Fn()) -> Result<Submission, IntakeError> {
    let done = Cell::new(false);
    let once = |_| {
        if !done.replace(true) {
            act()
        }
    };
    intake::directory(folder, &SubmissionLimits::default(), &once)
}

#[test]
fn what_changes_under_the_reader_is_refused() {
    let append = |path: &Path| {
        let mut file = File::options()
            .append(true)
            .open(path)
            .expect("it is there");
        file.write_all(b"more").expect("it can be written");
    };
    let grown = folder(&[("a", b"first"), ("b", b"second")]);
    let error =
        read_while(grown.path(), || append(&grown.path().join("a"))).expect_err("it changed");
    assert_eq!(error.code(), "submission-changed");

    let gone = folder(&[("a", b"first"), ("b", b"second")]);
    let vanish = || fs::remove_file(gone.path().join("b")).expect("it is there");
    assert_eq!(
        read_while(gone.path(), vanish)
            .expect_err("it is gone")
            .code(),
        "submission-unreadable"
    );

    for name in ["b", "z"] {
        let scratch = folder(&[
            ("work/a", b"first"),
            ("work/b", b"second"),
            ("work/z/c", b"third"),
        ]);
        let work = scratch.path().join("work");
        let swap = || {
            fs::rename(work.join(name), scratch.path().join("aside")).expect("it is there");
            symlink("../aside", work.join(name)).expect("a link can be made");
        };
        let error = read_while(&work, swap).expect_err("a link is not followed");
        assert_eq!(error.code(), "submission-symlink", "{name}");
    }
}

/// A file that grows as fast as it is read must not keep the reader for ever.
#[test]
fn a_file_that_never_ends_is_refused() {
    let folder = folder(&[("a", &[0; 2 << 20])]);
    let reads = Cell::new(0);
    let grow = |_| {
        reads.set(reads.get() + 1);
        assert!(reads.get() < 100, "the reader follows a file that grows");
        let mut file = File::options()
            .append(true)
            .open(folder.path().join("a"))
            .expect("it is there");
        file.write_all(&[0; 2 << 20]).expect("it can be written");
    };
    let error = intake::directory(folder.path(), &SubmissionLimits::default(), &grow)
        .expect_err("it changed");
    assert_eq!(error.code(), "submission-changed");
}

/// The files of `/proc` say that they are empty and are not: a manifest of them would lie.
#[test]
fn a_file_that_lies_about_its_size_is_refused() {
    let error = intake::file(Path::new("/proc/self/status"), &|_| {}).expect_err("it is refused");
    assert_eq!(error.code(), "submission-changed");
}

/// Too large to be kept in memory.
const LARGE: usize = 300 << 10;

/// What becomes of a run whose artifact is not what was hashed. The guest opens `large.bin`.
fn run_after(act: impl Fn(&Path)) -> Vec<HostFaultCode> {
    let component = guest("read-amplification").expect("a hostile guest");
    let codes = [Isolation::Process, Isolation::None]
        .into_iter()
        .map(|isolation| {
            let folder = folder(&[("large.bin", &[7; LARGE])]);
            let read = read(folder.path()).expect("it is legal");
            // Times of files are no finer than a tick of the kernel before Linux 6.13.
            std::thread::sleep(Duration::from_millis(20));
            act(&folder.path().join("large.bin"));
            let mut options = setup::options(PROGRAM, isolation);
            options.cache = Some(concat!(env!("CARGO_TARGET_TMPDIR"), "/warm-cache").into());
            let engine = Engine::new(options).expect("an engine can be made here");
            let validator = engine
                .prepare(component, Admission::Published)
                .expect("it can be prepared");
            let job = Job {
                submission: read.files,
                ..setup::job(&["behaviour"], &[])
            };
            engine
                .evaluate(&validator, &job)
                .expect_err("there is no verdict")
                .code
        });
    codes.collect()
}

/// A small file is judged from the bytes that were hashed: even a writer who leaves no trace in the times,
/// as through a mapping, comes too late.
#[test]
fn a_small_file_is_judged_as_it_was_hashed() {
    let component = guest("read-amplification").expect("a hostile guest");
    let outcome = |act: fn(&Path)| {
        let folder = folder(&[("large.bin", &[7; 4_096])]);
        let read = read(folder.path()).expect("it is legal");
        act(&folder.path().join("large.bin"));
        let mut options = setup::options(PROGRAM, Isolation::Process);
        options.cache = Some(concat!(env!("CARGO_TARGET_TMPDIR"), "/warm-cache").into());
        let engine = Engine::new(options).expect("an engine can be made here");
        let validator = engine.prepare(component, Admission::Published);
        let job = Job {
            submission: read.files,
            ..setup::job(&["behaviour"], &[])
        };
        let validator = validator.expect("it can be prepared");
        engine
            .evaluate(&validator, &job)
            .expect("a verdict")
            .outcome
    };
    let untouched = outcome(|_| {});
    assert_eq!(
        outcome(|path| fs::write(path, [8; 4_096]).expect("ours")),
        untouched
    );
    assert_eq!(
        outcome(|path| fs::remove_file(path).expect("ours")),
        untouched
    );
}

#[test]
fn what_changes_after_it_was_hashed_gives_no_verdict() {
    let changed = [HostFaultCode::ArtifactChanged; 2];
    let write = |path: &Path| fs::write(path, [8; LARGE]).expect("it can be written");
    assert_eq!(run_after(write), changed);
    let same_bytes = |path: &Path| fs::write(path, [7; LARGE]).expect("it can be written");
    assert_eq!(
        run_after(same_bytes),
        changed,
        "who wrote once may write again"
    );
    let backdated = |path: &Path| {
        let before = fs::metadata(path)
            .and_then(|found| found.modified())
            .expect("it is there");
        write(path);
        let file = File::options().write(true).open(path).expect("it is there");
        file.set_modified(before).expect("it is ours");
    };
    assert_eq!(
        run_after(backdated),
        changed,
        "the time of modification is not what is trusted"
    );
    let replaced = |path: &Path| {
        let other = path.with_extension("new");
        write(&other);
        fs::rename(other, path).expect("it is there");
    };
    assert_eq!(run_after(replaced), changed);
}

#[test]
fn what_vanishes_after_it_was_hashed_gives_no_verdict() {
    let missing = [HostFaultCode::ArtifactMissing; 2];
    assert_eq!(
        run_after(|path| fs::remove_file(path).expect("it is there")),
        missing
    );
    let linked = |path: &Path| {
        let aside = path.with_extension("aside");
        fs::rename(path, &aside).expect("it is there");
        symlink(&aside, path).expect("a link can be made");
    };
    assert_eq!(
        run_after(linked),
        missing,
        "the very file is behind the link, and the link is not followed"
    );
}

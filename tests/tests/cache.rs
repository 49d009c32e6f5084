//! Compiled code on disk is native code: what is loaded is exactly what was put there, for exactly that
//! validator, or it is compiled again.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, SystemTime};

use proofmark_criteria::HostFaultCode;
use proofmark_criteria::record::RunOutcome;
use proofmark_engine::cache::{Cache, CacheStatus};
use proofmark_engine::{Admission, Engine, Isolation, OptLevel};
use proofmark_tests::frozen::freeze;
use proofmark_tests::setup::{self, root};
use proofmark_validators::hostile::guest;
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_proofmark-under-test");

/// Two guests that report, each something of its own.
const ONE: &str = "nan-bits";
const OTHER: &str = "out-of-range-reads";

fn engine(cache: &Path, isolation: Isolation, opt: OptLevel) -> Engine {
    let mut options = setup::options(PROGRAM, isolation);
    options.cache = Some(cache.to_owned());
    options.opt = opt;
    Engine::new(options).expect("an engine can be made here")
}

/// A new engine over the cache runs the guest.
fn outcome(cache: &Path, isolation: Isolation, name: &str) -> RunOutcome {
    let engine = engine(cache, isolation, OptLevel::Speed);
    let component = guest(name).expect("a hostile guest");
    let validator = engine
        .prepare(component, Admission::Published)
        .expect("it can be prepared");
    engine
        .evaluate(&validator, &setup::job(&["behaviour"], &[("a", b"text")]))
        .expect("it runs")
        .outcome
}

fn fresh() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let cache = folder.path().join("cache");
    (folder, cache)
}

/// The files of compiled code, sorted.
fn entries(cache: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(cache)
        .expect("the cache")
        .flatten()
        .map(|file| file.path());
    let mut found: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|suffix| suffix == "code"))
        .collect();
    found.sort();
    found
}

fn only_entry(cache: &Path) -> PathBuf {
    let mut found = entries(cache);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

/// An entry as it is now. It stays open, so that no other file can get its number.
struct Mark(File, PathBuf);

impl Mark {
    fn of(entry: &Path) -> Self {
        Self(File::open(entry).expect("the entry"), entry.to_owned())
    }

    /// Is there another file by now?
    fn is_replaced(&self) -> bool {
        let now = fs::metadata(&self.1).expect("the entry").ino();
        now != self.0.metadata().expect("an open file").ino()
    }
}

/// A cache with one guest, its entry, and what the guest comes to.
fn filled(isolation: Isolation) -> (TempDir, PathBuf, PathBuf, RunOutcome) {
    let (folder, cache) = fresh();
    let expected = outcome(&cache, isolation, ONE);
    let entry = only_entry(&cache);
    (folder, cache, entry, expected)
}

#[test]
fn code_is_compiled_once() {
    for isolation in [Isolation::Process, Isolation::None] {
        let (_folder, cache, entry, expected) = filled(isolation);
        let before = Mark::of(&entry);
        assert_eq!(outcome(&cache, isolation, ONE), expected);
        assert!(!before.is_replaced(), "it was not made again");
    }
}

#[test]
fn code_that_is_not_what_was_put_there_is_compiled_again() {
    let (_folder, cache, entry, expected) = filled(Isolation::Process);
    let good = fs::read(&entry).expect("the entry");
    let flipped = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    };
    let cut = |len: usize| good[..len].to_vec();
    let longer = [good.as_slice(), b"\0"].concat();
    let damaged = [
        // In the keyed hash, at the first byte of the code, in its middle, at its end.
        flipped(0),
        flipped(32),
        flipped(good.len() / 2),
        flipped(good.len() - 1),
        cut(0),
        cut(31),
        cut(32),
        cut(good.len() / 2),
        cut(good.len() - 1),
        longer,
    ];
    for (case, bytes) in damaged.iter().enumerate() {
        for isolation in [Isolation::Process, Isolation::None] {
            fs::write(&entry, bytes).expect("the entry can be written");
            let before = Mark::of(&entry);
            assert_eq!(outcome(&cache, isolation, ONE), expected, "{case}");
            assert!(before.is_replaced(), "{case}");
            assert_eq!(
                fs::read(&entry).expect("the entry").len(),
                good.len(),
                "{case}"
            );
            let repaired = Mark::of(&entry);
            assert_eq!(outcome(&cache, isolation, ONE), expected, "{case}");
            assert!(!repaired.is_replaced(), "{case}: what replaced it is good");
        }
    }
}

#[test]
fn code_of_one_validator_cannot_stand_in_for_another() {
    let (_folder, cache, one, expected) = filled(Isolation::Process);
    let other_expected = outcome(&cache, Isolation::Process, OTHER);
    assert_ne!(other_expected, expected);
    let other = entries(&cache)
        .into_iter()
        .find(|path| *path != one)
        .expect("a second entry");
    fs::copy(&other, &one).expect("the entry can be written");
    for isolation in [Isolation::Process, Isolation::None] {
        assert_eq!(outcome(&cache, isolation, ONE), expected);
        assert_eq!(outcome(&cache, isolation, OTHER), other_expected);
        fs::copy(&other, &one).expect("the entry can be written");
    }
}

#[test]
fn each_optimisation_has_an_entry_of_its_own() {
    let (_folder, cache, entry, _) = filled(Isolation::Process);
    let component = guest(ONE).expect("a hostile guest");
    let quick = engine(&cache, Isolation::Process, OptLevel::None);
    quick
        .prepare(component, Admission::Published)
        .expect("it can be prepared");
    let found = entries(&cache);
    assert_eq!(found.len(), 2);
    let other = found
        .iter()
        .find(|path| **path != entry)
        .expect("a second entry");
    // And neither stands in for the other.
    fs::copy(other, &entry).expect("the entry can be written");
    let before = Mark::of(&entry);
    outcome(&cache, Isolation::Process, ONE);
    assert!(before.is_replaced());
}

#[test]
fn a_new_key_makes_every_entry_worthless() {
    let (_folder, cache, entry, expected) = filled(Isolation::Process);
    fs::remove_file(cache.join("key")).expect("the key is there");
    let before = Mark::of(&entry);
    assert_eq!(outcome(&cache, Isolation::Process, ONE), expected);
    assert!(before.is_replaced());
}

#[test]
fn key_and_cache_belong_to_their_owner_alone() {
    let (_folder, cache, entry, _) = filled(Isolation::Process);
    let mode = |path: &Path| {
        fs::metadata(path)
            .expect("it is there")
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(
        (mode(&cache), mode(&cache.join("key")), mode(&entry)),
        (0o700, 0o600, 0o600)
    );
    assert_eq!(fs::read(cache.join("key")).expect("the key").len(), 32);
}

/// What is wrong is said with a hint by which it can be mended, and the exit status is the environment's.
#[track_caller]
fn unusable(cache: &Path, says: &str) {
    let error = Cache::open(cache).expect_err("it cannot be used");
    assert_eq!(error.code, HostFaultCode::CacheCorrupt, "{error}");
    assert!(error.detail.contains(says), "{error}");
    let output = program(&["cache", "status"], cache)
        .output()
        .expect("it starts");
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{text}");
    assert!(
        text.contains(says) && text.contains("[cache-corrupt]"),
        "{text}"
    );
    let hint = text
        .lines()
        .find_map(|line| line.strip_prefix("hint: "))
        .expect("a hint");
    assert!(
        hint.contains("--cache") && !hint.contains("try again"),
        "{hint}"
    );
}

fn program(arguments: &[&str], cache: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .env_clear()
        .env("NO_COLOR", "1")
        .current_dir(root())
        .stdin(Stdio::null());
    command.args(arguments).arg("--cache").arg(cache);
    command
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");
}

#[test]
fn a_cache_that_others_may_touch_is_not_used() {
    let (_folder, cache, ..) = filled(Isolation::Process);
    for mode in [0o770, 0o702, 0o777, 0o1777] {
        chmod(&cache, mode);
        unusable(&cache, "chmod 700");
    }
    chmod(&cache, 0o700);
    for mode in [0o640, 0o604, 0o660, 0o602] {
        chmod(&cache.join("key"), mode);
        unusable(&cache, "chmod 600");
    }
    chmod(&cache.join("key"), 0o600);
    assert!(Cache::open(&cache).is_ok());
}

#[test]
fn a_key_that_is_none_is_not_used() {
    let (_folder, cache, ..) = filled(Isolation::Process);
    let key = cache.join("key");
    for len in [0, 31, 33] {
        fs::write(&key, vec![1; len]).expect("it is ours");
        chmod(&key, 0o600);
        unusable(&cache, "delete it");
    }
    fs::rename(&key, cache.join("other")).expect("it is there");
    symlink("other", &key).expect("a link can be made");
    unusable(&cache, "delete it");
}

#[test]
fn a_cache_that_cannot_be_made_is_said() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    fs::write(folder.path().join("file"), "").expect("it is ours");
    let error = Cache::open(&folder.path().join("file")).expect_err("a file is no cache");
    assert_eq!(error.code, HostFaultCode::Io);
}

#[test]
fn several_processes_may_start_on_a_fresh_cache() {
    let (folder, cache) = fresh();
    freeze(folder.path(), guest(ONE).expect("a hostile guest"), |_| {});
    fs::create_dir(folder.path().join("work")).expect("it is ours");
    let start = || -> Child {
        let arguments = ["check", "criteria.json", "work", "--output", "json"];
        let mut command = program(&arguments, &cache);
        command
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.spawn().expect("it starts")
    };
    let children: Vec<_> = (0..4).map(|_| start()).collect();
    let outputs: Vec<Output> = children
        .into_iter()
        .map(|child| child.wait_with_output().expect("it ends"))
        .collect();
    let digests = outputs.iter().map(|output| {
        assert_eq!(
            output.status.code(),
            Some(0),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        json["record_digest"].as_str().expect("a digest").to_owned()
    });
    let mut digests: Vec<_> = digests.collect();
    digests.dedup();
    assert_eq!(digests.len(), 1);
    let entry = only_entry(&cache);
    let before = Mark::of(&entry);
    let last = start().wait_with_output().expect("it ends");
    assert_eq!(last.status.code(), Some(0));
    assert!(!before.is_replaced(), "what they left behind is good");
    // Key and entry, and nothing half-written.
    assert_eq!(fs::read_dir(&cache).expect("the cache").count(), 2);
}

#[test]
fn several_threads_may_open_a_fresh_cache() {
    for _ in 0..20 {
        let (_folder, cache) = fresh();
        std::thread::scope(|scope| {
            let opens: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| Cache::open(&cache).map(drop)))
                .collect();
            for open in opens {
                open.join().expect("no panic").expect("it can be opened");
            }
        });
        assert_eq!(
            fs::read_dir(&cache).expect("the cache").count(),
            1,
            "one key"
        );
    }
}

#[test]
fn clear_leaves_the_key_only() {
    let (_folder, cache, entry, expected) = filled(Isolation::Process);
    let store = Cache::open(&cache).expect("it can be opened");
    let full = CacheStatus {
        entries: 1,
        size_bytes: fs::metadata(&entry).expect("the entry").len(),
    };
    assert_eq!(store.status().expect("it can be read"), full);
    let output = program(&["cache", "clear"], &cache)
        .output()
        .expect("it starts");
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(
        store.status().expect("it can be read"),
        CacheStatus::default()
    );
    assert!(cache.join("key").is_file());
    assert_eq!(
        outcome(&cache, Isolation::Process, ONE),
        expected,
        "it is made again when needed"
    );
    assert_eq!(store.status().expect("it can be read"), full);
}

/// What a process leaves that is killed while it writes an entry.
fn leave(cache: &Path, name: &str, age: Duration) -> PathBuf {
    let path = cache.join(name);
    fs::write(&path, [0; 1_000]).expect("the cache is ours");
    let file = File::options()
        .write(true)
        .open(&path)
        .expect("it is there");
    file.set_modified(SystemTime::now() - age)
        .expect("it is ours");
    path
}

#[test]
fn what_was_left_unfinished_is_counted_and_deleted() {
    let (_folder, cache, entry, _) = filled(Isolation::Process);
    let store = Cache::open(&cache).expect("it can be opened");
    let full = store.status().expect("it can be read");
    let old = leave(&cache, ".tmpOld123", Duration::from_secs(2 * 60 * 60));
    let recent = leave(&cache, ".tmpNew123", Duration::from_secs(60));
    let counted = CacheStatus {
        size_bytes: full.size_bytes + 2_000,
        ..full
    };
    assert_eq!(store.status().expect("it can be read"), counted);
    // The next entry that is kept tidies up; what may still be written stays.
    outcome(&cache, Isolation::Process, OTHER);
    assert!(!old.exists() && recent.exists() && entry.exists());
    assert_eq!(store.clear().expect("it can be emptied").entries, 2);
    assert!(!recent.exists());
    assert_eq!(
        fs::read_dir(&cache).expect("the cache").count(),
        1,
        "the key"
    );
}

#[test]
fn several_may_empty_a_cache_at_once() {
    let (_folder, cache) = fresh();
    let store = Cache::open(&cache).expect("it can be opened");
    for _ in 0..10 {
        for n in 0..200 {
            leave(&cache, &format!("{n}.code"), Duration::ZERO);
            leave(&cache, &format!(".tmp{n}"), Duration::ZERO);
        }
        std::thread::scope(|scope| {
            let clears: Vec<_> = (0..8).map(|_| scope.spawn(|| store.clear())).collect();
            for clear in clears {
                clear.join().expect("no panic").expect("it can be emptied");
            }
        });
        assert_eq!(
            store.status().expect("it can be read"),
            CacheStatus::default()
        );
    }
}

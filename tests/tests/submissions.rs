//! Everything that is refused as a submission, made on a real file system, each with its own code; and
//! what is legal although it looks odd.

#[path = "submissions/change.rs"]
mod change;
#[path = "submissions/manifest.rs"]
mod manifest;

use std::cell::Cell;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use manifest::listing;
use proofmark_core::Digest;
use proofmark_criteria::submission::{Manifest, SubmissionLimits};
use proofmark_engine::intake::{self, IntakeError, Submission};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_proofmark-under-test");

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary directory");
    files
        .iter()
        .for_each(|(name, content)| put(folder.path(), name, content));
    folder
}

fn put(folder: &Path, name: impl AsRef<Path>, content: &[u8]) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("it is below the folder"))
        .expect("a folder can be made");
    fs::write(path, content).expect("a file can be written");
}

fn read(folder: &Path) -> Result<Submission, IntakeError> {
    intake::directory(folder, &SubmissionLimits::default(), &|_| {})
}

#[track_caller]
fn refused(folder: &Path, code: &str) {
    let error = read(folder).expect_err("it is refused");
    assert_eq!(error.code(), code, "{error}");
    assert!(!error.hint().is_empty());
}

#[test]
fn links_are_refused_wherever_they_lead() {
    for target in ["file.txt", "inner", "nowhere", "..", "/etc/passwd", "link"] {
        let folder = folder(&[("file.txt", b"a"), ("inner/b.txt", b"b")]);
        symlink(target, folder.path().join("link")).expect("a link can be made");
        refused(folder.path(), "submission-symlink");
    }
    let folder = folder(&[("file.txt", b"a")]);
    fs::create_dir(folder.path().join("inner")).expect("a folder can be made");
    symlink("../file.txt", folder.path().join("inner/link")).expect("a link can be made");
    refused(folder.path(), "submission-symlink");
}

/// The root itself is the caller's own word, so it may be a link.
#[test]
fn the_root_may_be_a_link() {
    let folder = folder(&[("work/a.txt", b"a")]);
    symlink("work", folder.path().join("link")).expect("a link can be made");
    let direct = read(&folder.path().join("work")).expect("it is legal");
    let through = read(&folder.path().join("link")).expect("it is legal");
    assert_eq!(direct.manifest, through.manifest);
}

#[test]
fn pipes_sockets_and_devices_are_refused_without_being_opened() {
    let pipe = folder(&[("a.txt", b"a")]);
    mknodat(CWD, pipe.path().join("pipe"), FileType::Fifo, Mode::RWXU, 0)
        .expect("a pipe can be made");
    refused(pipe.path(), "submission-special-file");

    let socket = folder(&[("a.txt", b"a")]);
    let _listener = UnixListener::bind(socket.path().join("socket")).expect("a socket can be made");
    refused(socket.path(), "submission-special-file");

    let device = folder(&[("a.txt", b"a")]);
    let null = rustix::fs::makedev(1, 3);
    match mknodat(
        CWD,
        device.path().join("null"),
        FileType::CharacterDevice,
        Mode::RWXU,
        null,
    ) {
        Ok(()) => refused(device.path(), "submission-special-file"),
        Err(error) => {
            eprintln!("skipped: a device cannot be made here ({error}); /dev/null is tried below")
        }
    }
    let error = named("null", Path::new("/dev")).expect_err("a device is refused");
    assert_eq!(error.code(), "submission-special-file");
}

/// Read the files of a manifest that was made from nothing but names.
fn named(path: &str, root: &Path) -> Result<Submission, IntakeError> {
    let text = listing(&[(path, b"")]);
    let manifest =
        Manifest::parse(text.as_bytes(), &SubmissionLimits::default()).expect("a manifest");
    intake::manifest(&manifest, root, &SubmissionLimits::default(), &|_| {})
}

/// A file and a directory that only their owner could read, if he had not forbidden it to himself. The
/// superuser reads anything, so then the product runs as nobody.
#[test]
fn what_cannot_be_read_is_refused() {
    let folder = folder(&[("file/a.txt", b"a"), ("directory/inner/a.txt", b"a")]);
    let forbid = |name: &str, mode| {
        fs::set_permissions(folder.path().join(name), fs::Permissions::from_mode(mode))
            .expect("it is ours");
    };
    forbid("", 0o755);
    forbid("file/a.txt", 0);
    forbid("directory/inner", 0);
    let superuser = rustix::process::geteuid().is_root();
    // Nobody can look into the folder of the build, perhaps.
    let program = folder.path().join("proofmark");
    fs::copy(PROGRAM, &program).expect("the binary can be copied");
    for work in ["file", "directory"] {
        let mut command = Command::new(&program);
        command
            .env_clear()
            .args(["submission", "manifest", "--output", "json"])
            .arg(folder.path().join(work));
        if superuser {
            command.uid(65_534).gid(65_534);
        }
        match command.output() {
            Ok(output) => {
                let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
                assert_eq!(
                    json["error"]["problems"][0]["code"], "submission-unreadable",
                    "{work}: {json}"
                );
                assert_eq!(output.status.code(), Some(2));
            }
            Err(error) if superuser => {
                eprintln!("skipped: the product cannot run as nobody here ({error})")
            }
            Err(error) => panic!("the product does not start: {error}"),
        }
    }
    forbid("directory/inner", 0o755);
}

#[test]
fn a_root_that_is_no_readable_directory_is_refused() {
    let folder = folder(&[("file.txt", b"a")]);
    refused(&folder.path().join("nowhere"), "submission-root-unreadable");
    refused(
        &folder.path().join("file.txt"),
        "submission-root-unreadable",
    );
}

#[test]
fn names_that_mean_something_else_elsewhere_are_refused() {
    let bytes = |bytes: &'static [u8]| Path::new(OsStr::from_bytes(bytes)).to_owned();
    let deep = |depth: usize| Path::new(&"d/".repeat(depth)).join("file");
    let long =
        |count: usize| Path::new(&format!("{}/", "x".repeat(250)).repeat(count)).join("file");
    let cases = [
        (bytes(b"caf\xe9.txt"), "submission-path-not-utf8"),
        (bytes(b"inner/\xff/a"), "submission-path-not-utf8"),
        (bytes("cafe\u{301}.txt".as_bytes()), "path-not-nfc"),
        (bytes("e\u{301}/a.txt".as_bytes()), "path-not-nfc"),
        (bytes(b"a\\b.txt"), "path-backslash"),
        (bytes(b"a:b"), "path-reserved-character"),
        (bytes(b"a./b"), "path-trailing-dot-or-space"),
        (bytes(b"nul.txt"), "path-reserved-name"),
        (bytes(b"a\nb"), "path-control-character"),
        (bytes(b"a\x1b[2Jb"), "path-control-character"),
        (
            bytes("a\u{202e}txt.exe".as_bytes()),
            "path-control-character",
        ),
        (deep(64), "path-too-deep"),
        (deep(70), "path-too-deep"),
        (long(5), "path-too-long"),
    ];
    for (path, code) in cases {
        let folder = folder(&[("a.txt", b"a")]);
        put(folder.path(), &path, b"b");
        refused(folder.path(), code);
    }
    let inner = folder(&[("inner/a\\b.txt", b"a")]);
    let error = read(inner.path()).expect_err("it is refused").to_string();
    assert!(
        error.starts_with("inner/a\\b.txt "),
        "the file is named: {error}"
    );
    for path in [
        deep(63),
        long(4),
        bytes("café/日本.txt".as_bytes()),
        bytes(b".. a"),
    ] {
        let folder = folder(&[]);
        put(folder.path(), &path, b"b");
        let read = read(folder.path()).expect("it is legal");
        assert_eq!(read.manifest.entries().len(), 1);
    }
}

#[test]
fn names_that_are_one_elsewhere_are_refused() {
    for (names, code) in [
        (&["README", "readme"][..], "case-collision"),
        (&["A/x", "a/x"], "case-collision"),
        (&["straße", "STRASSE"], "case-collision"),
        (&["x²", "x2"], "unicode-collision"),
        (&["x²/a", "x2/a"], "unicode-collision"),
        (&["A", "a/b"], "file-and-directory"),
    ] {
        let folder = folder(&[]);
        names.iter().for_each(|name| put(folder.path(), name, b"a"));
        refused(folder.path(), code);
        let never = |bytes| panic!("{bytes} bytes were hashed");
        let error = intake::directory(folder.path(), &SubmissionLimits::default(), &never);
        assert_eq!(error.expect_err("it is refused").code(), code);
    }
}

/// Directories hold no bytes, and cost memory all the same.
#[test]
fn names_without_end_are_refused() {
    let folder = folder(&[]);
    for index in 0..102 {
        let outer = folder.path().join(index.to_string());
        fs::create_dir(&outer).expect("a folder can be made");
        for inner in 0..999 {
            fs::create_dir(outer.join(inner.to_string())).expect("a folder can be made");
        }
    }
    let few = SubmissionLimits {
        max_artifacts: 10,
        ..SubmissionLimits::default()
    };
    let error = intake::directory(folder.path(), &few, &|_| {}).expect_err("it is refused");
    assert_eq!(error.code(), "too-many-artifacts");
}

#[test]
fn too_much_is_refused() {
    let folder = folder(&[("a", b"1234"), ("b", b"1234"), ("c/d", b"1234")]);
    let exact = SubmissionLimits {
        max_artifacts: 3,
        max_artifact_bytes: 4,
        max_total_bytes: 12,
    };
    let hashed = Cell::new(0);
    let count = |bytes| hashed.set(hashed.get() + bytes);
    assert!(intake::directory(folder.path(), &exact, &count).is_ok());
    assert_eq!(hashed.replace(0), 12, "progress tells every byte");
    for (limits, code) in [
        (
            SubmissionLimits {
                max_artifacts: 2,
                ..exact
            },
            "too-many-artifacts",
        ),
        (
            SubmissionLimits {
                max_total_bytes: 11,
                ..exact
            },
            "submission-too-large",
        ),
        (
            SubmissionLimits {
                max_artifact_bytes: 3,
                ..exact
            },
            "artifact-too-large",
        ),
    ] {
        hashed.set(0);
        let error = intake::directory(folder.path(), &limits, &count).expect_err("it is refused");
        assert_eq!(error.code(), code, "{error}");
    }
    assert_eq!(
        hashed.get(),
        0,
        "a file that is too large is not hashed first"
    );
}

/// Sparse files: what they claim is checked before a byte of any is hashed, even of those that would do.
#[test]
fn too_much_is_refused_before_anything_is_hashed() {
    let folder = folder(&[]);
    for name in ["a", "b", "c/d"] {
        put(folder.path(), name, b"");
        let file = File::options().write(true).open(folder.path().join(name));
        file.and_then(|file| file.set_len(1 << 39))
            .expect("a file with a hole can be made");
    }
    let limits = SubmissionLimits::default();
    let two = SubmissionLimits {
        max_artifacts: 2,
        ..limits
    };
    let small = SubmissionLimits {
        max_artifact_bytes: (1 << 39) - 1,
        ..limits
    };
    let never = |bytes| panic!("{bytes} bytes were hashed");
    // If several apply: count, size, total.
    for (limits, code) in [
        (two, "too-many-artifacts"),
        (small, "artifact-too-large"),
        (limits, "submission-too-large"),
    ] {
        let error = intake::directory(folder.path(), &limits, &never).expect_err("it is refused");
        assert_eq!(error.code(), code, "{error}");
    }
    // A manifest is refused for what it says of itself, though the files are there.
    let wide = SubmissionLimits {
        max_total_bytes: 1 << 41,
        ..limits
    };
    let text = listing(&[("a", b""), ("b", b""), ("c/d", b"")]);
    let text = text.replace(
        r#""sizeBytes":0"#,
        &format!(r#""sizeBytes":{}"#, 1_u64 << 39),
    );
    let large = Manifest::parse(text.as_bytes(), &wide).expect("it is legal there");
    for (limits, code) in [
        (two, "too-many-artifacts"),
        (limits, "submission-too-large"),
    ] {
        let error = intake::manifest(&large, folder.path(), &limits, &never);
        assert_eq!(error.expect_err("it is refused").code(), code);
    }
    // One that lies is found out by what is there.
    let text = listing(&[("a", b""), ("b", b""), ("c/d", b"")]);
    let lying = Manifest::parse(text.as_bytes(), &limits).expect("it is legal");
    let tight = SubmissionLimits {
        max_total_bytes: (1 << 39) - 1,
        ..limits
    };
    let error = intake::manifest(&lying, folder.path(), &tight, &never).expect_err("it lies");
    assert_eq!(error.code(), "submission-too-large");
}

/// A small file for memory: a regular one, and no more of it than is allowed.
#[test]
fn bytes_are_read_within_their_limit_from_regular_files_only() {
    let folder = folder(&[("a", b"1234")]);
    let path = folder.path().join("a");
    let code = |read: Result<Vec<u8>, IntakeError>| read.expect_err("it is refused").code();
    for read in [intake::bytes, intake::blob] {
        assert_eq!(read(&path, 4).expect("it fits"), b"1234");
        assert_eq!(code(read(&path, 3)), "artifact-too-large");
        // It says that it is empty, and is not.
        let lying = Path::new("/proc/self/status");
        assert_eq!(code(read(lying, 3)), "artifact-too-large");
        assert_eq!(
            code(read(Path::new("/dev/zero"), 4)),
            "submission-special-file"
        );
        assert_eq!(code(read(folder.path(), 4)), "submission-special-file");
        let pipe = folder.path().join("pipe");
        let _ = mknodat(CWD, &pipe, FileType::Fifo, Mode::RWXU, 0);
        assert_eq!(code(read(&pipe, 4)), "submission-special-file");
        assert_eq!(
            code(read(&folder.path().join("b"), 4)),
            "submission-unreadable"
        );
    }
    let link = folder.path().join("link");
    symlink("a", &link).expect("a link can be made");
    assert_eq!(
        intake::bytes(&link, 4).expect("a name may be a link"),
        b"1234"
    );
    assert_eq!(code(intake::blob(&link, 4)), "submission-symlink");
}

/// A listing that was cut would be a delivery that depends on the order of the directory. So many
/// directories are made quickly in memory only.
#[test]
fn a_directory_is_never_read_in_part() {
    let Ok(folder) = tempfile::tempdir_in("/dev/shm") else {
        eprintln!("skipped: there is no /dev/shm here");
        return;
    };
    put(folder.path(), "z", b"the only file");
    for n in 0..100_002 {
        fs::create_dir(folder.path().join(n.to_string())).expect("a folder can be made");
    }
    let limits = SubmissionLimits {
        max_artifacts: 1,
        ..SubmissionLimits::default()
    };
    let error = intake::directory(folder.path(), &limits, &|_| {}).expect_err("it is refused");
    assert_eq!(error.code(), "too-many-artifacts");
}

#[test]
fn nothing_is_a_legal_delivery() {
    let empty = folder(&[]);
    let read = read(empty.path()).expect("it is legal");
    assert_eq!(
        (read.manifest.entries().len(), read.manifest.total_bytes()),
        (0, 0)
    );
    let inner = folder(&[]);
    fs::create_dir_all(inner.path().join("a/b")).expect("a folder can be made");
    let same = self::read(inner.path()).expect("folders alone deliver nothing");
    assert_eq!(read.manifest, same.manifest);
}

#[test]
fn the_digest_is_that_of_names_and_contents() {
    let files: [(&str, &[u8]); 5] = [
        ("b", b"2"),
        ("a/z", b"1"),
        ("a-b", b""),
        ("é", b"4"),
        ("A1", &[0; 3_000_000]),
    ];
    let forth = folder(&files);
    let mut reversed = files;
    reversed.reverse();
    let back = folder(&reversed);
    let old = File::options()
        .write(true)
        .open(back.path().join("b"))
        .expect("it is there");
    old.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1))
        .expect("it is ours");
    fs::set_permissions(back.path().join("a-b"), fs::Permissions::from_mode(0o700))
        .expect("it is ours");
    // Enough names that the file system lists them in an order of its own.
    for (folder, names) in [
        (&forth, (0..300).collect::<Vec<_>>()),
        (&back, (0..300).rev().collect()),
    ] {
        names
            .iter()
            .for_each(|n| put(folder.path(), format!("many/{n}"), &[]));
    }
    let (one, other) = (
        read(forth.path()).expect("legal"),
        read(back.path()).expect("legal"),
    );
    assert_eq!(one.manifest, other.manifest);
    assert_eq!(
        one.manifest.digest(),
        Digest::of(one.manifest.canonical_bytes())
    );
    let again = Manifest::parse(one.manifest.canonical_bytes(), &SubmissionLimits::default());
    assert_eq!(again.expect("what is written can be read"), one.manifest);
    put(back.path(), "b", b"3");
    assert_ne!(
        read(back.path()).expect("legal").manifest.digest(),
        one.manifest.digest()
    );
}

//! Building small guests: the same bytes from any place, and clear errors.

use proofmark_guest_build::{BuildError, DEFAULT_INITIAL_MEMORY_BYTES, GuestBuild};
use std::fs;
use std::path::{Path, PathBuf};

const MANIFEST: &str = r#"[package]
name = "tiny"
version = "0.1.0"
edition = "2024"

[lib]
crate-type = ["cdylib"]

[[example]]
name = "small"
crate-type = ["cdylib"]

[[example]]
name = "also-small"
crate-type = ["cdylib"]

[profile.release]
strip = true
"#;
/// Names its own file and one of the standard library, which is what would differ between machines.
const SOURCE: &str = r#"
#[unsafe(no_mangle)]
pub extern "C" fn poke(at: usize) -> u32 {
    let digits: Vec<u32> = (0..at as u32).collect();
    digits[at / 2] + file!().len() as u32
}
"#;

/// A package in `dir`.
fn package(dir: &Path, manifest: &str) -> PathBuf {
    for (path, content) in [
        ("Cargo.toml", manifest),
        ("src/lib.rs", SOURCE),
        ("examples/small.rs", SOURCE),
        ("examples/also-small.rs", SOURCE),
    ] {
        let path = dir.join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, content).expect("a file");
    }
    dir.join("Cargo.toml")
}

fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().expect("a directory")
}

#[test]
fn the_bytes_do_not_depend_on_the_place() {
    let scratch = scratch();
    let build = |source: &str, target: &str| {
        let manifest = package(&scratch.path().join(source), MANIFEST);
        let build = GuestBuild::new(&manifest, &scratch.path().join(target)).expect("a build");
        build
            .library(None)
            .expect("a component")
            .read()
            .expect("bytes")
    };
    let here = build("here", "target-1");
    let there = build("quite another/place", "t 2");
    assert!(here.starts_with(b"\0asm\x0d\0\x01\0"), "not a component");
    assert!(
        here == there,
        "{} and {} bytes differ",
        here.len(),
        there.len()
    );
    let root = scratch.path().to_string_lossy().into_owned();
    assert!(
        !String::from_utf8_lossy(&here).contains(&root),
        "a path of this machine"
    );
}

#[test]
fn examples_are_guests_too_in_the_order_of_their_names() {
    let scratch = scratch();
    let manifest = package(&scratch.path().join("p"), MANIFEST);
    let build = GuestBuild::new(&manifest, &scratch.path().join("t")).expect("a build");
    let built = build.examples("tiny").expect("components");
    let names: Vec<&str> = built
        .iter()
        .map(|component| component.name.as_str())
        .collect();
    assert_eq!(names, ["also-small", "small"]);
    assert!(built.iter().all(|component| component.read().is_ok()));
}

#[test]
fn initial_memory_is_what_is_asked() {
    let scratch = scratch();
    let manifest = package(&scratch.path().join("p"), MANIFEST);
    let bytes = |memory: Option<u32>| {
        let build = GuestBuild::new(&manifest, &scratch.path().join("t")).expect("a build");
        let build = match memory {
            Some(memory) => build.initial_memory(memory),
            None => build,
        };
        build
            .library(None)
            .expect("a component")
            .read()
            .expect("bytes")
    };
    assert_eq!(
        initial_pages(&bytes(None)),
        DEFAULT_INITIAL_MEMORY_BYTES / 65_536
    );
    assert_eq!(initial_pages(&bytes(Some(100 * 65_536))), 100);
}

/// The initial pages of the first memory: section 5 of the core module, one memory without a maximum.
fn initial_pages(component: &[u8]) -> u32 {
    let core = component
        .windows(8)
        .position(|bytes| bytes == b"\0asm\x01\0\0\0");
    let mut rest = &component[core.expect("a core module") + 8..];
    loop {
        let (id, after) = rest.split_first().expect("a memory section");
        let (len, after) = leb128(after);
        if *id == 5 {
            assert_eq!(after[..2], [1, 0], "one memory without a maximum");
            return leb128(&after[2..]).0;
        }
        rest = &after[len as usize..];
    }
}

fn leb128(bytes: &[u8]) -> (u32, &[u8]) {
    let end = bytes
        .iter()
        .position(|byte| byte & 0x80 == 0)
        .expect("an end");
    let groups = bytes[..=end].iter().rev();
    let value = groups.fold(0, |value, byte| value << 7 | u32::from(byte & 0x7f));
    (value, &bytes[end + 1..])
}

#[test]
fn errors_say_what_to_do() {
    let scratch = scratch();
    let plain = MANIFEST.replace(r#"crate-type = ["cdylib"]"#, "");
    let manifest = package(&scratch.path().join("p"), &plain);
    let build = GuestBuild::new(&manifest, &scratch.path().join("t")).expect("a build");
    let error = build.library(None).expect_err("not a cdylib");
    assert!(matches!(error, BuildError::NotACdylib { .. }), "{error}");
    assert!(error.hint().is_some_and(|hint| hint.contains("crate-type")));
    let error = build.library(Some("huge")).expect_err("no such package");
    assert!(
        matches!(error, BuildError::UnknownPackage { .. }),
        "{error}"
    );
    let error = GuestBuild::new(&scratch.path().join("nowhere"), scratch.path());
    assert!(matches!(error, Err(BuildError::Metadata { .. })));
}

#[test]
fn what_the_compiler_says_is_in_the_error() {
    let scratch = scratch();
    let manifest = package(&scratch.path().join("p"), MANIFEST);
    fs::write(scratch.path().join("p/src/lib.rs"), "fn broken(").expect("a file");
    let build = GuestBuild::new(&manifest, &scratch.path().join("t")).expect("a build");
    let error = build.library(None).expect_err("a broken source");
    assert!(error.to_string().contains("unclosed delimiter"), "{error}");
}

//! Manifests: lies about names, and lies about files.

use std::os::unix::fs::symlink;

use proofmark_core::Digest;
use proofmark_criteria::submission::{Manifest, SubmissionError, SubmissionLimits};
use proofmark_engine::intake;

use super::folder;

/// The canonical form of a manifest, without its rules.
pub(crate) fn listing(files: &[(&str, &[u8])]) -> String {
    let entry = |(path, content): &(&str, &[u8])| serde_json::json!({ "path": path, "digest": Digest::of(content), "sizeBytes": content.len() });
    let artifacts: Vec<_> = files.iter().map(entry).collect();
    serde_json::json!({ "schema": proofmark_core::uri::SUBMISSION_V1, "artifacts": artifacts })
        .to_string()
}

/// Names that no artifact may have, the code of each, and the sentence that says so.
const BAD_NAMES: &[(&str, &str, &str)] = &[
    ("/etc/passwd", "path-absolute", "a path is absolute"),
    (
        "../a",
        "path-parent-component",
        "a path has a component `..`",
    ),
    (
        "a/../b",
        "path-parent-component",
        "a path has a component `..`",
    ),
    ("./a", "path-dot-component", "a path has a component `.`"),
    (
        "a//b",
        "path-empty-component",
        "a path has an empty component",
    ),
    ("a\0b", "path-nul", "a path contains a NUL character"),
    (
        "a\nb",
        "path-control-character",
        "a path contains a control character",
    ),
    ("a\\b", "path-backslash", "a path contains a backslash"),
    (
        "e\u{301}",
        "path-not-nfc",
        "a path is not in Unicode normalisation form C",
    ),
    ("", "path-empty", "a path is empty"),
];

fn parsed(text: &str) -> SubmissionError {
    Manifest::parse(text.as_bytes(), &SubmissionLimits::default()).expect_err("it is refused")
}

#[test]
fn manifests_that_lie_about_names_are_refused() {
    for (path, _, sentence) in BAD_NAMES {
        let error = parsed(&listing(&[(path, b"a")])).to_string();
        assert!(error.contains(sentence), "{path:?}: {error}");
    }
    for (paths, code) in [
        (["a", "a"], "duplicate-path"),
        (["b", "a"], "manifest-unsorted"),
        (["A", "a"], "case-collision"),
        (["x2", "x²"], "unicode-collision"),
        (["A", "a/b"], "file-and-directory"),
    ] {
        assert_eq!(
            parsed(&listing(&paths.map(|path| (path, &b"a"[..])))).code(),
            code
        );
    }
    for (text, code) in [
        ("{", "not-json"),
        ("{}", "manifest-malformed"),
        (r#"{"schema": "a", "schema": "b"}"#, "duplicate-member"),
        (r#"{"schema": "other", "artifacts": []}"#, "manifest-schema"),
        (
            r#"{"schema": "other", "artifacts": [], "more": 1}"#,
            "manifest-malformed",
        ),
    ] {
        assert_eq!(parsed(text).code(), code, "{text}");
    }
}

#[test]
fn bad_names_in_a_manifest_have_the_codes_they_have_in_a_directory() {
    for (path, code, _) in BAD_NAMES {
        assert_eq!(parsed(&listing(&[(path, b"a")])).code(), *code, "{path:?}");
    }
}

#[test]
fn manifests_that_lie_about_files_are_refused() {
    let folder = folder(&[("a.txt", b"a"), ("b.txt", b"b")]);
    let under = |text: String| {
        let manifest =
            Manifest::parse(text.as_bytes(), &SubmissionLimits::default()).expect("a manifest");
        intake::manifest(
            &manifest,
            folder.path(),
            &SubmissionLimits::default(),
            &|_| {},
        )
    };
    let code = |text: String| under(text).expect_err("it is refused").code();
    assert_eq!(
        code(listing(&[("a.txt", b"a"), ("c.txt", b"c")])),
        "submission-artifact-missing"
    );
    assert_eq!(
        code(listing(&[("a.txt/x", b"a")])),
        "submission-artifact-missing",
        "its directory is a file"
    );
    assert_eq!(
        code(listing(&[("a.txt", b"b")])),
        "submission-digest-mismatch"
    );
    assert_eq!(
        code(listing(&[("a.txt", b"a")]).replace(r#""sizeBytes":1"#, r#""sizeBytes":2"#)),
        "submission-size-mismatch"
    );
    symlink("a.txt", folder.path().join("link")).expect("a link can be made");
    symlink(".", folder.path().join("loop")).expect("a link can be made");
    assert_eq!(code(listing(&[("link", b"a")])), "submission-symlink");
    assert_eq!(code(listing(&[("loop/a.txt", b"a")])), "submission-symlink");
    // What is not named is not looked at: neither the links nor `b.txt`.
    let read = under(listing(&[("a.txt", b"a")])).expect("it is legal");
    assert_eq!(read.manifest.entries().len(), 1);
    let alone = super::folder(&[("a.txt", b"a")]);
    assert_eq!(
        read.manifest,
        super::read(alone.path()).expect("it is legal").manifest
    );
}

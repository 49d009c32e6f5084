//! Fixtures and details.

use crate::{CodeChange, Tree, Unapplied, apply};
use proofmark_validator_sdk::testing::{Fixture, assert_fixtures, codes_of};
use proofmark_validator_sdk::{Refusal, Report, Status};
use std::path::{Path, PathBuf};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

#[test]
fn fixtures_do_what_they_promise_and_cover_every_code() {
    let codes = assert_fixtures::<CodeChange>(&fixtures());
    let all = [
        "append-only",
        "binary-patch",
        "change-empty",
        "conflict-marker",
        "context-mismatch",
        "control-character",
        "deletion-not-allowed",
        "diff-empty",
        "diff-missing",
        "diff-truncated",
        "file-exists",
        "file-missing",
        "file-not-emptied",
        "file-too-large",
        "forbidden-text",
        "header-malformed",
        "hunk-counts-wrong",
        "hunk-malformed",
        "hunk-out-of-place",
        "invisible-character",
        "line-too-long",
        "mode-not-allowed",
        "newline-wrong",
        "not-utf8",
        "path-collision",
        "path-forbidden",
        "path-not-allowed",
        "path-twice",
        "path-unclean",
        "rename-not-allowed",
        "required-missing",
        "result-differs",
        "result-none",
        "secret",
        "text-outside",
        "too-many-added-lines",
        "too-many-bytes",
        "too-many-files",
        "too-many-removed-lines",
    ];
    assert_eq!(codes.iter().map(String::as_str).collect::<Vec<_>>(), all);
}

fn on(files: &[(&str, &str)]) -> Fixture {
    let add = |fixture: Fixture, (name, text): &(&str, &str)| fixture.reference(name, text);
    files.iter().fold(Fixture::new(), add)
}

fn judge(files: &[(&str, &str)], diff: &str, params: &str) -> Result<Report, Refusal> {
    let fixture = on(files).submission("change.diff", diff);
    fixture.evaluate::<CodeChange>(params)
}

fn codes(files: &[(&str, &str)], diff: &str, params: &str) -> Vec<String> {
    let report = judge(files, diff, params).expect("a report");
    codes_of(&report).into_iter().collect()
}

const ONE: &[(&str, &str)] = &[("base/a", "1\n2\n3\n")];

fn changed(hunk: &str) -> String {
    format!("diff --git a/a b/a\n--- a/a\n+++ b/a\n{hunk}")
}

#[test]
fn what_the_buyer_cannot_mean_is_refused() {
    let good = changed("@@ -2 +2 @@\n-2\n+two\n");
    let report = judge(ONE, &good, "{}").expect("a report");
    assert!(
        report
            .checks
            .iter()
            .all(|check| check.status == Status::Pass)
    );
    let digest = format!("sha256:{}", "0".repeat(64));
    for (params, why) in [
        (
            format!(r#"{{"base_digest":"{digest}"}}"#),
            "the base `base/` is sha256:",
        ),
        (
            r#"{"base":"tree/"}"#.to_owned(),
            "no reference file is named so",
        ),
        (
            r#"{"base":"base"}"#.to_owned(),
            "a folder ends with a slash",
        ),
        (r#"{"allowed":["src/**"]}"#.to_owned(), "is no pattern"),
        (r#"{"allowed":[]}"#.to_owned(), "nothing could be changed"),
        (
            r#"{"required":{"a":0}}"#.to_owned(),
            "at least one new line",
        ),
        (r#"{"forbidden_text":[""]}"#.to_owned(), "within one line"),
        (r#"{"files_max":1001}"#.to_owned(), "at most 1000"),
        (r#"{"files_max":0}"#.to_owned(), "nothing could be changed"),
        (
            r#"{"tree_digest":"sha256:0"}"#.to_owned(),
            "a digest is written",
        ),
        (r#"{"fuzz":2}"#.to_owned(), "unknown field"),
    ] {
        let refusal = judge(ONE, &good, &params).expect_err("it is refused");
        let said = refusal.to_string();
        let invalid = matches!(refusal, Refusal::InvalidParams(_));
        assert!(invalid && said.contains(why), "{said}");
    }
    for base in [
        &[("base/a", ""), ("base/A", "")][..],
        &[("base/a", ""), ("base/a/b", "")],
        &[("base/.git/config", "")],
    ] {
        let refusal = judge(base, &good, "{}").expect_err("it is refused");
        assert!(matches!(refusal, Refusal::InvalidParams(_)), "{refusal}");
    }
}

/// A change that does nothing, or that looks like another, does not fulfil what is required.
#[test]
fn what_only_looks_like_a_change_is_told() {
    let required = r#"{"required":{"a":1}}"#;
    for (hunk, expected) in [
        (
            "@@ -2 +2 @@\n-2\n+2\n",
            &["change-empty", "required-missing"][..],
        ),
        ("@@ -2 +2 @@\n-2\n+  2\n", &["required-missing"]),
        ("@@ -2 +2,2 @@\n 2\n+\n", &["required-missing"]),
        ("@@ -2 +2 @@\n 2\n", &["change-empty", "required-missing"]),
        (
            "@@ -1,0 +2 @@\n+x\n@@ -3 +3 @@\n-3\n+4\n",
            &["hunk-out-of-place"],
        ),
        (
            "@@ -2 +2 @@\n-2\n+x\n@@ -1 +1 @@\n-1\n+y\n",
            &["hunk-out-of-place"],
        ),
        ("@@ -9 +9 @@\n-9\n+x\n", &["hunk-out-of-place"]),
        ("@@ -3 +3,2 @@\n 3\n+4\n\\ No newline at end of file\n", &[]),
        (
            "@@ -2 +2,2 @@\n 2\n+x\n\\ No newline at end of file\n",
            &["newline-wrong"],
        ),
        (
            "@@ -2 +2,2 @@\n 2\n+x\n\\ Kein Zeilenumbruch\n",
            &["hunk-malformed", "required-missing"],
        ),
        ("@@ -2 +2 @@ fn f\n-2\n+x\n", &[]),
        (
            "@@ -2 +2 @@fn f\n-2\n+x\n",
            &["hunk-malformed", "required-missing"],
        ),
    ] {
        assert_eq!(codes(ONE, &changed(hunk), required), expected, "{hunk}");
    }
}

#[test]
fn a_tree_of_another_system_is_still_the_same() {
    let new = |path: &str| {
        format!(
            "diff --git a/{path} b/{path}\nnew file mode 100644\n--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+x\n"
        )
    };
    let mut base = ONE.to_vec();
    base.push(("base/src/lib.rs", ""));
    for (paths, expected) in [
        (&["b"][..], &[][..]),
        (&["A"], &["path-collision"]),
        (&["a/b"], &["path-collision"]),
        (&["SRC"], &["path-collision"]),
        (&["b", "B"], &["path-collision"]),
        (&["a"], &["file-exists"]),
        (&["b", "b"], &["path-twice"]),
        (&["b/../c"], &["path-unclean"]),
    ] {
        let diff: String = paths.iter().map(|path| new(path)).collect();
        assert_eq!(codes(&base, &diff, "{}"), expected, "{paths:?}");
    }
}

#[test]
fn other_validators_get_the_resulting_files() {
    let diff = concat!(
        "diff --git a/a b/b c\nsimilarity index 60%\nrename from a\nrename to b c\n--- a/a\n+++ b/b c\t\n",
        "@@ -1,3 +1,2 @@\n 1\n-2\n 3\n",
        "diff --git a/d b/d\ndeleted file mode 100644\n--- a/d\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n",
        "diff --git a/m b/n\nsimilarity index 100%\nrename from m\nrename to n\n",
    );
    let base = [
        ("base/a", "1\n2\n3\n"),
        ("base/d", "x\n"),
        ("base/m", "m"),
        ("base/s", "s"),
    ];
    let judged = || {
        let tree = Tree::of_references("base/").expect("a base");
        let changed = apply(diff.as_bytes(), &tree, false).expect("it applies");
        let paths: Vec<_> = changed.files().keys().cloned().collect();
        assert_eq!(paths, ["b c", "n", "s"]);
        let content = |path: &str| changed.content(path).expect("it can be read");
        assert_eq!(content("b c").as_deref(), Some(&b"1\n3\n"[..]));
        assert_eq!(content("n").as_deref(), Some(&b"m"[..]));
        assert_eq!(content("s").as_deref(), Some(&b"s"[..]));
        assert_eq!(content("a"), None);
        for broken in [
            format!("x\n{diff}"),
            format!("{diff}@"),
            diff.replace(" 1\n", " 0\n"),
        ] {
            let unapplied = apply(broken.as_bytes(), &tree, false).expect_err("it does not");
            assert!(matches!(unapplied, Unapplied::Defect(_)), "{unapplied:?}");
        }
    };
    on(&base).run(judged);
}

/// The bounds that hold whatever the parameters say.
#[test]
fn what_is_too_much_fails() {
    let large = "x".repeat(4 << 20);
    let base = [("base/a", "1\n2\n3\n"), ("base/large", &large)];
    let grown = "diff --git a/large b/large\n--- a/large\n+++ b/large\n@@ -0,0 +1 @@\n+y\n";
    assert_eq!(codes(&base, grown, "{}"), ["file-too-large"]);
    let many: String = (0..1_001)
        .map(|at| format!("diff --git a/{at} b/{at}\nnew file mode 100644\n"))
        .collect();
    assert_eq!(codes(ONE, &many, "{}"), ["too-many-files"]);
    let deep: String = (0..200)
        .map(|at| format!("a{at:0>600}"))
        .map(|path| format!("diff --git a/{path} b/{path}\nnew file mode 100644\n"))
        .collect();
    assert_eq!(codes(ONE, &deep, "{}"), ["too-many-files"]);
    let long = "x".repeat((4 << 20) + 1);
    assert_eq!(codes(ONE, &long, "{}"), ["too-many-bytes"]);
}

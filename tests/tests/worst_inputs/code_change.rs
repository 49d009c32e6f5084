//! Changes that take most.

use super::super::Input;

/// Everything that can be asked for.
const PARAMS: &str = r##"{"allowed":["src/","a/**/*b*c/*.rs","*.md"],"forbidden":["**/x*y*z","**/.git*/"],"append_only":["tests/"],
"required":{"tests/":9,"**/*.rs":4000000},"forbidden_text":["#[ignore","aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab","eslint-disable"],
"tree_digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000"}"##;

/// The longest diff.
const MOST: usize = 4 << 20;

fn base(lines: &str) -> Vec<(&'static str, String)> {
    vec![("base/src/a.rs", lines.to_owned())]
}

fn on(name: &'static str, diff: String, reference: Vec<(&'static str, String)>) -> Input {
    Input {
        name,
        params: PARAMS.to_owned(),
        submission: vec![("change.diff", diff.into_bytes())],
        reference,
    }
}

/// A new file of these lines, as many as there may be.
fn added(line: &str) -> String {
    let count = (MOST - 200) / (line.len() + 2);
    let head =
        "diff --git a/src/b.rs b/src/b.rs\nnew file mode 100644\n--- /dev/null\n+++ b/src/b.rs\n";
    let lines = format!("+{line}\n").repeat(count);
    format!("{head}@@ -0,0 +1,{count} @@\n{lines}")
}

const HEAD: &str = "diff --git a/src/a.rs b/src/a.rs\n--- a/src/a.rs\n+++ b/src/a.rs\n";

/// Every line is another, in hunks of one line each.
fn hunks() -> String {
    let hunk = |at| format!("@@ -{at} +{at} @@\n-\n+x\n");
    let hunks = (1..160_000).map(hunk).collect::<String>();
    format!("{HEAD}{hunks}")
}

/// Every line is removed, and no two are the same.
fn removed(count: usize) -> (String, String) {
    let lines: Vec<_> = (0..count).map(|at| format!("{at:x}")).collect();
    let hunk: String = lines.iter().map(|line| format!("-{line}\n")).collect();
    let diff = format!("{HEAD}@@ -1,{count} +1 @@\n{hunk}+x\n");
    (diff, lines.join("\n") + "\n")
}

/// Lines that differ at their ends only, half of them removed and half added.
fn alike() -> (String, String) {
    let line = |at: usize| format!("{}{at:0>5}", "x".repeat(95));
    let count = 20_000;
    let lines: String = (0..count).map(|at| line(at) + "\n").collect();
    let removed: String = (0..count).map(|at| format!("-{}\n", line(at))).collect();
    let added: String = (0..count)
        .map(|at| format!("+{}\n", line(count + at)))
        .collect();
    let diff = format!("{HEAD}@@ -1,{count} +1,{count} @@\n{removed}{added}");
    (diff, lines)
}

/// New files without anything in them.
fn paths(count: usize, path: impl Fn(usize) -> String) -> String {
    let one = |at| {
        let path = path(at);
        format!("diff --git a/{path} b/{path}\nnew file mode 100644\n")
    };
    (0..count).map(one).collect()
}

pub(crate) fn inputs() -> Vec<Input> {
    let short = || base("1\n");
    let (removal, lines) = removed(600_000);
    let (likeness, old) = alike();
    let deep = "abcabcabcabcab/".repeat(63);
    let many = (0..1_000).map(|at| format!("diff --git a/{at} b/{at}\n"));
    vec![
        on("blank lines", added(""), short()),
        on("lines of one letter", added("x"), short()),
        on("one long line", added(&"x".repeat(MOST - 300)), short()),
        on("nothing but a tab", added("\t"), short()),
        on("conflicts", added("======="), short()),
        on(
            "the beginning of a forbidden text",
            added(&"a".repeat(1_000)),
            short(),
        ),
        on("forbidden texts", added("#[ignore"), short()),
        on(
            "beginnings of secrets",
            added(&"AKIA-----BEGIN -ghp_-xoxb-".repeat(40)),
            short(),
        ),
        on("secrets", added("AKIAIOSFODNN7EXAMPLE"), short()),
        on("characters that are not seen", added("\u{202e}"), short()),
        on("Chinese", added(&"漢".repeat(300)), short()),
        on("control characters", added("\u{1}"), short()),
        on("hunks of one line", hunks(), base(&"\n".repeat(160_000))),
        on("lines that are removed", removal, base(&lines)),
        on("lines that begin alike", likeness, base(&old)),
        on(
            "a hunk at the end of a large file",
            format!("{HEAD}@@ -4000000 +4000000 @@\n-\n+x\n"),
            base(&"\n".repeat(4_000_000)),
        ),
        on(
            "files at deep paths",
            paths(109, |at| format!("{deep}{at}")),
            short(),
        ),
        on(
            "files at long paths",
            paths(1_000, |at| format!("a/{}/{at:0>4}.rs", "b".repeat(90))),
            short(),
        ),
        on(
            "Greek paths",
            paths(1_000, |at| format!("{}{at:0>3}", "Ώ".repeat(48))),
            short(),
        ),
        on(
            "Korean paths",
            paths(98, |at| format!("{}{at}", "각".repeat(339))),
            short(),
        ),
        on(
            "paths that are too long together",
            paths(1_000, |at| format!("{}{at}", "각".repeat(339))),
            short(),
        ),
        on(
            "one file again and again",
            paths(75_000, |_| "src/b.rs".to_owned()),
            short(),
        ),
        on("files without anything", many.collect(), short()),
        on("text that is no diff", "x\n".repeat(MOST / 2), short()),
        on(
            "text before a change",
            "\n".repeat(4_000_000) + &added("x")[..200],
            short(),
        ),
        on(
            "text behind a change",
            format!("{HEAD}@@ -1 +1 @@\n-1\n+2\n{}", "\n".repeat(4_000_000)),
            short(),
        ),
        on(
            "a name that does not end",
            format!("diff --git \"{}\n", "\\303".repeat(1_000_000)),
            short(),
        ),
        on("longer than it may be", " ".repeat(MOST + 1), short()),
    ]
}

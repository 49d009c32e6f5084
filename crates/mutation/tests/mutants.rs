//! What mutants are made of work of each kind, and what all of them have in common.

use std::collections::BTreeSet;

use proofmark_mutation::{File, Mutant, Operator, mutants};
use proptest::prelude::*;

fn of(path: &str, text: &str) -> Vec<Mutant> {
    let file = File {
        path,
        bytes: text.as_bytes(),
    };
    mutants(&[file], usize::MAX)
}

/// Operator, place, and the file as it is then.
fn told(mutants: &[Mutant]) -> Vec<(Operator, &str, &str)> {
    let told = mutants.iter().map(|mutant| {
        let bytes = mutant.bytes.as_deref().unwrap_or_default();
        let text = std::str::from_utf8(bytes).expect("text");
        (mutant.operator, mutant.place.as_str(), text)
    });
    told.collect()
}

fn has(mutants: &[Mutant], operator: Operator, place: &str, text: &str) {
    let all = told(mutants);
    assert!(
        all.contains(&(operator, place, text)),
        "{operator} {place} {text}: {all:#?}"
    );
}

#[test]
fn json_is_changed_where_it_stands() {
    let found = of("a.json", r#"{ "a/b": [1, "x9", true], "c": -2.5e3 }"#);
    for (operator, place, text) in [
        (Operator::MemberRemoved, "#/a~1b", r#"{  "c": -2.5e3 }"#),
        (
            Operator::MemberRemoved,
            "#/c",
            r#"{ "a/b": [1, "x9", true] }"#,
        ),
        (
            Operator::ElementRemoved,
            "#/a~1b/0",
            r#"{ "a/b": [ "x9", true], "c": -2.5e3 }"#,
        ),
        (
            Operator::ElementRemoved,
            "#/a~1b/2",
            r#"{ "a/b": [1, "x9"], "c": -2.5e3 }"#,
        ),
        (
            Operator::ElementRepeated,
            "#/a~1b/2",
            r#"{ "a/b": [1, "x9", true,true], "c": -2.5e3 }"#,
        ),
        (
            Operator::StringEmptied,
            "#/a~1b/1",
            r#"{ "a/b": [1, "", true], "c": -2.5e3 }"#,
        ),
        (
            Operator::StringChanged,
            "#/a~1b/1",
            r#"{ "a/b": [1, "x8", true], "c": -2.5e3 }"#,
        ),
        (
            Operator::NumberChanged,
            "#/a~1b/0",
            r#"{ "a/b": [2, "x9", true], "c": -2.5e3 }"#,
        ),
        (
            Operator::NumberNegated,
            "#/a~1b/0",
            r#"{ "a/b": [-1, "x9", true], "c": -2.5e3 }"#,
        ),
        (
            Operator::BooleanFlipped,
            "#/a~1b/2",
            r#"{ "a/b": [1, "x9", false], "c": -2.5e3 }"#,
        ),
        (
            Operator::NumberChanged,
            "#/c",
            r#"{ "a/b": [1, "x9", true], "c": -2.6e3 }"#,
        ),
        (
            Operator::NumberNegated,
            "#/c",
            r#"{ "a/b": [1, "x9", true], "c": 2.5e3 }"#,
        ),
    ] {
        has(&found, operator, place, text);
    }
    let inner = found
        .iter()
        .filter(|it| !it.place.is_empty() && it.operator != Operator::FileHalved);
    for mutant in inner {
        let bytes = mutant.bytes.as_deref().expect("it is there");
        let parsed = serde_json::from_slice::<serde_json::Value>(bytes);
        assert!(parsed.is_ok(), "still JSON: {mutant:?}");
    }
}

#[test]
fn a_text_in_json_keeps_its_escapes() {
    let found = of("a.json", r#"["a \"b\" \u00e9\\"]"#);
    has(&found, Operator::StringChanged, "#/0", r#"["a \"b\" x\\"]"#);
}

#[test]
fn lines_of_json_are_records_with_members() {
    let found = of("a.jsonl", "{\"n\":1}\n{\"n\":2}");
    has(&found, Operator::RecordRemoved, "line 1", "{\"n\":2}");
    has(
        &found,
        Operator::RecordRepeated,
        "line 1",
        "{\"n\":1}\n{\"n\":1}\n{\"n\":2}",
    );
    has(
        &found,
        Operator::RecordRepeated,
        "line 2",
        "{\"n\":1}\n{\"n\":2}\n{\"n\":2}",
    );
    has(
        &found,
        Operator::NumberChanged,
        "line 2, #/n",
        "{\"n\":1}\n{\"n\":3}",
    );
}

#[test]
fn the_head_of_a_table_stays() {
    let found = of("a.csv", "id,name\r\n1,\"a,\"\"b\"\n2,c\n");
    has(
        &found,
        Operator::RecordRemoved,
        "record 1",
        "id,name\r\n2,c\n",
    );
    has(
        &found,
        Operator::CellEmptied,
        "record 1, column 2",
        "id,name\r\n1,\n2,c\n",
    );
    has(
        &found,
        Operator::CellChanged,
        "record 1, column 1",
        "id,name\r\n2,\"a,\"\"b\"\n2,c\n",
    );
    has(
        &found,
        Operator::CellChanged,
        "record 2, column 1",
        "id,name\r\n1,\"a,\"\"b\"\n3,c\n",
    );
    has(
        &found,
        Operator::CellChanged,
        "record 2, column 2",
        "id,name\r\n1,\"a,\"\"b\"\n2,d\n",
    );
    assert!(
        !found.iter().any(|it| it
            .bytes
            .as_ref()
            .is_some_and(|bytes| !bytes.is_empty() && !bytes.starts_with(b"id,name"))
            && it.operator != Operator::FileHalved),
        "{found:#?}"
    );
}

#[test]
fn a_quote_within_a_cell_is_a_character_and_a_blank_line_no_record() {
    let found = of("a.tsv", "id\tsize\n1\t5\" pipe\n\n2\t6\n");
    has(
        &found,
        Operator::CellEmptied,
        "record 3, column 2",
        "id\tsize\n1\t5\" pipe\n\n2\t\n",
    );
    assert!(!found.iter().any(|it| it.place == "record 2"), "{found:#?}");
}

#[test]
fn texts_lose_lines_words_and_numbers() {
    has(
        &of("a.md", "See Section4."),
        Operator::NumberChanged,
        "line 1",
        "See Section5.",
    );
    let found = of("a.md", "Refund within 30 days.\n\nThanks\n");
    has(
        &found,
        Operator::LineRemoved,
        "line 3",
        "Refund within 30 days.\n\n",
    );
    has(
        &found,
        Operator::LineRepeated,
        "line 3",
        "Refund within 30 days.\n\nThanks\nThanks\n",
    );
    has(
        &found,
        Operator::NumberChanged,
        "line 1",
        "Refund within 31 days.\n\nThanks\n",
    );
    has(
        &found,
        Operator::WordChanged,
        "line 1",
        "Refund withio 30 days.\n\nThanks\n",
    );
}

#[test]
fn hunks_end_where_their_lengths_say() {
    let head = "--- a/x\n+++ b/x\n";
    let (one, two) = (
        "@@ -1,2 +1,2 @@\n same\n-- old\n+++ new\n",
        "@@ -9 +9 @@\n-a\n+b\n",
    );
    let found = of("a.patch", &format!("{head}{one}{two}"));
    has(
        &found,
        Operator::HunkRemoved,
        "line 3",
        &format!("{head}{two}"),
    );
    has(
        &found,
        Operator::HunkRemoved,
        "line 7",
        &format!("{head}{one}"),
    );
    has(
        &found,
        Operator::PathChanged,
        "line 2",
        &format!("--- a/x\n+++ b/y\n{one}{two}"),
    );
    let other = "@@ -1,2 +1,2 @@\n same\n-- old\n+++ nex\n";
    has(
        &found,
        Operator::AddedLineChanged,
        "line 6",
        &format!("{head}{other}{two}"),
    );
    let other = "@@ -1,2 +1,2 @@\n samf\n-- old\n+++ new\n";
    has(
        &found,
        Operator::ContextChanged,
        "line 4",
        &format!("{head}{other}{two}"),
    );
}

#[test]
fn a_hunk_without_a_line_says_so_and_a_path_ends_at_its_time() {
    let head = "--- x\t2026-01-01\n+++ x\t2026-01-02\n";
    let hunk = "@@ -1 +1,2 @@ fn\n a\n+b\n\\ No newline at end of file\n";
    let found = of("a.diff", &format!("{head}{hunk}"));
    has(&found, Operator::HunkRemoved, "line 3", head);
    has(
        &found,
        Operator::PathChanged,
        "line 2",
        &format!("--- x\t2026-01-01\n+++ y\t2026-01-02\n{hunk}"),
    );
    let without = "@@ -1 +1,1 @@ fn\n a\n\\ No newline at end of file\n";
    has(
        &found,
        Operator::AddedLineRemoved,
        "line 5",
        &format!("{head}{without}"),
    );
}

#[test]
fn what_is_nested_too_deeply_is_only_a_text() {
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    let found = of("a.json", &deep);
    assert!(
        found
            .iter()
            .all(|it| it.operator != Operator::ElementRemoved)
    );
}

#[test]
fn a_module_loses_sections_but_not_its_notes() {
    // A custom section, and one of two types.
    let module = b"\0asm\x01\0\0\0\x00\x02\x01n\x01\x07\x02\x60\0\0\x60\0\0";
    let file = File {
        path: "a.wasm",
        bytes: module,
    };
    let found = mutants(&[file], usize::MAX);
    let removed: Vec<_> = found
        .iter()
        .filter(|it| it.operator == Operator::SectionRemoved)
        .map(|it| it.bytes.as_deref().expect("it is there"))
        .collect();
    assert_eq!(removed, [&module[..12]]);
    let changed = found
        .iter()
        .filter(|it| it.operator == Operator::ByteChanged);
    assert_eq!(changed.count(), 7);
}

#[test]
fn files_are_told_apart() {
    let one = File {
        path: "one.txt",
        bytes: b"same words",
    };
    let two = File {
        path: "two.txt",
        ..one
    };
    let found = mutants(&[one, two], usize::MAX);
    let of = |path: &str| found.iter().filter(|it| it.path == path).count();
    assert_eq!(of("one.txt"), of("two.txt"));
    let removed = found.iter().filter(|it| it.bytes.is_none());
    assert_eq!(removed.count(), 2);
}

proptest! {
    /// Whatever somebody calls work: nothing panics, nothing is left as it was, nothing is there twice.
    #[test]
    fn every_mutant_is_another_file(
        end in prop::sample::select(vec!["json", "jsonl", "csv", "tsv", "diff", "txt", "wasm", "bin"]),
        bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            "[\\[\\]{}:,\"a-c0-9 \\\\\n+@-]{0,80}".prop_map(String::into_bytes),
            "@@ -[0-9],[0-9] \\+[0-9] @@\n([ +\\\\-][a-z]{0,3}\n){0,6}".prop_map(String::into_bytes),
            prop::collection::vec(any::<u8>(), 0..60).prop_map(|it| [b"\0asm\x01\0\0\0", &it[..]].concat()),
        ],
        most in 0_usize..60,
    ) {
        let path = format!("work.{end}");
        let file = File { path: &path, bytes: &bytes };
        let made = mutants(&[file], most);
        prop_assert!(made.len() <= most);
        let results: BTreeSet<_> = made.iter().map(|it| &it.bytes).collect();
        for mutant in &made {
            prop_assert!(mutant.bytes.as_ref() != Some(&bytes), "{mutant:?}");
        }
        prop_assert_eq!(results.len(), made.len(), "no two are the same");
        prop_assert_eq!(&made, &mutants(&[file], most), "and the same again");
    }
}

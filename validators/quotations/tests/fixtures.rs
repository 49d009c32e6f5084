//! Every fixture does what it promises; together with texts that are too large to keep, they show every
//! finding code.

use proofmark_validator_quotations::Quotations;
use proofmark_validator_sdk::testing::{Fixture, assert_fixtures, codes_of};
use proofmark_validator_sdk::{Refusal, Report, Status, validator};
use std::collections::BTreeSet;
use std::path::Path;

const PARAMS: &str = r#"{"sources":{"a":"a.txt"}}"#;

/// Every code that README.md documents.
fn documented_codes() -> BTreeSet<String> {
    let readme = include_str!("../README.md");
    let (_, table) = readme.split_once("## Finding codes").expect("the section");
    let rows = table
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    rows.map(|(code, _)| code.to_owned()).collect()
}

fn evaluate(text: &str, source: &str) -> Result<Report, Refusal> {
    let fixture = Fixture::new()
        .submission("text.md", text)
        .reference("a.txt", source);
    fixture.evaluate::<Quotations>(PARAMS)
}

fn codes(text: &str) -> BTreeSet<String> {
    codes_of(&evaluate(text, "One two three four five.\n").expect("a report"))
}

#[test]
fn fixtures_do_what_they_promise_and_cover_every_code() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut shown = assert_fixtures::<Quotations>(&fixtures);
    let long = format!("> {} [a]", "word ".repeat(20_000));
    shown.extend(codes(&long));
    shown.extend(codes(&"> one two [a]\n\n".repeat(5_001)));
    shown.extend(codes(&"prose ".repeat(1_000_000)));
    assert_eq!(shown, documented_codes());
}

#[test]
fn the_empty_submission_never_passes() {
    for params in [
        PARAMS,
        r#"{"sources":{"a":"a.txt"},"uncited":"ignore","texts":["a","b"]}"#,
    ] {
        let fixture = Fixture::new().reference("a.txt", "One two three.");
        let report = fixture.evaluate::<Quotations>(params).expect("a report");
        assert!(
            report
                .checks
                .iter()
                .all(|check| check.status == Status::Fail),
            "{report:#?}"
        );
    }
}

#[test]
fn a_missing_or_unreadable_source_is_the_buyers() {
    let fixture = Fixture::new().submission("text.md", "“One two three four” [a]");
    let missing = fixture.evaluate::<Quotations>(PARAMS);
    assert!(
        matches!(missing, Err(Refusal::InvalidParams(_))),
        "{missing:?}"
    );
    let fixture = Fixture::new().submission("text.md", "“One two three four” [a]");
    let binary = fixture
        .reference("a.txt", b"One \xFF")
        .evaluate::<Quotations>(PARAMS);
    assert!(
        matches!(binary, Err(Refusal::InvalidParams(_))),
        "{binary:?}"
    );
}

#[test]
fn findings_say_where_and_what() {
    let source = "First line.\n\nThe quick brown fox jumps over the lazy dog, twice a day.\n";
    let text = "Line one.\n\nHe says “The quick brown cat jumps over the lazy dog” [a].\n";
    let report = evaluate(text, source).expect("a report");
    let finding = &report.checks[0].findings[0];
    assert_eq!(finding.code, "quotation-invented");
    assert_eq!(
        finding.message,
        "The quotation does not occur in its source; the passage most like it is near line 3 of `a`. \
         It differs by 1 of 9 words. First: `cat` for `fox`."
    );
    assert_eq!(
        finding.expected.as_deref(),
        Some("The quick brown fox jumps over the lazy dog")
    );
    assert_eq!(
        finding.actual.as_deref(),
        Some("The quick brown cat jumps over the lazy dog")
    );
    let place = finding.location.as_ref().expect("a place");
    let range = place.range.expect("a range");
    let quoted = &text[range.offset as usize..(range.offset + range.len) as usize];
    assert_eq!(quoted, "The quick brown cat jumps over the lazy dog");
    assert_eq!((place.artifact.as_str(), place.line), ("text.md", Some(3)));
}

#[test]
fn no_text_makes_it_panic_or_slow() {
    // Everything that has a meaning, in every short order, and long runs of each.
    let pieces = [
        "“", "”", "\"", "[", "]", "[a]", "[^1]", "[^1]: ", ":", ">", "> ", "\n", "\n\n", "`", "``",
        "```", "<!--", "-->", "\\", "...", "…", "-", "—", " ", "word ", "é", "e\u{301}", "\u{AD}",
        "漢", "'", "„", "«", "»", "(", ";", "@", "\u{0}", "\r\n", "# ", "*",
    ];
    let mut state = 1_u64;
    for _ in 0..3_000 {
        let mut text = String::new();
        for _ in 0..40 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            text.push_str(pieces[(state >> 33) as usize % pieces.len()]);
        }
        evaluate(&text, &text).expect("a report");
    }
    for piece in pieces {
        evaluate(&piece.repeat(100_000), "One.").expect("a report");
    }
}

#[test]
fn the_schema_is_json() {
    let manifest = validator::describe::<Quotations>();
    serde_json::from_str::<serde_json::Value>(&manifest.params_schema).expect("JSON");
}

//! Fixtures and details.

use crate::JsonSchema;
use crate::locate::{Span, locate};
use crate::strict::{self, Cause};
use proofmark_validator_sdk::testing::{Fixture, assert_fixtures};
use proofmark_validator_sdk::{Refusal, Report, Status};
use std::path::Path;

const LINES: &str = r#"{"artifact":"d.jsonl","format":"json-lines"}"#;
const INTEGER: &str = r#"{"type":"object","properties":{"n":{"type":"integer"}}}"#;

fn judge(params: &str, schema: &str, content: &str) -> Result<Report, Refusal> {
    Fixture::new()
        .submission("d.jsonl", content)
        .reference("schema.json", schema)
        .evaluate::<JsonSchema>(params)
}

#[test]
fn fixtures_do_what_they_promise_and_cover_every_code() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let codes = assert_fixtures::<JsonSchema>(&fixtures);
    let all = [
        "artifact-missing",
        "artifact-unexpected",
        "document-too-large",
        "duplicate",
        "duplicate-key",
        "key-missing",
        "no-document",
        "not-json",
        "schema-violation",
        "too-costly",
        "too-few-documents",
        "too-many-documents",
    ];
    assert_eq!(codes.iter().map(String::as_str).collect::<Vec<_>>(), all);
}

#[test]
fn a_violation_names_record_line_bytes_pointer_keyword_and_value() {
    let report = judge(LINES, INTEGER, "{\"n\":1}\n\n{\"n\": \"x\"}\n").expect("a report");
    let check = &report.checks[0];
    assert_eq!(
        (check.status, check.examined, check.matched),
        (Status::Fail, 2, 1)
    );
    assert_eq!(check.score, Some(500_000));
    let finding = &check.findings[0];
    let place = finding.location.as_ref().expect("a place");
    assert_eq!((place.record_number, place.line), (Some(2), Some(3)));
    assert_eq!(place.pointer.as_deref(), Some("/n"));
    let range = place.range.expect("a range");
    assert_eq!((range.offset, range.len), (15, 3));
    assert_eq!(
        finding.expected.as_deref(),
        Some("/properties/n/type: \"integer\"")
    );
    assert_eq!(finding.actual.as_deref(), Some("\"x\""));
}

#[test]
fn the_first_bad_document_does_not_hide_the_next() {
    let many = format!("[{}]\n[\"b\"]\n", vec!["\"a\""; 500].join(","));
    let report = judge(LINES, r#"{"items":{"type":"integer"}}"#, &many).expect("a report");
    let check = &report.checks[0];
    assert_eq!((check.findings.len(), check.findings_total), (21, 501));
}

#[test]
fn references_to_other_documents_are_the_buyers_mistake() {
    for uri in [
        "https://example.com/s.json",
        "file:///etc/passwd",
        "other.json",
    ] {
        let schema = format!(r#"{{"$ref":"{uri}"}}"#);
        let refusal = judge(LINES, &schema, "1\n").expect_err("a refusal");
        assert!(
            matches!(refusal, Refusal::InvalidParams(_)),
            "{uri}: {refusal:?}"
        );
    }
}

#[test]
fn schemas_that_are_none_and_look_around_are_refused() {
    for schema in [
        "{",
        r#"{"type":"nonsense"}"#,
        r#"{"pattern":"(?=a)"}"#,
        r#"{"a":1,"a":2}"#,
    ] {
        let refusal = judge(LINES, schema, "\"x\"\n").expect_err("a refusal");
        assert!(
            matches!(refusal, Refusal::InvalidParams(_)),
            "{schema}: {refusal:?}"
        );
    }
}

#[test]
fn exactly_one_source_is_named() {
    for params in ["{}", r#"{"artifact":"a","artifacts":["b"]}"#] {
        assert!(
            matches!(judge(params, "{}", "1"), Err(Refusal::InvalidParams(_))),
            "{params}"
        );
    }
}

#[test]
fn older_drafts_are_known_without_a_network() {
    let schema = r#"{"$schema":"http://json-schema.org/draft-07/schema#","type":"integer"}"#;
    let report = judge(LINES, schema, "1\n2\n").expect("a report");
    assert_eq!(report.checks[0].status, Status::Pass);
}

#[test]
fn a_value_is_found_by_its_pointer() {
    let text = br#" {"a/b": [1, {"c~": "x, \"y\"]"}, [2, 3]], "d": {}} "#;
    let found = |pointer| {
        locate(text, pointer)
            .map(|Span { offset, len }| String::from_utf8_lossy(&text[offset..offset + len]))
    };
    assert_eq!(found("/a~1b/0").as_deref(), Some("1"));
    assert_eq!(found("/a~1b/1/c~0").as_deref(), Some(r#""x, \"y\"]""#));
    assert_eq!(found("/a~1b/2").as_deref(), Some("[2, 3]"));
    assert_eq!(found("/d").as_deref(), Some("{}"));
    assert_eq!(found("/a~1b/3"), None);
    assert_eq!(found("/e"), None);
    assert_eq!(found("/d/x"), None);
}

#[test]
fn nesting_is_bounded_where_the_readme_says() {
    let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
    assert!(strict::parse(nested(127).as_bytes()).is_ok());
    assert!(strict::parse(nested(128).as_bytes()).is_err());
}

#[test]
fn all_drafts_of_the_readme_are_built_in() {
    for draft in [
        "http://json-schema.org/draft-04/schema#",
        "http://json-schema.org/draft-06/schema#",
        "http://json-schema.org/draft-07/schema#",
        "https://json-schema.org/draft/2019-09/schema",
        "https://json-schema.org/draft/2020-12/schema",
    ] {
        let schema = format!(r#"{{"$schema":"{draft}","type":"integer"}}"#);
        assert_eq!(
            judge(LINES, &schema, "1\n").expect(draft).checks[0].status,
            Status::Pass
        );
        assert_eq!(
            judge(LINES, &schema, "[]\n").expect(draft).checks[0].status,
            Status::Fail
        );
    }
}

#[test]
fn a_key_that_occurs_twice_is_named() {
    let malformed = strict::parse(br#"{"a":[{"b/c":1,"b/c":2}]}"#).expect_err("a refusal");
    assert_eq!(
        malformed.cause(),
        Some(&Cause::Duplicate("/a/0/b~1c".to_owned()))
    );
    assert_eq!(
        strict::parse(b"[1] 2").expect_err("a refusal").cause(),
        None
    );
}

fn codes(report: &Report, check: usize) -> Vec<&str> {
    let findings = report.checks[check].findings.iter();
    findings.map(|finding| finding.code.as_str()).collect()
}

/// A million errors would take more memory than there is.
#[test]
fn a_flood_of_violations_is_a_violation() {
    let names: Vec<_> = (0..10).map(|name| format!("\"n{name}\"")).collect();
    let required = format!(r#"{{"items":{{"required":[{}]}}}}"#, names.join(","));
    let any = r#"{"items":{"anyOf":[{"type":"object"},{"type":"string"}]}}"#.to_owned();
    let nested = r##"{"anyOf":[{"items":{"$ref":"#"},"type":"array"},{"items":{"$ref":"#"},"type":"array","maxItems":3}]}"##;
    for (schema, document) in [
        (required, format!("[{}]", vec!["{}"; 300_000].join(","))),
        (any, format!("[{}]", vec!["1"; 500_000].join(","))),
        (
            nested.to_owned(),
            format!("{}1{}", "[".repeat(100), "]".repeat(100)),
        ),
    ] {
        let report = judge(LINES, &schema, &document).expect("a report");
        let check = &report.checks[0];
        assert_eq!((check.status, check.examined), (Status::Fail, 1));
        assert!(check.findings_total < 20_000, "{}", check.findings_total);
        assert_eq!(check.findings[0].code, "schema-violation");
    }
}

/// Enough is known: documents after that are counted, not explained.
#[test]
fn a_flood_of_bad_documents_is_counted() {
    let report = judge(LINES, INTEGER, &"1\n".repeat(100_000)).expect("a report");
    let check = &report.checks[0];
    assert_eq!((check.examined, check.matched), (100_000, 0));
    assert_eq!((check.findings.len(), check.findings_total), (100, 100_000));
}

#[test]
fn values_that_take_more_memory_than_there_is_are_too_large() {
    let document = format!("[{}]", vec![r#"{"":0}"#; 149_000].join(","));
    let report = judge(LINES, "{}", &document).expect("a report");
    assert_eq!(codes(&report, 0), ["document-too-large"]);
}

#[test]
fn a_malformed_line_is_named_by_its_line_of_the_file() {
    let text = format!("{}{{\"a\":1,}}\n", "{\"a\":1}\n".repeat(36));
    let report = judge(LINES, "{}", &text).expect("a report");
    let finding = &report.checks[0].findings[0];
    assert_eq!(finding.message, "trailing comma at line 37 column 8");
    let place = finding.location.as_ref().expect("a place");
    assert_eq!(place.line, Some(37));
}

#[test]
fn equal_documents_are_duplicates_however_they_are_written() {
    let params = r#"{"artifact":"d.jsonl","format":"json-lines","unique_by":""}"#;
    let text =
        "{\"a\":1,\"b\":[\"x\"]}\n{\"b\" : [\"\\u0078\"], \"a\" : 1.0}\n{\"a\":1}\n1\n1e0\n\"1\"\n";
    let report = judge(params, "{}", text).expect("a report");
    let check = &report.checks[1];
    assert_eq!(
        (check.id.as_str(), check.examined, check.matched),
        ("unique", 6, 4)
    );
    let first = check.findings[0].actual.as_deref();
    assert_eq!(first, Some("the same as document 1"));
}

#[test]
fn others_are_refused_where_the_supplier_chooses_names() {
    for (params, status) in [
        (r#"{"artifacts_ending":".json"}"#, Status::Fail),
        (
            r#"{"artifacts_ending":".json","others":"ignore"}"#,
            Status::Pass,
        ),
        (r#"{"artifact":"ok.json"}"#, Status::Pass),
        (r#"{"artifact":"ok.json","others":"refuse"}"#, Status::Fail),
    ] {
        let report = Fixture::new()
            .submission("ok.json", "{}")
            .submission("bad.JSON", "garbage")
            .reference("schema.json", "{}")
            .evaluate::<JsonSchema>(params)
            .expect("a report");
        assert_eq!(report.checks[0].status, status, "{params}");
    }
}

#[test]
fn only_pointers_name_keys() {
    for pointer in ["a", "/a~", "/~2"] {
        let params = format!(r#"{{"artifact":"d.jsonl","unique_by":"{pointer}"}}"#);
        let refusal = judge(&params, "{}", "1").expect_err("a refusal");
        assert!(matches!(refusal, Refusal::InvalidParams(_)), "{pointer}");
    }
}

/// Each would cost more than the fuel of its bytes.
#[test]
fn what_costs_more_than_its_bytes_is_too_costly() {
    let keyed = r#"{"artifact":"d.jsonl","format":"json-lines","unique_by":""}"#;
    let numbers = format!("[{}]", vec!["1e308"; 100_000].join(","));
    for (params, schema, text) in [
        (keyed, "{}", "1\n".repeat(300_000)),
        (LINES, r#"{"items":{"multipleOf":0.01}}"#, numbers),
    ] {
        let report = judge(params, schema, &text).expect("a report");
        assert_eq!(report.checks[0].status, Status::Fail);
        assert_eq!(codes(&report, 0), ["too-costly"]);
    }
}

use serde_json::json;

use super::*;
use crate::limits::LimitsOverride;

pub(crate) const EXAMPLE: &[u8] = include_bytes!("../schema/example/criteria.json");

/// A locked document with one required criterion of two checks.
pub(crate) fn small() -> Value {
    json!({
        "schema": "https://proofmark.example/criteria/v1",
        "name": "small",
        "criteria": [criterion("form", &["a", "b"], true, 0)],
    })
}

pub(crate) fn criterion(name: &str, checks: &[&str], required: bool, weight: u32) -> Value {
    json!({
        "name": name,
        "validator": {
            "digest": Digest::of(b"validator").to_string(),
            "size_bytes": 9,
            "name": "rows",
            "version": "1.0.0",
        },
        "params": {"rows": 3},
        "checks": checks,
        "references": [{"name": "r.csv", "digest": Digest::of(b"r").to_string(), "size_bytes": 1}],
        "required": required,
        "weight": weight,
        "limits": Limits::default(),
    })
}

/// Code and pointer of the first thing that is wrong after a change.
fn after(change: impl FnOnce(&mut Value)) -> Option<(&'static str, String)> {
    let mut value = small();
    change(&mut value);
    let problems = Criteria::from_value(value).err()?;
    let first = problems.into_iter().next()?;
    Some((first.code, first.pointer.unwrap_or_default()))
}

fn some(code: &'static str, pointer: &str) -> Option<(&'static str, String)> {
    Some((code, pointer.to_owned()))
}

#[test]
fn spelling_does_not_change_the_identity() -> Result<(), Box<dyn std::error::Error>> {
    let criteria = Criteria::from_value(small()).map_err(|problems| format!("{problems:?}"))?;
    let pretty = serde_json::to_vec_pretty(&small())?;
    let again = Criteria::parse(&pretty).map_err(|problems| format!("{problems:?}"))?;
    assert_eq!(criteria, again);
    assert_eq!(Digest::of(criteria.canonical_bytes()), criteria.digest());
    Ok(())
}

#[test]
fn the_types_write_the_same_bytes_as_the_text() -> Result<(), Box<dyn std::error::Error>> {
    let criteria = Criteria::parse(EXAMPLE).map_err(|problems| format!("{problems:?}"))?;
    assert_eq!(canonical::to_bytes(criteria.document())?, EXAMPLE);
    assert_eq!(criteria.canonical_bytes(), EXAMPLE);
    Ok(())
}

#[test]
fn a_small_document_is_in_order() {
    assert_eq!(after(|_| {}), None);
}

#[test]
fn what_the_schema_refuses() {
    let cases = [
        (
            after(|d| d["schema"] = json!("x")),
            some("value-not-allowed", "/schema"),
        ),
        (
            after(|d| d["criteria"] = json!([])),
            some("item-count", "/criteria"),
        ),
        (
            after(|d| d["extra"] = json!(1)),
            some("member-unknown", "/extra"),
        ),
        (
            after(|d| d["threshold"] = json!("1")),
            some("type-mismatch", "/threshold"),
        ),
        (
            after(|d| d["criteria"][0]["validator"]["path"] = json!("x.wasm")),
            some("member-unknown", "/criteria/0/validator/path"),
        ),
        (
            after(|d| d["criteria"][0]["limits"] = json!(LimitsOverride::default())),
            some("member-missing", "/criteria/0/limits"),
        ),
        (
            after(|d| d["criteria"][0]["validator"]["digest"] = json!("sha256:AB")),
            some("pattern-mismatch", "/criteria/0/validator/digest"),
        ),
        (
            after(|d| d["criteria"][0]["limits"]["log_bytes"] = json!(1_u64 << 32)),
            some("number-out-of-range", "/criteria/0/limits/log_bytes"),
        ),
    ];
    for (found, expected) in cases {
        assert_eq!(found, expected);
    }
}

#[test]
fn what_the_types_and_rules_refuse() {
    let cases = [
        (
            after(|d| d["criteria"][0]["references"][0]["name"] = json!("../r")),
            some("path-parent-component", "/criteria/0/references/0/name"),
        ),
        (
            after(|d| d["criteria"][0]["checks"] = json!(["b", "a"])),
            some("checks-not-sorted", "/criteria/0/checks"),
        ),
        (
            after(|d| d["criteria"][0]["checks"] = json!(["a", "a"])),
            some("checks-not-sorted", "/criteria/0/checks"),
        ),
        (
            after(|d| {
                let reference = d["criteria"][0]["references"][0].clone();
                d["criteria"][0]["references"] = json!([reference, reference]);
            }),
            some("references-not-sorted", "/criteria/0/references"),
        ),
        (
            after(|d| d["criteria"][0]["params"]["x"] = json!([1, null])),
            some("not-canonical", "/criteria/0/params/x/1"),
        ),
        (
            after(|d| d["name"] = json!("a\u{202e}b")),
            some("text-deceives", "/name"),
        ),
        (
            after(|d| d["criteria"][0]["validator"]["version"] = json!("1\u{1b}[2J")),
            some("text-deceives", "/criteria/0/validator/version"),
        ),
        (
            after(|d| d["criteria"][0]["limits"]["memory_bytes"] = json!((1_u64 << 30) + 1)),
            some("limit-above-maximum", "/criteria/0/limits/memory_bytes"),
        ),
        (
            after(|d| d["criteria"][0]["required"] = json!(false)),
            some("criterion-without-effect", "/criteria/0"),
        ),
    ];
    for (found, expected) in cases {
        assert_eq!(found, expected);
    }
}

#[test]
fn a_document_that_nobody_could_read_back_is_refused() {
    let found = after(|d| {
        let mut criteria = Vec::new();
        for index in 0..5 {
            let mut criterion = criterion(&format!("c{index}"), &["a"], true, 0);
            criterion["params"]["table"] = json!("x".repeat(250 << 10));
            criteria.push(criterion);
        }
        d["criteria"] = json!(criteria);
    });
    assert_eq!(found, some("document-too-large", ""));
}

#[test]
fn a_text_is_read_strictly() {
    let code = |text: &str| {
        let problems = Criteria::parse(text.as_bytes()).err().unwrap_or_default();
        problems.first().map(|problem| problem.code)
    };
    let small = small().to_string();
    assert_eq!(code(&small), None);
    assert_eq!(
        code(&small.replacen("\"name\"", "\"name\":\"x\",\"name\"", 1)),
        Some("duplicate-member")
    );
    assert_eq!(code(&format!("{small}{small}")), Some("not-json"));
    assert_eq!(
        code(&small.replace("\"rows\":3", "\"rows\":3.5")),
        Some("fraction-not-allowed")
    );
}

#[test]
fn params_and_reference_sizes() -> Result<(), Box<dyn std::error::Error>> {
    let criteria = Criteria::from_value(small()).map_err(|problems| format!("{problems:?}"))?;
    let criterion = &criteria.criteria()[0];
    assert_eq!(criterion.params_bytes()?, br#"{"rows":3}"#);
    assert_eq!(criterion.reference_bytes(), 1);
    Ok(())
}

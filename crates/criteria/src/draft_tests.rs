use super::*;

const EXAMPLE: &str = include_str!("../schema/example/criteria.toml");

/// Code and pointer of everything that is wrong.
fn codes(result: Result<Draft, Vec<Problem>>) -> Vec<(&'static str, String)> {
    let problems = result.err().unwrap_or_default();
    let pair = |problem: Problem| (problem.code, problem.pointer.unwrap_or_default());
    problems.into_iter().map(pair).collect()
}

fn one(code: &'static str, pointer: &str) -> Vec<(&'static str, String)> {
    vec![(code, pointer.to_owned())]
}

#[test]
fn the_worked_example_is_read() -> Result<(), Vec<Problem>> {
    let draft = Draft::from_toml(EXAMPLE)?;
    assert_eq!(draft.threshold.map(Ppm::get), Some(950_000));
    assert_eq!(draft.criteria.len(), 3);
    let form = &draft.criteria[0];
    assert_eq!(
        form.validator,
        ValidatorSource::Builtin("json-schema".to_owned())
    );
    assert!(form.required && form.weight == 0);
    let path = |text: &str| ReferenceSource::Path(text.to_owned());
    assert_eq!(
        form.references["schema.json"],
        path("prediction.schema.json")
    );
    let accuracy = &draft.criteria[1];
    assert_eq!(accuracy.references["labels.csv"], path("labels.csv"));
    assert_eq!(accuracy.limits.fuel, Some(5_000_000_000));
    assert!(!accuracy.required);
    assert!(matches!(
        draft.criteria[2].validator,
        ValidatorSource::Digest(_)
    ));
    Ok(())
}

#[test]
fn toml_and_json_are_the_same_draft() -> Result<(), Box<dyn std::error::Error>> {
    let from_toml = Draft::from_toml(EXAMPLE).map_err(|problems| format!("{problems:?}"))?;
    let json = serde_json::to_vec_pretty(&from_toml)?;
    let from_json = Draft::from_json(&json).map_err(|problems| format!("{problems:?}"))?;
    assert_eq!(from_toml, from_json);
    Ok(())
}

#[test]
fn toml_outside_the_profile_is_refused_with_its_place() {
    let cases = [
        ("name = 0.5", "fraction-not-allowed", "/name"),
        ("name = inf", "fraction-not-allowed", "/name"),
        ("name = 2026-01-01", "datetime-not-allowed", "/name"),
        ("name = [1, [2.5]]", "fraction-not-allowed", "/name/1/0"),
        ("name = 9007199254740992", "integer-too-large", "/name"),
        ("\"a/b\" = 0.5", "fraction-not-allowed", "/a~1b"),
    ];
    for (text, code, pointer) in cases {
        assert_eq!(codes(Draft::from_toml(text)), one(code, pointer), "{text}");
    }
}

#[test]
fn a_syntax_error_tells_line_and_column() {
    let problems = Draft::from_toml("name = \"x\"\nweight 3")
        .err()
        .unwrap_or_default();
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].code, "not-toml");
    assert!(
        problems[0].message.contains("line 2, column 8"),
        "{}",
        problems[0]
    );
    assert_eq!(codes(Draft::from_toml("a = 1\na = 2"))[0].0, "not-toml");
    assert_eq!(codes(Draft::from_json(b"{"))[0].0, "not-json");
}

#[test]
fn hostile_size_and_nesting_are_refused() {
    let long = "#".repeat((1 << 20) + 1);
    assert_eq!(
        codes(Draft::from_toml(&long)),
        one("document-too-large", "")
    );
    let deep = format!("name = {}", "[".repeat(100_000));
    assert_eq!(codes(Draft::from_toml(&deep)).len(), 1);
    let dotted = format!("{} = 1", vec!["a"; 70].join("."));
    assert_eq!(codes(Draft::from_toml(&dotted)).len(), 1);
}

#[test]
fn every_violation_of_the_schema_is_told_with_its_place() {
    let text = r#"
        nam = "x"
        threshold = 1000001
        [limits]
        feul = 1
        [[criteria]]
        name = "Not A Slug"
        validator = { builtin = "a", path = "b" }
        references = { "r" = { digest = "sha256:00" }, "s" = 5 }
        weight = -1
        [[criteria]]
        name = "x"
        params = []
    "#;
    let expected = [
        ("member-missing", ""),
        ("pattern-mismatch", "/criteria/0/name"),
        ("pattern-mismatch", "/criteria/0/references/r/digest"),
        ("type-mismatch", "/criteria/0/references/s"),
        ("member-count", "/criteria/0/validator"),
        ("number-out-of-range", "/criteria/0/weight"),
        ("member-missing", "/criteria/1"),
        ("type-mismatch", "/criteria/1/params"),
        ("member-unknown", "/limits/feul"),
        ("member-unknown", "/nam"),
        ("number-out-of-range", "/threshold"),
    ];
    let expected: Vec<_> = expected.map(|(code, at)| (code, at.to_owned())).into();
    assert_eq!(codes(Draft::from_toml(text)), expected);
}

#[test]
fn messages_do_not_repeat_the_value() {
    let text = format!("name = \"{}\"", "secret".repeat(100));
    let problems = Draft::from_toml(&text).err().unwrap_or_default();
    assert_eq!(problems[0].code, "text-length");
    assert!(!problems[0].message.contains("secret"), "{}", problems[0]);
}

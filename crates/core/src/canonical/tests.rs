use proptest::prelude::*;
use serde_json::json;

use super::*;

const LIMITS: ParseLimits = ParseLimits {
    max_bytes: 1_000,
    max_depth: 3,
};

fn text(value: &Value) -> String {
    to_bytes(value).map_or_else(
        |error| format!("error: {error}"),
        |bytes| String::from_utf8_lossy(&bytes).into_owned(),
    )
}

/// RFC 8785, section 3.2.3: sorting by UTF-16 code units, not by code points.
#[test]
fn rfc_8785_sorts_by_utf16_code_units() {
    let value = json!({
        "\u{20ac}": "Euro Sign", "\r": "Carriage Return", "\u{fb33}": "Hebrew Letter Dalet With Dagesh",
        "1": "One", "\u{1f600}": "Emoji: Grinning Face", "\u{80}": "Control",
        "\u{f6}": "Latin Small Letter O With Diaeresis",
    });
    let expected = concat!(
        r#"{"\r":"Carriage Return","1":"One",""#,
        "\u{80}",
        r#"":"Control","ö":"Latin Small Letter O With Diaeresis","€":"Euro Sign","😀":"Emoji: Grinning Face",""#,
        "\u{fb33}",
        r#"":"Hebrew Letter Dalet With Dagesh"}"#
    );
    assert_eq!(text(&value), expected);
}

/// RFC 8785, section 3.2.2: the strings and literals of the example, whose numbers the profile refuses.
#[test]
fn rfc_8785_writes_strings_as_published() {
    let source = br#"{
        "numbers": [333333333, 4, 2],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
        "literals": [true, false]
    }"#;
    let value = parse(source, LIMITS).map(|value| text(&value));
    let expected =
        r#"{"literals":[true,false],"numbers":[333333333,4,2],"string":"€$\u000f\nA'B\"\\\\\"/"}"#;
    assert_eq!(value.as_deref(), Ok(expected));
}

/// RFC 8785, appendix B: the numbers that are integers inside the profile.
#[test]
fn rfc_8785_writes_integers_as_published() {
    assert_eq!(text(&json!(9_007_199_254_740_991_u64)), "9007199254740991");
    assert_eq!(
        text(&json!(-9_007_199_254_740_991_i64)),
        "-9007199254740991"
    );
    assert_eq!(text(&json!(0)), "0");
}

#[test]
fn writing_refuses_what_the_profile_leaves_out() {
    let cases = [
        (json!({"a": [1, null]}), "/a/1", Unsupported::Null),
        (json!({"a/b": {"c": 0.5}}), "/a~1b/c", Unsupported::Fraction),
        (
            json!([9_007_199_254_740_992_u64]),
            "/0",
            Unsupported::LargeInteger,
        ),
        (
            json!(-9_007_199_254_740_992_i64),
            "",
            Unsupported::LargeInteger,
        ),
    ];
    for (value, place, expected) in cases {
        match to_bytes(&value) {
            Err(CanonicalError::Unsupported { pointer, what }) => {
                assert_eq!((pointer.as_str(), what), (place, expected));
            }
            other => panic!("{value}: {other:?}"),
        }
    }
}

#[test]
fn reading_refuses_with_the_place() {
    let cases: [(&str, &str, Option<&str>); 20] = [
        (r#"{"a":1,"a":1}"#, "duplicate-member", Some("/a")),
        (
            r#"{"a":[{"b":1,"\u0062":2}]}"#,
            "duplicate-member",
            Some("/a/0/b"),
        ),
        ("[[[[]]]]", "document-too-deep", Some("/0/0/0")),
        (
            r#"{"a":{"b":{"c":{}}}}"#,
            "document-too-deep",
            Some("/a/b/c"),
        ),
        ("[1,null]", "null-not-allowed", Some("/1")),
        (r#"{"a":1.0}"#, "fraction-not-allowed", Some("/a")),
        ("[1e3]", "fraction-not-allowed", Some("/0")),
        ("-0", "fraction-not-allowed", Some("")),
        ("[9007199254740992]", "integer-too-large", Some("/0")),
        (
            "[1,\n 99999999999999999999999 ]",
            "integer-too-large",
            Some("/1"),
        ),
        (
            r#"{"a":-99999999999999999999999,"b":1}"#,
            "integer-too-large",
            Some("/a"),
        ),
        ("99999999999999999999999", "integer-too-large", Some("")),
        (
            "[99999999999999999999999.5]",
            "fraction-not-allowed",
            Some("/0"),
        ),
        ("[9e999]", "not-json", None),
        (r#"{"b":1,"a":-1.5E3}"#, "fraction-not-allowed", Some("/a")),
        ("{} {}", "not-json", None),
        ("{\"a\":1,}", "not-json", None),
        ("", "not-json", None),
        ("\u{feff}{}", "not-json", None),
        ("\"\\ud800\"", "not-json", None),
    ];
    for (source, code, place) in cases {
        match parse(source.as_bytes(), LIMITS) {
            Err(error) => assert_eq!((error.code(), error.pointer()), (code, place), "{source}"),
            Ok(value) => panic!("{source} was read as {value}"),
        }
    }
    assert!(parse(b"\"\xff\"", LIMITS).is_err(), "not UTF-8");
    assert!(parse(b"[[[]]]", LIMITS).is_ok(), "at the limit");
}

#[test]
fn the_size_is_checked_before_decoding() {
    let garbage = vec![b'x'; 1_001];
    let expected = ParseError::TooLarge {
        bytes: 1_001,
        max_bytes: 1_000,
    };
    assert_eq!(parse(&garbage, LIMITS), Err(expected));
}

#[test]
fn a_syntax_error_has_line_and_column_once() {
    let expected = ParseError::Syntax {
        line: 2,
        column: 3,
        message: "key must be a string".to_owned(),
    };
    assert_eq!(parse(b"{\n  x}", LIMITS), Err(expected));
}

#[test]
fn hostile_nesting_ends_before_the_stack_does() {
    let deep = "[".repeat(100_000);
    let limits = ParseLimits {
        max_bytes: usize::MAX,
        max_depth: usize::MAX,
    };
    assert!(parse(deep.as_bytes(), limits).is_err());
}

/// Most members of most documents are named in ASCII.
fn name() -> impl Strategy<Value = String> {
    prop_oneof!["[\\x00-\\x7f]{0,4}", any::<String>()]
}

fn document() -> impl Strategy<Value = Value> {
    let bound = 9_007_199_254_740_991_i64;
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        (-bound..=bound).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::btree_map(name(), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(value in document()) {
        let bytes = to_bytes(&value)?;
        let limits = ParseLimits { max_bytes: usize::MAX, max_depth: 64 };
        let read = parse(&bytes, limits)?;
        prop_assert_eq!(&read, &value);
        prop_assert_eq!(to_bytes(&read)?, bytes);
    }

    #[test]
    fn the_short_way_writes_what_the_library_does(value in document()) {
        prop_assert_eq!(value_to_bytes(&value)?, serde_json_canonicalizer::to_vec(&value)?);
    }

    #[test]
    fn spelling_does_not_change_the_digest(value in document()) {
        let pretty = serde_json::to_vec_pretty(&value)?;
        let limits = ParseLimits { max_bytes: usize::MAX, max_depth: 64 };
        prop_assert_eq!(digest(&parse(&pretty, limits)?)?, digest(&value)?);
    }

    #[test]
    fn no_input_panics(bytes in any::<Vec<u8>>()) {
        let _ = parse(&bytes, LIMITS);
    }
}

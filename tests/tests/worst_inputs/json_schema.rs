//! Schemas and documents that take most.

use super::super::Input;

fn on(name: &'static str, schema: &str, documents: String, more: &str) -> Input {
    let format = match more.contains("max_document_bytes") {
        true => "json",
        false => "json-lines",
    };
    Input {
        name,
        params: format!(r#"{{"artifact":"work","format":"{format}"{more}}}"#),
        submission: vec![("work", documents.into_bytes())],
        reference: vec![("schema.json", schema.to_owned())],
    }
}

/// An array of so many of these.
fn array(item: &str, count: usize) -> String {
    format!("[{}{item}]", format!("{item},").repeat(count - 1))
}

fn lines(line: impl Fn(usize) -> String, count: usize) -> String {
    (0..count).map(|at| line(at) + "\n").collect()
}

/// Three groups of three kinds of nodes, each with a child of any kind.
fn union_tree() -> String {
    let kind = |at: usize| {
        format!(
            r##""k{at}":{{"type":"object","required":["type","child"],"properties":{{"type":{{"type":"string"}},"child":{{"$ref":"#/$defs/g"}}}}}}"##
        )
    };
    let of = |names: &[String]| {
        let refs: Vec<_> = names
            .iter()
            .map(|it| format!(r##"{{"$ref":"#/$defs/{it}"}}"##))
            .collect();
        refs.join(",")
    };
    let kinds: Vec<_> = (0..9).map(kind).collect();
    let group = |at: usize| {
        let names: Vec<_> = (3 * at..3 * at + 3).map(|it| format!("k{it}")).collect();
        format!(r#""g{at}":{{"anyOf":[{}]}}"#, of(&names))
    };
    let groups: Vec<_> = (0..3).map(group).collect();
    let names: Vec<_> = (0..3).map(|it| format!("g{it}")).collect();
    format!(
        r##"{{"$ref":"#/$defs/g","$defs":{{{},{},"g":{{"anyOf":[{},{{"type":"number"}}]}}}}}}"##,
        kinds.join(","),
        groups.join(","),
        of(&names)
    )
}

pub(crate) fn inputs() -> Vec<Input> {
    // One document of a megabyte.
    let large = |name, schema: &str, text: String| {
        on(name, schema, text, r#","max_document_bytes":8388608"#)
    };
    let of = |schema: &str| format!(r#"{{"type":"array","minItems":2000000,"items":{schema}}}"#);
    let names: Vec<_> = (0..10).map(|at| format!("\"name{at}\"")).collect();
    let nested = r##"{"anyOf":[{"$ref":"#/$defs/a"},{"$ref":"#/$defs/a"},{"type":"string"}],"$defs":{"a":{"type":"array","items":{"$ref":"#"}}}}"##;
    vec![
        on(
            "short lines, not valid",
            r#"{"type":"string"}"#,
            lines(|_| "1".into(), 1_000_000),
            "",
        ),
        on(
            "short lines, too few",
            r#"{"type":"integer"}"#,
            lines(|_| "1".into(), 1_000_000),
            r#","min_documents":2000000"#,
        ),
        on(
            "lines that are no JSON",
            "{}",
            lines(|_| "x".into(), 1_000_000),
            "",
        ),
        on("blank lines", "{}", "\n".repeat(2_000_000), ""),
        on(
            "keys, all different",
            r#"{"type":"integer"}"#,
            lines(|at| (at * 61_803 % 400_000).to_string(), 400_000),
            r#","unique_by":"","min_documents":2000000"#,
        ),
        on(
            "keys, all the same",
            "{}",
            lines(|_| "1234567".into(), 400_000),
            r#","unique_by":"""#,
        ),
        large(
            "ten names that are not there",
            &of(&format!(r#"{{"required":[{}]}}"#, names.join(","))),
            array("{}", 400_000),
        ),
        large(
            "anyOf that fits nothing",
            &of(r#"{"anyOf":[{"type":"string"},{"type":"null"},{"minimum":5}]}"#),
            array("1", 500_000),
        ),
        large(
            "anyOf in anyOf",
            nested,
            format!("{}1{}", "[".repeat(120), "]".repeat(120)),
        ),
        on(
            "a tree of unions",
            &union_tree(),
            format!(
                "{}\"x\"{}\n",
                r#"{"type":"t0","child":"#.repeat(120),
                "}".repeat(120)
            )
            .repeat(3),
            "",
        ),
        large(
            "long keys in every error",
            r#"{"additionalProperties":{"items":{"type":"integer"}}}"#,
            format!(
                "{{\"{}\":{}}}",
                "k".repeat(400_000),
                array("\"x\"", 100_000)
            ),
        ),
        on(
            "large lines, each with one error, then many",
            r#"{"type":"array","items":{"type":"string"}}"#,
            format!(
                "{}{}\n",
                format!("[\"{}\",1]\n", "s".repeat(900_000)).repeat(10),
                array("1", 400_000)
            ),
            "",
        ),
        large(
            "objects",
            &of(r#"{"additionalProperties":false}"#),
            array(r#"{"":0}"#, 140_000),
        ),
        large(
            "multipleOf of integers",
            &of(r#"{"multipleOf":7}"#),
            array("9", 500_000),
        ),
        large(
            "multipleOf of fractions",
            &of(r#"{"multipleOf":0.01}"#),
            array("0.1", 250_000),
        ),
        large(
            "multipleOf of large numbers",
            &of(r#"{"multipleOf":0.01}"#),
            array("1e308", 150_000),
        ),
        large(
            "uniqueItems",
            r#"{"uniqueItems":true,"minItems":2000000}"#,
            format!("[{}0]", lines(|at| format!("{at},"), 140_000)),
        ),
        large(
            "enum",
            &of(&format!(
                r#"{{"enum":{}}}"#,
                array("\"ab\"", 100).replacen("ab", "z", 99)
            )),
            array(r#""ab""#, 200_000),
        ),
        large(
            "a long string",
            r#"{"pattern":"^[a-z]+[0-9]$"}"#,
            format!("\"{}\"", "a".repeat(1_000_000)),
        ),
        large(
            "arrays in arrays",
            r##"{"items":{"$ref":"#"},"minItems":1}"##,
            array("[[]]", 190_000),
        ),
        large(
            "one member again and again",
            "{}",
            format!("{{{}\"a\":1}}", "\"a\":1,".repeat(150_000)),
        ),
    ]
}

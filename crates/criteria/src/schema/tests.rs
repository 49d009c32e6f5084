use proofmark_core::uri;
use serde_json::json;

use super::*;
use crate::document::tests::{EXAMPLE, small};
use crate::limits::Limits;

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("the published schemas are JSON")
}

#[test]
fn the_published_schemas_name_themselves() {
    let (criteria, draft) = (json(CRITERIA_SCHEMA), json(DRAFT_SCHEMA));
    assert_eq!(criteria["$id"], uri::CRITERIA_V1);
    assert_eq!(criteria["properties"]["schema"]["const"], uri::CRITERIA_V1);
    assert_eq!(draft["$id"], uri::CRITERIA_DRAFT_V1);
    for schema in [criteria, draft] {
        assert!(jsonschema::draft202012::meta::is_valid(&schema));
        assert!(compile(&schema).is_ok());
    }
}

#[test]
fn the_published_schemas_accept_their_examples() {
    let example = serde_json::from_slice(EXAMPLE).expect("the example is JSON");
    assert_eq!(check_criteria(&example), []);
    assert_eq!(check_criteria(&small()), []);
}

/// Members that the types know and the schemas do not, or the reverse, would drift apart unseen.
#[test]
fn schemas_and_types_have_the_same_members() {
    let names = |value: &Value| -> Vec<String> {
        value
            .as_object()
            .into_iter()
            .flat_map(|members| members.keys().cloned())
            .collect()
    };
    let (criteria, draft) = (json(CRITERIA_SCHEMA), json(DRAFT_SCHEMA));
    let limits = names(&json!(Limits::default()));
    assert_eq!(names(&criteria["$defs"]["limits"]["properties"]), limits);
    assert_eq!(names(&draft["$defs"]["limits"]["properties"]), limits);
    let required = criteria["$defs"]["limits"]["required"]
        .as_array()
        .map(Vec::len);
    assert_eq!(required, Some(limits.len()), "every limit is explicit");
    // The full example of each type: all optional members are present.
    let mut full = small();
    full["summary"] = json!("s");
    full["threshold"] = json!(1);
    full["criteria"][0]["summary"] = json!("s");
    let criterion = &full["criteria"][0];
    let pairs = [
        (&criteria["properties"], &full),
        (&criteria["$defs"]["criterion"]["properties"], criterion),
        (
            &criteria["$defs"]["validator"]["properties"],
            &criterion["validator"],
        ),
        (
            &criteria["$defs"]["reference"]["properties"],
            &criterion["references"][0],
        ),
    ];
    for (properties, value) in pairs {
        assert_eq!(names(properties), names(value));
    }
    assert!(serde_json::from_value::<crate::document::Document>(full.clone()).is_ok());
}

#[test]
fn the_draft_schema_and_its_types_have_the_same_members() {
    let full = json!({
        "name": "x", "summary": "s", "threshold": 1,
        "limits": Limits::default(),
        "criteria": [{
            "name": "a", "summary": "s", "validator": {"path": "x.wasm"}, "params": {"a": 1},
            "references": {"r": {"path": "r"}}, "required": false, "weight": 1, "limits": Limits::default(),
        }],
    });
    assert_eq!(check_draft(&full), []);
    let bytes = full.to_string();
    let draft = crate::Draft::from_json(bytes.as_bytes()).expect("the full example is read");
    assert_eq!(json!(draft), full, "every member has a field");
    let schema = json(DRAFT_SCHEMA);
    let count = |value: &Value| value.as_object().map(serde_json::Map::len);
    assert_eq!(count(&schema["properties"]), count(&full));
    let criterion = &schema["$defs"]["criterion"]["properties"];
    assert_eq!(count(criterion), count(&full["criteria"][0]));
}

#[test]
fn our_own_patterns_have_hints() {
    for schema in [CRITERIA_SCHEMA, DRAFT_SCHEMA] {
        let patterns = schema.matches("\"pattern\": ").count();
        let known = schema.matches("\"^[a-z0-9-]{1,64}$\"").count()
            + schema.matches("\"^sha256:[0-9a-f]{64}$\"").count();
        assert_eq!(patterns, known);
    }
    let problems =
        check_draft(&json!({"name": "x", "criteria": [{"name": "A", "validator": {"path": "x"}}]}));
    assert!(
        problems.iter().all(|problem| problem.hint.is_some()),
        "{problems:?}"
    );
}

fn params_code(schema: &Value) -> Option<&'static str> {
    ParamsSchema::compile(&schema.to_string())
        .err()
        .map(|error| error.code())
}

/// `depth` definitions that each apply the next one twice by `keyword`.
fn bomb(keyword: &str, depth: usize) -> Value {
    let mut defs = serde_json::Map::new();
    for level in 0..depth {
        let next = json!({"$ref": format!("#/$defs/d{}", level + 1)});
        defs.insert(format!("d{level}"), json!({keyword: [next, next]}));
    }
    defs.insert(format!("d{depth}"), json!({"type": "object"}));
    json!({"$defs": defs, "$ref": "#/$defs/d0"})
}

#[test]
fn ordinary_parameter_schemas_compile() {
    let tree = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://example.com/tree",
        "type": "object",
        "properties": {"left": {"$ref": "#"}, "right": {"$ref": "#/properties/left"}, "$ref": {"type": "string"}},
        "patternProperties": {"^x-[a-z]+$": true},
        "default": {"$ref": "not a reference"},
    });
    for schema in [json!({}), tree, bomb("allOf", 10)] {
        assert_eq!(params_code(&schema), None, "{schema}");
    }
}

#[test]
fn hostile_parameter_schemas_are_refused() {
    let mut chain = serde_json::Map::new();
    for level in 0..5_000 {
        chain.insert(
            format!("d{level}"),
            json!({"$ref": format!("#/$defs/d{}", level + 1)}),
        );
    }
    chain.insert("d5000".to_owned(), json!(true));
    let cases = [
        (json!(true), "params-schema-not-an-object"),
        (json!([]), "params-schema-not-an-object"),
        (json!({"const": null}), "params-schema-document"),
        (json!({"maximum": 0.5}), "params-schema-document"),
        (
            json!({"description": "x".repeat(MAX_SCHEMA_BYTES)}),
            "params-schema-document",
        ),
        (
            json!({"$schema": "http://json-schema.org/draft-07/schema#"}),
            "params-schema-dialect",
        ),
        (json!({"items": {"$anchor": "a"}}), "params-schema-keyword"),
        (json!({"$dynamicRef": "#a"}), "params-schema-keyword"),
        (
            json!({"not": {"$id": "https://example.com/x"}}),
            "params-schema-keyword",
        ),
        (
            json!({"$ref": "https://example.com/x"}),
            "params-schema-reference",
        ),
        (
            json!({"$ref": "file:///etc/passwd"}),
            "params-schema-reference",
        ),
        (json!({"$ref": "#/$defs/absent"}), "params-schema-reference"),
        (json!({"$ref": 3}), "params-schema-reference"),
        (json!({"$ref": "#"}), "params-schema-cycle"),
        (json!({"allOf": [{"$ref": "#"}]}), "params-schema-cycle"),
        (
            json!({"items": {"anyOf": [{"$ref": "#/items"}]}}),
            "params-schema-cycle",
        ),
        (bomb("allOf", 40), "params-schema-too-complex"),
        (bomb("anyOf", 40), "params-schema-too-complex"),
        (
            json!({"properties": {"x": bomb("oneOf", 2)["$defs"]}, "$defs": chain}),
            "params-schema-too-complex",
        ),
        (json!({"type": "nonsense"}), "params-schema-not-a-schema"),
        (json!({"properties": 3}), "params-schema-not-a-schema"),
        (json!({"pattern": "^(?=a)b"}), "params-schema-not-a-schema"),
        (
            json!({"pattern": "(a{1000}){1000}"}),
            "params-schema-not-a-schema",
        ),
    ];
    for (schema, code) in cases {
        assert_eq!(params_code(&schema), Some(code), "{schema:.200}");
    }
    let code = |text: &str| ParamsSchema::compile(text).err().map(|error| error.code());
    assert_eq!(code("{"), Some("params-schema-document"));
    assert_eq!(
        code(r#"{"type":"object","type":"array"}"#),
        Some("params-schema-document")
    );
}

#[test]
fn problems_point_into_the_parameters() -> Result<(), ParamsSchemaError> {
    let schema = r#"{"properties":{"a":{"items":{"type":"integer"}}},"required":["b"]}"#;
    let problems = ParamsSchema::compile(schema)?.problems(&json!({"a": [1, "x"]}));
    let found: Vec<_> = problems
        .iter()
        .map(|p| (p.code, p.pointer.as_deref()))
        .collect();
    assert_eq!(
        found,
        [
            ("member-missing", Some("")),
            ("type-mismatch", Some("/a/1"))
        ]
    );
    Ok(())
}

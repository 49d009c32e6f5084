//! What is published with the specification is what the code makes and reads.
//!
//! `PROOFMARK_WRITE_EXAMPLES=1 cargo test -p proofmark-trust` writes the examples anew.

use std::path::{Path, PathBuf};

use proofmark_trust::{Policy, accept};
use serde_json::Value;

use crate::fixture::{now, policy, signed};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("schema")
}

fn published(name: &str, made: &str) -> String {
    let file = folder().join("example").join(name);
    if std::env::var_os("PROOFMARK_WRITE_EXAMPLES").is_some() {
        std::fs::write(&file, made).expect("it is written");
    }
    std::fs::read_to_string(file).expect("it is published")
}

#[test]
fn the_example_is_what_the_code_makes() {
    let pretty = serde_json::to_string_pretty(policy().document()).expect("JSON") + "\n";
    assert_eq!(published("policy.json", &pretty), pretty);
    let envelope = signed(&policy(), None, &[1, 2]) + "\n";
    let found = published("policy.v1.dsse.json", &envelope);
    assert_eq!(found, envelope);
    let believed = accept(found.as_bytes(), None, None, now()).expect("it is signed");
    assert_eq!(believed.digest(), policy().digest());
}

fn schema() -> jsonschema::Validator {
    let text = std::fs::read_to_string(folder().join("trust-policy.v1.schema.json"))
        .expect("it is published");
    let schema: Value = serde_json::from_str(&text).expect("JSON");
    jsonschema::validator_for(&schema).expect("a schema")
}

/// The schema is for authors and other implementations; it accepts what the reader accepts, and refuses what
/// it can see.
#[test]
fn the_schema_says_what_the_reader_says() {
    let schema = schema();
    let example = serde_json::to_value(policy().document()).expect("JSON");
    assert!(schema.is_valid(&example));
    let steps: &[fn(&mut Value)] = &[
        |value| value["version"] = 0.into(),
        |value| value["x"] = 1.into(),
        |value| value["keys"][0]["x"] = 1.into(),
        |value| value["keys"][0]["operator"] = "A".into(),
        |value| value["keys"][0]["publicKey"] = "AAAA".into(),
        |value| value["keys"][0]["keyId"] = "00".into(),
        |value| value["keys"][0]["validFrom"] = "2026-11-01T00:00:00+00:00".into(),
        |value| {
            value["keys"][0]["revoked"] =
                serde_json::json!({"effectiveAt": "2026-11-01T00:00:00Z", "reason": "lost"})
        },
        |value| value["roles"]["root"]["threshold"] = 0.into(),
        |value| value["roles"]["root"]["threshold"] = 17.into(),
        |value| value["roles"]["other"] = value["roles"]["root"].clone(),
        |value| value["profiles"][0]["digest"] = "00".into(),
        |value| value["transparency"]["logs"][0]["key"] = "a".into(),
        |value| value["time"]["maxAgeSeconds"] = 0.into(),
        |value| value["time"]["maxClockSkewSeconds"] = 86_401.into(),
        |value| value["audience"] = "a b".into(),
        |value| value["schema"] = "x".into(),
        |value| drop(value.as_object_mut().expect("an object").remove("time")),
    ];
    for (at, step) in steps.iter().enumerate() {
        let mut value = example.clone();
        step(&mut value);
        assert!(!schema.is_valid(&value), "step {at}");
        let text = serde_json::to_vec(&value).expect("JSON");
        assert!(Policy::parse(&text).is_err(), "step {at}");
    }
}

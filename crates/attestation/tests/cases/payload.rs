//! Payloads that trusted keys signed and that are no outcome, or not in its one spelling.

use proofmark_attestation::statement::PAYLOAD_TYPE;
use proofmark_attestation::verify::FailureCode::*;
use serde_json::{Value, json};

use super::{Case, bad};
use crate::world::*;

pub(crate) fn cases() -> Vec<Case> {
    [types(), duplicates(), spellings(), schema()]
        .into_iter()
        .flatten()
        .collect()
}

fn text() -> String {
    String::from_utf8(outcome().canonical_bytes().to_vec()).expect("a statement is text")
}

fn replaced(from: &str, to: &str) -> Vec<u8> {
    let text = text();
    assert!(text.contains(from), "there is no {from}");
    text.replacen(from, to, 1).into_bytes()
}

fn types() -> Vec<Case> {
    let signed_as =
        |payload_type: &str| sign_as(payload_type, outcome().canonical_bytes(), &[ALPHA, BETA]);
    vec![
        bad(
            "payload-type-edited",
            "The payload type was changed; the signatures stayed.",
            PayloadType,
        )
        .replace(PAYLOAD_TYPE, "application/json"),
        bad(
            "payload-type-other",
            "Engines sign an outcome as plain JSON.",
            PayloadType,
        )
        .bundle(&logged(signed_as("application/json"))),
        bad(
            "payload-type-case",
            "Engines sign an outcome under another spelling of the type.",
            PayloadType,
        )
        .bundle(&logged(signed_as("Application/vnd.in-toto+json"))),
        bad(
            "payload-type-parameter",
            "Engines sign an outcome under the type with a parameter.",
            PayloadType,
        )
        .bundle(&logged(signed_as(
            "application/vnd.in-toto+json; charset=utf-8",
        ))),
        bad(
            "policy-as-outcome",
            "The signed trust policy is presented as an outcome.",
            PayloadType,
        )
        .edit(|bundle| bundle["envelope"] = serde_json::from_str(&signed_policy()).expect("JSON")),
        bad(
            "receipt-as-outcome",
            "A run receipt, signed by engines' keys, is presented as an outcome.",
            PredicateType,
        )
        .payload({
            let envelope = receipt(&outcome(), ALPHA_RECEIPTS);
            envelope.payload().to_vec()
        }),
        bad(
            "receipt-envelope-as-outcome",
            "The envelope of a receipt is presented as that of an outcome.",
            NoTrustedSignature,
        )
        .edit(|bundle| bundle["envelope"] = json!(receipt(&outcome(), ALPHA_RECEIPTS))),
        bad(
            "statement-type-other",
            "Engines sign an in-toto statement of an older version.",
            StatementType,
        )
        .lie(|statement| statement["_type"] = json!("https://in-toto.io/Statement/v0.1")),
        bad(
            "statement-type-missing",
            "Engines sign something that does not say that it is a statement.",
            StatementType,
        )
        .lie(|statement| {
            statement
                .as_object_mut()
                .expect("an object")
                .remove("_type");
        }),
        bad("statement-list", "Engines sign a list.", StatementType).payload(b"[]"),
        bad(
            "predicate-type-v2",
            "Engines sign an outcome of a later version.",
            PredicateType,
        )
        .lie(|statement| {
            statement["predicateType"] =
                json!("https://proofmark.example/attestation/validated-outcome/v2")
        }),
        bad(
            "predicate-type-test-result",
            "The same outcome told as an in-toto test result, and signed.",
            PredicateType,
        )
        .payload({
            let told = proofmark_attestation::projection::test_result(&outcome());
            canonical_bytes(&told.expect("a pass"))
        }),
    ]
}

fn duplicates() -> Vec<Case> {
    let twice = |name, about, member: &str, other: &str| {
        bad(name, about, PayloadDuplicateName)
            .payload(replaced(member, &format!("{other},{member}")))
    };
    vec![
        twice(
            "payload-duplicate-predicate-type",
            "The statement has two predicate types.",
            "\"predicateType\":",
            "\"predicateType\":\"x\"",
        ),
        twice(
            "payload-duplicate-binding",
            "The predicate has two bindings.",
            "\"binding\":",
            "\"binding\":{}",
        ),
        twice(
            "payload-duplicate-contract",
            "The binding has two contracts' names.",
            "\"id\":\"con_7m2k\"",
            "\"id\":\"con_other\"",
        ),
        twice(
            "payload-duplicate-verdict",
            "The result has two verdicts.",
            "\"verdict\":",
            "\"verdict\":\"fail\"",
        ),
        twice(
            "payload-duplicate-digest",
            "A digest stands there twice.",
            "\"sha256\":",
            "\"sha256\":\"00\"",
        ),
        twice(
            "payload-duplicate-check-status",
            "A check has two outcomes.",
            "\"status\":\"pass\"",
            "\"status\":\"fail\"",
        ),
        twice(
            "payload-duplicate-escaped",
            "The result has two verdicts, one under an escaped spelling of the name.",
            "\"verdict\":",
            "\"v\\u0065rdict\":\"fail\"",
        ),
    ]
}

fn spellings() -> Vec<Case> {
    let attempt = |spelling: &str| replaced("\"attempt\":1", &format!("\"attempt\":{spelling}"));
    vec![
        bad(
            "payload-float",
            "A number is written with a fraction.",
            PayloadNumber,
        )
        .payload(attempt("1.0")),
        bad(
            "payload-exponent",
            "A number is written with an exponent.",
            PayloadNumber,
        )
        .payload(attempt("1e0")),
        bad("payload-null", "A member is null.", PayloadNumber).payload(attempt("null")),
        bad(
            "payload-big-integer",
            "An integer lies beyond 2^53 - 1, where readers round.",
            PayloadNumber,
        )
        .payload(attempt("9007199254740993")),
        bad(
            "payload-minus-zero",
            "A number is minus zero.",
            PayloadNumber,
        )
        .payload(attempt("-0")),
        bad(
            "payload-leading-zero",
            "A number has a leading zero.",
            PayloadMalformed,
        )
        .payload(attempt("01")),
        bad(
            "payload-reordered",
            "The members stand in another order.",
            PayloadNotCanonical,
        )
        .payload(reordered()),
        bad(
            "payload-white-space",
            "A space stands in the payload.",
            PayloadNotCanonical,
        )
        .payload(replaced("\"verdict\":", "\"verdict\": ")),
        bad(
            "payload-line-break-at-end",
            "A line break follows the payload.",
            PayloadNotCanonical,
        )
        .payload(format!("{}\n", text()).as_bytes()),
        bad(
            "payload-escape",
            "A letter is written as an escape.",
            PayloadNotCanonical,
        )
        .payload(replaced("\"pass\"", "\"p\\u0061ss\"")),
        bad(
            "payload-solidus-escape",
            "A solidus is escaped.",
            PayloadNotCanonical,
        )
        .payload(replaced("https://in-toto.io/", "https:\\/\\/in-toto.io\\/")),
        bad(
            "payload-object-as-list",
            "A digest is the list of its member's value.",
            PayloadNotCanonical,
        )
        .lie(|statement| {
            let digest = statement["subject"][0]["digest"]["sha256"].clone();
            statement["subject"][0]["digest"] = json!([digest]);
        }),
        bad(
            "payload-byte-order-mark",
            "A byte order mark stands before the payload.",
            PayloadMalformed,
        )
        .payload(format!("\u{feff}{}", text()).as_bytes()),
        bad(
            "payload-trailing-data",
            "Something follows the payload.",
            PayloadMalformed,
        )
        .payload(format!("{}{{}}", text()).as_bytes()),
        bad("payload-empty", "Engines sign nothing.", PayloadMalformed).payload(b""),
        bad(
            "payload-not-utf-8",
            "A byte of the payload is not UTF-8.",
            PayloadMalformed,
        )
        .payload({
            let mut bytes = text().into_bytes();
            bytes[2] = 0xff;
            bytes
        }),
        bad(
            "payload-lone-surrogate",
            "Half of a character is escaped.",
            PayloadMalformed,
        )
        .payload(replaced("con_7m2k", "con_\\ud800")),
        bad(
            "payload-depth-bomb",
            "A thousand arrays inside each other.",
            PayloadMalformed,
        )
        .payload(format!("{}{}", "[".repeat(1_000), "]".repeat(1_000)).as_bytes()),
        bad(
            "payload-too-long",
            "With its type, the payload is longer than what key services sign.",
            PayloadMalformed,
        )
        .payload(longer(4_053)),
    ]
}

/// The statement with its binding last.
fn reordered() -> Vec<u8> {
    let text = text();
    let binding = canonical_bytes(&statement_of(&outcome())["predicate"]["binding"]);
    let binding = format!("\"binding\":{}", String::from_utf8(binding).expect("text"));
    let rest = text.replacen(&format!("{binding},"), "", 1);
    let end = "},\"predicateType\"";
    rest.replacen(end, &format!(",{binding}{end}"), 1)
        .into_bytes()
}

/// The statement, made so long by the name of an artifact.
fn longer(bytes: usize) -> Vec<u8> {
    let mut statement = statement_of(&outcome());
    let more = bytes - canonical_bytes(&statement).len();
    let name = statement["subject"][2]["name"].as_str().expect("text");
    statement["subject"][2]["name"] = json!(format!("{name}{}", "x".repeat(more)));
    canonical_bytes(&statement)
}

fn schema() -> Vec<Case> {
    let with = |name, about, pointer: &'static str, value: Value| {
        bad(name, about, PredicateSchema).lie(move |statement| {
            let parent = statement.pointer_mut(pointer).expect("it is there");
            parent["extra"] = value;
        })
    };
    vec![
        with(
            "statement-unknown-member",
            "The statement has a member that nobody knows.",
            "",
            json!(1),
        ),
        with(
            "predicate-unknown-member",
            "The predicate has a member that nobody knows.",
            "/predicate",
            json!({}),
        ),
        with(
            "binding-unknown-member",
            "The binding has a member that nobody knows.",
            "/predicate/binding",
            json!(true),
        ),
        with(
            "result-unknown-member",
            "The result has a member that nobody knows.",
            "/predicate/result",
            json!("pass"),
        ),
        with(
            "subject-unknown-member",
            "A subject has a member that nobody knows.",
            "/subject/0",
            json!("x"),
        ),
        with(
            "digest-second-algorithm",
            "A digest has a second algorithm beside SHA-256.",
            "/subject/0/digest",
            json!("00"),
        ),
        bad(
            "result-missing",
            "The predicate has no result.",
            PredicateSchema,
        )
        .lie(|statement| {
            statement["predicate"]
                .as_object_mut()
                .expect("an object")
                .remove("result");
        }),
        bad(
            "verdict-unknown",
            "The verdict is none of the three.",
            PredicateSchema,
        )
        .lie(|statement| statement["predicate"]["result"]["verdict"] = json!("partial")),
        bad(
            "verdict-error",
            "The verdict is that the machine failed, which is never signed.",
            PredicateSchema,
        )
        .lie(|statement| statement["predicate"]["result"]["verdict"] = json!("error")),
        bad(
            "score-out-of-range",
            "The score is more than everything.",
            PredicateSchema,
        )
        .lie(|statement| statement["predicate"]["result"]["score"] = json!(1_000_001)),
        bad(
            "attempt-negative",
            "The attempt is negative.",
            PredicateSchema,
        )
        .lie(|statement| statement["predicate"]["binding"]["attempt"] = json!(-1)),
        bad(
            "attempt-zero",
            "The attempt is 0; they are counted from 1.",
            PredicateSchema,
        )
        .lie(|statement| statement["predicate"]["binding"]["attempt"] = json!(0)),
        bad("attempt-text", "The attempt is text.", PredicateSchema)
            .lie(|statement| statement["predicate"]["binding"]["attempt"] = json!("1")),
        bad(
            "nonce-uppercase",
            "The nonce has a second spelling.",
            PredicateSchema,
        )
        .lie(|statement| {
            statement["predicate"]["binding"]["nonce"] = json!("8C93255D71DCAB10E8F379C26200F3C7")
        }),
        bad("nonce-short", "The nonce has 64 bits.", PredicateSchema).lie(|statement| {
            statement["predicate"]["binding"]["nonce"] = json!("8c93255d71dcab10")
        }),
        bad(
            "digest-uppercase",
            "A digest has a second spelling.",
            PredicateSchema,
        )
        .lie(|statement| {
            let digest = &mut statement["subject"][0]["digest"]["sha256"];
            *digest = json!(digest.as_str().expect("text").to_uppercase());
        }),
        bad(
            "audience-unprintable",
            "The audience ends in a line break.",
            PredicateSchema,
        )
        .lie(|statement| {
            statement["predicate"]["binding"]["audience"] = json!("urn:market:acme\n")
        }),
    ]
}

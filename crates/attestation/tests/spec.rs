//! What is published with the specifications is what the code makes and reads: examples, schemas, the digests in
//! the texts, and the tables of rules and failures.
//!
//! `PROOFMARK_WRITE_EXAMPLES=1 cargo test -p proofmark-attestation --test spec` writes the examples anew.

mod world;

use std::fs;
use std::path::{Path, PathBuf};

use proofmark_attestation::bundle::{self, DocumentRole};
use proofmark_attestation::statement::receipt::RunReceipt;
use proofmark_attestation::statement::{PAYLOAD_TYPE, ValidatedOutcome};
use proofmark_attestation::verify::{
    FactsDocument, FailureCode, FraudProof, Request, Rule, verify_json,
};
use proofmark_attestation::{Bundle, leaf};
use proofmark_core::{Digest, canonical};
use proofmark_criteria::FaultCode;
use proofmark_dsse::{Envelope, pae};
use proofmark_tlog::leaf_hash;
use serde_json::{Value, json};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).expect("it is published")
}

fn specification(name: &str) -> String {
    text(&format!("docs/spec/{name}.md"))
}

/// The example of this name, written anew first where that is asked for.
fn published(name: &str, made: &str) -> String {
    let path = format!("crates/attestation/schema/example/{name}");
    if std::env::var_os("PROOFMARK_WRITE_EXAMPLES").is_some() {
        fs::write(root().join(&path), made).expect("it is written");
    }
    text(&path)
}

fn schema(name: &str) -> jsonschema::Validator {
    let text = text(&format!("crates/attestation/schema/{name}.v1.schema.json"));
    jsonschema::validator_for(&value(&text)).expect("a schema")
}

fn value(json: &str) -> Value {
    serde_json::from_str(json).expect("JSON")
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("JSON") + "\n"
}

/// The bundle of the order with all three documents.
fn example() -> Bundle {
    let mut bundle = world::bundle();
    let documents = [
        (
            DocumentRole::Criteria,
            canonical::to_bytes(world::WORLD.criteria.document()),
        ),
        (
            DocumentRole::Record,
            Ok(world::WORLD.pass.canonical_bytes().to_vec()),
        ),
        (
            DocumentRole::Submission,
            Ok(world::WORLD.manifest.canonical_bytes().to_vec()),
        ),
    ];
    for (role, content) in documents {
        bundle.attach(role, &content.expect("canonical"));
    }
    bundle
}

fn receipt() -> RunReceipt {
    let bundle = example();
    RunReceipt::parse(bundle.receipts[0].payload()).expect("a receipt")
}

fn answer(bundle: &str, policy: &str, facts: &str) -> Value {
    let signed = Envelope::parse(policy.trim_end().as_bytes()).expect("a signed policy");
    let pin = signed.payload_digest().to_string();
    let answer = verify_json(&Request {
        pin: Some(&pin),
        bundle: bundle.as_bytes(),
        policy: policy.as_bytes(),
        facts: facts.as_bytes(),
        ..Request::default()
    });
    answer.expect("the facts can be read")
}

#[test]
fn the_examples_are_what_the_code_makes() {
    let outcome = world::outcome();
    let bundle = example();
    let (facts, policy) = (pretty(&world::facts()), world::signed_policy() + "\n");
    let statement = str::from_utf8(outcome.canonical_bytes()).expect("JSON is UTF-8");
    let receipt = receipt();
    let receipt = str::from_utf8(receipt.canonical_bytes()).expect("JSON is UTF-8");
    let bundle = bundle.to_json() + "\n";
    let answer = pretty(&answer(&bundle, &policy, &facts));
    for (name, made) in [
        ("validated-outcome.json", statement),
        ("run-receipt.json", receipt),
        ("bundle.json", &bundle),
        ("policy.v1.dsse.json", &policy),
        ("facts.json", &facts),
        ("answer.json", &answer),
        ("fraud-proof.json", &(world::fraud().to_json() + "\n")),
    ] {
        let found = published(name, made);
        match name {
            // Whether serde_json keeps members in order depends on who else is in the build.
            "facts.json" | "answer.json" => assert_eq!(value(&found), value(made), "{name}"),
            _ => assert_eq!(found, made, "{name}"),
        }
    }
}

/// What a stranger does with the published files.
#[test]
fn the_example_verifies() {
    let [bundle, policy, facts, expected] = ["bundle", "policy.v1.dsse", "facts", "answer"]
        .map(|name| text(&format!("crates/attestation/schema/example/{name}.json")));
    let answer = answer(&bundle, &policy, &facts);
    assert_eq!(answer["verified"], true);
    assert_eq!(answer["outcome"]["settles"], true);
    assert_eq!(answer, value(&expected));
}

fn is_outcome(value: &Value) -> bool {
    ValidatedOutcome::parse(&world::canonical_bytes(value)).is_ok()
}

fn is_receipt(value: &Value) -> bool {
    RunReceipt::parse(&world::canonical_bytes(value)).is_ok()
}

fn is_bundle(value: &Value) -> bool {
    Bundle::parse(value.to_string().as_bytes()).is_ok()
}

fn is_fraud(value: &Value) -> bool {
    FraudProof::parse(&world::canonical_bytes(value)).is_ok()
}

fn are_facts(value: &Value) -> bool {
    FactsDocument::parse(value.to_string().as_bytes()).is_ok()
}

/// Every object and list at any depth: a member more, and each member less.
fn neighbours(value: &Value) -> Vec<Value> {
    let mut pointers = Vec::new();
    walk(value, String::new(), &mut pointers);
    let mut all = Vec::new();
    for pointer in pointers {
        let Some(object) = value.pointer(&pointer).and_then(Value::as_object) else {
            continue;
        };
        let mut changed = |change: &dyn Fn(&mut serde_json::Map<String, Value>)| {
            let mut copy = value.clone();
            let object = copy.pointer_mut(&pointer).and_then(Value::as_object_mut);
            change(object.expect("it is an object"));
            all.push(copy);
        };
        changed(&|object| drop(object.insert("extra".to_owned(), json!(1))));
        for name in object.keys() {
            changed(&|object| drop(object.remove(name)));
            changed(&|object| drop(object.insert(name.clone(), json!([[]]))));
            changed(&|object| drop(object.insert(name.clone(), json!({ "x": "y" }))));
        }
    }
    all
}

fn walk(value: &Value, at: String, pointers: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            let members = members.iter();
            members.for_each(|(name, member)| walk(member, format!("{at}/{name}"), pointers));
            pointers.push(at);
        }
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.for_each(|(index, item)| walk(item, format!("{at}/{index}"), pointers));
        }
        _ => {}
    }
}

/// The schema accepts the example, and whatever else the reader accepts. Of what the reader refuses it refuses
/// all that does not compare one member with another; `seen` of the neighbours are like that.
fn agree(name: &str, example: &Value, reads: fn(&Value) -> bool) -> (usize, usize) {
    let schema = schema(name);
    assert!(
        schema.is_valid(example),
        "{name}: {:?}",
        schema.validate(example).err()
    );
    assert!(reads(example), "{name}");
    let (mut both, mut reader_alone) = (0, 0);
    for neighbour in neighbours(example) {
        match (schema.is_valid(&neighbour), reads(&neighbour)) {
            (false, true) => panic!("{name}: only the schema refuses {neighbour}"),
            (false, false) => both += 1,
            (true, false) => reader_alone += 1,
            (true, true) => {}
        }
    }
    (both, reader_alone)
}

#[test]
fn the_schemas_say_what_the_readers_say() {
    let outcome = world::statement_of(&world::outcome());
    let receipt: Value = serde_json::from_slice(receipt().canonical_bytes()).expect("JSON");
    let bundle = value(&example().to_json());
    let found = [
        agree("validated-outcome", &outcome, is_outcome),
        agree("run-receipt", &receipt, is_receipt),
        agree("bundle", &bundle, is_bundle),
        agree("facts", &world::facts(), are_facts),
        agree("fraud-proof", &value(&world::fraud().to_json()), is_fraud),
    ];
    let names = ["outcome", "receipt", "bundle", "facts", "fraud proof"];
    for (name, (both, reader_alone)) in names.iter().zip(found) {
        assert!(
            both > 20 && reader_alone * 20 < both,
            "{name}: {both}, {reader_alone} alone"
        );
    }
}

/// Fail, inconclusive and free-standing outcomes, and one without its lists.
#[test]
fn the_schema_of_outcomes_accepts_every_kind() {
    let schema = schema("validated-outcome");
    let world = &*world::WORLD;
    for record in [&world.pass, &world.fail, &world.inconclusive] {
        let mut statement = world::statement_of(&world::outcome_of(record));
        assert!(schema.is_valid(&statement));
        let predicate = &mut statement["predicate"];
        predicate
            .as_object_mut()
            .expect("an object")
            .remove("binding");
        for pointer in [
            "/criteria/validators",
            "/result/criteria",
            "/execution/runs",
        ] {
            let list = predicate
                .pointer_mut(pointer)
                .and_then(Value::as_object_mut);
            list.expect("a list").remove("items");
        }
        statement["subject"]
            .as_array_mut()
            .expect("a list")
            .truncate(1);
        assert!(schema.is_valid(&statement) && is_outcome(&statement));
    }
}

#[test]
fn the_schema_of_outcomes_knows_the_faults_that_may_be_signed() {
    let schema = text("crates/attestation/schema/validated-outcome.v1.schema.json");
    let schema = value(&schema);
    let signed = FaultCode::ALL.iter().filter(|code| code.is_deterministic());
    let signed: Vec<_> = signed.map(|code| code.as_str()).collect();
    assert_eq!(schema["$defs"]["fault"]["enum"], json!(signed));
}

/// The steps of `validated-outcome-v1.md`, over plain JSON.
#[test]
fn the_digests_are_had_by_the_published_steps() {
    let published = text("crates/attestation/schema/example/validated-outcome.json");
    let statement = value(&published);
    let predicate = &statement["predicate"];
    let without_items = |list: &Value| json!({ "count": list["count"], "digest": list["digest"] });
    let mut result = predicate["result"].clone();
    result["criteria"] = without_items(&result["criteria"]);
    let agreement = json!({
        "predicateType": statement["predicateType"],
        "submission": statement["subject"][0]["digest"],
        "binding": predicate["binding"],
        "criteria": {
            "digest": predicate["criteria"]["digest"],
            "validators": without_items(&predicate["criteria"]["validators"]),
        },
        "result": result,
    });
    let items = canonical::digest(&predicate["result"]["criteria"]["items"]).expect("canonical");
    assert_eq!(result["criteria"]["digest"]["sha256"], items.hex());
    let outcome = ValidatedOutcome::parse(published.as_bytes()).expect("an outcome");
    let agreed = canonical::digest(&agreement).expect("canonical");
    assert_eq!(outcome.outcome_digest(), agreed);
    assert_eq!(outcome.statement_digest(), Digest::of(published.as_bytes()));

    let signed = pae(PAYLOAD_TYPE, published.as_bytes());
    let specification = specification("validated-outcome-v1");
    for (what, digest) in [
        ("statement digest", outcome.statement_digest()),
        ("outcome digest", agreed),
        ("SHA-256 of what is signed", Digest::of(&signed)),
    ] {
        let row = format!("| {what} | `{digest}` |");
        assert!(specification.contains(&row), "missing: {row}");
    }
    let lengths = format!("{} bytes, and {} are signed", published.len(), signed.len());
    assert!(specification.contains(&lengths), "missing: {lengths}");
}

#[test]
fn the_leaf_is_the_published_one() {
    let bundle = example();
    let signers = bundle.log.as_ref().map(|log| log.signers.clone());
    let leaf = leaf(&bundle.envelope, &signers.expect("it was logged")).expect("they signed");
    let hash = leaf_hash(&leaf);
    let specification = specification("bundle-v1");
    let leaf = String::from_utf8(leaf).expect("JSON is UTF-8");
    for part in [format!("```json\n{leaf}\n```"), format!("`{hash}`")] {
        assert!(specification.contains(&part), "missing: {part}");
    }
    for (most, limit) in [
        ("bytes of a bundle", bundle::MAX_BUNDLE_BYTES),
        ("bytes of one document", bundle::MAX_DOCUMENT_BYTES),
        ("receipts", bundle::MAX_RECEIPTS),
        (
            "bytes of one envelope on its own",
            proofmark_dsse::MAX_ENVELOPE_BYTES,
        ),
        ("signatures of one envelope", proofmark_dsse::MAX_SIGNATURES),
        (
            "bytes of one signature, of whatever kind",
            proofmark_dsse::MAX_SIGNATURE_BYTES,
        ),
        (
            "bytes of the log proof",
            proofmark_tlog::proof::MAX_PROOF_BYTES,
        ),
    ] {
        let row = format!("| {most} | {limit} |");
        assert!(specification.contains(&row), "missing: {row}");
    }
}

/// The cells of a table's rows: those lines under a heading that begin with a bar and a code span.
fn rows(document: &str, heading: &str) -> Vec<Vec<String>> {
    let (_, section) = document.split_once(heading).expect("the heading");
    let section = section.split("\n## ").next().expect("a section");
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let cells = |row: &str| {
        row.trim_matches('|')
            .split(" | ")
            .map(|cell| cell.trim().to_owned())
            .collect()
    };
    rows.map(cells).collect()
}

#[test]
fn the_rules_are_the_published_ones_in_order() {
    let document = specification("verification");
    let published: Vec<_> = rows(&document, "\n## Rules\n")
        .into_iter()
        .map(|row| (row[0].clone(), row[1].clone()))
        .collect();
    let rules = Rule::ALL.iter();
    let expected: Vec<_> = rules
        .map(|rule| (format!("`{rule}`"), rule.meaning().to_owned()))
        .collect();
    assert_eq!(published, expected);
}

#[test]
fn the_failures_are_the_published_ones_in_order() {
    let document = specification("verification");
    let published = rows(&document, "\n## Failures\n");
    let codes = FailureCode::ALL.iter();
    let expected: Vec<_> = codes
        .map(|code| {
            vec![
                format!("`{code}`"),
                format!("`{}`", code.rule()),
                code.hint().to_owned(),
            ]
        })
        .collect();
    assert_eq!(published, expected);
    assert!(expected.is_sorted_by_key(|row| {
        Rule::ALL
            .iter()
            .position(|rule| row[1] == format!("`{rule}`"))
    }));
}

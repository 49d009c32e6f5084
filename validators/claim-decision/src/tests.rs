//! Fixtures and details.

use crate::ClaimDecision;
use proofmark_validator_sdk::testing::{Fixture, assert_fixtures};
use proofmark_validator_sdk::{Refusal, Report, Status};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn document(name: &str) -> Value {
    let text = std::fs::read(fixtures().join("accept/glass").join(name));
    serde_json::from_slice(&text.expect("a file")).expect("JSON")
}

fn judge(claim: &Value, rules: &Value, decision: &Value) -> Result<Report, Refusal> {
    Fixture::new()
        .submission("decision.json", decision.to_string())
        .reference("claim.json", claim.to_string())
        .reference("rules.json", rules.to_string())
        .evaluate::<ClaimDecision>("{}")
}

#[test]
fn fixtures_do_what_they_promise_and_cover_every_code() {
    let codes = assert_fixtures::<ClaimDecision>(&fixtures());
    let all = [
        "amount-wrong",
        "claimed-wrong",
        "clauses-wrong",
        "decided-out-of-time",
        "decision-malformed",
        "decision-missing",
        "decision-wrong",
        "line-duplicate",
        "line-extra",
        "line-missing",
        "other-claim",
        "reasons-wrong",
        "total-wrong",
    ];
    assert_eq!(codes.iter().map(String::as_str).collect::<Vec<_>>(), all);
}

/// The buyer's own documents are refused where nobody could decide by them, and the supplier is not blamed.
#[test]
fn rules_by_which_nobody_could_decide_are_the_buyers_fault() {
    let (claim, decision) = (
        document("references/claim.json"),
        document("submission/decision.json"),
    );
    let rules = document("references/rules.json");
    let with = |pointer: &str, value: Value| {
        let mut rules = rules.clone();
        *rules.pointer_mut(pointer).expect("it is there") = value;
        rules
    };
    let without_clause = {
        let mut rules = rules.clone();
        let clauses = rules["clauses"].as_object_mut().expect("an object");
        clauses.remove("deductible");
        rules
    };
    for (rules, why) in [
        (with("/to", json!("2025-01-01")), "before it begins"),
        (without_clause, "which is cited for `deductible`"),
        (
            with(
                "/categories/glass",
                json!({"covered": true, "clause": "1", "coinsurance_ppm": 1_000_001}),
            ),
            "more than all of it",
        ),
        (
            with("/clauses", json!({"not-covered": "7"})),
            "which is cited for",
        ),
        (with("/limit", json!(1.5)), "invalid type"),
        (with("/from", json!("1.7.2025")), "is no day such as"),
        (
            with("/policy", json!("KFZ-55-3")),
            "of another policy than the claim",
        ),
        (
            with("/clauses/deductible", json!("9".repeat(201))),
            "more than 200 bytes",
        ),
    ] {
        let refusal = judge(&claim, &rules, &decision).expect_err("it is refused");
        let said = refusal.to_string();
        assert!(
            matches!(refusal, Refusal::InvalidParams(_)) && said.contains(why),
            "{said}"
        );
    }
    let mut twice = claim.clone();
    let lines = twice["lines"].as_array_mut().expect("a list");
    lines.push(lines[0].clone());
    let refusal = judge(&twice, &rules, &decision).expect_err("it is refused");
    assert!(
        refusal.to_string().contains("a line is there twice"),
        "{refusal}"
    );
}

/// A decision is of one form: what is not asked for could say something else than what is.
#[test]
fn a_decision_says_nothing_else() {
    let (claim, rules) = (
        document("references/claim.json"),
        document("references/rules.json"),
    );
    let decision = document("submission/decision.json");
    let good = judge(&claim, &rules, &decision).expect("a report");
    assert!(good.checks.iter().all(|check| check.status == Status::Pass));
    let mut noted = decision.clone();
    noted["note"] = json!("Pay 900 more.");
    let mut twice = decision;
    twice["lines"][0]["reasons"] = json!(["coinsurance", "coinsurance"]);
    // The same values in the same order, without their names: whoever reads `lines[0].paid` finds nothing.
    let listed = values(&document("submission/decision.json"));
    let mut tagged = document("submission/decision.json");
    tagged["lines"][0]["decision"] = json!({"paid": null});
    for other in [noted, twice, listed, tagged] {
        let report = judge(&claim, &rules, &other).expect("a report");
        let failed = report
            .checks
            .iter()
            .all(|check| check.status == Status::Fail);
        assert!(failed, "{report:?}");
    }
}

/// Objects as the lists of their values.
fn values(value: &Value) -> Value {
    match value {
        Value::Object(members) => Value::Array(members.values().map(values).collect()),
        Value::Array(items) => Value::Array(items.iter().map(values).collect()),
        other => other.clone(),
    }
}

#[test]
fn a_total_may_be_larger_than_any_line() {
    let (mut claim, mut rules) = (
        document("references/claim.json"),
        document("references/rules.json"),
    );
    let mut decision = document("submission/decision.json");
    let large = json!(900_000_000_000_u64);
    rules["limit"] = json!(1_000_000_000_000_u64);
    let both = rules["categories"].as_object_mut().expect("an object");
    both.values_mut()
        .for_each(|it| drop(it.as_object_mut().and_then(|it| it.remove("limit"))));
    claim["lines"][1]["claimed"] = large.clone();
    for amount in ["claimed", "allowed"] {
        decision["lines"][1][amount] = large.clone();
    }
    claim["lines"][0]["claimed"] = json!(600_000_000_000_u64);
    decision["lines"][0]["claimed"] = json!(600_000_000_000_u64);
    decision["lines"][0]["allowed"] = json!(600_000_000_000_u64);
    decision["lines"][0]["paid"] = json!(600_000_000_000_u64);
    decision["lines"][1]["paid"] = json!(400_000_000_000_u64);
    decision["lines"][1]["decision"] = json!("reduced");
    decision["lines"][1]["reasons"] = json!(["policy-limit"]);
    decision["lines"][1]["clauses"] = json!(["5.4"]);
    for (amount, total) in [("claimed", 15), ("allowed", 15), ("paid", 10)] {
        decision["totals"][amount] = json!(total * 100_000_000_000_u64);
    }
    let report = judge(&claim, &rules, &decision).expect("a report");
    assert!(
        report
            .checks
            .iter()
            .all(|check| check.status == Status::Pass),
        "{report:?}"
    );
}

/// The order in which a decision lists the lines is its own; deductible and limits follow the claim's.
#[test]
fn lines_are_decided_in_the_order_in_which_they_were_filed() {
    let of = |name: &str| {
        let text = std::fs::read(fixtures().join("accept/edges").join(name));
        serde_json::from_slice::<Value>(&text.expect("a file")).expect("JSON")
    };
    let (claim, rules) = (of("references/claim.json"), of("references/rules.json"));
    let mut decision = of("submission/decision.json");
    decision["lines"].as_array_mut().expect("a list").reverse();
    let report = judge(&claim, &rules, &decision).expect("a report");
    assert!(
        report
            .checks
            .iter()
            .all(|check| check.status == Status::Pass),
        "{report:?}"
    );
    // Filed in another order, the deductible is another line's.
    let mut other = claim;
    other["lines"].as_array_mut().expect("a list").reverse();
    let report = judge(&other, &rules, &decision).expect("a report");
    let amounts = report.checks.iter().find(|check| check.id == "amounts");
    assert_eq!(amounts.map(|check| check.status), Some(Status::Fail));
}

use proofmark_core::Ppm;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::document::Criteria;
use crate::document::tests::{criterion, small};
use crate::fault::FaultCode;
use crate::limits::Limits;
use crate::report::tests::{check, finding};
use crate::report::{ByteRange, Check, Location, Report, Status};
use crate::submission::{Entry, Manifest, SubmissionLimits};
use crate::verdict::Verdict;

const PUBLISHED: &str = include_str!("../../schema/example/verdict-record.json");

fn criteria(value: Value) -> Criteria {
    Criteria::from_value(value).expect("the test uses documents that are in order")
}

fn submission() -> Manifest {
    let entry = Entry {
        path: "rows.csv".parse().expect("a good path"),
        digest: Digest::of(b"rows"),
        size_bytes: 4,
    };
    Manifest::build(vec![entry], &SubmissionLimits::default()).expect("a good manifest")
}

fn profile() -> Profile {
    Profile {
        name: "test/1".to_owned(),
        digest: Digest::of(b"profile"),
    }
}

fn report(checks: Vec<Check>) -> RunEnd {
    let ids: Vec<_> = checks.iter().map(|check| check.id.clone()).collect();
    let report = Report::assemble(&ids, checks, &Limits::default());
    RunEnd::Reported(report.expect("the test uses good checks"))
}

fn run(end: RunEnd) -> RunOutcome {
    RunOutcome {
        end,
        fuel_used: Some(10),
        fuel_limit: 100,
        log_digest: Some(Digest::of(b"")),
    }
}

fn record(runs: Vec<RunOutcome>) -> Result<VerdictRecord, AssembleError> {
    assemble(&criteria(small()), &submission(), &profile(), runs)
}

/// Two checks reported in another order than the document's, one of them with a finding.
fn two(a: Status) -> RunEnd {
    let mut first = check("a", a);
    first.findings = vec![finding("row-missing")];
    first.findings_total = 3;
    report(vec![check("b", Status::Pass), first])
}

/// Both sides of the format are published: a reader can be tested against this file.
#[test]
fn the_published_record_has_these_bytes() -> Result<(), Box<dyn std::error::Error>> {
    let mut document = small();
    document["threshold"] = json!(500_000);
    document["criteria"] = json!([
        criterion("form", &["a", "b"], true, 0),
        criterion("refused", &["a"], false, 1),
        criterion("trapped", &["a"], false, 2),
    ]);
    let refused = RunEnd::Refused {
        code: FaultCode::RefusedSubmission,
        text: "not \u{1b}[1mtext".to_owned(),
    };
    let runs = vec![
        run(two(Status::Fail)),
        run(refused),
        run(RunEnd::Faulted(FaultCode::Unreachable)),
    ];
    let record = assemble(&criteria(document), &submission(), &profile(), runs)?;
    assert_eq!(String::from_utf8_lossy(record.canonical_bytes()), PUBLISHED);
    assert_eq!(VerdictRecord::parse(PUBLISHED.as_bytes())?, record);
    Ok(())
}

/// Nothing sorts a record when it is written.
#[test]
fn every_member_stands_where_rfc_8785_has_it() -> Result<(), Box<dyn std::error::Error>> {
    let mut full = check("a", Status::Fail);
    full.score = Ppm::new(1).ok();
    let mut whole = finding("row-missing");
    whole.expected = Some("three rows".to_owned());
    whole.actual = Some("two".to_owned());
    whole.location = Some(Location {
        artifact: "rows.csv".to_owned(),
        range: Some(ByteRange { offset: 1, len: 2 }),
        line: Some(3),
        record_number: Some(4),
        pointer: Some("/rows".to_owned()),
    });
    full.findings = vec![whole];
    full.findings_total = 1;
    let record = record(vec![run(report(vec![check("b", Status::Pass), full]))])?;
    let written = record.canonical_bytes();
    assert_eq!(written, canonical::to_bytes(record.document())?);
    let members = [
        "actual",
        "expected",
        "pointer",
        "range",
        "recordNumber",
        "line",
        "score",
    ];
    for member in members {
        let text = String::from_utf8_lossy(written);
        assert!(text.contains(&format!("\"{member}\":")), "{member}");
    }
    assert_eq!(VerdictRecord::parse(written)?, record);
    Ok(())
}

#[test]
fn checks_are_in_the_order_of_the_document() -> Result<(), AssembleError> {
    let record = record(vec![run(two(Status::Pass))])?;
    let result = &record.document().result;
    let ids: Vec<_> = result.criteria[0]
        .checks
        .iter()
        .map(|check| check.id.as_str())
        .collect();
    assert_eq!(ids, ["a", "b"]);
    assert_eq!(result.verdict, Verdict::Pass);
    Ok(())
}

#[test]
fn nothing_is_null_and_absent_members_are_omitted() -> Result<(), AssembleError> {
    let record = record(vec![run(two(Status::Fail))])?;
    let text = String::from_utf8_lossy(record.canonical_bytes()).into_owned();
    for absent in [
        "null",
        "threshold",
        "refusal",
        "fault\"",
        "pointer",
        "actual",
    ] {
        assert!(!text.contains(absent), "{absent} in {text}");
    }
    Ok(())
}

#[test]
fn fuel_and_log_are_recorded_only_where_they_are_exact() -> Result<(), AssembleError> {
    for code in FaultCode::ALL {
        let record = record(vec![run(RunEnd::Faulted(*code))])?;
        let recorded = &record.document().execution.runs[0];
        assert_eq!(recorded.fuel_used.is_some(), code.fuel_is_exact(), "{code}");
        assert_eq!(recorded.log_digest.is_some(), code.returned(), "{code}");
        let result = &record.document().result;
        assert_eq!(result.verdict, Verdict::Inconclusive, "{code}");
        let fault = result.criteria[0].fault;
        assert_eq!(
            fault.map(|fault| fault.owner()),
            Some(code.owner()),
            "{code}"
        );
    }
    Ok(())
}

#[test]
fn the_outcome_digest_leaves_the_execution_out() -> Result<(), AssembleError> {
    let one = record(vec![run(two(Status::Pass))])?;
    let other = record(vec![RunOutcome {
        fuel_used: Some(11),
        ..run(two(Status::Pass))
    }])?;
    assert_ne!(one.digest(), other.digest());
    assert_eq!(one.outcome_digest(), other.outcome_digest());
    let failed = record(vec![run(two(Status::Fail))])?;
    assert_ne!(one.outcome_digest(), failed.outcome_digest());
    Ok(())
}

#[test]
fn a_refusal_is_made_safe() -> Result<(), AssembleError> {
    let refused = RunEnd::Refused {
        code: FaultCode::RefusedParams,
        text: "\u{1b}[2J".repeat(10_000),
    };
    let record = record(vec![run(refused)])?;
    let text = record.document().result.criteria[0]
        .refusal
        .clone()
        .unwrap_or_default();
    assert!(text.len() <= 2_048 && !text.contains('\u{1b}'));
    Ok(())
}

#[test]
fn what_the_engine_must_not_do() {
    let good = || run(two(Status::Pass));
    let refused = |code| {
        run(RunEnd::Refused {
            code,
            text: String::new(),
        })
    };
    let cases = [
        record(vec![]),
        record(vec![good(), good()]),
        record(vec![run(report(vec![check("a", Status::Pass)]))]),
        record(vec![run(report(vec![
            check("a", Status::Pass),
            check("c", Status::Pass),
        ]))]),
        record(vec![refused(FaultCode::Unreachable)]),
        record(vec![RunOutcome {
            fuel_used: None,
            ..good()
        }]),
        record(vec![RunOutcome {
            log_digest: None,
            ..good()
        }]),
        record(vec![RunOutcome {
            fuel_used: Some(101),
            ..good()
        }]),
        record(vec![RunOutcome {
            fuel_limit: 1 << 53,
            ..good()
        }]),
    ];
    for (index, case) in cases.into_iter().enumerate() {
        assert!(case.is_err(), "case {index}");
    }
}

fn code_after(change: impl FnOnce(&mut Value)) -> Option<&'static str> {
    let mut value: Value = serde_json::from_str(PUBLISHED).expect("the published record is JSON");
    change(&mut value);
    let bytes = canonical::to_bytes(&value).expect("the changes stay inside the profile");
    VerdictRecord::parse(&bytes).err().map(|error| error.code())
}

#[test]
fn a_forged_record_is_refused() {
    let contradiction = Some("record-contradiction");
    let malformed = Some("record-malformed");
    assert_eq!(code_after(|_| {}), None);
    assert_eq!(
        code_after(|r| r["result"]["verdict"] = json!("pass")),
        contradiction
    );
    assert_eq!(
        code_after(|r| r["result"]["criteria"][0]["status"] = json!("pass")),
        contradiction
    );
    assert_eq!(
        code_after(|r| r["result"]["criteria"][0]["checks"] = json!([])),
        contradiction
    );
    assert_eq!(
        code_after(|r| r["result"]["criteria"][0]["refusal"] = json!("x")),
        contradiction
    );
    assert_eq!(
        code_after(|r| r["execution"]["runs"][1]["end"] = json!("returned")),
        contradiction
    );
    assert_eq!(
        code_after(|r| r["execution"]["runs"][2]["fuelUsed"] = json!(1)),
        contradiction
    );
    assert_eq!(
        code_after(|r| r["execution"]["runs"][0]["criterion"] = json!("x")),
        contradiction
    );
    assert_eq!(
        code_after(|r| r["execution"]["runs"] = json!([])),
        contradiction
    );
    type Forge = fn(&mut Value);
    let forgeries: [Forge; 14] = [
        |r| r["criteria"]["name"] = json!("x\u{1b}[2J"),
        |r| r["execution"]["profile"]["name"] = json!("x".repeat(200)),
        |r| {
            r["result"]["criteria"][0]["name"] = json!("No Slug");
            r["execution"]["runs"][0]["criterion"] = json!("No Slug");
        },
        |r| {
            r["result"]["criteria"][0]["name"] = json!("refused");
            r["execution"]["runs"][0]["criterion"] = json!("refused");
        },
        |r| r["result"]["criteria"][1]["refusal"] = json!("x\u{9b}1m"),
        |r| r["result"]["criteria"][1]["references"][0]["name"] = json!("../r"),
        |r| r["result"]["criteria"][0]["checks"][1]["id"] = json!("a"),
        |r| r["result"]["criteria"][0]["checks"][0]["id"] = json!("c"),
        |r| r["result"]["criteria"][0]["checks"][0]["matched"] = json!(11),
        |r| r["result"]["criteria"][0]["checks"][0]["findingsTotal"] = json!(0),
        |r| r["result"]["criteria"][0]["checks"][0]["summary"] = json!("\u{202e}x"),
        |r| r["result"]["criteria"][0]["checks"][0]["summary"] = json!("x".repeat(1_025)),
        |r| r["result"]["criteria"][0]["checks"][0]["findings"][0]["location"]["line"] = json!(0),
        |r| r["result"]["criteria"][0]["checks"][0]["findings"][0]["code"] = json!("A"),
    ];
    for (index, forge) in forgeries.into_iter().enumerate() {
        assert_eq!(code_after(forge), contradiction, "forgery {index}");
    }
    assert_eq!(
        code_after(|r| r["schema"] = json!("x")),
        Some("record-schema")
    );
    assert_eq!(code_after(|r| r["at"] = json!(1)), malformed);
    assert_eq!(
        code_after(|r| r["execution"]["runs"][2]["end"] = json!("worker-died")),
        malformed
    );
    let owner = |r: &mut Value| r["result"]["criteria"][2]["fault"]["owner"] = json!("submission");
    assert_eq!(code_after(owner), malformed);
}

#[test]
fn another_spelling_is_another_record() {
    let spaced = PUBLISHED.replacen(':', ": ", 1);
    let error = VerdictRecord::parse(spaced.as_bytes()).err();
    assert_eq!(
        error.map(|error| error.code()),
        Some("record-not-canonical")
    );
    let nulled = PUBLISHED.replacen("{\"criteria\"", "{\"binding\":null,\"criteria\"", 1);
    let error = VerdictRecord::parse(nulled.as_bytes()).err();
    assert_eq!(error.map(|error| error.code()), Some("null-not-allowed"));
}

fn status() -> impl Strategy<Value = Status> {
    prop_oneof![
        Just(Status::Fail),
        Just(Status::Inconclusive),
        Just(Status::Pass)
    ]
}

proptest! {
    #[test]
    fn every_record_is_read_back(a in status(), b in status(), text in any::<String>()) {
        let mut first = check("a", a);
        first.summary = text;
        let record = record(vec![run(report(vec![first, check("b", b)]))])?;
        prop_assert_eq!(VerdictRecord::parse(record.canonical_bytes())?, record);
    }
}

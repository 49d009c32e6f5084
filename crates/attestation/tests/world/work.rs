//! What was ordered, what was delivered, and what the validators said of it.

use proofmark_core::{Digest, Ppm};
use proofmark_criteria::record::{Profile, RunEnd, RunOutcome, assemble};
use proofmark_criteria::report::{Check, Finding, Report, Severity, Status};
use proofmark_criteria::submission::{Entry, SubmissionLimits};
use proofmark_criteria::{Criteria, Criterion, FaultCode, Limits, Manifest, VerdictRecord};
use serde_json::{Value, json};

/// The engine profile of the contract; its digest is that of its name.
pub(crate) const REFERENCE: &str = "reference-1";
/// An older one, which the policy allows too.
pub(crate) const OLDER: &str = "reference-0";
/// A newer one.
pub(crate) const NEWER: &str = "reference-2";

pub(crate) fn criterion(name: &str, checks: &[&str], required: bool, weight: u32) -> Value {
    json!({
        "name": name,
        "validator": {
            "digest": Digest::of(format!("validator of {name}").as_bytes()).to_string(),
            "size_bytes": 9,
            "name": "rows",
            "version": "1.0.0",
        },
        "params": { "rows": 3 },
        "checks": checks,
        "references": [
            { "name": "glossary.csv", "digest": Digest::of(b"glossary").to_string(), "size_bytes": 8 },
        ],
        "required": required,
        "weight": weight,
        "limits": Limits::default(),
    })
}

pub(crate) fn criteria_from(threshold: Option<u32>, list: &[Value]) -> Criteria {
    let mut document = json!({
        "schema": "https://proofmark.example/criteria/v1",
        "name": "translation",
        "criteria": list,
    });
    if let Some(threshold) = threshold {
        document["threshold"] = json!(threshold);
    }
    let text = document.to_string();
    Criteria::parse(text.as_bytes()).expect("the criteria are in order")
}

/// One criterion that must pass, and one that counts by its weight.
pub(crate) fn criteria() -> Criteria {
    let form = criterion("form", &["columns", "rows"], true, 1);
    let terms = criterion("terms", &["glossary"], false, 2);
    criteria_from(Some(600_000), &[form, terms])
}

pub(crate) fn manifest_of(paths: &[(&str, &[u8])]) -> Manifest {
    let entries = paths.iter().map(|(path, content)| Entry {
        path: path.parse().expect("a path"),
        digest: Digest::of(content),
        size_bytes: content.len() as u64,
    });
    let manifest = Manifest::build(entries.collect(), &SubmissionLimits::default());
    manifest.expect("a submission")
}

pub(crate) fn manifest() -> Manifest {
    manifest_of(&[("notes.md", b"notes"), ("text.csv", b"translated text")])
}

pub(crate) fn check(id: &str, status: Status, score: Option<u32>) -> Check {
    let findings = match status {
        Status::Pass => Vec::new(),
        _ => vec![Finding {
            code: "term-missing".to_owned(),
            severity: Severity::Major,
            message: "line 3 leaves a term out".to_owned(),
            location: None,
            expected: Some("invoice".to_owned()),
            actual: None,
        }],
    };
    Check {
        id: id.to_owned(),
        status,
        score: score.map(|score| Ppm::new(score).expect("at most a million")),
        examined: 10,
        matched: 9,
        summary: "9 of 10 lines".to_owned(),
        findings_total: findings.len() as u64,
        findings,
    }
}

fn run(criterion: &Criterion, manifest: &Manifest, end: RunEnd, fuel: u64) -> RunOutcome {
    let bytes = manifest.total_bytes() + criterion.reference_bytes();
    RunOutcome {
        end,
        fuel_used: Some(fuel),
        fuel_limit: criterion.limits.fuel_for(bytes),
        log_digest: Some(Digest::of(b"")),
    }
}

/// One run for each criterion: with these checks, or with a fault.
pub(crate) fn runs(
    criteria: &Criteria,
    manifest: &Manifest,
    ends: Vec<Result<Vec<Check>, FaultCode>>,
) -> Vec<RunOutcome> {
    let pairs = (1..).zip(criteria.criteria().iter().zip(ends));
    let runs = pairs.map(|(at, (criterion, end))| {
        let end = match end {
            Ok(checks) => {
                let report = Report::assemble(&criterion.checks, checks, &criterion.limits);
                RunEnd::Reported(report.expect("a report"))
            }
            Err(code) if code.is_refusal() => {
                let text = "there is no text".to_owned();
                RunEnd::Refused { code, text }
            }
            Err(code) => RunEnd::Faulted(code),
        };
        run(criterion, manifest, end, at * 48_213)
    });
    runs.collect()
}

fn form(rows: Status) -> Vec<Check> {
    vec![
        check("columns", Status::Pass, None),
        check("rows", rows, None),
    ]
}

pub(crate) fn passing(criteria: &Criteria, manifest: &Manifest) -> Vec<RunOutcome> {
    let terms = vec![check("glossary", Status::Pass, Some(900_000))];
    runs(criteria, manifest, vec![Ok(form(Status::Pass)), Ok(terms)])
}

pub(crate) fn failing(criteria: &Criteria, manifest: &Manifest) -> Vec<RunOutcome> {
    let terms = vec![check("glossary", Status::Fail, Some(300_000))];
    runs(criteria, manifest, vec![Ok(form(Status::Fail)), Ok(terms)])
}

/// The validator of the required criterion runs out of fuel.
pub(crate) fn faulting(criteria: &Criteria, manifest: &Manifest) -> Vec<RunOutcome> {
    let terms = vec![check("glossary", Status::Pass, Some(900_000))];
    runs(
        criteria,
        manifest,
        vec![Err(FaultCode::OutOfFuel), Ok(terms)],
    )
}

pub(crate) fn record(
    criteria: &Criteria,
    manifest: &Manifest,
    profile: &str,
    runs: Vec<RunOutcome>,
) -> VerdictRecord {
    let profile = Profile {
        name: profile.to_owned(),
        digest: Digest::of(profile.as_bytes()),
    };
    assemble(criteria, manifest, &profile, runs).expect("a record")
}

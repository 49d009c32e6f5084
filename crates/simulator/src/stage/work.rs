//! What is ordered and delivered, and what validators would say of it.

use std::sync::LazyLock;

use proofmark_core::Digest;
use proofmark_criteria::record::{Profile, RunEnd, RunOutcome, assemble};
use proofmark_criteria::report::{Check, Finding, Report, Severity, Status};
use proofmark_criteria::submission::{Entry, SubmissionLimits};
use proofmark_criteria::{Criteria, FaultCode, Limits, Manifest, VerdictRecord};
use serde_json::json;

use super::judging::Says;
use super::rules::PROFILE;

/// Name of the criteria of a milestone.
pub const MILESTONE: &str = "resolved";
/// Name of the criteria of the second validator, which judges evidence.
pub const EVIDENCE: &str = "not-reopened";

/// Work by its text: what is delivered is one file with it.
#[derive(Debug, Clone, Copy)]
pub struct Work<'t>(pub &'t str);

impl Work<'_> {
    /// The manifest of the submission.
    ///
    /// # Panics
    /// Never.
    #[must_use]
    pub fn manifest(self) -> Manifest {
        let entry = Entry {
            path: "answer.txt".parse().expect("a path"),
            digest: Digest::of(self.0.as_bytes()),
            size_bytes: 100,
        };
        let manifest = Manifest::build(vec![entry], &SubmissionLimits::default());
        manifest.expect("a submission")
    }

    /// The digest of the submission.
    #[must_use]
    pub fn digest(self) -> Digest {
        self.manifest().digest()
    }

    /// The criteria of this name.
    ///
    /// # Panics
    /// If there are none.
    #[must_use]
    pub fn criteria(name: &str) -> &'static Criteria {
        static BOTH: LazyLock<[Criteria; 2]> =
            LazyLock::new(|| [MILESTONE, EVIDENCE].map(criteria));
        let [milestone, evidence] = &*BOTH;
        match name {
            MILESTONE => milestone,
            EVIDENCE => evidence,
            _ => panic!("there are no criteria {name} on stage"),
        }
    }
}

fn criteria(name: &str) -> Criteria {
    let document = json!({
        "schema": "https://proofmark.example/criteria/v1",
        "name": name,
        "criteria": [{
            "name": name,
            "validator": {
                "digest": Digest::of(name.as_bytes()).to_string(),
                "size_bytes": 9,
                "name": name,
                "version": "1.0.0",
            },
            "params": {},
            "checks": ["done"],
            "references": [],
            "required": true,
            "weight": 0,
            "limits": Limits::default(),
        }],
    });
    Criteria::parse(document.to_string().as_bytes()).expect("criteria")
}

/// The record of a run over `manifest` that comes to what is said.
pub(super) fn record(criteria: &Criteria, manifest: &Manifest, says: Says) -> VerdictRecord {
    let profile = Profile {
        name: PROFILE.to_owned(),
        digest: Digest::of(PROFILE.as_bytes()),
    };
    let run = run(criteria, manifest, says);
    assemble(criteria, manifest, &profile, vec![run]).expect("a record")
}

fn run(criteria: &Criteria, manifest: &Manifest, says: Says) -> RunOutcome {
    let criterion = &criteria.criteria()[0];
    let end = match says {
        Says::Inconclusive => RunEnd::Faulted(FaultCode::OutOfFuel),
        Says::Refused => RunEnd::Refused {
            code: FaultCode::RefusedSubmission,
            text: "this is noise".to_owned(),
        },
        Says::Pass => report(criterion, Status::Pass, "done"),
        Says::PassOtherwise => report(criterion, Status::Pass, "done well"),
        Says::Fail => report(criterion, Status::Fail, "not done"),
        Says::FailOtherwise => report(criterion, Status::Fail, "not done at all"),
    };
    RunOutcome {
        end,
        fuel_used: Some(48_213),
        fuel_limit: criterion.limits.fuel_for(manifest.total_bytes()),
        log_digest: Some(Digest::of(b"")),
    }
}

fn report(criterion: &proofmark_criteria::Criterion, status: Status, summary: &str) -> RunEnd {
    let findings = match status {
        Status::Pass => Vec::new(),
        _ => vec![Finding {
            code: "not-done".to_owned(),
            severity: Severity::Major,
            message: summary.to_owned(),
            location: None,
            expected: None,
            actual: None,
        }],
    };
    let check = Check {
        id: "done".to_owned(),
        status,
        score: None,
        examined: 1,
        matched: 1,
        summary: summary.to_owned(),
        findings_total: findings.len() as u64,
        findings,
    };
    let report = Report::assemble(&criterion.checks, vec![check], &criterion.limits);
    RunEnd::Reported(report.expect("a report"))
}

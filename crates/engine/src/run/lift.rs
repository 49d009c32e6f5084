//! From the types of the contract into those of the documents: texts are cleaned and cut. The contents
//! are judged later, by `proofmark_criteria::report`, outside this process.

use proofmark_core::Ppm;
use proofmark_criteria::fault::FaultCode;
use proofmark_criteria::report::{self, CheckSpec, ValidatorManifest};
use proofmark_criteria::schema::{ParamProblem, ParamsAnswer};
use proofmark_criteria::text;

use super::RawEnd;
use super::bindings as wire;
use super::bounded::{Items, Text};

/// How a call of `evaluate` that returned ends.
pub(super) fn end(returned: Result<wire::Report, wire::Refusal>) -> RawEnd {
    match returned {
        Ok(report) => checks(report).map_or_else(RawEnd::Faulted, RawEnd::Reported),
        Err(refusal) => refused(refusal),
    }
}

fn checks(report: wire::Report) -> Result<Vec<report::Check>, FaultCode> {
    report.checks.0.into_iter().map(check).collect()
}

fn clean(text: Text, max_bytes: usize) -> String {
    text::cleaned(text.0, max_bytes)
}

fn maybe(text: Option<Text>, max_bytes: usize) -> Option<String> {
    text.map(|text| clean(text, max_bytes))
}

fn check(check: wire::Check) -> Result<report::Check, FaultCode> {
    let score = check.score.map(Ppm::new).transpose();
    Ok(report::Check {
        id: clean(check.id, text::MAX_NAME_BYTES),
        status: match check.status {
            wire::Status::Pass => report::Status::Pass,
            wire::Status::Fail => report::Status::Fail,
            wire::Status::Inconclusive => report::Status::Inconclusive,
        },
        score: score.map_err(|_| FaultCode::InvalidReport)?,
        examined: check.examined,
        matched: check.matched,
        summary: clean(check.summary, text::MAX_SUMMARY_BYTES),
        findings: check.findings.0.into_iter().map(finding).collect(),
        findings_total: check.findings_total,
    })
}

fn finding(finding: wire::Finding) -> report::Finding {
    report::Finding {
        code: clean(finding.code, text::MAX_NAME_BYTES),
        severity: match finding.severity {
            wire::Severity::Info => report::Severity::Info,
            wire::Severity::Minor => report::Severity::Minor,
            wire::Severity::Major => report::Severity::Major,
            wire::Severity::Critical => report::Severity::Critical,
        },
        message: clean(finding.message, text::MAX_MESSAGE_BYTES),
        location: finding.location.map(location),
        expected: maybe(finding.expected, text::MAX_EVIDENCE_BYTES),
        actual: maybe(finding.actual, text::MAX_EVIDENCE_BYTES),
    }
}

fn location(location: wire::Location) -> report::Location {
    report::Location {
        artifact: clean(location.artifact, text::MAX_PLACE_BYTES),
        range: location.range.map(|range| report::ByteRange {
            offset: range.offset,
            len: range.len,
        }),
        line: location.line,
        record_number: location.record_number,
        pointer: maybe(location.pointer, text::MAX_PLACE_BYTES),
    }
}

fn refused(refusal: wire::Refusal) -> RawEnd {
    let (code, why) = match refusal {
        wire::Refusal::InvalidParams(why) => (FaultCode::RefusedParams, why),
        wire::Refusal::UnsupportedSubmission(why) => (FaultCode::RefusedSubmission, why),
        wire::Refusal::Internal(why) => (FaultCode::RefusedInternal, why),
    };
    RawEnd::Refused(code, clean(why, text::MAX_MESSAGE_BYTES))
}

/// What a validator says it is.
pub(super) fn manifest(manifest: wire::Manifest) -> ValidatorManifest {
    ValidatorManifest {
        name: clean(manifest.name, text::MAX_NAME_BYTES),
        version: clean(manifest.version, text::MAX_NAME_BYTES),
        summary: clean(manifest.summary, text::MAX_SUMMARY_BYTES),
        params_schema: manifest.params_schema.0,
        checks: manifest.checks.0.into_iter().map(check_spec).collect(),
        media_types: manifest
            .media_types
            .0
            .into_iter()
            .map(|media| clean(media, text::MAX_NAME_BYTES))
            .collect(),
    }
}

fn check_spec(spec: wire::CheckSpec) -> CheckSpec {
    CheckSpec {
        id: clean(spec.id, text::MAX_NAME_BYTES),
        summary: clean(spec.summary, text::MAX_SUMMARY_BYTES),
    }
}

/// What a validator says to parameters.
pub(super) fn params_answer(answer: Result<Items<Text>, Items<wire::Problem>>) -> ParamsAnswer {
    let id = |id: Text| clean(id, text::MAX_NAME_BYTES);
    let problem = |problem: wire::Problem| ParamProblem {
        pointer: clean(problem.pointer, text::MAX_PLACE_BYTES),
        message: clean(problem.message, text::MAX_MESSAGE_BYTES),
    };
    match answer {
        Ok(ids) => ParamsAnswer::AskFor(ids.0.into_iter().map(id).collect()),
        Err(problems) => ParamsAnswer::Refused(problems.0.into_iter().map(problem).collect()),
    }
}

//! How a record writes the checks of a report. The types of a report write absent options as something, because they also
//! pass through a format that is not self-describing; no member of a record has a meaning as `null`.

use proofmark_core::Ppm;
use serde::{Serialize, Serializer};

use crate::report::{ByteRange, Check, Finding, Location, Severity, Status};

pub(super) fn checks<S: Serializer>(checks: &[Check], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(checks.iter().map(CheckWritten::from))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CheckWritten<'c> {
    examined: u64,
    findings: Vec<FindingWritten<'c>>,
    findings_total: u64,
    id: &'c str,
    matched: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<Ppm>,
    status: Status,
    summary: &'c str,
}

#[derive(Serialize)]
struct FindingWritten<'f> {
    #[serde(skip_serializing_if = "Option::is_none")]
    actual: Option<&'f str>,
    code: &'f str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<&'f str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<LocationWritten<'f>>,
    message: &'f str,
    severity: Severity,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LocationWritten<'l> {
    artifact: &'l str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<&'l str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<RangeWritten>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record_number: Option<u64>,
}

#[derive(Serialize)]
struct RangeWritten {
    len: u64,
    offset: u64,
}

impl<'c> From<&'c Check> for CheckWritten<'c> {
    fn from(check: &'c Check) -> Self {
        let Check {
            id,
            status,
            score,
            examined,
            matched,
            summary,
            findings,
            findings_total,
        } = check;
        Self {
            examined: *examined,
            findings: findings.iter().map(FindingWritten::from).collect(),
            findings_total: *findings_total,
            id,
            matched: *matched,
            score: *score,
            status: *status,
            summary,
        }
    }
}

impl<'f> From<&'f Finding> for FindingWritten<'f> {
    fn from(finding: &'f Finding) -> Self {
        let Finding {
            code,
            severity,
            message,
            location,
            expected,
            actual,
        } = finding;
        Self {
            actual: actual.as_deref(),
            code,
            expected: expected.as_deref(),
            location: location.as_ref().map(LocationWritten::from),
            message,
            severity: *severity,
        }
    }
}

impl<'l> From<&'l Location> for LocationWritten<'l> {
    fn from(location: &'l Location) -> Self {
        let Location {
            artifact,
            range,
            line,
            record_number,
            pointer,
        } = location;
        Self {
            artifact,
            line: *line,
            pointer: pointer.as_deref(),
            range: range.map(|ByteRange { offset, len }| RangeWritten { len, offset }),
            record_number: *record_number,
        }
    }
}

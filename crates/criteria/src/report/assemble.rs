//! From what hostile code returned to a report.

use std::cmp::Reverse;

use proofmark_core::{Ppm, integer};

use super::{Check, Finding, Location, Report};
use crate::fault::FaultCode;
use crate::limits::Limits;
use crate::text::{
    MAX_EVIDENCE_BYTES, MAX_MESSAGE_BYTES, MAX_PLACE_BYTES, MAX_SLUG_BYTES, MAX_SUMMARY_BYTES,
    cleaned, is_slug,
};

/// What a check or finding counts beside its texts: member names, numbers and punctuation of its JSON.
pub const STRUCTURE_BYTES: u64 = 256;

/// Why a returned report is not one. The validator's author is to blame; the criterion is inconclusive.
///
/// If several apply, the order is: size, then each returned check in order (its id, then its numbers,
/// then its findings), then what is missing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidReport {
    /// The report is larger than [`Limits::report_bytes`].
    #[error("the report has {size_bytes} bytes, of which {max_bytes} are allowed")]
    TooLarge {
        /// Its size by [`size_bytes`].
        size_bytes: u64,
        /// The limit.
        max_bytes: u32,
    },
    /// A check that the parameters do not ask for.
    #[error("the check `{0}` was not asked for")]
    UnknownCheck(String),
    /// A check reported twice.
    #[error("the check `{0}` is reported twice")]
    DuplicateCheck(String),
    /// A check that is asked for and not reported.
    #[error("the check `{0}` is not reported")]
    MissingCheck(String),
    /// A score above 1,000,000 parts per million.
    #[error("a score is {0} parts per million")]
    Score(u32),
    /// More items matched than were examined.
    #[error("the check `{0}` matched more items than it examined")]
    MatchedBeyondExamined(String),
    /// `findings-total` is smaller than the number of findings.
    #[error("the check `{0}` has more findings than its total says")]
    FindingsTotal(String),
    /// A finding's code is not a slug.
    #[error("a finding of the check `{0}` has a code that is not a slug")]
    FindingCode(String),
    /// A number beyond 2^53 − 1, or a byte range that ends beyond it.
    #[error("the check `{0}` has a number beyond 2^53 - 1")]
    LargeInteger(String),
    /// A line or record number 0: they are counted from 1.
    #[error("a finding of the check `{0}` has a line or record number 0")]
    ZeroPosition(String),
}

impl InvalidReport {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "report-too-large",
            Self::UnknownCheck(_) => "check-unknown",
            Self::DuplicateCheck(_) => "check-duplicate",
            Self::MissingCheck(_) => "check-missing",
            Self::Score(_) => "score-out-of-range",
            Self::MatchedBeyondExamined(_) => "matched-beyond-examined",
            Self::FindingsTotal(_) => "findings-total-too-small",
            Self::FindingCode(_) => "finding-code-not-a-slug",
            Self::LargeInteger(_) => "integer-too-large",
            Self::ZeroPosition(_) => "position-zero",
        }
    }

    /// How the run is recorded.
    #[must_use]
    pub const fn fault_code(&self) -> FaultCode {
        match self {
            Self::TooLarge { .. } => FaultCode::ReportLimit,
            _ => FaultCode::InvalidReport,
        }
    }
}

/// A score as it crosses the boundary.
///
/// # Errors
/// [`InvalidReport::Score`] above 1,000,000.
pub fn score(raw: Option<u32>) -> Result<Option<Ppm>, InvalidReport> {
    let checked = |ppm| Ppm::new(ppm).map_err(|_| InvalidReport::Score(ppm));
    raw.map(checked).transpose()
}

/// The size of a report in bytes: the UTF-8 length of all its texts, and 256 for each check and each
/// finding. The same on every machine and in every encoding, so a limit can be put on it.
#[must_use]
pub fn size_bytes(checks: &[Check]) -> u64 {
    checks.iter().map(check_bytes).sum()
}

fn check_bytes(check: &Check) -> u64 {
    let findings: u64 = check.findings.iter().map(finding_bytes).sum();
    STRUCTURE_BYTES + text_bytes([&check.id, &check.summary]) + findings
}

fn finding_bytes(finding: &Finding) -> u64 {
    let evidence = finding.expected.iter().chain(&finding.actual);
    let place = finding
        .location
        .iter()
        .flat_map(|location| location.pointer.iter().chain([&location.artifact]));
    STRUCTURE_BYTES
        + text_bytes([&finding.code, &finding.message])
        + text_bytes(evidence)
        + text_bytes(place)
}

fn text_bytes<'t>(texts: impl IntoIterator<Item = &'t String>) -> u64 {
    // A `usize` is at most 64 bits wide wherever an engine runs.
    texts.into_iter().map(|text| text.len() as u64).sum()
}

impl Report {
    /// Checks what a validator returned and makes its texts safe: characters that deceive readers are
    /// replaced and texts over their limits are cut (see [`crate::text`]). Of the findings of a check the
    /// worst come first, and as many are kept as [`Limits::findings_per_check`] allows: the validator does
    /// not know the limit, and a delivery with more defects must not come off better for it.
    ///
    /// `asked` are the ids of the checks that the criteria document asks for; the report has its checks in
    /// that order.
    ///
    /// # Errors
    /// The first [`InvalidReport`] in the order stated there.
    pub fn assemble(
        asked: &[String],
        raw: Vec<Check>,
        limits: &Limits,
    ) -> Result<Self, InvalidReport> {
        let size_bytes = size_bytes(&raw);
        if size_bytes > u64::from(limits.report_bytes) {
            return Err(InvalidReport::TooLarge {
                size_bytes,
                max_bytes: limits.report_bytes,
            });
        }
        let mut places: Vec<Option<Check>> = asked.iter().map(|_| None).collect();
        for check in raw {
            let Some(place) = asked.iter().position(|id| *id == check.id) else {
                return Err(InvalidReport::UnknownCheck(cleaned(
                    check.id,
                    MAX_SLUG_BYTES,
                )));
            };
            if places[place].is_some() {
                return Err(InvalidReport::DuplicateCheck(check.id));
            }
            verify(&check)?;
            places[place] = Some(sanitize(check, limits.findings_per_check));
        }
        let in_order = |(id, check): (&String, Option<Check>)| {
            check.ok_or_else(|| InvalidReport::MissingCheck(id.clone()))
        };
        let checks = asked
            .iter()
            .zip(places)
            .map(in_order)
            .collect::<Result<_, _>>()?;
        Ok(Self { checks })
    }
}

/// What must hold of every check, returned by a validator or read from a record.
pub(crate) fn verify(check: &Check) -> Result<(), InvalidReport> {
    verify_numbers(check)?;
    verify_findings(check)
}

/// Whether a check is as [`Report::assemble`] leaves it: texts safe and within their lengths, findings
/// the worst first.
pub(crate) fn is_sanitized(check: &Check) -> bool {
    *check == sanitize(check.clone(), u32::MAX)
}

fn verify_numbers(check: &Check) -> Result<(), InvalidReport> {
    let id = || check.id.clone();
    let numbers = [check.examined, check.matched, check.findings_total];
    if !numbers.into_iter().all(integer::is_safe) {
        return Err(InvalidReport::LargeInteger(id()));
    }
    if check.matched > check.examined {
        return Err(InvalidReport::MatchedBeyondExamined(id()));
    }
    if check.findings_total < check.findings.len() as u64 {
        return Err(InvalidReport::FindingsTotal(id()));
    }
    Ok(())
}

fn verify_findings(check: &Check) -> Result<(), InvalidReport> {
    let id = || check.id.clone();
    for finding in &check.findings {
        if !is_slug(&finding.code) {
            return Err(InvalidReport::FindingCode(id()));
        }
        let Some(location) = &finding.location else {
            continue;
        };
        if !position_is_safe(location) {
            return Err(InvalidReport::LargeInteger(id()));
        }
        if location.line == Some(0) || location.record_number == Some(0) {
            return Err(InvalidReport::ZeroPosition(id()));
        }
    }
    Ok(())
}

fn position_is_safe(location: &Location) -> bool {
    let range_end = location
        .range
        .map(|range| range.offset.saturating_add(range.len));
    [range_end, location.line, location.record_number]
        .into_iter()
        .flatten()
        .all(integer::is_safe)
}

fn sanitize(mut check: Check, max_findings: u32) -> Check {
    // Stable: among equals the validator's order stands.
    check
        .findings
        .sort_by_key(|finding| Reverse(finding.severity));
    // A `usize` has at least 32 bits wherever an engine runs.
    let kept = check.findings.into_iter().take(max_findings as usize);
    Check {
        summary: cleaned(check.summary, MAX_SUMMARY_BYTES),
        findings: kept.map(sanitize_finding).collect(),
        ..check
    }
}

fn sanitize_finding(finding: Finding) -> Finding {
    let evidence = |text| cleaned(text, MAX_EVIDENCE_BYTES);
    Finding {
        message: cleaned(finding.message, MAX_MESSAGE_BYTES),
        location: finding.location.map(|location| Location {
            artifact: cleaned(location.artifact, MAX_PLACE_BYTES),
            pointer: location.pointer.map(|text| cleaned(text, MAX_PLACE_BYTES)),
            ..location
        }),
        expected: finding.expected.map(evidence),
        actual: finding.actual.map(evidence),
        ..finding
    }
}

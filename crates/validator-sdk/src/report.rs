//! The report while it is being written.

use crate::bindings::proofmark::validator::types;
use crate::check::CheckBuilder;
use crate::checks::CheckId;
use crate::finding::Finding;
use crate::text::is_code;
use std::collections::{BTreeMap, BTreeSet};

pub use types::{Refusal, Report};

/// Collects the checks of one evaluation. Each check that the parameters ask for appears exactly once in
/// the report; one that `evaluate` never touched is refused as the validator's own mistake, so that a
/// forgotten check can never look like a passed one.
pub struct ReportBuilder<C> {
    asked: BTreeSet<C>,
    checks: BTreeMap<C, CheckBuilder>,
}

impl<C: CheckId> ReportBuilder<C> {
    pub(crate) fn new(asked: BTreeSet<C>) -> Self {
        Self {
            asked,
            checks: BTreeMap::new(),
        }
    }

    /// Whether the parameters ask for the check ([`Validator::asked_for`](crate::Validator::asked_for)).
    pub fn asks_for(&self, check: C) -> bool {
        self.asked.contains(&check)
    }

    /// The check, to count, to add findings and to conclude. What is said of one that nobody asked for
    /// is not reported.
    pub fn check(&mut self, check: C) -> &mut CheckBuilder {
        self.checks.entry(check).or_insert_with(CheckBuilder::new)
    }

    /// Fails every check that was not touched yet, each with the same finding: for a submission that
    /// lacks what all of them need.
    pub fn fail_untouched(&mut self, finding: &Finding) {
        for check in self.untouched() {
            let check = self.check(check);
            check.finding(finding.clone()).status(types::Status::Fail);
            check.summary(&finding.clone().into_wire().message);
        }
    }

    /// Makes every check that was not touched yet inconclusive, and says why.
    pub fn inconclusive_untouched(&mut self, summary: &str) {
        for check in self.untouched() {
            self.check(check).inconclusive(summary);
        }
    }

    /// The checks that are asked for and were not touched yet, in the order of declaration.
    pub fn untouched(&self) -> Vec<C> {
        let asked = self.asked.iter().copied();
        asked
            .filter(|check| !self.checks.contains_key(check))
            .collect()
    }

    pub(crate) fn finish(mut self) -> Result<Report, Refusal> {
        let share = MAX_REPORT_BYTES / self.asked.len().max(1);
        let mut checks = Vec::with_capacity(self.asked.len());
        for asked in &self.asked {
            let check = self.checks.remove(asked).ok_or_else(|| {
                Refusal::Internal(format!(
                    "the check `{}` was asked for and not reported",
                    asked.id()
                ))
            })?;
            checks.push(fitted(verified(check.finish(asked.id()))?, share));
        }
        Ok(Report { checks })
    }
}

/// Size of the largest report, as the contract counts it: what every engine grants (256 KiB). Each check
/// has an equal share of it, which holds 100 findings of some 200 bytes in each of five checks.
pub const MAX_REPORT_BYTES: usize = 256 << 10;

/// What a check or finding counts beside its texts.
const STRUCTURE_BYTES: usize = 256;

/// Leaves out the last findings until the check fits; their true number stays.
fn fitted(mut check: types::Check, share: usize) -> types::Check {
    let mut left = share.saturating_sub(STRUCTURE_BYTES + check.id.len() + check.summary.len());
    let fits = |finding: &&types::Finding| {
        let size = finding_bytes(finding);
        let fits = size <= left;
        left = left.saturating_sub(size);
        fits
    };
    let kept = check.findings.iter().take_while(fits).count();
    check.findings.truncate(kept);
    check
}

fn finding_bytes(finding: &types::Finding) -> usize {
    let place = finding.location.as_ref().map_or(0, |location| {
        location.artifact.len() + location.pointer.as_ref().map_or(0, String::len)
    });
    let evidence = [&finding.expected, &finding.actual];
    let evidence: usize = evidence.into_iter().flatten().map(String::len).sum();
    STRUCTURE_BYTES + finding.code.len() + finding.message.len() + place + evidence
}

fn verified(check: types::Check) -> Result<types::Check, Refusal> {
    match check
        .findings
        .iter()
        .find(|finding| !is_code(&finding.code))
    {
        None => Ok(check),
        Some(bad) => Err(Refusal::Internal(format!(
            "the check `{}` has a finding with the code `{}`; a code is 1 to 64 of a-z, 0-9 and -",
            check.id, bad.code
        ))),
    }
}

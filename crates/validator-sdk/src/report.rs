//! The report while it is being written.

use crate::bindings::proofmark::validator::types;
use crate::check::CheckBuilder;
use crate::checks::CheckId;
use crate::finding::Finding;
use crate::text::is_code;
use std::collections::BTreeMap;

pub use types::{Refusal, Report};

/// Collects the checks of one evaluation. Each declared check appears exactly once in the report; one
/// that `evaluate` never touched is refused as the validator's own mistake, so that a forgotten check
/// can never look like a passed one.
pub struct ReportBuilder<C> {
    checks: BTreeMap<C, CheckBuilder>,
}

impl<C: CheckId> ReportBuilder<C> {
    pub(crate) fn new() -> Self {
        Self {
            checks: BTreeMap::new(),
        }
    }

    /// The check, to count, to add findings and to conclude. It is reported from now on.
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

    /// The checks that were not touched yet, in the order of declaration.
    pub fn untouched(&self) -> Vec<C> {
        let all = C::ALL.iter().copied();
        all.filter(|check| !self.checks.contains_key(check))
            .collect()
    }

    pub(crate) fn finish(mut self) -> Result<Report, Refusal> {
        let mut checks = Vec::with_capacity(C::ALL.len());
        for id in C::ALL {
            let check = self.checks.remove(id).ok_or_else(|| {
                Refusal::Internal(format!(
                    "the check `{}` was declared and not reported",
                    id.id()
                ))
            })?;
            checks.push(verified(check.finish(id.id()))?);
        }
        Ok(Report { checks })
    }
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

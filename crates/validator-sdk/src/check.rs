//! One check while it is being judged.

use crate::bindings::proofmark::validator::types;
use crate::finding::{Finding, Severity};
use crate::ratio::{PPM, ratio_ppm};
use crate::text::{MAX_TEXT_BYTES, shorten};

pub use types::Status;

/// How many findings of one check are kept, if nothing else is said.
pub const DEFAULT_FINDINGS_KEPT: usize = 100;

/// Counts what was examined and matched, keeps the worst findings (the earlier ones first) and their
/// true number, and derives the status.
///
/// Without an explicit status, the first that applies:
///
/// | When | Status |
/// |---|---|
/// | a finding is `major` or `critical` | fail |
/// | nothing was examined: a check that looked at nothing has shown nothing | inconclusive |
/// | more items did not match than there are findings: nobody said why that is no matter | fail |
/// | otherwise | pass |
#[derive(Clone, Debug)]
pub struct CheckBuilder {
    examined: u64,
    matched: u64,
    status: Option<Status>,
    score: Score,
    summary: Option<String>,
    kept_max: usize,
    kept: Vec<Finding>,
    /// Of the kept ones, once no more fit.
    mildest_kept: Option<Severity>,
    findings_total: u64,
    worst: Option<Severity>,
}

/// How the score comes about.
#[derive(Clone, Copy, Debug)]
enum Score {
    None,
    Fixed(u32),
    MatchedOfExamined,
}

impl CheckBuilder {
    pub(crate) fn new() -> Self {
        Self {
            examined: 0,
            matched: 0,
            status: None,
            score: Score::None,
            summary: None,
            kept_max: DEFAULT_FINDINGS_KEPT,
            kept: Vec::new(),
            mildest_kept: None,
            findings_total: 0,
            worst: None,
        }
    }

    /// Counts one item that was looked at, and whether it met the criterion.
    pub fn examine(&mut self, matches: bool) -> &mut Self {
        self.count(1, u64::from(matches))
    }

    /// Counts many items. No more match than were examined: what is above is not counted.
    pub fn count(&mut self, examined: u64, matched: u64) -> &mut Self {
        self.examined = self.examined.saturating_add(examined);
        self.matched = self.matched.saturating_add(matched.min(examined));
        self
    }

    /// Adds a finding. It changes no counter.
    pub fn finding(&mut self, finding: Finding) -> &mut Self {
        self.count_findings(finding.rank(), 1);
        if self.keeps(finding.rank()) {
            self.keep(finding);
        }
        self
    }

    /// Adds a finding of this severity that is only written if it is kept: a flood of them costs little.
    pub fn finding_of(&mut self, severity: Severity, write: impl FnOnce() -> Finding) -> &mut Self {
        if self.keeps(severity) {
            return self.finding(write().severity(severity));
        }
        self.count_findings(severity, 1)
    }

    /// Whether a finding of this severity would be kept. If not,
    /// [`count_findings`](Self::count_findings) saves the work of writing it.
    pub fn keeps(&self, severity: Severity) -> bool {
        self.kept.len() < self.kept_max || self.mildest_kept.is_some_and(|kept| kept < severity)
    }

    /// Counts findings of this severity without their text.
    pub fn count_findings(&mut self, severity: Severity, count: u64) -> &mut Self {
        if count > 0 {
            self.findings_total = self.findings_total.saturating_add(count);
            self.worst = self.worst.max(Some(severity));
        }
        self
    }

    /// Keeps at most `count` findings instead of [`DEFAULT_FINDINGS_KEPT`]. To be said before the first.
    pub fn keep_findings(&mut self, count: usize) -> &mut Self {
        self.kept_max = count;
        self
    }

    /// A score in parts per million (at most 1,000,000).
    pub fn score_ppm(&mut self, ppm: u32) -> &mut Self {
        self.score = Score::Fixed(ppm.min(PPM));
        self
    }

    /// The score is the share of the examined items that matched, rounded down.
    pub fn score_by_ratio(&mut self) -> &mut Self {
        self.score = Score::MatchedOfExamined;
        self
    }

    /// The sentence that a person reads first. Without one, the counts are told.
    pub fn summary(&mut self, summary: impl AsRef<str>) -> &mut Self {
        self.summary = Some(shorten(summary.as_ref(), MAX_TEXT_BYTES));
        self
    }

    /// Sets the status, whatever the findings say.
    pub fn status(&mut self, status: Status) -> &mut Self {
        self.status = Some(status);
        self
    }

    /// Passes or fails, whatever the findings say: for a check with a bound, which allows some items not
    /// to match.
    pub fn decide(&mut self, passes: bool) -> &mut Self {
        self.status(if passes { Status::Pass } else { Status::Fail })
    }

    /// The check could not be decided from what was given, and why.
    pub fn inconclusive(&mut self, summary: impl AsRef<str>) -> &mut Self {
        self.status(Status::Inconclusive).summary(summary)
    }

    /// How many items were looked at so far.
    pub fn examined(&self) -> u64 {
        self.examined
    }

    /// How many of them met the criterion.
    pub fn matched(&self) -> u64 {
        self.matched
    }

    /// How many findings there were, kept or not.
    pub fn findings_total(&self) -> u64 {
        self.findings_total
    }

    /// Keeps a finding; if there is no room, in place of the last of the mildest.
    fn keep(&mut self, finding: Finding) {
        if self.kept.len() >= self.kept_max {
            let mildest = self.mildest_kept;
            let mut ranks = self.kept.iter().map(|kept| Some(kept.rank()));
            if let Some(at) = ranks.rposition(|rank| rank == mildest) {
                self.kept.remove(at);
            }
        }
        self.kept.push(finding);
        if self.kept.len() >= self.kept_max {
            self.mildest_kept = self.kept.iter().map(Finding::rank).min();
        }
    }

    fn derived_status(&self) -> Status {
        let unexplained = self.examined - self.matched > self.findings_total;
        match (self.status, self.worst) {
            (Some(status), _) => status,
            (None, Some(Severity::Major | Severity::Critical)) => Status::Fail,
            (None, _) if self.examined == 0 => Status::Inconclusive,
            (None, _) if unexplained => Status::Fail,
            (None, _) => Status::Pass,
        }
    }

    fn default_summary(&self) -> String {
        match (self.examined, self.findings_total) {
            (0, 0) => "nothing was there to examine".to_owned(),
            (examined, 0) => format!("{} of {examined} as asked", self.matched),
            (examined, total) => {
                format!("{} of {examined} as asked; findings: {total}", self.matched)
            }
        }
    }

    pub(crate) fn finish(mut self, id: &str) -> types::Check {
        self.kept
            .sort_by_key(|finding| std::cmp::Reverse(finding.rank()));
        types::Check {
            id: id.to_owned(),
            status: self.derived_status(),
            score: match self.score {
                Score::None => None,
                Score::Fixed(ppm) => Some(ppm),
                Score::MatchedOfExamined => Some(ratio_ppm(self.matched, self.examined)),
            },
            examined: self.examined,
            matched: self.matched,
            summary: self
                .summary
                .take()
                .unwrap_or_else(|| self.default_summary()),
            findings: self.kept.into_iter().map(Finding::into_wire).collect(),
            findings_total: self.findings_total,
        }
    }
}

#[cfg(test)]
mod tests;

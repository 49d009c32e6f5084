//! The roll-up: from checks to criteria to one verdict.
//!
//! A criterion takes the worst status of its checks; a run without a report is inconclusive. Then, with
//! *lower* and *upper* the weighted score if everything inconclusive turned out worst and best:
//!
//! | The first that applies | Verdict |
//! |---|---|
//! | nothing decides: no required criterion and no threshold | inconclusive |
//! | a required criterion failed | fail |
//! | upper < threshold | fail |
//! | a required criterion is inconclusive | inconclusive |
//! | lower < threshold | inconclusive |
//! | otherwise | pass |
//!
//! So a verdict is never better than what is known, and what is not known never makes it a fail. Integer
//! arithmetic only; each mean is rounded down, which cannot move it across a threshold, because that is
//! an integer too.

use proofmark_core::Ppm;
use serde::{Deserialize, Serialize};

use crate::report::{Check, Status};

/// What one criterion, or all of them together, come to. Ordered from worst to best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The submission does not meet the criteria, and is the reason.
    Fail,
    /// It cannot be decided. Never moves money.
    Inconclusive,
    /// The submission meets the criteria.
    Pass,
}

impl Verdict {
    /// The name as in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Inconclusive => "inconclusive",
            Self::Pass => "pass",
        }
    }
}

impl From<Status> for Verdict {
    fn from(status: Status) -> Self {
        match status {
            Status::Fail => Self::Fail,
            Status::Inconclusive => Self::Inconclusive,
            Status::Pass => Self::Pass,
        }
    }
}

/// Between which values a score lies; equal where it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScoreBounds {
    /// If everything inconclusive turned out worst.
    pub lower: Ppm,
    /// If everything inconclusive turned out best.
    pub upper: Ppm,
}

impl ScoreBounds {
    /// Nothing is known.
    pub const UNKNOWN: Self = Self {
        lower: Ppm::ZERO,
        upper: Ppm::ONE,
    };

    /// The score is `score`.
    #[must_use]
    pub const fn exactly(score: Ppm) -> Self {
        Self {
            lower: score,
            upper: score,
        }
    }

    /// The score, where it is known.
    #[must_use]
    pub fn known(self) -> Option<Ppm> {
        (self.lower == self.upper).then_some(self.lower)
    }
}

/// What one criterion came to, and how much that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CriterionOutcome {
    /// Whether the criterion must pass.
    pub required: bool,
    /// Its weight in the score.
    pub weight: u32,
    /// What it came to.
    pub status: Verdict,
    /// Its score.
    pub score: ScoreBounds,
}

impl CriterionOutcome {
    /// The outcome of a run that reported `checks`.
    #[must_use]
    pub fn reported(required: bool, weight: u32, checks: &[Check]) -> Self {
        let status = worst(checks);
        let score = match status {
            Verdict::Inconclusive => ScoreBounds::UNKNOWN,
            Verdict::Fail | Verdict::Pass => {
                mean(checks).map_or(ScoreBounds::UNKNOWN, ScoreBounds::exactly)
            }
        };
        Self {
            required,
            weight,
            status,
            score,
        }
    }

    /// The outcome of a run without a report.
    #[must_use]
    pub const fn faulted(required: bool, weight: u32) -> Self {
        Self {
            required,
            weight,
            status: Verdict::Inconclusive,
            score: ScoreBounds::UNKNOWN,
        }
    }
}

/// Any fail is a fail, else any inconclusive is inconclusive. No check at all proves nothing.
fn worst(checks: &[Check]) -> Verdict {
    let statuses = checks.iter().map(|check| Verdict::from(check.status));
    statuses.min().unwrap_or(Verdict::Inconclusive)
}

/// Mean of the checks' scores, rounded down; `None` without a check.
fn mean(checks: &[Check]) -> Option<Ppm> {
    let sum: u128 = checks
        .iter()
        .map(|check| full_parts(check_score(check)))
        .sum();
    let whole = checks.len() as u128 * full_parts(Ppm::ONE);
    Ppm::ratio(sum, whole)
}

/// The score of one check: its own, or all or nothing by its status.
#[must_use]
pub fn check_score(check: &Check) -> Ppm {
    check.score.unwrap_or(match check.status {
        Status::Pass => Ppm::ONE,
        Status::Fail | Status::Inconclusive => Ppm::ZERO,
    })
}

fn full_parts(score: Ppm) -> u128 {
    u128::from(score.get())
}

/// The verdict over all criteria.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Roll {
    /// The verdict.
    pub verdict: Verdict,
    /// The weighted score, where weights are given and it is known.
    pub score: Option<Ppm>,
    /// Between which values the weighted score lies; [`ScoreBounds::UNKNOWN`] without weights.
    pub bounds: ScoreBounds,
}

/// Rolls the outcomes up by the table of this module. Their order does not matter.
#[must_use]
pub fn fold(threshold: Option<Ppm>, outcomes: &[CriterionOutcome]) -> Roll {
    let weighted = weighted_bounds(outcomes);
    let bounds = weighted.unwrap_or(ScoreBounds::UNKNOWN);
    Roll {
        verdict: decide(threshold, outcomes, bounds),
        score: weighted.and_then(ScoreBounds::known),
        bounds,
    }
}

fn decide(threshold: Option<Ppm>, outcomes: &[CriterionOutcome], bounds: ScoreBounds) -> Verdict {
    let required = outcomes.iter().filter(|outcome| outcome.required);
    let worst_required = required.map(|outcome| outcome.status).min();
    let by_score = threshold.map(|threshold| against(threshold, bounds));
    // Each half is fail, inconclusive or pass by its rows of the table, and the rows of the one take
    // precedence over those of the other exactly as the worse value does.
    let halves = worst_required.into_iter().chain(by_score);
    halves.min().unwrap_or(Verdict::Inconclusive)
}

fn against(threshold: Ppm, bounds: ScoreBounds) -> Verdict {
    if bounds.upper < threshold {
        Verdict::Fail
    } else if bounds.lower < threshold {
        Verdict::Inconclusive
    } else {
        Verdict::Pass
    }
}

/// Weighted means of the bounds, rounded down; `None` without any weight.
fn weighted_bounds(outcomes: &[CriterionOutcome]) -> Option<ScoreBounds> {
    // 256 criteria of 2^32 × 10^6 each stay far below 2^128.
    let weights: u128 = outcomes
        .iter()
        .map(|outcome| u128::from(outcome.weight))
        .sum();
    let weighted_mean = |pick: fn(ScoreBounds) -> Ppm| {
        let term = |outcome: &CriterionOutcome| {
            u128::from(outcome.weight) * full_parts(pick(outcome.score))
        };
        let sum: u128 = outcomes.iter().map(term).sum();
        Ppm::ratio(sum, weights * full_parts(Ppm::ONE))
    };
    Some(ScoreBounds {
        lower: weighted_mean(|score| score.lower)?,
        upper: weighted_mean(|score| score.upper)?,
    })
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;

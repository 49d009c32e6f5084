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
//! So a verdict is never better than what is known, and what is not known never makes it a fail. A
//! criterion's score is the mean of its checks' scores, an inconclusive check counting from nothing to
//! everything; the weighted score is the mean of the criteria's. Both means are exact fractions, and are
//! rounded down only where they are shown, so that no order and no grouping moves a score across a
//! threshold.

use num_bigint::BigUint;
use num_rational::Ratio;
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

/// The mean of some scores, exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mean {
    /// The scores' sum in parts per million.
    sum: u64,
    /// How many they are; at least one.
    of: u64,
}

impl Mean {
    /// The mean of one score.
    #[must_use]
    pub const fn of_one(score: Ppm) -> Self {
        Self {
            sum: score.get() as u64,
            of: 1,
        }
    }

    fn exact(self) -> Exact {
        Ratio::new(self.sum.into(), self.of.into())
    }

    /// Rounded down to a whole number of parts per million.
    #[must_use]
    pub fn rounded(self) -> Ppm {
        rounded(&self.exact())
    }
}

/// A score in parts per million, to any precision: 256 criteria may have 256 different denominators.
type Exact = Ratio<BigUint>;

fn rounded(score: &Exact) -> Ppm {
    let whole = u32::try_from(score.to_integer()).ok();
    whole
        .and_then(|ppm| Ppm::new(ppm).ok())
        .expect("the mean of shares is a share")
}

/// Between which values a score lies; equal where it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScoreBounds {
    /// If everything inconclusive turned out worst.
    pub lower: Mean,
    /// If everything inconclusive turned out best.
    pub upper: Mean,
}

impl ScoreBounds {
    /// Nothing is known.
    pub const UNKNOWN: Self = Self {
        lower: Mean::of_one(Ppm::ZERO),
        upper: Mean::of_one(Ppm::ONE),
    };

    /// The score is `score`.
    #[must_use]
    pub const fn exactly(score: Ppm) -> Self {
        Self {
            lower: Mean::of_one(score),
            upper: Mean::of_one(score),
        }
    }

    /// Of the mean of `checks`; [`ScoreBounds::UNKNOWN`] without a check.
    fn of(checks: &[CheckOutcome]) -> Self {
        if checks.is_empty() {
            return Self::UNKNOWN;
        }
        let mean = |open: Ppm| Mean {
            sum: checks
                .iter()
                .map(|check| u64::from(check.counts(open).get()))
                .sum(),
            of: checks.len() as u64,
        };
        Self {
            lower: mean(Ppm::ZERO),
            upper: mean(Ppm::ONE),
        }
    }

    /// The score, rounded down, where it is known.
    #[must_use]
    pub fn known(self) -> Option<Ppm> {
        (self.lower == self.upper).then(|| self.lower.rounded())
    }
}

/// Of a check, what the roll-up looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckOutcome {
    /// Its outcome.
    pub status: Status,
    /// Its degree, if it has one.
    pub score: Option<Ppm>,
}

impl From<&Check> for CheckOutcome {
    fn from(check: &Check) -> Self {
        Self {
            status: check.status,
            score: check.score,
        }
    }
}

impl CheckOutcome {
    /// Its score: its own, or all or nothing by its status. One that could not be decided may turn out
    /// either way, whatever score it gives itself, and counts as `open`.
    fn counts(self, open: Ppm) -> Ppm {
        match self.status {
            Status::Pass => self.score.unwrap_or(Ppm::ONE),
            Status::Fail => self.score.unwrap_or(Ppm::ZERO),
            Status::Inconclusive => open,
        }
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
    pub fn reported<C: Into<CheckOutcome>>(
        required: bool,
        weight: u32,
        checks: impl IntoIterator<Item = C>,
    ) -> Self {
        let checks: Vec<_> = checks.into_iter().map(Into::into).collect();
        Self {
            required,
            weight,
            status: worst(&checks),
            score: ScoreBounds::of(&checks),
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
fn worst(checks: &[CheckOutcome]) -> Verdict {
    let statuses = checks.iter().map(|check| Verdict::from(check.status));
    statuses.min().unwrap_or(Verdict::Inconclusive)
}

/// The verdict over all criteria.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Roll {
    /// The verdict.
    pub verdict: Verdict,
    /// The weighted score, rounded down, where weights are given and it is known.
    pub score: Option<Ppm>,
}

/// Rolls the outcomes up by the table of this module. Their order does not matter.
#[must_use]
pub fn fold(threshold: Option<Ppm>, outcomes: &[CriterionOutcome]) -> Roll {
    let bounds = weighted_bounds(outcomes);
    let known = bounds
        .as_ref()
        .filter(|bounds| bounds.lower == bounds.upper);
    Roll {
        verdict: decide(threshold, outcomes, bounds.as_ref()),
        score: known.map(|bounds| rounded(&bounds.lower)),
    }
}

/// Between which values the weighted score lies.
struct WeightedBounds {
    lower: Exact,
    upper: Exact,
}

fn decide(
    threshold: Option<Ppm>,
    outcomes: &[CriterionOutcome],
    bounds: Option<&WeightedBounds>,
) -> Verdict {
    let required = outcomes.iter().filter(|outcome| outcome.required);
    let worst_required = required.map(|outcome| outcome.status).min();
    let by_score = threshold.map(|threshold| against(threshold, bounds));
    // Each half is fail, inconclusive or pass by its rows of the table, and the rows of the one take
    // precedence over those of the other exactly as the worse value does.
    let halves = worst_required.into_iter().chain(by_score);
    halves.min().unwrap_or(Verdict::Inconclusive)
}

/// Without any weight the score may be anything.
fn against(threshold: Ppm, bounds: Option<&WeightedBounds>) -> Verdict {
    let threshold = Mean::of_one(threshold).exact();
    match bounds {
        Some(bounds) if bounds.upper < threshold => Verdict::Fail,
        Some(bounds) if bounds.lower >= threshold => Verdict::Pass,
        _ => Verdict::Inconclusive,
    }
}

/// Weighted means of the bounds; `None` without any weight.
fn weighted_bounds(outcomes: &[CriterionOutcome]) -> Option<WeightedBounds> {
    let weights = outcomes.iter().map(|outcome| BigUint::from(outcome.weight));
    let weights: BigUint = weights.sum();
    if weights == BigUint::ZERO {
        return None;
    }
    let mean = |pick: fn(ScoreBounds) -> Mean| {
        let term = |outcome: &CriterionOutcome| {
            pick(outcome.score).exact() * BigUint::from(outcome.weight)
        };
        outcomes.iter().map(term).sum::<Exact>() / &weights
    };
    Some(WeightedBounds {
        lower: mean(|score| score.lower),
        upper: mean(|score| score.upper),
    })
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;

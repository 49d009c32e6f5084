//! The filter before the award: five requirements on the market's own records.

use std::fmt;

use proofmark_core::Ppm;
use proofmark_ledger::Amount;
use serde::{Deserialize, Serialize};

use crate::reputation::{Standing, saturated_option};

/// A supplier with less evidence than five contracts, in thousandths, is a newcomer.
pub const NEWCOMER_BELOW_MILLI: u64 = 5_000;

/// What a supplier's record must show. What is absent is not asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Qualification {
    /// At least this share of verdicts is a pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub benchmark_min: Option<Ppm>,
    /// At most this share of contracts is rejected, defaulted or clawed back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errors_max: Option<Ppm>,
    /// At least so many thousandths of a final contract per day.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "saturated_option"
    )]
    pub finals_per_day_min_milli: Option<u64>,
    /// 95 % of passes come within so many seconds.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "saturated_option"
    )]
    pub latency_max_seconds: Option<u64>,
    /// A newcomer's bid with at least this bond passes without a record. What it may hold of the buyer's money is
    /// limited all the same, by its bond and by the exposure limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newcomer_bond: Option<Amount>,
    /// At least this share of promises to act in time (to reveal a bid, to deliver) is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uptime_min: Option<Ppm>,
}

/// One requirement of the filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Requirement {
    /// [`Qualification::benchmark_min`].
    Benchmark,
    /// [`Qualification::latency_max_seconds`].
    Latency,
    /// [`Qualification::finals_per_day_min_milli`].
    Throughput,
    /// [`Qualification::uptime_min`].
    Uptime,
    /// [`Qualification::errors_max`].
    Errors,
}

impl fmt::Display for Requirement {
    /// The member of the terms.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Benchmark => "benchmark_min",
            Self::Latency => "latency_max_seconds",
            Self::Throughput => "finals_per_day_min_milli",
            Self::Uptime => "uptime_min",
            Self::Errors => "errors_max",
        })
    }
}

impl Qualification {
    /// The first requirement that is not met, in the order of the members; `None` if the bid qualifies. A latency
    /// that is not known is not met.
    #[must_use]
    pub fn unmet(&self, standing: &Standing, bond: Amount) -> Option<Requirement> {
        if self.is_bonded_newcomer(standing, bond) {
            return None;
        }
        let slow = |max: u64| standing.latency_seconds.is_none_or(|seconds| seconds > max);
        let unmet = [
            (
                Requirement::Benchmark,
                self.benchmark_min
                    .is_some_and(|min| standing.benchmark < min),
            ),
            (
                Requirement::Latency,
                self.latency_max_seconds.is_some_and(slow),
            ),
            (
                Requirement::Throughput,
                self.finals_per_day_min_milli
                    .is_some_and(|min| standing.finals_per_day_milli < min),
            ),
            (
                Requirement::Uptime,
                self.uptime_min.is_some_and(|min| standing.uptime < min),
            ),
            (
                Requirement::Errors,
                self.errors_max.is_some_and(|max| standing.errors > max),
            ),
        ];
        let first = unmet.into_iter().find(|(_, unmet)| *unmet);
        first.map(|(requirement, _)| requirement)
    }

    /// A bond stands in for evidence that is missing. Of less than five contracts nothing is certain, be it bad.
    fn is_bonded_newcomer(&self, standing: &Standing, bond: Amount) -> bool {
        let newcomer = standing.effective_milli < NEWCOMER_BELOW_MILLI;
        newcomer && self.newcomer_bond.is_some_and(|least| bond >= least)
    }
}

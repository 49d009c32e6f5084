//! One judge per check. Each reads the tally and writes its check; none reads the telemetry again.

pub(crate) mod benchmark;
mod error_rate;
mod latency;
mod throughput;
mod uptime;
pub(crate) mod well_formed;

use crate::Check;
use crate::params::{Params, ScoreSource};
use crate::tally::Tally;
use proofmark_validator_sdk::{Finding, ReportBuilder};

/// Why there is nothing that the other checks could be judged over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unjudged {
    /// There is no usable record: a bound over nothing does not hold.
    NoRecords,
    /// The telemetry was not read to its end; `well-formed` says why.
    Stopped,
}

impl Unjudged {
    /// For every check that would have been judged over it.
    pub(crate) fn finding(self) -> Finding {
        let (code, message, actual) = match self {
            Self::NoRecords => ("no-records", "There is no usable record to judge.", "none"),
            Self::Stopped => (
                "not-judged",
                "The telemetry cannot be judged; `well-formed` says why.",
                "what was not read to its end",
            ),
        };
        Finding::new(code, message)
            .expected("records")
            .actual(actual)
    }
}

/// Judges what is asked of the requests.
pub(crate) fn judge(params: &Params, tally: &mut Tally, report: &mut ReportBuilder<Check>) {
    let path = &params.telemetry;
    if let Some(asked) = &params.latency {
        latency::judge(path, asked, tally, report.check(Check::Latency));
    }
    if let Some(asked) = &params.throughput {
        throughput::judge(params, asked, tally, report.check(Check::Throughput));
    }
    if let Some(asked) = &params.uptime {
        uptime::judge(params, asked, tally, report.check(Check::Uptime));
    }
    if let Some(asked) = &params.error_rate {
        error_rate::judge(path, asked, tally, report.check(Check::ErrorRate));
    }
    if let Some(asked) = &params.benchmark
        && let ScoreSource::Column { .. } = asked.from
    {
        benchmark::judge_column(path, asked, tally, report.check(Check::Benchmark));
    }
}

/// `part / whole ≥ ppm`, exactly.
pub(crate) fn reaches(part: u64, whole: u64, ppm: u32) -> bool {
    u128::from(part) * 1_000_000 >= u128::from(whole) * u128::from(ppm)
}

/// A time for people: milliseconds with three places.
fn milliseconds(us: u64) -> String {
    format!("{}.{:03} ms", us / 1_000, us % 1_000)
}

/// A time for people: seconds with six places.
fn seconds(us: u64) -> String {
    format!("{}.{:06} s", us / 1_000_000, us % 1_000_000)
}

/// A value in thousandths for people.
fn thousandths(value: u128) -> String {
    format!("{}.{:03}", value / 1_000, value % 1_000)
}

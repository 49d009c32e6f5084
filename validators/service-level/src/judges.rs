//! One judge per check. Each reads the tally and writes its check; none reads the telemetry again.

pub(crate) mod benchmark;
pub(crate) mod error_rate;
pub(crate) mod latency;
pub(crate) mod throughput;
pub(crate) mod uptime;
pub(crate) mod well_formed;

use crate::tally::Tally;
use proofmark_validator_sdk::{CheckBuilder, Finding, Status};

/// What came of reading the telemetry.
pub(crate) enum Outcome {
    /// It was read to its end.
    Read(Tally),
    /// It could not be read at all; `well-formed` says why.
    Unreadable,
    /// It has more records than are judged.
    TooMany,
}

/// Calls `judge` if the check is asked for and there is something to judge.
pub(crate) fn judge<T>(
    asked: Option<&T>,
    outcome: &mut Outcome,
    check: &mut CheckBuilder,
    judge: impl FnOnce(&T, &mut Tally, &mut CheckBuilder),
) {
    match (asked, outcome) {
        (None, _) => {}
        (Some(asked), Outcome::Read(tally)) if !tally.is_empty() => judge(asked, tally, check),
        (Some(_), Outcome::TooMany) => {
            check.inconclusive("there are more records than are judged");
        }
        (Some(_), _) => no_records(check),
    }
}

/// A bound over nothing does not hold.
fn no_records(check: &mut CheckBuilder) {
    let finding = Finding::new("no-records", "There is no usable record to judge.")
        .expected("records")
        .actual("none");
    check
        .finding(finding)
        .status(Status::Fail)
        .summary("no usable record to judge");
}

/// A duration for people: milliseconds with three places.
fn milliseconds(us: u64) -> String {
    format!("{}.{:03} ms", us / 1_000, us % 1_000)
}

/// A value in thousandths for people.
fn thousandths(value: u128) -> String {
    format!("{}.{:03}", value / 1_000, value % 1_000)
}

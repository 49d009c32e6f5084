//! `latency`: percentiles of the durations.

use super::milliseconds;
use crate::params::{Latency, LatencyLimit, Scope};
use crate::samples::Percentile;
use crate::tally::Tally;
use proofmark_validator_sdk::{CheckBuilder, Finding, Status, percent};

/// Judges every limit. Examined are the limits, matched those that hold.
pub(crate) fn judge(path: &str, asked: &Latency, tally: &mut Tally, check: &mut CheckBuilder) {
    let count = tally.samples.len();
    if count == 0 {
        let finding = Finding::new(
            "no-samples",
            "No successful request has a duration to judge.",
        )
        .at_file(path)
        .expected("successful requests")
        .actual("none");
        check
            .finding(finding)
            .status(Status::Fail)
            .summary("no successful request");
        return;
    }
    let mut told = Vec::new();
    for limit in &asked.limits {
        let Some(at) = tally.samples.percentile(limit.percentile_ppm) else {
            continue;
        };
        let holds = at.duration_us <= limit.max_us;
        check.examine(holds);
        told.push(format!("{} {}", name(limit), milliseconds(at.duration_us)));
        if !holds {
            check.finding(exceeded(path, limit, at, count));
        }
    }
    let over = match asked.over {
        Scope::All => "requests",
        Scope::Successful => "successful requests",
    };
    check.summary(format!("{} over {count} {over}", told.join(", ")));
}

fn exceeded(path: &str, limit: &LatencyLimit, at: Percentile, count: usize) -> Finding {
    let message = format!(
        "The percentile {} is {}: rank {} of {count}, which is record {}.",
        name(limit),
        milliseconds(at.duration_us),
        at.rank,
        at.record
    );
    Finding::new("latency-exceeded", message)
        .at_record(path, at.record)
        .expected(format!("{} ≤ {} µs", name(limit), limit.max_us))
        .actual(format!("{} µs", at.duration_us))
}

/// `p99.9` for 999,000.
fn name(limit: &LatencyLimit) -> String {
    format!("p{}", percent(limit.percentile_ppm).trim_end_matches('%'))
}

//! `latency`: percentiles of the durations.

use super::milliseconds;
use crate::params::{Latency, LatencyLimit, Scope};
use crate::samples::{Sample, percentile};
use crate::tally::Tally;
use proofmark_validator_sdk::{CheckBuilder, Finding, percent};

/// Judges every limit. Examined are the limits, matched those that hold.
pub(crate) fn judge(path: &str, asked: &Latency, tally: &mut Tally, check: &mut CheckBuilder) {
    let places = &tally.places;
    let sorted = tally.samples.by_duration(asked.over);
    if sorted.is_empty() {
        let message = "No successful request has a duration to judge.";
        let finding = Finding::new("no-samples", message)
            .at_file(path)
            .expected("successful requests")
            .actual("none");
        check.finding(finding).summary("no successful request");
        return;
    }
    let count = sorted.len();
    let mut told = Vec::new();
    for limit in &asked.limits {
        let Some((rank, sample)) = percentile(sorted, limit.percentile_ppm) else {
            continue;
        };
        let holds = sample.duration_us() <= limit.max_us;
        check.examine(holds);
        told.push(format!(
            "{} {}",
            name(limit),
            milliseconds(sample.duration_us())
        ));
        if !holds {
            let finding = exceeded(limit, sample, (rank, count));
            check.finding(finding.at(places.of(path, sample.record())));
        }
    }
    let over = match asked.over {
        Scope::All => "requests",
        Scope::Successful => "successful requests",
    };
    check.summary(format!("{} over {count} {over}", told.join(", ")));
}

fn exceeded(limit: &LatencyLimit, sample: Sample, (rank, count): (usize, usize)) -> Finding {
    let message = format!(
        "The percentile {} is {}: rank {rank} of {count}, which is record {}.",
        name(limit),
        milliseconds(sample.duration_us()),
        sample.record()
    );
    Finding::new("latency-exceeded", message)
        .expected(format!("{} ≤ {} µs", name(limit), limit.max_us))
        .actual(format!("{} µs", sample.duration_us()))
}

/// `p99.9` for 999,000.
fn name(limit: &LatencyLimit) -> String {
    format!("p{}", percent(limit.percentile_ppm).trim_end_matches('%'))
}

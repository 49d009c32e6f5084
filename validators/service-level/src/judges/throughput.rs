//! `throughput`: requests and tokens per second over the period.

use super::{seconds, thousandths};
use crate::params::{Params, Throughput};
use crate::tally::{SECOND_US, Tally};
use proofmark_validator_sdk::{CheckBuilder, Finding};

/// A period shorter than this counts as this: two requests in a millisecond are not a rate.
const SHORTEST_PERIOD_US: u64 = SECOND_US;

/// Judges the rates. Examined are the bounds, matched those that hold.
pub(crate) fn judge(params: &Params, asked: &Throughput, tally: &Tally, check: &mut CheckBuilder) {
    let period_us = tally.rated_us(params).max(SHORTEST_PERIOD_US);
    let bounds = [
        (
            "request-rate-low",
            "requests",
            asked.min_requests_per_1000_s,
            tally.requests,
        ),
        (
            "token-rate-low",
            "tokens",
            asked.min_tokens_per_1000_s,
            tally.tokens,
        ),
    ];
    let mut told = Vec::new();
    for (code, what, least, counted) in bounds {
        let Some(least) = least else { continue };
        let total = counted.over(asked.over);
        let rate = rate_per_1000_s(total, period_us);
        let holds = rate >= u128::from(least);
        check.examine(holds);
        told.push(format!("{} {what} per second", thousandths(rate)));
        if !holds {
            let message = format!("{total} {what} in {} are too few.", seconds(period_us));
            let finding = Finding::new(code, message)
                .at_file(&params.telemetry)
                .expected(format!("at least {} per second", thousandths(least.into())))
                .actual(format!("{} per second", thousandths(rate)));
            check.finding(finding);
        }
    }
    check.summary(told.join(", "));
}

/// `⌊total · 1,000 s / period⌋`. A whole bound holds for the quotient exactly if it holds for its
/// floor.
fn rate_per_1000_s(total: u128, period_us: u64) -> u128 {
    total * u128::from(1_000 * SECOND_US) / u128::from(period_us)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_floored() {
        assert_eq!(rate_per_1000_s(10, 1_000_000), 10_000);
        assert_eq!(rate_per_1000_s(10, 3_000_000), 3_333);
        assert_eq!(rate_per_1000_s(1, 1_000_000_001), 0);
    }
}

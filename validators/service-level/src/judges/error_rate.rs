//! `error-rate`: the share of requests whose status means an error.

use crate::params::ErrorRate;
use crate::tally::Tally;
use proofmark_validator_sdk::{CheckBuilder, Finding, Place, percent, ratio_ppm};

/// How many statuses a finding names.
const TOLD_STATUSES: usize = 5;

/// Judges the share. Examined are the requests, matched the successful ones.
pub(crate) fn judge(path: &str, asked: &ErrorRate, tally: &Tally, check: &mut CheckBuilder) {
    let all = narrow(tally.requests.all);
    let successful = narrow(tally.requests.successful);
    let errors = all - successful;
    check.count(all, successful).score_by_ratio();
    check.summary(format!("{errors} of {all} requests are errors"));
    let holds = u128::from(errors) * 1_000_000 <= u128::from(all) * u128::from(asked.max_ppm);
    check.decide(holds);
    if holds {
        return;
    }
    let message = format!(
        "{errors} of {all} requests are errors ({}).",
        statuses(tally)
    );
    let place = match tally.first_error {
        Some(record) => tally.places.of(path, record),
        None => Place::file(path),
    };
    let finding = Finding::new("error-rate-exceeded", message)
        .at(place)
        .expected(format!("at most {}", percent(asked.max_ppm)))
        .actual(percent(ratio_ppm(errors, all)));
    check.finding(finding);
}

/// Counts of requests are below 2^22.
fn narrow(count: u128) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// The most frequent statuses first.
fn statuses(tally: &Tally) -> String {
    let counts = tally.errors.iter().enumerate();
    let mut counts: Vec<_> = counts.filter(|(_, count)| **count > 0).collect();
    counts.sort_by_key(|(status, count)| (std::cmp::Reverse(**count), *status));
    let told = counts.iter().take(TOLD_STATUSES);
    let told: Vec<_> = told
        .map(|(status, count)| format!("{count} × {status}"))
        .collect();
    told.join(", ")
}

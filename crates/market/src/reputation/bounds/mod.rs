//! Bounds from counted evidence: what can be relied on with 90 % confidence, to one side.
//!
//! `a` successes and `b` failures, each with its share of the prior, make the posterior Beta(a, b) (Jøsang and
//! Ismail, The Beta Reputation System, 2002). [`lower`] is its 10 % quantile rounded down to parts per million,
//! [`upper`] its 90 % quantile rounded up, so anybody with a statistics library can check them. The normal
//! approximation is cheaper, but off by 0.04 where there is no history, and by 0.24 where counts are below 1.
//!
//! The distribution is summed by a series of positive terms, so nothing cancels:
//! I_x(a, b) = x^a (1−x)^b / (a·B(a, b)) · Σ_k Π_{j≤k} (a+b+j−1)/(a+j) · x^k (Abramowitz & Stegun 26.5.4),
//! and compared with 10 % by logarithms; above one half, by the complement I_{1−x}(b, a), which then converges
//! faster. Counts are in thousandths of an outcome.

mod log;

use proofmark_core::Ppm;

use log::{ln, ln_gamma, ln_milli};

/// No lower bound is below 0.1 %, so that the expected number of failures before one success is at most 999; no
/// upper bound is above 99.9 %.
pub const FLOOR: u32 = 1_000;

/// Evidence beyond 100,000 outcomes, in thousandths, is scaled down to it: the bounds only move away from each
/// other by it, by at most 0.0021.
pub const MAX_EVIDENCE_MILLI: u64 = 100_000_000;

/// Jeffreys' prior: half a success and half a failure, in thousandths, where a class states no prior.
pub const JEFFREYS_MILLI: u64 = 500;

/// Fractional bits of the series: 2^72 · 2^8 · (10^8 + 20,000 · 10^3) thousandths · 10^6 ppm stays below 2^127.
const SERIES_BITS: u32 = 72;

/// Most terms of a series; it ends after 5,000 at the latest, where the terms have become 0.
const MAX_TERMS: u64 = 20_000;

/// A series that grows beyond this sums to more than 99 % of its distribution: its terms are log-concave, so the
/// part left out is smaller than the part up to the largest term by more than this factor.
const MAX_TERM: u128 = 1 << (SERIES_BITS + 8);

/// Logarithms so near to each other are equal: 2^-36, while they are off by less than 2^-37. So a quantile that is
/// a whole number of ppm is not rounded to the one below; any other moves by less than 10^-4 ppm.
const SLACK: i128 = 1 << (log::BITS - 36);

/// The last part per million that is looked at.
const LAST: u32 = 999_999;

/// The share of successes that is exceeded with 90 % confidence: the 10 % quantile of Beta(a, b), rounded down;
/// at least [`FLOOR`].
///
/// Never lower with one more success, never higher with one more failure. Less than a thousandth of an outcome
/// counts as one thousandth.
#[must_use]
pub fn lower(a_milli: u64, b_milli: u64) -> Ppm {
    let (a, b) = evidence(a_milli, b_milli);
    let log_beta = ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b);
    let ppm = last(FLOOR, LAST, |x| is_in_tail(a, b, log_beta, x));
    Ppm::new(ppm).unwrap_or(Ppm::ONE)
}

/// The share of `a` that is not exceeded with 90 % confidence: the 90 % quantile of Beta(a, b), rounded up; at
/// most 1,000,000 − [`FLOOR`].
#[must_use]
pub fn upper(a_milli: u64, b_milli: u64) -> Ppm {
    let others = lower(b_milli, a_milli);
    Ppm::new(Ppm::ONE.get() - others.get()).unwrap_or(Ppm::ONE)
}

/// How many events are to be expected at least, with 90 % confidence, where so many were counted: the 10 % quantile
/// of Gamma(count), rounded down, in thousandths (the exact lower bound of a Poisson mean).
#[must_use]
pub fn count_lower(count_milli: u64) -> u64 {
    let count = count_milli.min(MAX_EVIDENCE_MILLI);
    if count == 0 {
        return 0;
    }
    let log_gamma = ln_gamma(count + 1_000);
    let most = u32::try_from(count).unwrap_or(u32::MAX);
    u64::from(last(0, most, |mean| {
        is_few(count, log_gamma, u64::from(mean))
    }))
}

/// At least one thousandth each, and scaled down to [`MAX_EVIDENCE_MILLI`].
fn evidence(a_milli: u64, b_milli: u64) -> (u64, u64) {
    let n = u128::from(a_milli) + u128::from(b_milli);
    let most = u128::from(MAX_EVIDENCE_MILLI);
    let scaled = |count: u64| match n > most {
        true => u64::try_from(u128::from(count) * most / n).unwrap_or(MAX_EVIDENCE_MILLI),
        false => count,
    };
    (scaled(a_milli).max(1), scaled(b_milli).max(1))
}

/// The last number from `low` to `high` of which `holds` is true; `low`, if none is. `holds` is true up to some
/// number and false from there on.
fn last(mut low: u32, mut high: u32, holds: impl Fn(u32) -> bool) -> u32 {
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        match holds(middle) {
            true => low = middle,
            false => high = middle - 1,
        }
    }
    low
}

/// Whether I_x(a, b) ≤ 10 %, for x of 1 to 999,999 ppm.
fn is_in_tail(a: u64, b: u64, log_beta: i128, x: u32) -> bool {
    let y = Ppm::ONE.get() - x;
    match x <= y {
        true => log_share(a, b, log_beta, x).is_some_and(is_a_tenth),
        false => log_share(b, a, log_beta, y).is_none_or(|log| log >= ln(9) - ln(10) - SLACK),
    }
}

/// Whether the logarithm is at most that of 10 %.
fn is_a_tenth(log: i128) -> bool {
    log <= ln(1) - ln(10) + SLACK
}

const MILLION: u128 = 1_000_000;

/// ln I_x(a, b), for x of at most one half; `None` above 99 %, where the series grows too large.
fn log_share(a: u64, b: u64, log_beta: i128, x: u32) -> Option<i128> {
    let ln_ppm = |ppm: u32| ln(u128::from(ppm)) - ln(MILLION);
    let power = |count: u64, ppm: u32| i128::from(count) * ln_ppm(ppm) / 1_000;
    let y = Ppm::ONE.get() - x;
    let sum = series(|k| {
        (
            u128::from(a + b + (k - 1) * 1_000) * u128::from(x),
            u128::from(a + k * 1_000) * MILLION,
        )
    })?;
    Some(power(a, x) + power(b, y) - ln_milli(a) - log_beta + sum)
}

/// Whether at most 10 % of Gamma(count) is below `mean`, which is at most `count`; both in thousandths.
///
/// P(a, y) = y^a e^−y / Γ(a+1) · Σ_k Π_{j≤k} y/(a+j) (Abramowitz & Stegun 6.5.29).
fn is_few(count: u64, log_gamma: i128, mean: u64) -> bool {
    let power =
        i128::from(count) * ln_milli(mean) / 1_000 - (i128::from(mean) << log::BITS) / 1_000;
    let sum = series(|k| (u128::from(mean), u128::from(count + k * 1_000)));
    sum.is_some_and(|sum| is_a_tenth(power - log_gamma + sum))
}

/// ln (1 + r₁ + r₁·r₂ + …), until the terms are below 2^-72; `None` where one is above [`MAX_TERM`].
fn series(ratio: impl Fn(u64) -> (u128, u128)) -> Option<i128> {
    let mut term = 1_u128 << SERIES_BITS;
    let mut sum = term;
    for k in 1..=MAX_TERMS {
        let (numerator, denominator) = ratio(k);
        term = term * numerator / denominator;
        match term {
            0 => break,
            1..=MAX_TERM => sum += term,
            _ => return None,
        }
    }
    Some(ln(sum) - ln(1 << SERIES_BITS))
}

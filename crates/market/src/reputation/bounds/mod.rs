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

use log::{LN_1_000, LN_10, ln, ln_gamma, ln_milli};

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
    let ppm = last(FLOOR, LAST, |x| tail(a, b, log_beta, x));
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
    u64::from(last(0, most, |mean| few(count, log_gamma, u64::from(mean))))
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

/// The last number from `first` to `most` whose `excess` is at most [`SLACK`]; `first`, if none is. The excess rises
/// with the number; `None` is beyond all measure.
///
/// Regula falsi with a bisection at every third step, so that it also ends where the excess bends: some 8 series
/// where bisection alone takes 20, and the same number.
fn last(first: u32, most: u32, excess: impl Fn(u32) -> Option<i128>) -> u32 {
    let holds = |excess: Option<i128>| excess.is_some_and(|excess| excess <= SLACK);
    let (mut low, mut below) = (first, excess(first));
    if !holds(below) {
        return first;
    }
    let (mut high, mut above) = (most + 1, None);
    for step in 1_u32.. {
        if high - low <= 1 {
            break;
        }
        let middle = match step % 3 {
            0 => low + (high - low) / 2,
            _ => between(low, high, below, above),
        };
        let found = excess(middle);
        match holds(found) {
            true => (low, below) = (middle, found),
            false => (high, above) = (middle, found),
        }
    }
    low
}

/// Where the straight line between the two is nothing; the middle where one is unknown. Neither of the two.
fn between(low: u32, high: u32, below: Option<i128>, above: Option<i128>) -> u32 {
    let width = high - low;
    let step = match (below, above) {
        (Some(below), Some(above)) if above > below => {
            let part = -below * i128::from(width) / (above - below);
            u32::try_from(part).unwrap_or(0)
        }
        _ => width / 2,
    };
    low + step.clamp(1, width - 1)
}

/// By how much ln I_x(a, b) exceeds ln 10 %, for x of 1 to 999,999 ppm; above one half by how much the rest falls
/// short of 90 %.
fn tail(a: u64, b: u64, log_beta: i128, x: u32) -> Option<i128> {
    let y = Ppm::ONE.get() - x;
    match x <= y {
        true => Some(log_share(a, b, log_beta, x)? + LN_10),
        false => match log_share(b, a, log_beta, y) {
            Some(rest) => Some(ln(9) - LN_10 - rest),
            // The rest is nearly everything.
            None => Some(ln(9) - LN_10),
        },
    }
}

const MILLION: u128 = 1_000_000;

/// ln I_x(a, b), for x of at most one half; `None` above 99 %, where the series grows too large.
fn log_share(a: u64, b: u64, log_beta: i128, x: u32) -> Option<i128> {
    let ln_ppm = |ppm: u32| ln(u128::from(ppm)) - 2 * LN_1_000;
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

/// By how much the logarithm of what of Gamma(count) is below `mean`, which is at most `count`, exceeds that of 10 %;
/// both in thousandths.
///
/// P(a, y) = y^a e^−y / Γ(a+1) · Σ_k Π_{j≤k} y/(a+j) (Abramowitz & Stegun 6.5.29).
fn few(count: u64, log_gamma: i128, mean: u64) -> Option<i128> {
    let power =
        i128::from(count) * ln_milli(mean) / 1_000 - (i128::from(mean) << log::BITS) / 1_000;
    let sum = series(|k| (u128::from(mean), u128::from(count + k * 1_000)))?;
    Some(power - log_gamma + sum + LN_10)
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
    Some(ln(sum) - i128::from(SERIES_BITS) * log::LN_2)
}

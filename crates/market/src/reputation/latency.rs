//! How long a pass takes: a bound on the 95th percentile from order statistics, without assuming a distribution.

/// Most samples of one bound; the newest days count. 0.95^512 is above 2^-38, so the fixed point below is exact to
/// 2^-70.
pub const MAX_SAMPLES: usize = 512;

/// Fractional bits: 2^112 · 512 · 5 stays below 2^124.
const BITS: u32 = 112;

/// The upper 90 % confidence bound of the 95th percentile: the smallest sample of which at least 90 % of all sets
/// of so many samples have the percentile below (David and Nagaraja, Order Statistics, 7.1). `None` with fewer
/// than 45 samples, where even the largest is no such bound.
pub(super) fn p95_upper(mut samples: Vec<u64>) -> Option<u64> {
    let left_out = slowest_left_out(samples.len())?;
    samples.sort_unstable();
    samples.get(samples.len() - 1 - left_out).copied()
}

/// How many of the largest of `n` samples may be left out: the largest k with P(Bin(n, 5 %) ≤ k) ≤ 10 %.
///
/// The r-th smallest is above the percentile exactly if at least n + 1 − r samples are; so n − r may be left out.
pub fn slowest_left_out(n: usize) -> Option<usize> {
    let n = u128::try_from(n.min(MAX_SAMPLES)).ok()?;
    let tenth = (1_u128 << BITS) / 10;
    let mut term = (0..n).fold(1_u128 << BITS, |term, _| term * 95 / 100);
    let mut sum = term;
    let mut largest = None;
    for k in 0..n {
        if sum > tenth {
            break;
        }
        largest = usize::try_from(k).ok();
        term = term * (n - k) * 5 / ((k + 1) * 95);
        sum += term;
    }
    largest
}

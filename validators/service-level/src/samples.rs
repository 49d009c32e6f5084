//! Usable requests in sixteen bytes each: exact percentiles of their durations, and their order in time.

use crate::params::Scope;
use crate::radix;

/// The longest duration: 2^40 − 1 µs, 12.7 days.
pub(crate) const MAX_DURATION_US: u64 = (1 << 40) - 1;
/// A record number takes 22 bits: there are at most 4,000,000 records, and 2^22 is 4,194,304.
pub(crate) const RECORD_BITS: u32 = 22;
/// Above the duration and the record (62 bits).
const FAILED: u64 = 1 << 63;

/// One request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    /// When it began.
    pub start_us: u64,
    /// Whether it failed, its duration and its record, from the highest bit to the lowest: in this order,
    /// successful requests are sorted by duration, equal ones by record, and the others come after them.
    packed: u64,
}

impl Sample {
    /// A duration of at most [`MAX_DURATION_US`], and a record number below 2^22.
    pub(crate) fn new(start_us: u64, duration_us: u64, success: bool, record: u64) -> Self {
        debug_assert!(duration_us <= MAX_DURATION_US && record >> RECORD_BITS == 0);
        let failed = if success { 0 } else { FAILED };
        Self {
            start_us,
            packed: failed | duration_us << RECORD_BITS | record,
        }
    }

    /// Its status means no error.
    pub(crate) fn success(&self) -> bool {
        self.packed & FAILED == 0
    }

    /// How long it took.
    pub(crate) fn duration_us(&self) -> u64 {
        (self.packed & !FAILED) >> RECORD_BITS
    }

    /// The number of its record.
    pub(crate) fn record(&self) -> u64 {
        self.packed & ((1 << RECORD_BITS) - 1)
    }
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Samples(Vec<Sample>);

impl Samples {
    /// With room for so many, so that memory is never taken twice while it grows.
    pub(crate) fn with_capacity(count: usize) -> Self {
        Self(Vec::with_capacity(count))
    }

    /// Adds a request.
    pub(crate) fn push(&mut self, sample: Sample) {
        self.0.push(sample);
    }

    /// In the order of their starts.
    pub(crate) fn by_start(&mut self) -> &[Sample] {
        radix::sort(&mut self.0, &|sample| sample.start_us);
        &self.0
    }

    /// Those in the scope, in the order of their durations, equal ones by record.
    pub(crate) fn by_duration(&mut self, scope: Scope) -> &[Sample] {
        match scope {
            Scope::All => {
                radix::sort(&mut self.0, &|sample| sample.packed & !FAILED);
                &self.0
            }
            Scope::Successful => {
                radix::sort(&mut self.0, &|sample| sample.packed);
                let end = self.0.partition_point(Sample::success);
                &self.0[..end]
            }
        }
    }
}

/// Nearest-rank percentile: rank `⌈p · n⌉` (at least 1) of the sorted samples, and the sample there.
/// `None` without samples.
pub(crate) fn percentile(sorted: &[Sample], percentile_ppm: u32) -> Option<(usize, Sample)> {
    let count = sorted.len() as u128; // below 2^22, so the product fits easily
    let rank = (u128::from(percentile_ppm) * count)
        .div_ceil(1_000_000)
        .max(1);
    let rank = usize::try_from(rank).ok()?;
    Some((rank, *sorted.get(rank - 1)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(durations: impl IntoIterator<Item = u64>) -> Samples {
        let mut samples = Samples::default();
        for (duration_us, record) in durations.into_iter().zip(1..) {
            samples.push(Sample::new(9, duration_us, true, record));
        }
        samples
    }

    #[test]
    fn nearest_rank_is_exact() {
        assert!(percentile(samples([]).by_duration(Scope::All), 500_000).is_none());
        let mut samples = samples([50, 40, 35, 20, 15]);
        let sorted = samples.by_duration(Scope::All);
        // The example of the definition, 5 values: p5 15, p30 20, p40 20, p50 35, p100 50.
        for (ppm, expected) in [
            (50_000, 15),
            (300_000, 20),
            (400_000, 20),
            (500_000, 35),
            (1_000_000, 50),
            (1, 15),
        ] {
            let found = percentile(sorted, ppm).map(|(_, sample)| sample.duration_us());
            assert_eq!(found, Some(expected), "{ppm}");
        }
        let (rank, slowest) = percentile(sorted, 1_000_000).expect("samples");
        assert_eq!((rank, slowest.record()), (5, 1));
    }

    #[test]
    fn ranks_agree_with_a_sorted_list() {
        let mut state = 7_u64;
        let durations: Vec<u64> = (0..1_000)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                state >> 24
            })
            .collect();
        let mut samples = samples(durations.clone());
        let mut sorted = durations;
        sorted.sort_unstable();
        for (ppm, expected) in [(950_000, 950), (999_999, 1_000), (990_001, 991), (999, 1)] {
            let (rank, sample) = percentile(samples.by_duration(Scope::All), ppm).expect("samples");
            assert_eq!((rank, sample.duration_us()), (expected, sorted[rank - 1]));
        }
    }

    #[test]
    fn what_is_out_of_scope_has_no_rank() {
        let mut samples = samples([7, 5]);
        samples.push(Sample::new(3, 1, false, 3));
        assert_eq!(samples.by_duration(Scope::All)[0].duration_us(), 1);
        let successful = samples.by_duration(Scope::Successful);
        let durations: Vec<_> = successful.iter().map(Sample::duration_us).collect();
        assert_eq!(durations, [5, 7]);
        assert_eq!(samples.by_start()[0].record(), 3);
    }

    #[test]
    fn the_largest_values_fit_in_sixteen_bytes() {
        for success in [true, false] {
            let record = (1 << RECORD_BITS) - 1;
            let sample = Sample::new(u64::MAX, MAX_DURATION_US, success, record);
            assert_eq!(sample.duration_us(), MAX_DURATION_US);
            assert_eq!((sample.record(), sample.success()), (record, success));
        }
        assert_eq!(size_of::<Sample>(), 16);
    }

    #[test]
    fn every_record_that_is_judged_has_a_number() {
        assert_eq!(crate::params::MAX_RECORDS >> RECORD_BITS, 0);
    }
}

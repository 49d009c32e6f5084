//! Durations in eight bytes each, and exact percentiles over them.
//!
//! A sample packs the duration (40 bits, up to 12 days) above the number of its record (24 bits), so
//! that ordering samples orders durations, and a percentile knows the very record it stands on. Four
//! million samples take 32 MB (48 MB at the moment when the vector doubles).

/// The longest duration: 2^40 − 1 µs, 12.7 days.
pub(crate) const MAX_DURATION_US: u64 = (1 << 40) - 1;
const RECORD_BITS: u32 = 24;

/// Durations and their records.
#[derive(Debug, Default)]
pub(crate) struct Samples(Vec<u64>);

/// The sample at a percentile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Percentile {
    /// The duration there.
    pub duration_us: u64,
    /// The record that it stands on; of equal durations, the later record ranks higher.
    pub record: u64,
    /// Its rank among the sorted samples, from 1.
    pub rank: usize,
}

impl Samples {
    /// Adds a duration of at most [`MAX_DURATION_US`] of a record below 2^24.
    pub(crate) fn push(&mut self, duration_us: u64, record: u64) {
        debug_assert!(duration_us <= MAX_DURATION_US && record >> RECORD_BITS == 0);
        self.0.push(duration_us << RECORD_BITS | record);
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Nearest-rank percentile: the sample at rank `⌈p · n⌉` (at least 1) of the sorted samples.
    /// `None` without samples.
    pub(crate) fn percentile(&mut self, percentile_ppm: u32) -> Option<Percentile> {
        let count = self.0.len() as u128; // at most 2^24, so the product fits easily
        let rank = (u128::from(percentile_ppm) * count)
            .div_ceil(1_000_000)
            .clamp(1, count.max(1));
        let rank = usize::try_from(rank).ok()?;
        if self.0.is_empty() {
            return None;
        }
        let (_, sample, _) = self.0.select_nth_unstable(rank - 1);
        Some(Percentile {
            duration_us: *sample >> RECORD_BITS,
            record: *sample & ((1 << RECORD_BITS) - 1),
            rank,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_rank_is_exact() {
        let mut samples = Samples::default();
        assert_eq!(samples.percentile(500_000), None);
        for (index, duration) in [15, 20, 35, 40, 50].into_iter().rev().enumerate() {
            samples.push(duration, index as u64 + 1);
        }
        // The example of the definition, 5 values: p5 15, p30 20, p40 20, p50 35, p100 50.
        for (ppm, expected) in [
            (50_000, 15),
            (300_000, 20),
            (400_000, 20),
            (500_000, 35),
            (1_000_000, 50),
            (1, 15),
        ] {
            assert_eq!(
                samples.percentile(ppm).map(|at| at.duration_us),
                Some(expected),
                "{ppm}"
            );
        }
        assert_eq!(samples.percentile(1_000_000).map(|at| at.record), Some(1));
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
        let mut samples = Samples::default();
        durations
            .iter()
            .zip(1..)
            .for_each(|(duration, record)| samples.push(*duration, record));
        let mut sorted = durations;
        sorted.sort_unstable();
        for (ppm, rank) in [(950_000, 950), (999_999, 1_000), (990_001, 991), (999, 1)] {
            let at = samples.percentile(ppm).expect("samples");
            assert_eq!((at.rank, at.duration_us), (rank, sorted[rank - 1]));
        }
    }

    #[test]
    fn the_largest_values_fit() {
        let mut samples = Samples::default();
        samples.push(MAX_DURATION_US, (1 << 24) - 1);
        let at = samples.percentile(1).expect("a sample");
        assert_eq!(
            (at.duration_us, at.record),
            (MAX_DURATION_US, (1 << 24) - 1)
        );
    }
}

//! How evidence fades: by half in every half-life, day by day.

use proofmark_core::Timestamp;

/// Fractional bits of a weight of age.
pub(super) const BITS: u32 = 32;

/// After so many half-lives nothing counts any more: a thousandth of it would be left.
pub(super) const HALF_LIVES: u64 = 10;

/// Steps of the table in one half-life.
const STEPS: u64 = 90;

const SECONDS_PER_DAY: u64 = 86_400;

/// 2^(32 − i/90), rounded down, for i of 0 to 89.
const TABLE: [u64; 90] = [
    4_294_967_296,
    4_262_016_076,
    4_229_317_659,
    4_196_870_107,
    4_164_671_494,
    4_132_719_910,
    4_101_013_461,
    4_069_550_266,
    4_038_328_457,
    4_007_346_184,
    3_976_601_609,
    3_946_092_908,
    3_915_818_271,
    3_885_775_903,
    3_855_964_021,
    3_826_380_858,
    3_797_024_658,
    3_767_893_681,
    3_738_986_198,
    3_710_300_495,
    3_681_834_871,
    3_653_587_636,
    3_625_557_115,
    3_597_741_646,
    3_570_139_579,
    3_542_749_276,
    3_515_569_113,
    3_488_597_478,
    3_461_832_771,
    3_435_273_404,
    3_408_917_801,
    3_382_764_401,
    3_356_811_651,
    3_331_058_011,
    3_305_501_955,
    3_280_141_967,
    3_254_976_541,
    3_230_004_186,
    3_205_223_420,
    3_180_632_774,
    3_156_230_789,
    3_132_016_016,
    3_107_987_021,
    3_084_142_378,
    3_060_480_672,
    3_037_000_499,
    3_013_700_468,
    2_990_579_196,
    2_967_635_312,
    2_944_867_455,
    2_922_274_273,
    2_899_854_428,
    2_877_606_589,
    2_855_529_437,
    2_833_621_661,
    2_811_881_964,
    2_790_309_054,
    2_768_901_653,
    2_747_658_491,
    2_726_578_307,
    2_705_659_852,
    2_684_901_884,
    2_664_303_173,
    2_643_862_495,
    2_623_578_640,
    2_603_450_404,
    2_583_476_593,
    2_563_656_021,
    2_543_987_515,
    2_524_469_906,
    2_505_102_037,
    2_485_882_759,
    2_466_810_933,
    2_447_885_427,
    2_429_105_119,
    2_410_468_894,
    2_391_975_647,
    2_373_624_281,
    2_355_413_708,
    2_337_342_848,
    2_319_410_628,
    2_301_615_985,
    2_283_957_863,
    2_266_435_216,
    2_249_047_003,
    2_231_792_193,
    2_214_669_764,
    2_197_678_698,
    2_180_817_989,
    2_164_086_636,
];

/// The day since 1970, in UTC.
pub(super) const fn day(at: Timestamp) -> u64 {
    at.seconds() / SECONDS_PER_DAY
}

/// Whether two moments are of one day, so that every record says the same at both.
pub(crate) const fn same_day(one: Timestamp, other: Timestamp) -> bool {
    day(one) == day(other)
}

/// The days that count on `today`: from the first of these on.
pub(super) const fn first_day(today: u64, half_life_days: u32) -> u64 {
    today.saturating_sub(HALF_LIVES * half_life(half_life_days) - 1)
}

/// What is left of evidence after so many days, with [`BITS`] fractional bits: 2^(−age/half-life), the exponent
/// rounded to 1/90 towards older, the whole rounded down; nothing after [`HALF_LIVES`]. A half-life of 0 days is
/// one day.
pub(super) fn left(age_days: u64, half_life_days: u32) -> u64 {
    let half_life = half_life(half_life_days);
    if age_days >= HALF_LIVES * half_life {
        return 0;
    }
    let steps = (age_days * STEPS).div_ceil(half_life);
    let step = usize::try_from(steps % STEPS).unwrap_or(0);
    TABLE[step] >> (steps / STEPS)
}

const fn half_life(days: u32) -> u64 {
    match days {
        0 => 1,
        days => days as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (x + 1)^90 > 2^(32·90 − i) ≥ x^90, decided without rounding.
    #[test]
    fn every_entry_of_the_table_is_the_true_power_rounded_down() {
        for (i, entry) in (0..).zip(TABLE) {
            let power = Big::power_of_two(32 * 90 - i);
            assert!(Big::of(entry).to_the_90th() <= power, "2^(32 - {i}/90)");
            assert!(Big::of(entry + 1).to_the_90th() > power, "2^(32 - {i}/90)");
        }
    }

    #[test]
    fn evidence_fades_by_half_in_every_half_life_and_ends() {
        for half_life in [1, 7, 90, 365, u32::MAX] {
            let days = u64::from(half_life);
            for lives in 0..HALF_LIVES {
                assert_eq!(left(lives * days, half_life), (1 << BITS) >> lives);
            }
            assert_eq!(left(HALF_LIVES * days, half_life), 0);
            assert_eq!(left(u64::MAX, half_life), 0);
        }
        assert_eq!(left(1, 90), TABLE[1]);
        assert_eq!(left(91, 90), TABLE[1] >> 1);
        assert_eq!(left(1, 0), left(1, 1));
        for age in 0..900 {
            assert!(left(age + 1, 90) < left(age, 90));
            assert!(left(age + 1, 365) <= left(age, 365));
        }
    }

    #[test]
    fn the_first_day_that_counts_is_the_last_that_has_not_faded() {
        let today = 20_000;
        let first = first_day(today, 90);
        assert_eq!(today - first, 899);
        assert!(left(today - first, 90) > 0);
        assert_eq!(left(today - first + 1, 90), 0);
        assert_eq!(first_day(5, 90), 0);
    }

    /// A whole number in 32-bit digits, the lowest first; enough of them for 2^2880.
    #[derive(Clone, PartialEq, Eq)]
    struct Big([u64; 100]);

    impl Big {
        fn of(value: u64) -> Self {
            let mut digits = [0; 100];
            (digits[0], digits[1]) = (value & 0xffff_ffff, value >> 32);
            Self(digits)
        }

        fn power_of_two(exponent: usize) -> Self {
            let mut digits = [0; 100];
            digits[exponent / 32] = 1 << (exponent % 32);
            Self(digits)
        }

        fn times(&self, other: &Self) -> Self {
            let mut digits = [0; 100];
            for at in 0..100 {
                let mut carry = 0;
                for (place, digit) in other.0.iter().take(100 - at).enumerate() {
                    let sum = digits[at + place] + self.0[at] * digit + carry;
                    (digits[at + place], carry) = (sum & 0xffff_ffff, sum >> 32);
                }
                assert_eq!(carry, 0, "it fits");
            }
            Self(digits)
        }

        fn to_the_90th(&self) -> Self {
            (1..90).fold(self.clone(), |power, _| power.times(self))
        }
    }

    impl PartialOrd for Big {
        fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
            Some(self.0.iter().rev().cmp(other.0.iter().rev()))
        }
    }
}

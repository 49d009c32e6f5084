//! Natural logarithms and the gamma function in fixed point.

/// Fractional bits of every logarithm here.
pub(super) const BITS: u32 = 60;

/// 1 with [`BITS`] fractional bits.
const ONE: i128 = 1 << BITS;

/// ln 2 with [`BITS`] fractional bits, rounded to nearest.
pub(super) const LN_2: i128 = 799_144_290_325_165_979;

/// ln 10 with [`BITS`] fractional bits, rounded to nearest.
pub(super) const LN_10: i128 = 2_654_699_869_899_991_814;

/// ln 1,000: three times [`LN_10`].
pub(super) const LN_1_000: i128 = 3 * LN_10;

/// ln √(2π) with [`BITS`] fractional bits, rounded to nearest.
const LN_SQRT_TAU: i128 = 1_059_463_996_343_540_307;

/// From here on, in thousandths, Stirling's series is exact to 2^-56.
const STIRLING_FROM: u64 = 16_000;

/// Stirling's series (Abramowitz & Stegun 6.1.41): numerators and denominators of 1/z, 1/z³, 1/z⁵, …
const STIRLING: [(i128, i128); 6] = [
    (1, 12),
    (-1, 360),
    (1, 1_260),
    (-1, 1_680),
    (1, 1_188),
    (-691, 360_360),
];

fn times(a: i128, b: i128) -> i128 {
    (a * b) >> BITS
}

/// [`times`] of what is at most 1: the product of two words, which is several times as fast.
fn times_small(a: u64, b: u64) -> u64 {
    u64::try_from((u128::from(a) * u128::from(b)) >> BITS).unwrap_or(u64::MAX)
}

/// ln `n` with [`BITS`] fractional bits, off by less than 2^-53. Takes 0 for 1.
///
/// `n = 2^e · m` with 1 ≤ m < 2, and ln m = 2·artanh((m − 1)/(m + 1)).
pub(super) fn ln(n: u128) -> i128 {
    let n = n.max(1);
    let exponent = n.ilog2();
    let mantissa = match exponent <= BITS {
        true => n << (BITS - exponent),
        false => n >> (exponent - BITS),
    };
    let one = ONE.cast_unsigned();
    let t = ((mantissa - one) << BITS) / (mantissa + one);
    let t = u64::try_from(t).unwrap_or(u64::MAX);
    let square = times_small(t, t);
    let (mut power, mut sum, mut odd) = (t, 0_u64, 1);
    while power > 0 {
        sum += power / odd;
        power = times_small(power, square);
        odd += 2;
    }
    2 * i128::from(sum) + i128::from(exponent) * LN_2
}

/// ln (`milli` / 1000).
pub(super) fn ln_milli(milli: u64) -> i128 {
    ln(u128::from(milli)) - LN_1_000
}

/// ln Γ(`milli` / 1000), for 1 to 2·10^8 thousandths, off by less than 2^-40.
///
/// Γ(z) = Γ(z + 1)/z, until Stirling's series is exact enough.
pub(super) fn ln_gamma(milli: u64) -> i128 {
    let mut z = milli.max(1);
    let mut shift = 0;
    while z < STIRLING_FROM {
        // One logarithm for up to eight factors: 16,000^8 is below 2^112.
        let (mut product, mut factors) = (1_u128, 0);
        while z < STIRLING_FROM && factors < 8 {
            product *= u128::from(z);
            factors += 1;
            z += 1_000;
        }
        shift += ln(product) - factors * LN_1_000;
    }
    stirling(z) - shift
}

fn stirling(milli: u64) -> i128 {
    let z = i128::from(milli);
    let main = (z - 500) * ln_milli(milli) / 1_000 - z * ONE / 1_000 + LN_SQRT_TAU;
    let inverse = 1_000 * ONE / z;
    let square = times(inverse, inverse);
    let (mut power, mut sum) = (inverse, main);
    for (numerator, denominator) in STIRLING {
        sum += power * numerator / denominator;
        power = times(power, square);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With 60 fractional bits, rounded, from a computation with 30 digits.
    #[test]
    fn logarithms_are_as_exact_as_they_say() {
        for (n, known) in [
            (0, 0),
            (1, 0),
            (2, LN_2),
            (10, 2_654_699_869_899_991_814),
            (354, 6_766_838_628_074_513_677),
            (1_000_000, 15_928_199_219_399_950_882),
            (1 << 126, 126 * LN_2),
        ] {
            assert!((ln(n) - known).abs() < 1 << 7, "ln {n}");
        }
        for (milli, known) in [
            (1, 7_963_435_073_125_396_824),
            (100, 2_597_200_859_884_280_804),
            (825, 148_313_848_486_759_624),
            (1_000, 0),
            (2_000, 0),
            (15_999, 32_162_509_805_260_881_658),
            (16_000, 32_165_669_941_292_590_473),
            (5_623_413, 49_494_504_449_542_804_439_926),
            (100_000_000, 1_212_052_207_204_593_570_745_699),
        ] {
            assert!(
                (ln_gamma(milli) - known).abs() < 1 << 20,
                "ln Γ({milli}/1000)"
            );
        }
    }
}

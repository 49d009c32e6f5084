//! Integer ratios. No floating-point number crosses the contract.

/// One whole in parts per million.
pub const PPM: u32 = 1_000_000;

/// `⌊matched · 1,000,000 / examined⌋`, at most 1,000,000; 0 of 0 is 0.
pub fn ratio_ppm(matched: u64, examined: u64) -> u32 {
    ratio_ppm_u128(u128::from(matched), u128::from(examined))
}

/// As [`ratio_ppm`], for sums that do not fit into 64 bits. Exact up to 2^108.
pub fn ratio_ppm_u128(numerator: u128, denominator: u128) -> u32 {
    if numerator >= denominator {
        return if denominator == 0 { 0 } else { PPM };
    }
    let (mut numerator, mut denominator) = (numerator, denominator);
    while numerator.checked_mul(u128::from(PPM)).is_none() {
        numerator >>= 1;
        denominator >>= 1;
    }
    // Below `denominator`, so the quotient is below one million.
    u32::try_from(numerator * u128::from(PPM) / denominator).unwrap_or(PPM)
}

/// Parts per million for people, exactly: `987_654` is `98.7654%`.
pub fn percent(ppm: u32) -> String {
    let digits = format!("{}.{:04}", ppm / 10_000, ppm % 10_000);
    let short = digits.trim_end_matches('0').trim_end_matches('.');
    format!("{short}%")
}

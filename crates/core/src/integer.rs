//! The integers that every JSON reader understands alike.

/// Largest integer that a document may hold: 2^53 − 1.
///
/// RFC 8785 writes numbers as IEEE 754 doubles, which are exact only up to here; canonicalisers round
/// larger integers without a word.
pub const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// Whether `value` is exact in every JSON reader.
#[must_use]
pub const fn is_safe(value: u64) -> bool {
    value <= MAX_SAFE_INTEGER
}

/// `value`, or [`MAX_SAFE_INTEGER`] where it is larger.
#[must_use]
pub const fn saturate(value: u64) -> u64 {
    if is_safe(value) {
        value
    } else {
        MAX_SAFE_INTEGER
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_is_the_last_safe_integer() {
        assert_eq!(MAX_SAFE_INTEGER, 9_007_199_254_740_991);
        assert!(is_safe(MAX_SAFE_INTEGER));
        assert!(!is_safe(MAX_SAFE_INTEGER + 1));
    }

    #[test]
    fn saturation_stops_at_the_bound() {
        assert_eq!(saturate(7), 7);
        assert_eq!(saturate(u64::MAX), MAX_SAFE_INTEGER);
    }
}

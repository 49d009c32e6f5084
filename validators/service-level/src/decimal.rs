//! Decimal numbers as telemetry writes them, turned into integers without ever being a float.
//!
//! Grammar: `-? digits (. digits)? ([eE] [+-]? digits)?`. Scaling by a power of ten is exact; where the
//! result is not whole, the caller says in which direction it is rounded, so that a value is never
//! rounded in the supplier's favour.

/// Which whole number a value between two whole numbers becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rounding {
    /// Towards minus infinity.
    Down,
    /// Towards plus infinity.
    Up,
    /// None: a value that is not whole is refused.
    Exact,
}

/// `± digits · 10^exponent`, and whether non-zero digits beyond the nineteenth were cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decimal {
    negative: bool,
    digits: u64,
    exponent: i32,
    inexact: bool,
}

/// Exponents beyond this are refused: nothing that is measured needs them.
const MAX_EXPONENT: i32 = 100;
/// 10^19 is the largest power of ten that fits into 64 bits.
const MAX_SHIFT: u32 = 19;

impl Decimal {
    /// Parses one number; `None` if the text is not one, or has over nineteen digits before the point.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match rest.find(['e', 'E']) {
            Some(at) => (&rest[..at], parse_exponent(&rest[at + 1..])?),
            None => (rest, 0),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (mantissa, ""),
        };
        if whole.is_empty() {
            return None;
        }
        let mut number = Self {
            negative,
            digits: 0,
            exponent,
            inexact: false,
        };
        number.push_whole(whole)?;
        number.push_fraction(fraction)?;
        Some(number)
    }

    /// The value times `10^places` as a whole number; `None` if it does not fit or is not whole and
    /// `rounding` is [`Rounding::Exact`].
    pub(crate) fn scaled(self, places: u32, rounding: Rounding) -> Option<i64> {
        let shift = self.exponent.checked_add_unsigned(places)?;
        let (magnitude, remainder) = if self.digits == 0 {
            (0, false)
        } else if shift >= 0 {
            (
                self.digits
                    .checked_mul(power_of_ten(shift.unsigned_abs())?)?,
                false,
            )
        } else {
            match power_of_ten(shift.unsigned_abs()) {
                Some(divisor) => (self.digits / divisor, !self.digits.is_multiple_of(divisor)),
                None => (0, true),
            }
        };
        let away_from_zero = match (rounding, remainder || self.inexact) {
            (_, false) => false,
            (Rounding::Exact, true) => return None,
            (Rounding::Up, true) => !self.negative,
            (Rounding::Down, true) => self.negative,
        };
        let magnitude = magnitude.checked_add(u64::from(away_from_zero))?;
        let signed = i64::try_from(magnitude).ok()?;
        Some(if self.negative { -signed } else { signed })
    }

    fn push_whole(&mut self, text: &str) -> Option<()> {
        for byte in text.bytes() {
            self.digits = self.digits.checked_mul(10)?.checked_add(digit(byte)?)?;
        }
        Some(())
    }

    fn push_fraction(&mut self, text: &str) -> Option<()> {
        let mut full = false;
        for byte in text.bytes() {
            let digit = digit(byte)?;
            let longer = self
                .digits
                .checked_mul(10)
                .and_then(|digits| digits.checked_add(digit));
            match longer.filter(|_| !full) {
                Some(digits) => {
                    self.digits = digits;
                    self.exponent -= 1;
                }
                None => {
                    full = true;
                    self.inexact |= digit != 0;
                }
            }
        }
        Some(())
    }
}

fn parse_exponent(text: &str) -> Option<i32> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if digits.is_empty() {
        return None;
    }
    let mut value = 0_i32;
    for byte in digits.bytes() {
        value = value * 10 + i32::try_from(digit(byte)?).ok()?;
        if value > MAX_EXPONENT {
            return None;
        }
    }
    Some(if negative { -value } else { value })
}

fn digit(byte: u8) -> Option<u64> {
    byte.is_ascii_digit().then(|| u64::from(byte - b'0'))
}

fn power_of_ten(power: u32) -> Option<u64> {
    (power <= MAX_SHIFT).then(|| 10_u64.pow(power))
}

#[cfg(test)]
mod tests {
    use super::Rounding::{Down, Exact, Up};
    use super::*;

    fn scaled(text: &str, places: u32, rounding: Rounding) -> Option<i64> {
        Decimal::parse(text)?.scaled(places, rounding)
    }

    #[test]
    fn whole_numbers_and_fractions_scale_exactly() {
        for (text, places, expected) in [
            ("0", 6, 0),
            ("12", 0, 12),
            ("12.5", 3, 12_500),
            ("0.000001", 6, 1),
            ("1700000000.123456", 6, 1_700_000_000_123_456),
            ("-3.25", 2, -325),
            ("5.1e-05", 6, 51),
            ("1E3", 0, 1_000),
            ("1.50", 1, 15),
            ("200.0", 0, 200),
            ("0e99", 6, 0),
        ] {
            assert_eq!(scaled(text, places, Exact), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_finer_is_rounded_as_the_caller_says() {
        assert_eq!(scaled("1.0000001", 6, Up), Some(1_000_001));
        assert_eq!(scaled("1.0000001", 6, Down), Some(1_000_000));
        assert_eq!(scaled("1.0000001", 6, Exact), None);
        assert_eq!(scaled("-1.5", 0, Down), Some(-2));
        assert_eq!(scaled("-1.5", 0, Up), Some(-1));
        assert_eq!(scaled("1e-50", 6, Up), Some(1));
        assert_eq!(scaled("1e-50", 6, Down), Some(0));
    }

    #[test]
    fn digits_beyond_sixty_four_bits_still_round_correctly() {
        assert_eq!(scaled("0.12345678901234567890123", 3, Down), Some(123));
        assert_eq!(scaled("1.00000000000000000000001", 0, Up), Some(2));
        assert_eq!(scaled("1.00000000000000000000000", 0, Exact), Some(1));
        assert_eq!(scaled("123456789012345678901", 0, Down), None);
    }

    #[test]
    fn what_is_not_a_number_is_refused() {
        for text in [
            "", "-", ".5", "5.", "1e", "1e+", "0x10", "NaN", "inf", "1 ", "+1", "1_000", "1e101",
            "1,5", "--1",
        ] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }
}

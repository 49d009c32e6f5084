//! Decimal numbers as telemetry writes them, turned into integers without ever being a float.
//!
//! Grammar: `-? digits (. digits)? ([eE] [+-]? digits)?`. Scaling by a power of ten is exact; where the
//! result is not whole, the caller says in which direction it is rounded, so that a value is never
//! rounded in the supplier's favour.

use std::ops::RangeInclusive;

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

/// `± digits · 10^exponent`, and whether digits other than zero were cut off behind them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decimal {
    negative: bool,
    digits: u64,
    exponent: i32,
    inexact: bool,
}

/// Exponents beyond this are refused: nothing that is measured needs them.
const MAX_EXPONENT: i32 = 100;
/// With fewer digits than make this, one more fits into 64 bits.
const ROOM_FOR_A_DIGIT: u64 = (u64::MAX - 9) / 10;
/// Every power of ten that fits into 64 bits.
const POWERS_OF_TEN: [u64; 20] = {
    let mut powers = [1; 20];
    let mut at = 1;
    while at < powers.len() {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
};

impl Decimal {
    /// Parses one number; `None` if the text is not one, or what is before the point does not fit into 64
    /// bits. Each byte is looked at once.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let (negative, rest) = match text {
            [b'-', rest @ ..] => (true, rest),
            rest => (false, rest),
        };
        let mut number = Self {
            negative,
            digits: 0,
            exponent: 0,
            inexact: false,
        };
        let mut rest = some_digits(rest, |digit| number.push_whole(digit))?;
        if let [b'.', fraction @ ..] = rest {
            rest = some_digits(fraction, |digit| {
                number.push_fraction(digit);
                Some(())
            })?;
        }
        if let [b'e' | b'E', exponent @ ..] = rest {
            number.exponent += parse_exponent(exponent)?;
            rest = &[];
        }
        rest.is_empty().then_some(number)
    }

    /// The value times `10^places` as a whole number. `None` if it does not lie in the range, before it is
    /// rounded, or is not whole and `rounding` is [`Rounding::Exact`].
    pub(crate) fn scaled(
        self,
        places: u32,
        rounding: Rounding,
        range: RangeInclusive<i64>,
    ) -> Option<i64> {
        let (floor, exact) = self.floor(places)?;
        let ceiling = floor.checked_add(i64::from(!exact))?;
        if floor < *range.start() || ceiling > *range.end() {
            return None;
        }
        match rounding {
            Rounding::Down => Some(floor),
            Rounding::Up => Some(ceiling),
            Rounding::Exact => exact.then_some(floor),
        }
    }

    /// The largest whole number that is not above the value times `10^places`, and whether it is that
    /// value.
    fn floor(self, places: u32) -> Option<(i64, bool)> {
        let shift = self.exponent.checked_add_unsigned(places)?;
        let power = POWERS_OF_TEN.get(shift.unsigned_abs() as usize);
        let (magnitude, whole) = match (self.digits, shift, power) {
            (0, ..) => (0, true),
            (digits, 0, _) => (digits, true),
            (digits, 1.., power) => (digits.checked_mul(*power?)?, true),
            (digits, _, Some(power)) => (digits / power, digits.is_multiple_of(*power)),
            (_, _, None) => (0, false),
        };
        let exact = whole && !self.inexact;
        let away_from_zero = u64::from(self.negative && !exact);
        let magnitude = i64::try_from(magnitude.checked_add(away_from_zero)?).ok()?;
        Some((if self.negative { -magnitude } else { magnitude }, exact))
    }

    fn push_whole(&mut self, digit: u64) -> Option<()> {
        if self.digits > ROOM_FOR_A_DIGIT {
            return None;
        }
        self.digits = self.digits * 10 + digit;
        Some(())
    }

    /// What no longer fits is only remembered: it decides how to round, if it is not zero.
    fn push_fraction(&mut self, digit: u64) {
        if self.digits > ROOM_FOR_A_DIGIT {
            self.inexact |= digit != 0;
        } else {
            self.digits = self.digits * 10 + digit;
            self.exponent -= 1;
        }
    }
}

/// Takes the digits at the start, at least one, and returns what follows them.
fn some_digits(bytes: &[u8], mut take: impl FnMut(u64) -> Option<()>) -> Option<&[u8]> {
    let mut rest = bytes;
    while let [byte @ b'0'..=b'9', after @ ..] = rest {
        take(u64::from(byte - b'0'))?;
        rest = after;
    }
    Some(rest).filter(|rest| rest.len() < bytes.len())
}

fn parse_exponent(bytes: &[u8]) -> Option<i32> {
    let (sign, digits) = match bytes {
        [b'-', digits @ ..] => (-1, digits),
        [b'+', digits @ ..] => (1, digits),
        digits => (1, digits),
    };
    let mut value = 0;
    let rest = some_digits(digits, |digit| {
        value = value * 10 + i32::try_from(digit).ok()?;
        (value <= MAX_EXPONENT).then_some(())
    })?;
    rest.is_empty().then_some(sign * value)
}

#[cfg(test)]
mod tests {
    use super::Rounding::{Down, Exact, Up};
    use super::*;

    fn scaled(text: &str, places: u32, rounding: Rounding) -> Option<i64> {
        Decimal::parse(text.as_bytes())?.scaled(places, rounding, i64::MIN..=i64::MAX)
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
    fn the_range_holds_before_rounding() {
        for (text, rounding, expected) in [
            ("0", Up, Some(0)),
            ("-0.4", Up, None),
            ("-0.0", Up, Some(0)),
            ("10", Down, Some(10)),
            ("10.4", Down, None),
            ("9.6", Up, Some(10)),
        ] {
            let number = Decimal::parse(text.as_bytes()).expect(text);
            assert_eq!(number.scaled(0, rounding, 0..=10), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_a_number_is_refused() {
        for text in [
            "", "-", ".5", "5.", "1e", "1e+", "0x10", "NaN", "inf", "1 ", "+1", "1_000", "1e101",
            "1,5", "--1",
        ] {
            assert_eq!(Decimal::parse(text.as_bytes()), None, "{text}");
        }
    }
}

//! Decimal numbers that are compared exactly, without floats.

/// The most significant digits of a score. Seventeen are all that a double needs.
const MAX_DIGITS: u32 = 36;
/// The largest exponent that is read, either way.
const MAX_EXPONENT: i32 = 9_999;

/// A decimal number. Compared by sign, then by the power of ten of its first digit, then by its digits
/// as an integer that is scaled to 36 places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Decimal {
    sign: i8,
    /// Both negated for a negative number, so that the derived order is the numerical one.
    magnitude: i32,
    digits: i128,
}

impl Decimal {
    /// Reads `[+-] digits [. digits] [e [+-] digits]`, with a digit on at least one side of the point.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, text) = sign(text);
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, small_integer(exponent)?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let all = format!("{whole}{fraction}");
        if !all.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let leading = all.len() - all.trim_start_matches('0').len();
        let first = i32::try_from(whole.len()).ok()? - i32::try_from(leading).ok()?;
        Self::normalised(
            negative,
            all.trim_matches('0'),
            first.checked_add(exponent)?,
        )
    }

    /// `digits` has no zeroes at its ends; `magnitude` is the power of ten of its first digit, plus one.
    fn normalised(negative: bool, digits: &str, magnitude: i32) -> Option<Self> {
        if digits.is_empty() {
            return Some(Self {
                sign: 0,
                magnitude: 0,
                digits: 0,
            });
        }
        let missing = MAX_DIGITS.checked_sub(u32::try_from(digits.len()).ok()?)?;
        let digits = digits
            .parse::<i128>()
            .ok()?
            .checked_mul(10_i128.checked_pow(missing)?)?;
        Some(match negative {
            true => Self {
                sign: -1,
                magnitude: -magnitude,
                digits: -digits,
            },
            false => Self {
                sign: 1,
                magnitude,
                digits,
            },
        })
    }
}

fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(text) => (true, text),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

fn small_integer(text: &str) -> Option<i32> {
    let (negative, digits) = sign(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let value = digits
        .parse::<i32>()
        .ok()
        .filter(|value| *value <= MAX_EXPONENT)?;
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::Decimal;

    fn parse(text: &str) -> Decimal {
        Decimal::parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn one_value_has_one_form() {
        for same in [
            ["1", "1.0"],
            ["0.5", ".5"],
            ["1e-1", "0.100"],
            ["+2.50E1", "25"],
            ["0", "-0.0"],
        ] {
            assert_eq!(parse(same[0]), parse(same[1]), "{same:?}");
        }
    }

    #[test]
    fn order_is_numerical() {
        let ascending = [
            "-1e3",
            "-12",
            "-2",
            "-0.2",
            "-1.5e-20",
            "0",
            "1.2345678901234567e-17",
            "0.09",
            "0.1",
            "0.10000000000000001",
            "0.9999999999999999",
            "1",
            "9.5",
            "10",
            "1e9999",
        ];
        for pair in ascending.windows(2) {
            assert!(parse(pair[0]) < parse(pair[1]), "{pair:?}");
        }
    }

    #[test]
    fn what_is_not_a_decimal_is_refused() {
        let long = "1".repeat(37);
        for text in [
            "", ".", "nan", "inf", "1e", "1e99999", "0x1", "1_000", "1,5", "--1", "٣", &long,
        ] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }
}

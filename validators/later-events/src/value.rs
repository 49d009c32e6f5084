//! What a member of an event says: a text, a truth value, or a number that is never a float.

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::fmt;

/// Digits before the point, and after it.
const MAX_WHOLE_DIGITS: usize = 18;
const MAX_PLACES: usize = 9;
/// One, in the units of a [`Decimal`].
const UNIT: i128 = 1_000_000_000;

/// A decimal number, in units of 10^-9.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Decimal(i128);

impl Decimal {
    /// `-12.50`: no exponent, at most 18 digits before the point and 9 after it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, places) = digits.split_once('.').unwrap_or((digits, "0"));
        let are_digits = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
        let fits = whole.len() <= MAX_WHOLE_DIGITS && places.len() <= MAX_PLACES;
        if !fits || !are_digits(whole) || !are_digits(places) {
            return None;
        }
        // Neither has more than 18 digits.
        let number = |it: &str| {
            it.bytes()
                .fold(0, |sum, it| sum * 10 + u64::from(it - b'0'))
        };
        let missing = u32::try_from(MAX_PLACES - places.len()).ok()?;
        let places = number(places) * 10_u64.pow(missing);
        let units = i128::from(number(whole)) * UNIT + i128::from(places);
        Some(Self(if negative { -units } else { units }))
    }

    fn of(whole: impl fmt::Display) -> Option<Self> {
        Self::parse(&whole.to_string())
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = UNIT.unsigned_abs();
        let (whole, places) = (self.0.unsigned_abs() / unit, self.0.unsigned_abs() % unit);
        let sign = if self.0 < 0 { "-" } else { "" };
        let text = format!("{sign}{whole}.{places:0>MAX_PLACES$}");
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// A whole number, or a decimal one in a text: criteria have no fractions.
impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = match Value::deserialize(deserializer)? {
            Value::Number(number) => Some(number),
            Value::Text(text) => Self::parse(&text),
            Value::Flag(_) => None,
        };
        number.ok_or_else(|| D::Error::custom("a bound is a number such as 4 or \"4.5\""))
    }
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// Compared byte by byte.
    Text(String),
    /// `true` or `false`.
    Flag(bool),
    /// Compared as a number: 4.50 is 4.5.
    Number(Decimal),
}

impl Value {
    /// Of JSON; nothing for `null`, lists, objects, and numbers with an exponent or too many digits.
    pub(crate) fn of(json: &RawValue) -> Option<Self> {
        match json.get() {
            "true" => Some(Self::Flag(true)),
            "false" => Some(Self::Flag(false)),
            text if text.starts_with('"') => serde_json::from_str(text).ok().map(Self::Text),
            number => Decimal::parse(number).map(Self::Number),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Flag(flag) => flag.fmt(f),
            Self::Number(number) => number.fmt(f),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Scalar;

        impl Visitor<'_> for Scalar {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, a whole number, true or false")
            }

            fn visit_bool<E: Error>(self, flag: bool) -> Result<Value, E> {
                Ok(Value::Flag(flag))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
                let number = Decimal::of(number).map(Value::Number);
                number.ok_or_else(|| E::custom("a number is too large"))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
                let number = Decimal::of(number).map(Value::Number);
                number.ok_or_else(|| E::custom("a number is too large"))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
                Ok(Value::Text(text.to_owned()))
            }
        }

        deserializer.deserialize_any(Scalar)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(json: &str) -> Option<Value> {
        let raw: &RawValue = serde_json::from_str(json).expect("JSON");
        Value::of(raw)
    }

    #[test]
    fn numbers_are_exact_and_compared_as_numbers() {
        assert_eq!(value("4.50"), value("4.5"));
        assert_eq!(value("-0"), value("0"));
        assert_ne!(value("4.500000001"), value("4.5"));
        assert!(Decimal::parse("-0.5") < Decimal::parse("0"));
        assert!(Decimal::parse("9.9") < Decimal::parse("10"));
        for (text, shown) in [
            ("4.50", "4.5"),
            ("-0.05", "-0.05"),
            ("100", "100"),
            ("0.0", "0"),
        ] {
            let number = Decimal::parse(text).map(|it| it.to_string());
            assert_eq!(number.as_deref(), Some(shown));
        }
    }

    #[test]
    fn what_is_no_scalar_is_no_value() {
        for other in [
            "null",
            "[1]",
            "{}",
            "1e3",
            "1.0E0",
            "0.1234567890",
            "1234567890123456789",
        ] {
            assert_eq!(value(other), None, "{other}");
        }
        for other in ["", "-", "1.", ".5", "+1", "1.2.3", "0x1", "--1", "1 "] {
            assert_eq!(Decimal::parse(other), None, "{other}");
        }
        assert_ne!(value("\"1\""), value("1"));
        assert_eq!(value(r#""\u0061""#), Some(Value::Text("a".to_owned())));
    }
}

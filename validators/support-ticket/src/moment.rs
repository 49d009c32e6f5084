//! Moments, as RFC 3339 writes them: `2026-03-02T09:14:00Z`, `2026-03-02T10:14:00.5+01:00`.

use jiff::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use std::fmt;

/// Date and time to the second.
const SHAPE: &[u8] = b"0000-00-00T00:00:00";

/// A moment. Two spellings of one moment are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(Timestamp);

impl Moment {
    /// Whether it is at most so many seconds after another, and not before it.
    pub(crate) fn follows_within(self, other: Self, seconds: u32) -> bool {
        let passed = self.0.as_nanosecond() - other.0.as_nanosecond();
        (0..=i128::from(seconds) * 1_000_000_000).contains(&passed)
    }

    fn parse(text: &str) -> Option<Self> {
        let (date_and_time, rest) = text.as_bytes().split_at_checked(SHAPE.len())?;
        let rest = fraction_left_out(rest)?;
        let zone =
            rest == b"Z" || matches!(rest.first(), Some(b'+' | b'-')) && fits(&rest[1..], b"00:00");
        (fits(date_and_time, SHAPE) && zone).then(|| text.parse().ok().map(Self))?
    }
}

/// What follows the fraction of a second, which has 1 to 9 digits if there is one.
fn fraction_left_out(rest: &[u8]) -> Option<&[u8]> {
    let Some(fraction) = rest.strip_prefix(b".") else {
        return Some(rest);
    };
    let digits = fraction.iter().take_while(|it| it.is_ascii_digit()).count();
    (1..=9).contains(&digits).then(|| &fraction[digits..])
}

/// Whether there is a digit wherever the shape has one, and else what the shape has.
fn fits(text: &[u8], shape: &[u8]) -> bool {
    let same = |(it, shape): (&u8, &u8)| match shape {
        b'0' => it.is_ascii_digit(),
        other => it == other,
    };
    text.len() == shape.len() && text.iter().zip(shape).all(same)
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let shown: String = text.chars().take(40).collect();
        let none = || {
            D::Error::custom(format_args!(
                "`{shown}` is no time such as 2026-03-14T09:30:00Z"
            ))
        };
        Self::parse(&text).ok_or_else(none)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::Moment;

    #[test]
    fn only_what_rfc_3339_writes_is_a_moment() {
        for other in [
            "2026-03-14",
            "2026-03-14 09:30:00Z",
            "2026-03-14T09:30Z",
            "2026-03-14T09:30:00",
            "2026-03-14T09:30:00+01",
            "2026-03-14T09:30:00+01:00[Europe/Berlin]",
            "2026-02-29T09:30:00Z",
            "2026-03-14T24:30:00Z",
            "2026-03-14T09:30:00.Z",
            "20260314T093000Z",
            "２026-03-14T09:30:00Z",
            "",
        ] {
            assert_eq!(Moment::parse(other), None, "{other}");
        }
        let (here, there) = ("2026-03-14T09:30:00.250Z", "2026-03-14T10:30:00.25+01:00");
        assert!(Moment::parse(here).is_some());
        assert_eq!(Moment::parse(here), Moment::parse(there));
    }

    #[test]
    fn seconds_are_counted_to_the_nanosecond_and_never_backwards() {
        let at = |text: &str| Moment::parse(text).expect("a moment");
        let start = at("2026-03-14T23:59:30Z");
        assert!(at("2026-03-15T00:00:30Z").follows_within(start, 60));
        assert!(!at("2026-03-15T00:00:30.000000001Z").follows_within(start, 60));
        assert!(!at("2026-03-14T23:59:29Z").follows_within(start, 60));
        assert!(start.follows_within(start, 0));
    }
}

//! Instants in the spelling of RFC 3339, as whole nanoseconds.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use std::fmt;

/// Nanoseconds of a second.
const SECOND: i128 = 1_000_000_000;
const DAY_SECONDS: i64 = 86_400;
/// Days from the first of March of the year 0 to 1970-01-01.
const DAYS_TO_1970: i64 = 719_468;
/// Days of 400 years, after which the calendar repeats itself.
const DAYS_OF_400_YEARS: i64 = 146_097;

/// An instant: nanoseconds since 1970-01-01T00:00:00Z, which need more than 64 bits up to the year 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Time(i128);

impl Time {
    /// So many seconds later.
    pub(crate) fn plus(self, seconds: u64) -> Self {
        Self(self.0 + i128::from(seconds) * SECOND)
    }

    /// `2026-03-02T09:14:05Z`, with up to nine digits of a fraction, and `Z` or an offset such as `+01:00`. Capital letters,
    /// no second 60, and no `-00:00`, which says that the offset is not known.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (second, rest) = text.as_bytes().split_at_checked(19)?;
        let fixed = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
        if fixed.iter().any(|(at, sign)| second[*at] != *sign) {
            return None;
        }
        let part = |from: usize, to: usize| number(&second[from..to]);
        let days = days(part(0, 4)?, part(5, 7)?, part(8, 10)?)?;
        let (hour, minute, second) = (part(11, 13)?, part(14, 16)?, part(17, 19)?);
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let (nanoseconds, rest) = fraction(rest)?;
        let seconds = days * DAY_SECONDS + hour * 3_600 + minute * 60 + second - offset(rest)?;
        Some(Self(i128::from(seconds) * SECOND + i128::from(nanoseconds)))
    }
}

/// Digits and nothing else.
fn number(digits: &[u8]) -> Option<i64> {
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| i64::from(byte - b'0'));
    digits
        .iter()
        .try_fold(0, |sum, it| Some(sum * 10 + digit(it)?))
}

/// Days since 1970-01-01 in the Gregorian calendar, counted in years that begin in March, so that the leap day is the last.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if day < 1 || day > last {
        return None;
    }
    let year = year - i64::from(month <= 2);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    Some(year * 365 + leap_days + of_year - DAYS_TO_1970)
}

/// The other way round.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + DAYS_TO_1970;
    let (era, of_era) = (
        days.div_euclid(DAYS_OF_400_YEARS),
        days.rem_euclid(DAYS_OF_400_YEARS),
    );
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

/// Nanoseconds after the second, and what follows them.
fn fraction(rest: &[u8]) -> Option<(i64, &[u8])> {
    let Some(after) = rest.strip_prefix(b".") else {
        return Some((0, rest));
    };
    let count = after.iter().take_while(|it| it.is_ascii_digit()).count();
    if count == 0 || count > 9 {
        return None;
    }
    let (digits, rest) = after.split_at(count);
    let missing = u32::try_from(9 - count).ok()?;
    Some((number(digits)? * 10_i64.pow(missing), rest))
}

/// Seconds by which the clock on the wall is ahead.
fn offset(text: &[u8]) -> Option<i64> {
    let (sign, hours, minutes) = match text {
        b"Z" => return Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            (*sign, number(&[*h1, *h2])?, number(&[*m1, *m2])?)
        }
        _ => return None,
    };
    let seconds = hours * 3_600 + minutes * 60;
    match sign {
        _ if hours > 23 || minutes > 59 => None,
        b'-' if seconds == 0 => None,
        b'-' => Some(-seconds),
        _ => Some(seconds),
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, nanoseconds) = (self.0.div_euclid(SECOND), self.0.rem_euclid(SECOND));
        let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
        let (year, month, day) = date(seconds.div_euclid(DAY_SECONDS));
        let of_day = seconds.rem_euclid(DAY_SECONDS);
        let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
        )?;
        if nanoseconds > 0 {
            let digits = format!("{nanoseconds:09}");
            write!(f, ".{}", digits.trim_end_matches('0'))?;
        }
        f.write_str("Z")
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let none = || D::Error::custom("a time is written as 2026-03-02T09:14:05Z");
        Self::parse(&text).ok_or_else(none)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds since 1970 as `date -u -d … +%s` says.
    #[test]
    fn instants_are_those_of_the_calendar() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1969-12-31T23:59:59Z", -1),
            ("2000-02-29T12:00:00Z", 951_825_600),
            ("2026-03-02T09:14:05Z", 1_772_442_845),
            ("2026-03-02T10:14:05+01:00", 1_772_442_845),
            ("2026-03-01T23:44:05-09:30", 1_772_442_845),
            ("2100-03-01T00:00:00Z", 4_107_542_400),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
            ("0001-01-01T00:00:00Z", -62_135_596_800),
        ] {
            let time = Time::parse(text);
            assert_eq!(time, Some(Time(seconds * SECOND)), "{text}");
        }
        let near = Time::parse("2026-03-02T09:14:05.5Z").map(|it| it.0);
        assert_eq!(near, Some(1_772_442_845_500_000_000));
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut seconds = -62_135_596_800_i128;
        while seconds < 253_402_300_799 {
            let time = Time(seconds * SECOND + 120_000_000 * (seconds % 3).abs());
            assert_eq!(Time::parse(&time.to_string()), Some(time), "{time}");
            seconds += 8_639_977;
        }
    }

    #[test]
    fn there_is_one_spelling() {
        for other in [
            "",
            "2026-03-02",
            "2026-03-02 09:14:05Z",
            "2026-03-02t09:14:05Z",
            "2026-03-02T09:14:05z",
            "2026-03-02T09:14:05",
            "2026-03-02T09:14Z",
            "2026-03-02T24:00:00Z",
            "2026-03-02T09:60:00Z",
            "2016-12-31T23:59:60Z",
            "2026-02-29T00:00:00Z",
            "2100-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-10T00:00:00Z",
            "2026-04-31T00:00:00Z",
            "2026-03-02T09:14:05.Z",
            "2026-03-02T09:14:05.1234567890Z",
            "2026-03-02T09:14:05-00:00",
            "2026-03-02T09:14:05+0100",
            "2026-03-02T09:14:05+24:00",
            "2026-03-02T09:14:05+01:60",
            "2026-03-02T09:14:05ZZ",
            "+026-03-02T09:14:05Z",
            " 2026-03-02T09:14:05Z",
            "２026-03-02T09:14:05Z",
        ] {
            assert_eq!(Time::parse(other), None, "{other}");
        }
    }
}

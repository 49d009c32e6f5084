//! Moments in time, which always come in as an argument.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment in microseconds since 1970-01-01T00:00:00Z. Its only text form is RFC 3339 in UTC:
/// `2026-11-26T18:00:00Z`, or with exactly six digits `2026-11-26T18:00:00.250000Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// Not a moment between the years 1970 and 9999, or not in the one text form. Whoever wrote it is to blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a time is written as 2026-11-26T18:00:00Z, in UTC, between 1970 and 9999")]
pub struct TimestampError;

/// 9999-12-30T00:00:00Z, the last whole day that `jiff` knows; later than any promise.
const MAX_SECONDS: i64 = 253_402_128_000;

impl Timestamp {
    /// The moment so many seconds after 1970.
    ///
    /// # Errors
    /// [`TimestampError`] after the year 9999.
    pub fn from_seconds(seconds: u64) -> Result<Self, TimestampError> {
        let seconds = i64::try_from(seconds).map_err(|_| TimestampError)?;
        Self::from_micros(seconds.checked_mul(1_000_000).ok_or(TimestampError)?)
    }

    /// The moment so many microseconds after 1970.
    ///
    /// # Errors
    /// [`TimestampError`] outside the years 1970 to 9999.
    pub fn from_micros(micros: i64) -> Result<Self, TimestampError> {
        match micros {
            0.. if micros <= MAX_SECONDS * 1_000_000 => Ok(Self(micros)),
            _ => Err(TimestampError),
        }
    }

    /// Microseconds since 1970.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970, rounded down.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        (self.0 / 1_000_000).unsigned_abs()
    }

    /// So many seconds later; the last moment there is, if that is past it.
    #[must_use]
    pub fn plus_seconds(self, seconds: u64) -> Self {
        let micros = i64::try_from(seconds)
            .ok()
            .and_then(|seconds| seconds.checked_mul(1_000_000))
            .and_then(|micros| micros.checked_add(self.0));
        micros
            .and_then(|micros| Self::from_micros(micros).ok())
            .unwrap_or(Self(MAX_SECONDS * 1_000_000))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = jiff::Timestamp::from_microsecond(self.0).expect("between 1970 and 9999");
        match self.0 % 1_000_000 {
            0 => write!(f, "{moment:.0}"),
            _ => write!(f, "{moment:.6}"),
        }
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        let moment: jiff::Timestamp = text.parse().map_err(|_| TimestampError)?;
        let moment = Self::from_micros(moment.as_microsecond())?;
        // One moment, one text: what is signed must not have two spellings.
        match moment.to_string() == text {
            true => Ok(moment),
            false => Err(TimestampError),
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'_, str>>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_moment_has_one_text() {
        let moment = Timestamp::from_seconds(1_795_716_000).expect("this century");
        assert_eq!(moment.to_string(), "2026-11-26T18:00:00Z");
        assert_eq!("2026-11-26T18:00:00Z".parse(), Ok(moment));
        let fine = Timestamp::from_micros(moment.micros() + 250_000).expect("this century");
        assert_eq!(fine.to_string(), "2026-11-26T18:00:00.250000Z");
        assert_eq!(fine.to_string().parse(), Ok(fine));
        for other in [
            "2026-11-26T18:00:00+00:00",
            "2026-11-26t18:00:00z",
            "2026-11-26 18:00:00Z",
            "2026-11-26T18:00:00.000000Z",
            "2026-11-26T18:00:00.25Z",
            "2026-11-26T19:00:00+01:00",
            "2026-11-26T18:00Z",
            "1969-12-31T23:59:59Z",
            "2026-13-01T00:00:00Z",
            "",
        ] {
            assert_eq!(other.parse::<Timestamp>(), Err(TimestampError), "{other}");
        }
    }

    #[test]
    fn there_is_a_last_moment() {
        let last = Timestamp::from_seconds(0)
            .expect("1970")
            .plus_seconds(u64::MAX);
        assert_eq!(last.to_string(), "9999-12-30T00:00:00Z");
        assert_eq!(last.plus_seconds(1), last);
        assert_eq!(Timestamp::from_seconds(u64::MAX), Err(TimestampError));
        assert_eq!(Timestamp::from_micros(-1), Err(TimestampError));
    }
}

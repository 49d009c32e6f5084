//! Days of the calendar, in the one spelling `2026-03-14`.

use jiff::civil::Date;
use jiff::{Span, ToSpan as _};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use std::fmt;

/// A day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Day(Date);

impl Day {
    /// So many days later; the last day there is if that is after it.
    pub(crate) fn plus(self, days: u16) -> Self {
        let span: Span = i64::from(days).days();
        Self(self.0.saturating_add(span))
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let date: Option<Date> = text.parse().ok();
        // Others are read too: with a time, without hyphens.
        let one_spelling = date.filter(|date| date.to_string() == text);
        let none = || {
            D::Error::custom(format_args!(
                "`{}` is no day such as 2026-03-14",
                shown(&text)
            ))
        };
        one_spelling.map(Self).ok_or_else(none)
    }
}

fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::Day;

    fn day(text: &str) -> Option<Day> {
        serde_json::from_str(&format!("\"{text}\"")).ok()
    }

    #[test]
    fn there_is_one_spelling_of_a_day() {
        for other in [
            "20260314",
            "2026-3-14",
            "2026-03-14T00:00",
            "2026-02-29",
            "14.3.2026",
            "",
        ] {
            assert_eq!(day(other), None, "{other}");
        }
        assert!(day("2028-02-29").is_some());
    }

    #[test]
    fn days_are_counted_over_months_and_to_the_end_of_time() {
        let after = day("2026-02-27").map(|it| it.plus(3));
        assert_eq!(after, day("2026-03-02"));
        assert_eq!(day("9999-12-30").map(|it| it.plus(9)), day("9999-12-31"));
    }
}

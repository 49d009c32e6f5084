//! One request out of the fields of its record.

use super::defect::Defect;
use crate::decimal::{Decimal, Rounding};
use crate::ids::Id;
use crate::params::Params;
use crate::samples::MAX_DURATION_US;
use std::borrow::Cow;

/// 2^53 − 1 µs, the year 2255 since the Unix epoch: later starts are a mistake of unit, and JSON
/// parameters could not name them.
const MAX_START_US: i64 = (1 << 53) - 1;
/// More tokens in one request are a mistake.
const MAX_TOKENS: i64 = (1 << 53) - 1;
/// HTTP has three digits; 0 is a request without an answer.
pub(crate) const MAX_STATUS: u16 = 999;

/// One request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Request {
    /// When it began; a fraction of a microsecond is cut off.
    pub start_us: u64,
    /// How long it took; a fraction of a microsecond counts as a whole one.
    pub duration_us: u64,
    /// Its status.
    pub status: u16,
    /// Its tokens, 0 if not asked for.
    pub tokens: u64,
    /// Its score in units of `10^-decimals`, 0 if not asked for.
    pub score: i64,
    /// Its id, if there is one and it is taken.
    pub id: Option<Id>,
}

/// Reads the fields of a record in the order of [`Params::wanted_columns`].
pub(super) struct Reader<'a, F> {
    pub(super) params: &'a Params,
    pub(super) columns: &'a [&'a str],
    pub(super) takes_ids: bool,
    /// The field at a position.
    pub(super) field: F,
}

impl<'t, F: Fn(usize) -> Cow<'t, [u8]>> Reader<'_, F> {
    /// The request, if every field is in order and it begins in the period.
    pub(super) fn request(&self) -> Result<Request, Box<Defect>> {
        let units = self.params.units;
        let start_us = self.unsigned(0, units.start.places(), Rounding::Down, MAX_START_US)?;
        let longest = MAX_DURATION_US.cast_signed();
        let duration_us = self.unsigned(1, units.duration.places(), Rounding::Up, longest)?;
        let status = self.unsigned(2, 0, Rounding::Exact, MAX_STATUS.into())?;
        let mut further = 3..;
        let mut next = |wanted: bool| wanted.then(|| further.next()).flatten();
        let tokens = match next(self.params.needs_tokens()) {
            Some(at) => self.unsigned(at, 0, Rounding::Exact, MAX_TOKENS)?,
            None => 0,
        };
        let id = match next(self.params.columns.id.is_some()) {
            Some(at) => self.id(at)?,
            None => None,
        };
        let score = match next(self.params.score_column().is_some()) {
            Some(at) => self.score(at)?,
            None => 0,
        };
        self.inside_period(Request {
            start_us,
            duration_us,
            status: u16::try_from(status).unwrap_or(MAX_STATUS), // at most that
            tokens,
            score,
            id,
        })
    }

    fn inside_period(&self, request: Request) -> Result<Request, Box<Defect>> {
        match self.params.period {
            Some(period) if !(period.from_us..period.to_us).contains(&request.start_us) => {
                Err(Defect::new(
                    "outside-period",
                    "The request begins outside of the period.",
                    format!(
                        "{} to {} µs, the end excluded",
                        period.from_us, period.to_us
                    ),
                    format!("{} µs", request.start_us),
                ))
            }
            _ => Ok(request),
        }
    }

    fn score(&self, at: usize) -> Result<i64, Box<Defect>> {
        let asked = self.params.benchmark.as_ref();
        let (places, most) = asked.map_or((0, 0), |asked| (asked.decimals, asked.max));
        self.number(at, places, Rounding::Down, i64::MIN, most)
    }

    fn unsigned(
        &self,
        at: usize,
        places: u32,
        rounding: Rounding,
        most: i64,
    ) -> Result<u64, Box<Defect>> {
        let number = self.number(at, places, rounding, 0, most);
        number.map(i64::unsigned_abs)
    }

    /// One field as an integer in a range.
    fn number(
        &self,
        at: usize,
        places: u32,
        rounding: Rounding,
        least: i64,
        most: i64,
    ) -> Result<i64, Box<Defect>> {
        let field = (self.field)(at);
        let written = written(&field);
        let decimal = Decimal::parse(written);
        let number = decimal.and_then(|decimal| decimal.scaled(places, rounding, least..=most));
        number.ok_or_else(|| match decimal {
            _ if written.is_empty() => self.missing(at),
            None => {
                let message = format!("The field `{}` is not a decimal number.", self.columns[at]);
                Defect::new("value-invalid", message, "a decimal number", written)
            }
            Some(_) => {
                let message = format!("The field `{}` is out of range.", self.columns[at]);
                let expected = range(places, rounding, least, most);
                Defect::new("value-invalid", message, expected, written)
            }
        })
    }

    fn id(&self, at: usize) -> Result<Option<Id>, Box<Defect>> {
        let field = (self.field)(at);
        match written(&field) {
            [] => Err(self.missing(at)),
            id => Ok(self.takes_ids.then(|| Id::of(id))),
        }
    }

    fn missing(&self, at: usize) -> Box<Defect> {
        let message = format!("The field `{}` is empty or missing.", self.columns[at]);
        Defect::new("field-missing", message, "a value", "nothing")
    }
}

/// A field without spaces, tabs and line breaks around it.
pub(super) fn written(field: &[u8]) -> &[u8] {
    field.trim_ascii()
}

fn range(places: u32, rounding: Rounding, least: i64, most: i64) -> String {
    let kind = match rounding {
        Rounding::Exact => "a whole number",
        Rounding::Down | Rounding::Up => "a number",
    };
    let unit = match places {
        0 => String::new(),
        _ => format!(" at 10^-{places} of the unit"),
    };
    match least {
        i64::MIN => format!("{kind} of at most {most}{unit}"),
        _ => format!("{kind} from {least} to {most}{unit}"),
    }
}

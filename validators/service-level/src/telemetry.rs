//! Raw telemetry as a stream of records, each read or explained.

mod csv;
pub(crate) mod jsonl;
mod lines;

use crate::decimal::{Decimal, Rounding};
use crate::params::Params;
use crate::samples::MAX_DURATION_US;
use lines::{Line, Lines, MAX_RECORD_BYTES};
use std::io::{self, Read};

/// 2^53 − 1 µs, the year 2255 since the Unix epoch: later starts are a mistake of unit, and JSON
/// parameters could not name them.
const MAX_START_US: i64 = (1 << 53) - 1;
/// More tokens in one request are a mistake.
const MAX_TOKENS: i64 = (1 << 53) - 1;
/// HTTP has three digits; 0 is a request without an answer.
const MAX_STATUS: i64 = 999;

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
    /// Its score in units of `10^-decimals`, if asked for.
    pub score: Option<i64>,
}

/// Where a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    /// Its number, from 1.
    pub record: u64,
    /// The number of its first line, from 1.
    pub line: u64,
    /// Its first byte.
    pub offset: u64,
    /// How many bytes it has, line ending included.
    pub len: u64,
}

/// Why a record, or the header, cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Defect {
    /// The code of the finding.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What should be there.
    pub expected: String,
    /// What is there.
    pub actual: String,
}

/// One record and what became of it.
pub(crate) type Row = (Position, Result<Request, Defect>);

/// Reads telemetry record by record.
pub(crate) struct Telemetry<'a, R> {
    lines: Lines<R>,
    params: &'a Params,
    wanted: Vec<&'a str>,
    dialect: Dialect,
    buffer: Vec<u8>,
    fields: Vec<String>,
    record: u64,
}

enum Dialect {
    JsonLines,
    Csv {
        /// How many fields a record has.
        width: usize,
        /// For each wanted column, which field it is.
        at: Vec<usize>,
    },
}

impl<'a, R: Read> Telemetry<'a, R> {
    /// Reads the header, if the format has one. The inner error names what is wrong with it.
    pub(crate) fn open(reader: R, params: &'a Params) -> io::Result<Result<Self, Vec<Defect>>> {
        let mut telemetry = Self {
            lines: Lines::new(reader),
            params,
            wanted: params.wanted_columns(),
            dialect: Dialect::JsonLines,
            buffer: Vec::new(),
            fields: Vec::new(),
            record: 0,
        };
        if params.is_jsonl() {
            return Ok(Ok(telemetry));
        }
        Ok(telemetry.read_header()?.map(|()| telemetry))
    }

    /// The next record; `None` at the end. Blank lines are no records.
    pub(crate) fn next_row(&mut self) -> io::Result<Option<Row>> {
        loop {
            self.buffer.clear();
            let offset = self.lines.offset();
            let line = self.lines.read_into(&mut self.buffer)?;
            if line == Line::End {
                return Ok(None);
            }
            if line == Line::Read && self.buffer.is_empty() {
                continue;
            }
            self.record += 1;
            let first_line = self.lines.number();
            let request = match line {
                Line::Read => self.request()?,
                Line::TooLong | Line::End => Err(too_long()),
            };
            let len = self.lines.offset() - offset;
            let position = Position {
                record: self.record,
                line: first_line,
                offset,
                len,
            };
            return Ok(Some((position, request)));
        }
    }

    fn read_header(&mut self) -> io::Result<Result<(), Vec<Defect>>> {
        if self.lines.read_into(&mut self.buffer)? != Line::Read || self.buffer.is_empty() {
            return Ok(Err(vec![defect(
                "header-missing",
                "There is no header.",
                "a header",
                "nothing",
            )]));
        }
        let width = match self.split_csv()? {
            Ok(width) => width,
            Err(defect) => return Ok(Err(vec![defect])),
        };
        let header = &self.fields[..width];
        let mut at = Vec::new();
        let mut defects = Vec::new();
        for name in &self.wanted {
            match only_position(header, name) {
                Ok(index) => at.push(index),
                Err((code, what)) => {
                    let message = format!("The column `{name}` {what}.");
                    let expected = format!("one column `{name}`");
                    defects.push(defect(code, message, expected, header.join(", ")));
                }
            }
        }
        self.dialect = Dialect::Csv { width, at };
        Ok(if defects.is_empty() {
            Ok(())
        } else {
            Err(defects)
        })
    }

    fn request(&mut self) -> io::Result<Result<Request, Defect>> {
        if matches!(self.dialect, Dialect::Csv { .. }) {
            let split = self.split_csv()?;
            return Ok(split.and_then(|width| self.request_from_csv(width)));
        }
        Ok(self.request_from_json())
    }

    fn request_from_csv(&self, width: usize) -> Result<Request, Defect> {
        let Dialect::Csv {
            width: expected,
            at,
        } = &self.dialect
        else {
            return self.build(|slot| &self.fields[slot]);
        };
        if width != *expected {
            let message = format!("The record has {width} fields; the header has {expected}.");
            return Err(defect(
                "record-malformed",
                message,
                expected.to_string(),
                width.to_string(),
            ));
        }
        self.build(|slot| &self.fields[at[slot]])
    }

    fn request_from_json(&mut self) -> Result<Request, Defect> {
        let line = text(&self.buffer)?;
        jsonl::members(line, &self.wanted, &mut self.fields).map_err(|error| {
            let message = format!("The line is not one JSON object with the columns: {error}.");
            defect("record-malformed", message, "a JSON object", line)
        })?;
        self.build(|slot| &self.fields[slot])
    }

    /// Splits the record in the buffer, and takes further lines while a quoted field is open.
    fn split_csv(&mut self) -> io::Result<Result<usize, Defect>> {
        loop {
            let record = match text(&self.buffer) {
                Ok(record) => record,
                Err(defect) => return Ok(Err(defect)),
            };
            match csv::split(record, self.params.delimiter.byte(), &mut self.fields) {
                Ok(width) => return Ok(Ok(width)),
                Err(csv::Syntax::StrayQuote) => return Ok(Err(stray_quote(record))),
                Err(csv::Syntax::OpenQuote) => {}
            }
            let before = self.buffer.len();
            self.buffer.push(b'\n');
            match self.lines.read_into(&mut self.buffer)? {
                Line::Read => {}
                Line::TooLong => return Ok(Err(too_long())),
                Line::End => return Ok(Err(open_quote(&self.buffer[..before]))),
            }
        }
    }

    fn build<'f>(&self, field: impl Fn(usize) -> &'f String) -> Result<Request, Defect> {
        let units = self.params.units;
        let number = |slot: usize, places, rounding, range| {
            parse_field(self.wanted[slot], field(slot), places, rounding, range)
        };
        let unsigned = |slot: usize, places, rounding, most| {
            number(slot, places, rounding, (0, most)).map(i64::unsigned_abs)
        };
        let start_us = unsigned(0, units.start.places(), Rounding::Down, MAX_START_US)?;
        let longest = MAX_DURATION_US.cast_signed();
        let duration_us = unsigned(1, units.duration.places(), Rounding::Up, longest)?;
        let status = unsigned(2, 0, Rounding::Exact, MAX_STATUS)?;
        let mut next = 3;
        let mut tokens = 0;
        if self.params.needs_tokens() {
            tokens = unsigned(next, 0, Rounding::Exact, MAX_TOKENS)?;
            next += 1;
        }
        let score = match (&self.params.benchmark, self.params.score_column()) {
            (Some(asked), Some(_)) => Some(number(
                next,
                asked.decimals,
                Rounding::Down,
                (i64::MIN, i64::MAX),
            )?),
            _ => None,
        };
        let status = u16::try_from(status).unwrap_or(u16::MAX); // at most MAX_STATUS
        Ok(Request {
            start_us,
            duration_us,
            status,
            tokens,
            score,
        })
    }
}

/// One field as an integer in a range.
fn parse_field(
    column: &str,
    written: &str,
    places: u32,
    rounding: Rounding,
    (least, most): (i64, i64),
) -> Result<i64, Defect> {
    let written = written.trim_matches([' ', '\t']);
    if written.is_empty() {
        let message = format!("The field `{column}` is empty or missing.");
        return Err(defect("field-missing", message, "a number", "nothing"));
    }
    let Some(decimal) = Decimal::parse(written) else {
        let message = format!("The field `{column}` is not a decimal number.");
        return Err(defect(
            "value-invalid",
            message,
            "a decimal number",
            written,
        ));
    };
    let scaled = decimal.scaled(places, rounding);
    scaled
        .filter(|value| (least..=most).contains(value))
        .ok_or_else(|| {
            let kind = if rounding == Rounding::Exact {
                "whole number"
            } else {
                "number"
            };
            let unit = if places > 0 {
                format!(" at 10^-{places} of the unit")
            } else {
                String::new()
            };
            let message = format!("The field `{column}` is out of range.");
            defect(
                "value-invalid",
                message,
                format!("a {kind} from {least} to {most}{unit}"),
                written,
            )
        })
}

/// The position of the only header field `name`, or the code and the sentence of what is wrong.
fn only_position(header: &[String], name: &str) -> Result<usize, (&'static str, &'static str)> {
    let mut found = header
        .iter()
        .enumerate()
        .filter(|(_, field)| field.trim() == name);
    match (found.next(), found.next()) {
        (None, _) => Err(("column-missing", "is missing")),
        (Some((index, _)), None) => Ok(index),
        (Some(_), Some(_)) => Err(("column-duplicate", "occurs twice")),
    }
}

fn text(bytes: &[u8]) -> Result<&str, Defect> {
    std::str::from_utf8(bytes).map_err(|_| {
        let shown = String::from_utf8_lossy(bytes);
        defect(
            "record-malformed",
            "The record is not UTF-8.",
            "UTF-8",
            shown,
        )
    })
}

fn stray_quote(record: &str) -> Defect {
    let message = "A quotation mark stands where RFC 4180 allows none.";
    defect(
        "record-malformed",
        message,
        "fields as RFC 4180 has them",
        record,
    )
}

fn open_quote(record: &[u8]) -> Defect {
    let message = "A quoted field is still open at the end of the file.";
    let shown = String::from_utf8_lossy(record);
    defect(
        "record-malformed",
        message,
        "a closing quotation mark",
        shown,
    )
}

fn too_long() -> Defect {
    let limit = MAX_RECORD_BYTES;
    let message = format!("The record is longer than {limit} bytes.");
    defect(
        "record-too-long",
        message,
        format!("at most {limit} bytes"),
        "more",
    )
}

fn defect(
    code: &'static str,
    message: impl Into<String>,
    expected: impl Into<String>,
    actual: impl AsRef<str>,
) -> Defect {
    let actual = proofmark_validator_sdk::excerpt(actual.as_ref().as_bytes(), 200);
    Defect {
        code,
        message: message.into(),
        expected: expected.into(),
        actual,
    }
}

#[cfg(test)]
mod tests;

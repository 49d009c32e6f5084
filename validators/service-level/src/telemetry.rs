//! Raw telemetry as a stream of records, each read or explained. Each byte is looked at a fixed number of
//! times, whatever the records are.

mod csv;
mod defect;
mod find;
pub(crate) mod jsonl;
mod lines;
mod request;

use crate::params::Params;
use csv::Fields;
pub(crate) use defect::Defect;
use lines::{Line, Lines};
pub(crate) use request::{MAX_STATUS, Request};
use std::borrow::Cow;
use std::io::{self, BufRead};
use std::ops::Range;

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

/// One record and what became of it.
pub(crate) type Row = (Position, Result<Request, Box<Defect>>);

/// A header that cannot be used.
#[derive(Debug)]
pub(crate) struct BadHeader {
    /// The line in which it begins.
    pub line: u64,
    /// What is wrong with it.
    pub defects: Vec<Defect>,
}

/// Reads telemetry record by record.
pub(crate) struct Telemetry<'a, R> {
    lines: Lines<R>,
    params: &'a Params,
    wanted: Vec<&'a str>,
    /// Ids are read; otherwise they only have to be there.
    takes_ids: bool,
    form: Form,
    fields: Fields,
    record: u64,
}

enum Form {
    JsonLines,
    Csv {
        /// How many fields a record has.
        width: usize,
        /// For each wanted column, which field it is.
        at: Vec<usize>,
    },
}

impl<'a, R: BufRead> Telemetry<'a, R> {
    /// Reads the header, if the format has one. The inner error names what is wrong with it.
    pub(crate) fn open(reader: R, params: &'a Params) -> io::Result<Result<Self, BadHeader>> {
        let mut telemetry = Self {
            lines: Lines::new(reader),
            params,
            wanted: params.wanted_columns(),
            takes_ids: true,
            form: Form::JsonLines,
            fields: Fields::default(),
            record: 0,
        };
        if params.is_jsonl() {
            return Ok(Ok(telemetry));
        }
        Ok(telemetry
            .read_header()?
            .map(|form| Self { form, ..telemetry }))
    }

    /// For a reading that compares no ids: long ones are digested, which is dear.
    pub(crate) fn without_ids(self) -> Self {
        Self {
            takes_ids: false,
            ..self
        }
    }

    /// The next record; `None` at the end.
    pub(crate) fn next_row(&mut self) -> io::Result<Option<Row>> {
        let (offset, line) = self.begin_record()?;
        if line == Line::End {
            return Ok(None);
        }
        self.record += 1;
        let number = self.lines.number();
        let request = match line {
            Line::Read(line) => self.request(line)?,
            Line::TooLong | Line::End => Err(Defect::too_long()),
        };
        let position = Position {
            record: self.record,
            line: number,
            offset,
            len: self.lines.offset() - offset,
        };
        Ok(Some((position, request)))
    }

    /// Begins a record with the next line that is not blank. Also: where it begins.
    fn begin_record(&mut self) -> io::Result<(u64, Line)> {
        loop {
            self.lines.begin_record();
            let offset = self.lines.offset();
            let line = self.lines.take_line()?;
            if !matches!(line, Line::Read(_)) || !is_blank(self.lines.record()) {
                return Ok((offset, line));
            }
        }
    }

    fn read_header(&mut self) -> io::Result<Result<Form, BadHeader>> {
        let (_, line) = self.begin_record()?;
        let number = self.lines.number().max(1);
        let split = match line {
            Line::Read(line) => self.split_csv(line)?,
            Line::TooLong => Err(Defect::too_long()),
            Line::End => Err(Defect::no_header()),
        };
        let at = split.map_err(|defect| vec![*defect]);
        let at = at.and_then(|()| self.columns_in_header());
        let width = self.fields.len();
        let bad = |defects| BadHeader {
            line: number,
            defects,
        };
        Ok(at.map(|at| Form::Csv { width, at }).map_err(bad))
    }

    /// Which field of the header each wanted column is.
    fn columns_in_header(&self) -> Result<Vec<usize>, Vec<Defect>> {
        let header = self.lines.record();
        let mut at = Vec::new();
        let mut defects = Vec::new();
        for name in &self.wanted {
            match only_position(&self.fields, header, name) {
                Ok(index) => at.push(index),
                Err((code, what)) => {
                    let message = format!("The column `{name}` {what}.");
                    let expected = format!("one column `{name}`");
                    defects.push(*Defect::new(code, message, expected, header));
                }
            }
        }
        if defects.is_empty() {
            Ok(at)
        } else {
            Err(defects)
        }
    }

    /// The request in the record that begins with this line.
    fn request(&mut self, line: Range<usize>) -> io::Result<Result<Request, Box<Defect>>> {
        if matches!(self.form, Form::Csv { .. })
            && let Err(defect) = self.split_csv(line)?
        {
            return Ok(Err(defect));
        }
        Ok(match &self.form {
            Form::JsonLines => self.request_from_json(),
            Form::Csv { width, at } => self.request_from_csv(*width, at),
        })
    }

    fn request_from_csv(&self, width: usize, at: &[usize]) -> Result<Request, Box<Defect>> {
        if self.fields.len() != width {
            return Err(Defect::width(self.fields.len(), width));
        }
        let record = self.lines.record();
        self.request_from(|slot| self.fields.get(record, at[slot]))
    }

    fn request_from_json(&self) -> Result<Request, Box<Defect>> {
        let line = self.lines.record();
        let line = std::str::from_utf8(line).map_err(|_| Defect::not_utf8(line))?;
        let members = jsonl::members(line, &self.wanted)
            .map_err(|error| Defect::not_an_object(line, &error))?;
        self.request_from(|slot| match jsonl::plain_text(members[slot]) {
            Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
            Cow::Owned(text) => Cow::Owned(text.into_bytes()),
        })
    }

    fn request_from<'t>(
        &self,
        field: impl Fn(usize) -> Cow<'t, [u8]>,
    ) -> Result<Request, Box<Defect>> {
        let reader = request::Reader {
            params: self.params,
            columns: &self.wanted,
            takes_ids: self.takes_ids,
            field,
        };
        reader.request()
    }

    /// Splits the record that begins with this line, and takes further lines while a quoted field is
    /// open.
    fn split_csv(&mut self, mut line: Range<usize>) -> io::Result<Result<(), Box<Defect>>> {
        let delimiter = self.params.delimiter.byte();
        self.fields.clear();
        loop {
            match self.fields.take_line(self.lines.record(), line, delimiter) {
                Ok(true) => return Ok(Ok(())),
                Ok(false) => {}
                Err(csv::StrayQuote) => return Ok(Err(Defect::stray_quote(self.lines.record()))),
            }
            line = match self.lines.take_line()? {
                Line::Read(line) => line,
                Line::TooLong => return Ok(Err(Defect::too_long())),
                Line::End => return Ok(Err(Defect::open_quote(self.lines.record()))),
            };
        }
    }
}

/// Nothing but spaces and tabs.
fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|byte| matches!(byte, b' ' | b'\t'))
}

/// The position of the only header field `name`, or the code and the sentence of what is wrong.
fn only_position(
    fields: &Fields,
    header: &[u8],
    name: &str,
) -> Result<usize, (&'static str, &'static str)> {
    let is_named = |index: &usize| request::written(&fields.get(header, *index)) == name.as_bytes();
    let mut found = (0..fields.len()).filter(is_named);
    match (found.next(), found.next()) {
        (None, _) => Err(("column-missing", "is missing")),
        (Some(index), None) => Ok(index),
        (Some(_), Some(_)) => Err(("column-duplicate", "occurs twice")),
    }
}

#[cfg(test)]
mod tests;

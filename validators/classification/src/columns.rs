//! Rows of a table, whatever they are written in.

use crate::params::Format;
use crate::row::{Broken, Position, Row, Values};
use crate::{csv, json_row};
use proofmark_validator_sdk::{Artifact, ReadError, Record, Records};
use std::ops::ControlFlow;
use std::str;

/// The columns that are read.
pub(crate) struct Columns<'n> {
    pub(crate) id: &'n str,
    pub(crate) label: &'n str,
    pub(crate) score: Option<&'n str>,
}

impl<'n> Columns<'n> {
    fn names(&self) -> Vec<&'n str> {
        [Some(self.id), Some(self.label), self.score]
            .into_iter()
            .flatten()
            .collect()
    }
}

/// Why a table has no rows, or no more of them.
#[derive(Debug)]
pub(crate) enum TableError<'n> {
    /// The file could not be read, or not any further.
    Read(ReadError),
    /// The header is broken.
    Header(HeaderError<'n>),
}

/// What is wrong with a header.
#[derive(Debug)]
pub(crate) struct HeaderError<'n> {
    /// The line, counted from 1.
    pub(crate) line: u64,
    pub(crate) kind: HeaderErrorKind<'n>,
}

/// What is wrong with a header.
#[derive(Debug)]
pub(crate) enum HeaderErrorKind<'n> {
    Broken(Broken<'n>),
    /// It lacks the column of this name.
    ColumnMissing(&'n str),
    /// It has this column twice: readers differ on which of them counts.
    ColumnDuplicate(&'n str),
}

/// A row that is broken; the next may not be.
#[derive(Debug)]
pub(crate) struct BrokenRow<'n> {
    pub(crate) at: Position,
    pub(crate) reason: Broken<'n>,
}

/// A stream of rows. Lines of nothing but ASCII white space are skipped.
pub(crate) struct Rows<'n> {
    records: Records,
    names: Vec<&'n str>,
    /// For CSV.
    header: Option<Header>,
}

/// Where the wanted columns are, and how many columns there are.
struct Header {
    positions: Vec<usize>,
    columns: usize,
}

impl<'n> Rows<'n> {
    /// Begins to read; for CSV, reads the header.
    pub(crate) fn new(
        artifact: Artifact,
        format: Format,
        columns: &Columns<'n>,
    ) -> Result<Self, TableError<'n>> {
        let names = columns.names();
        let mut records = artifact.lines();
        let header = match format {
            Format::Csv => Some(read_header(&mut records, &names)?),
            Format::JsonLines => None,
        };
        Ok(Self {
            records,
            names,
            header,
        })
    }

    /// Gives each row to `take` until that breaks, and returns with what.
    pub(crate) fn each<B>(
        mut self,
        mut take: impl FnMut(Result<Row<'_>, BrokenRow<'n>>) -> ControlFlow<B>,
    ) -> Result<Option<B>, ReadError> {
        let mut number = 0;
        while let Some(record) = self.records.next_record()? {
            let Some(line) = content(&record) else {
                continue;
            };
            number += 1;
            let at = Position {
                line: record.number,
                record: number,
            };
            let values = values(line, &self.names, self.header.as_ref());
            let row = values.and_then(|values| Row::new(values, &self.names, at));
            let row = row.map_err(|reason| BrokenRow { at, reason });
            if let ControlFlow::Break(with) = take(row) {
                return Ok(Some(with));
            }
        }
        Ok(None)
    }
}

/// The line without a byte order mark, unless it is blank.
fn content<'a>(record: &Record<'a>) -> Option<&'a [u8]> {
    let marked = record.bytes.strip_prefix(b"\xef\xbb\xbf");
    let line = marked
        .filter(|_| record.offset == 0)
        .unwrap_or(record.bytes);
    (!line.trim_ascii().is_empty()).then_some(line)
}

fn read_header<'n>(records: &mut Records, names: &[&'n str]) -> Result<Header, TableError<'n>> {
    while let Some(record) = records.next_record().map_err(TableError::Read)? {
        if let Some(line) = content(&record) {
            let error = |kind| HeaderError {
                line: record.number,
                kind,
            };
            return header(line, names).map_err(|kind| TableError::Header(error(kind)));
        }
    }
    let kind = HeaderErrorKind::ColumnMissing(names.first().copied().unwrap_or_default());
    Err(TableError::Header(HeaderError { line: 1, kind }))
}

fn header<'n>(line: &[u8], names: &[&'n str]) -> Result<Header, HeaderErrorKind<'n>> {
    let broken = HeaderErrorKind::Broken;
    let line = str::from_utf8(line).map_err(|_| broken(Broken::NotUtf8))?;
    let mut positions = vec![None; names.len()];
    let mut columns = 0;
    for column in csv::fields(line) {
        let column = column.map_err(|reason| broken(Broken::Csv(reason)))?;
        let wanted = names.iter().position(|name| name.trim() == column.trim());
        if let Some(wanted) = wanted
            && positions[wanted].replace(columns).is_some()
        {
            return Err(HeaderErrorKind::ColumnDuplicate(names[wanted]));
        }
        columns += 1;
    }
    let found = names.iter().zip(positions);
    let position =
        |(name, at): (&&'n str, Option<usize>)| at.ok_or(HeaderErrorKind::ColumnMissing(name));
    let positions = found.map(position).collect::<Result<_, _>>()?;
    Ok(Header { positions, columns })
}

fn values<'a, 'n>(
    line: &'a [u8],
    names: &[&str],
    header: Option<&Header>,
) -> Result<Values<'a>, Broken<'n>> {
    match header {
        Some(header) => csv_values(line, header),
        None => json_row::members(line, names).map_err(Broken::Json),
    }
}

fn csv_values<'a, 'n>(line: &'a [u8], header: &Header) -> Result<Values<'a>, Broken<'n>> {
    let line = str::from_utf8(line).map_err(|_| Broken::NotUtf8)?;
    let mut values = Values::default();
    let mut found = 0;
    for field in csv::fields(line) {
        let field = field.map_err(Broken::Csv)?;
        if let Some(column) = header.positions.iter().position(|at| *at == found) {
            values[column] = Some(field);
        }
        found += 1;
    }
    let header = header.columns;
    match found == header {
        true => Ok(values),
        false => Err(Broken::Fields { found, header }),
    }
}

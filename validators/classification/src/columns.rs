//! Rows of a table, whatever they are written in.

use crate::params::Format;
use crate::{csv, json_row};
use proofmark_validator_sdk::{Artifact, ReadError, Record, Records};
use std::str;

/// The columns that are read.
pub(crate) struct Columns<'a> {
    pub(crate) id: &'a str,
    pub(crate) label: &'a str,
    pub(crate) score: Option<&'a str>,
}

impl<'a> Columns<'a> {
    fn names(&self) -> Vec<&'a str> {
        [Some(self.id), Some(self.label), self.score]
            .into_iter()
            .flatten()
            .collect()
    }
}

/// One row. Its texts are trimmed of white space.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) label: String,
    /// Empty, if the row has none.
    pub(crate) score: String,
    /// Counted from 1, the header not counted.
    pub(crate) record: u64,
    /// Counted from 1.
    pub(crate) line: u64,
}

/// What is wrong with a table.
#[derive(Debug)]
pub(crate) enum TableError {
    /// The file could not be read, or not any further.
    Read(ReadError),
    /// The header lacks a column, so there are no rows.
    ColumnMissing(String),
    /// One row is broken; the next may not be.
    Malformed {
        /// The line, counted from 1.
        line: u64,
        /// The record, counted from 1; none for the header.
        record: Option<u64>,
        /// What is wrong.
        reason: String,
    },
}

/// A stream of rows. Empty lines are skipped.
pub(crate) struct Rows<'a> {
    records: Records,
    names: Vec<&'a str>,
    /// For CSV: the position of each wanted column, and how many columns there are.
    header: Option<(Vec<usize>, usize)>,
    record: u64,
}

impl<'a> Rows<'a> {
    /// Begins to read; for CSV, reads the header.
    pub(crate) fn new(
        artifact: Artifact,
        format: Format,
        columns: &Columns<'a>,
    ) -> Result<Self, TableError> {
        let names = columns.names();
        let mut rows = Self {
            records: artifact.lines(),
            names,
            header: None,
            record: 0,
        };
        if format == Format::Csv {
            rows.read_header()?;
        }
        Ok(rows)
    }

    fn read_header(&mut self) -> Result<(), TableError> {
        let first = self.records.next_record().map_err(TableError::Read)?;
        let bytes = first.map_or(&b""[..], |record| record.bytes);
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let header = csv_fields(bytes).map_err(|reason| TableError::Malformed {
            line: 1,
            record: None,
            reason,
        })?;
        let position = |name: &&str| {
            let found = header.iter().position(|column| column.trim() == *name);
            found.ok_or_else(|| TableError::ColumnMissing((*name).to_owned()))
        };
        let positions = self.names.iter().map(position).collect::<Result<_, _>>()?;
        self.header = Some((positions, header.len()));
        Ok(())
    }

    /// The next row, or what is wrong with it.
    pub(crate) fn next_row(&mut self) -> Option<Result<Row, TableError>> {
        loop {
            let record = match self.records.next_record() {
                Ok(record) => record?,
                Err(error) => return Some(Err(TableError::Read(error))),
            };
            if record.bytes.trim_ascii().is_empty() {
                continue;
            }
            self.record += 1;
            let row = parse(&record, &self.names, self.header.as_ref(), self.record);
            let (line, record) = (record.number, Some(self.record));
            let malformed = |reason| TableError::Malformed {
                line,
                record,
                reason,
            };
            return Some(row.map_err(malformed));
        }
    }
}

fn parse(
    record: &Record<'_>,
    names: &[&str],
    header: Option<&(Vec<usize>, usize)>,
    number: u64,
) -> Result<Row, String> {
    let mut values = match header {
        Some((positions, columns)) => csv_values(record.bytes, positions, *columns)?,
        None => json_row::members(record.bytes, names).map_err(|error| error.to_string())?,
    }
    .into_iter()
    .map(|value| value.map(|value| value.trim().to_owned()));
    let mut required = |name: &str| {
        let value = values.next().flatten().filter(|value| !value.is_empty());
        value.ok_or_else(|| format!("no `{name}`"))
    };
    let id = required(names.first().copied().unwrap_or_default())?;
    let label = required(names.get(1).copied().unwrap_or_default())?;
    let score = values.next().flatten().unwrap_or_default();
    Ok(Row {
        id,
        label,
        score,
        record: number,
        line: record.number,
    })
}

fn csv_values(
    line: &[u8],
    positions: &[usize],
    columns: usize,
) -> Result<Vec<Option<String>>, String> {
    let fields = csv_fields(line)?;
    if fields.len() != columns {
        return Err(format!(
            "{} fields where the header has {columns}",
            fields.len()
        ));
    }
    Ok(positions
        .iter()
        .map(|at| fields.get(*at).cloned())
        .collect())
}

fn csv_fields(line: &[u8]) -> Result<Vec<String>, String> {
    let line = str::from_utf8(line).map_err(|_| "not UTF-8".to_owned())?;
    csv::fields(line).map_err(str::to_owned)
}

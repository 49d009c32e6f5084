//! Records and cells of a table (RFC 4180): the first line names the columns, and stays. Records are counted after it.

use std::ops::Range;

use crate::Operator;
use crate::edit::{self, Edit, next_digit, next_letter};

/// Where a record stands, and its cells.
struct Record {
    range: Range<usize>,
    cells: Vec<Range<usize>>,
}

pub(crate) fn edits(bytes: &[u8], delimiter: u8) -> Vec<Edit> {
    let records = records(bytes, delimiter);
    let mut edits = Vec::new();
    for (number, record) in records.iter().enumerate().skip(1) {
        let place = format!("record {number}");
        let line = &bytes[record.range.clone()];
        if edit::bare(line).is_empty() {
            continue;
        }
        edits.extend(edit::record(line, record.range.clone(), &place));
        for (column, cell) in record.cells.iter().enumerate() {
            let place = format!("{place}, column {}", column + 1);
            edits.push(Edit::new(Operator::CellEmptied, &*place, cell.clone(), ""));
            // What stands in the same column of the next record is the most likely mistake.
            let next = records.get(number + 1).and_then(|it| it.cells.get(column));
            let next = next.map(|it| &bytes[it.clone()]);
            let own = &bytes[cell.clone()];
            let other = match next.filter(|next| *next != own) {
                Some(next) => Some(next.to_vec()),
                None => changed(own),
            };
            let other = other.map(|it| Edit::new(Operator::CellChanged, place, cell.clone(), it));
            edits.extend(other);
        }
    }
    edits
}

fn changed(cell: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(cell).ok()?;
    let other = match text.parse::<i128>() {
        Ok(_) => next_digit(text),
        Err(_) => next_letter(text),
    };
    other.map(String::into_bytes)
}

fn records(bytes: &[u8], delimiter: u8) -> Vec<Record> {
    let (mut records, mut cells) = (Vec::new(), Vec::new());
    let (mut record, mut cell, mut quoted) = (0, 0, false);
    for (at, byte) in bytes.iter().enumerate() {
        match *byte {
            // A quote that does not begin a cell is a character like others.
            b'"' if quoted || at == cell => quoted = !quoted,
            b'"' if bytes[cell..at].starts_with(b"\"") => quoted = true,
            _ if quoted => {}
            it if it == delimiter => {
                cells.push(cell..at);
                cell = at + 1;
            }
            b'\n' => {
                let end = at - usize::from(at > cell && bytes[at - 1] == b'\r');
                cells.push(cell..end);
                let range = record..at + 1;
                let cells = std::mem::take(&mut cells);
                records.push(Record { range, cells });
                (record, cell) = (at + 1, at + 1);
            }
            _ => {}
        }
    }
    if record < bytes.len() {
        cells.push(cell..bytes.len());
        let range = record..bytes.len();
        records.push(Record { range, cells });
    }
    records
}

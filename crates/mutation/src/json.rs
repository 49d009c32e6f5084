//! Members, elements and scalars of JSON, changed where they stand: spaces and the order of members stay.

use std::ops::Range;

use crate::Operator;
use crate::edit::{self, Edit, next_digit, next_letter};

/// With no more than 128 brackets inside each other: [`Walk`] goes into each.
pub(crate) fn is(bytes: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(bytes).is_ok()
}

/// Of a document that [`is`] one.
pub(crate) fn document(bytes: &[u8]) -> Vec<Edit> {
    let mut walk = Walk {
        bytes,
        at: 0,
        place: "#".to_owned(),
        edits: Vec::new(),
    };
    walk.value();
    walk.edits
}

/// Of JSON Lines: each line as a record, and what is in it. A line that is no JSON is only a record.
pub(crate) fn lines(bytes: &[u8]) -> Vec<Edit> {
    let records = edit::lines(bytes).enumerate();
    let records = records.filter(|(_, line)| !edit::bare(line).is_empty());
    let edits = records.flat_map(|(number, line)| {
        let place = format!("line {}", number + 1);
        let whole = edit::within(bytes, line);
        let record = edit::bare(line);
        let inner = match is(record) {
            true => document(record),
            false => Vec::new(),
        };
        let (start, place_of_line) = (whole.start, place.clone());
        let inner = inner.into_iter().map(move |edit| Edit {
            place: format!("{place_of_line}, {}", edit.place),
            range: edit.range.start + start..edit.range.end + start,
            ..edit
        });
        edit::record(line, whole, &place).into_iter().chain(inner)
    });
    edits.collect()
}

/// One pass over a document that is known to be well formed.
struct Walk<'b> {
    bytes: &'b [u8],
    at: usize,
    /// A JSON pointer as a fragment.
    place: String,
    edits: Vec<Edit>,
}

impl Walk<'_> {
    fn value(&mut self) {
        self.spaces();
        match self.peek() {
            Some(b'{') => self.items(b'}'),
            Some(b'[') => self.items(b']'),
            Some(b'"') => self.string(),
            _ => self.word(),
        }
    }

    /// What stands between brackets, with the commas.
    fn items(&mut self, end: u8) {
        self.at += 1;
        let (mut number, mut comma) = (0, None);
        loop {
            self.spaces();
            if self.peek().is_none_or(|byte| byte == end) {
                self.at += 1;
                return;
            }
            let (start, outer) = (self.at, self.place.len());
            let key = (end == b'}').then(|| self.key());
            let name = key.unwrap_or_else(|| number.to_string());
            self.place.push('/');
            self.place.push_str(&name);
            self.value();
            let item = start..self.at;
            self.spaces();
            let followed = self.peek() == Some(b',');
            self.item(&item, comma, followed, end == b'}');
            self.place.truncate(outer);
            comma = followed.then_some(self.at);
            self.at += usize::from(followed);
            number += 1;
        }
    }

    /// A member or an element is missing, with the comma that it leaves; an element is there twice.
    fn item(&mut self, item: &Range<usize>, before: Option<usize>, followed: bool, member: bool) {
        let removed = match (before, followed) {
            (_, true) => item.start..self.at + 1,
            (Some(comma), false) => comma..item.end,
            (None, false) => item.clone(),
        };
        let operator = match member {
            true => Operator::MemberRemoved,
            false => Operator::ElementRemoved,
        };
        self.edit(operator, removed, "");
        if !member {
            let twice = [b",", &self.bytes[item.clone()]].concat();
            self.edit(Operator::ElementRepeated, item.end..item.end, twice);
        }
    }

    /// A name as a pointer spells it (RFC 6901 §3).
    fn key(&mut self) -> String {
        let name = self.text().unwrap_or_default();
        self.spaces();
        // The colon.
        self.at += 1;
        name.replace('~', "~0").replace('/', "~1")
    }

    fn string(&mut self) {
        let start = self.at;
        let text = self.text().unwrap_or_default();
        let range = start..self.at;
        self.edit(Operator::StringEmptied, range.clone(), r#""""#);
        if let Some(other) = next_letter(&text) {
            let other = serde_json::to_string(&other).unwrap_or_default();
            self.edit(Operator::StringChanged, range, other);
        }
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self) {
        let start = self.at;
        let ends = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b']' | b'}');
        while self.peek().is_some_and(|byte| !ends(byte)) {
            self.at += 1;
        }
        let range = start..self.at;
        let word = String::from_utf8_lossy(&self.bytes[range.clone()]).into_owned();
        match word.as_str() {
            "true" => self.edit(Operator::BooleanFlipped, range, "false"),
            "false" => self.edit(Operator::BooleanFlipped, range, "true"),
            "null" => {}
            number => {
                // The exponent says how large it is, and is no digit of it.
                let end = number.find(['e', 'E']).unwrap_or(number.len());
                let digits = range.start..range.start + end;
                if let Some(other) = next_digit(&number[..end]) {
                    self.edit(Operator::NumberChanged, digits, other);
                }
                let negated = match number.strip_prefix('-') {
                    Some(positive) => positive.to_owned(),
                    None => format!("-{number}"),
                };
                // Zero has no other sign.
                if number.contains(|it: char| matches!(it, '1'..='9')) {
                    self.edit(Operator::NumberNegated, range, negated);
                }
            }
        }
    }

    fn text(&mut self) -> Option<String> {
        let start = self.at;
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += 1 + usize::from(byte == b'\\');
            if byte == b'"' {
                break;
            }
        }
        serde_json::from_slice(self.bytes.get(start..self.at)?).ok()
    }

    fn spaces(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn edit(&mut self, operator: Operator, range: Range<usize>, with: impl Into<Vec<u8>>) {
        let edit = Edit::new(operator, self.place.clone(), range, with);
        self.edits.push(edit);
    }
}

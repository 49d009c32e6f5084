//! One mistake, as the bytes that it puts in the place of others.

use std::ops::Range;

use crate::{File, Mutant, Operator};

/// As much is shown of what was there, and of what is: in characters.
const SHOWN: usize = 60;

/// Bytes in the place of others. Ordered by place, so that the same change by two operators is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edit {
    pub(crate) operator: Operator,
    pub(crate) place: String,
    pub(crate) range: Range<usize>,
    /// Nothing where the whole file goes.
    pub(crate) with: Option<Vec<u8>>,
}

impl Edit {
    pub(crate) fn new(
        operator: Operator,
        place: impl Into<String>,
        range: Range<usize>,
        with: impl Into<Vec<u8>>,
    ) -> Self {
        Self {
            operator,
            place: place.into(),
            range,
            with: Some(with.into()),
        }
    }

    pub(crate) fn comes_to_the_same_as(&self, other: &Self) -> bool {
        (self.range.start, self.range.end, &self.with)
            == (other.range.start, other.range.end, &other.with)
    }

    /// Whether there is a difference at all.
    pub(crate) fn changes(&self, bytes: &[u8]) -> bool {
        self.with.as_deref() != bytes.get(self.range.clone())
    }

    pub(crate) fn made(&self, file: &File<'_>) -> Mutant {
        let before = file.bytes.get(..self.range.start).unwrap_or_default();
        let was = file.bytes.get(self.range.clone()).unwrap_or_default();
        let after = file.bytes.get(self.range.end..).unwrap_or_default();
        let bytes = self
            .with
            .as_ref()
            .map(|with| [before, with, after].concat());
        Mutant {
            operator: self.operator,
            path: file.path.to_owned(),
            place: self.place.clone(),
            was: match self.place.is_empty() {
                true => String::new(),
                false => shown(was),
            },
            is: self.with.as_deref().map_or_else(String::new, shown),
            bytes,
        }
    }

    fn key(&self) -> (usize, usize, &Option<Vec<u8>>, Operator) {
        (self.range.start, self.range.end, &self.with, self.operator)
    }
}

impl PartialOrd for Edit {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Edit {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key()
            .cmp(&other.key())
            .then_with(|| self.place.cmp(&other.place))
    }
}

fn shown(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let visible = text
        .chars()
        .map(|it| if it.is_control() { ' ' } else { it });
    let mut shown: String = visible.take(SHOWN).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

/// What can happen to any file.
pub(crate) fn whole(bytes: &[u8]) -> [Edit; 3] {
    let (length, half) = (bytes.len(), bytes.len() / 2);
    [
        Edit {
            operator: Operator::FileRemoved,
            place: String::new(),
            range: 0..length,
            with: None,
        },
        Edit::new(Operator::FileEmptied, "", 0..length, ""),
        Edit::new(
            Operator::FileHalved,
            format!("byte {half}"),
            half..length,
            "",
        ),
    ]
}

/// A line that is a record is missing, or there twice.
pub(crate) fn record(line: &[u8], range: Range<usize>, place: &str) -> [Edit; 2] {
    let mut again = line.to_vec();
    if !line.ends_with(b"\n") {
        again.insert(0, b'\n');
    }
    let end = range.end;
    [
        Edit::new(Operator::RecordRemoved, place, range, ""),
        Edit::new(Operator::RecordRepeated, place, end..end, again),
    ]
}

/// Where `part` stands in `whole`, of which it is a part.
pub(crate) fn within(whole: &[u8], part: &[u8]) -> Range<usize> {
    let start = part.as_ptr() as usize - whole.as_ptr() as usize;
    start..start + part.len()
}

/// The last digit is another. Nothing where there is no digit.
pub(crate) fn next_digit(text: &str) -> Option<String> {
    let at = text.rfind(|it: char| it.is_ascii_digit())?;
    let digit = match &text[at..=at] {
        "9" => "8".to_owned(),
        digit => (digit.parse::<u8>().ok()? + 1).to_string(),
    };
    Some(format!("{}{digit}{}", &text[..at], &text[at + 1..]))
}

/// The last letter or digit of a text is another. Nothing where there is none.
pub(crate) fn next_letter(text: &str) -> Option<String> {
    let (at, letter) = text
        .char_indices()
        .rev()
        .find(|(_, it)| it.is_alphanumeric())?;
    let other = match letter {
        'z' | 'Z' | '9' => char::from(letter as u8 - 1),
        _ if letter.is_ascii() => char::from(letter as u8 + 1),
        _ => 'x',
    };
    let rest = &text[at + letter.len_utf8()..];
    Some(format!("{}{other}{rest}", &text[..at]))
}

/// Lines with what ends them.
pub(crate) fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split_inclusive(|byte| *byte == b'\n')
}

/// A line without what ends it.
pub(crate) fn bare(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

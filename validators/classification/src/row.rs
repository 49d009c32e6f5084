//! One row: what is read of it, and what can be wrong with it.

use crate::json_row;
use std::borrow::Cow;
use std::fmt;

/// Id, label and score.
pub(crate) const COLUMNS: usize = 3;

/// The texts of the columns, in their order; none where the row has nothing.
pub(crate) type Values<'a> = [Option<Cow<'a, str>>; COLUMNS];

/// Where a row is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Position {
    /// Counted from 1.
    pub(crate) line: u64,
    /// Counted from 1, the header not counted.
    pub(crate) record: u64,
}

/// One row. Its texts are trimmed of white space and not empty.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    pub(crate) id: Cow<'a, str>,
    pub(crate) label: Cow<'a, str>,
    pub(crate) score: Option<Cow<'a, str>>,
    pub(crate) at: Position,
}

impl<'a> Row<'a> {
    /// A row of these texts; `names` are those of the columns.
    pub(crate) fn new<'n>(
        values: Values<'a>,
        names: &[&'n str],
        at: Position,
    ) -> Result<Self, Broken<'n>> {
        let [id, label, score] = values.map(|value| value.and_then(trimmed));
        let missing = |column: usize| Broken::Missing(names.get(column).copied().unwrap_or(""));
        Ok(Self {
            id: id.ok_or_else(|| missing(0))?,
            label: label.ok_or_else(|| missing(1))?,
            score,
            at,
        })
    }
}

fn trimmed(text: Cow<'_, str>) -> Option<Cow<'_, str>> {
    let text = match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    };
    (!text.is_empty()).then_some(text)
}

/// What is wrong with a line. Only written as text if somebody reads it.
#[derive(Debug)]
pub(crate) enum Broken<'n> {
    NotUtf8,
    Csv(&'static str),
    Fields {
        found: usize,
        header: usize,
    },
    /// There is nothing in the column of this name.
    Missing(&'n str),
    Json(serde_json::Error),
}

impl fmt::Display for Broken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUtf8 => f.write_str("not UTF-8"),
            Self::Csv(reason) => f.write_str(reason),
            Self::Fields { found, header } => {
                write!(f, "{found} fields where the header has {header}")
            }
            Self::Missing(name) => write!(f, "no `{name}`"),
            Self::Json(error) => {
                write!(
                    f,
                    "{} (column {})",
                    json_row::message(error),
                    error.column()
                )
            }
        }
    }
}

//! Sets as text, such as `0..5,7..9`.

use crate::{Span, SpanSet};
use std::error::Error;
use std::fmt;
use std::str::FromStr;

/// What is not a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError(String);

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no span", self.0)
    }
}

impl Error for ParseError {}

impl FromStr for SpanSet {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let mut set = Self::new();
        for part in text.split(',').filter(|part| !part.is_empty()) {
            set.insert(span(part).ok_or_else(|| ParseError(part.to_owned()))?);
        }
        Ok(set)
    }
}

fn span(text: &str) -> Option<Span> {
    let (start, end) = text.split_once("..")?;
    Span::new(start.trim().parse().ok()?, end.trim().parse().ok()?)
}

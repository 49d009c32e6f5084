//! One span.

use std::fmt;

/// The integers from `start` up to, and without, `end`. Never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    start: i64,
    end: i64,
}

impl Span {
    /// A span, unless it would be empty.
    pub fn new(start: i64, end: i64) -> Option<Self> {
        (start < end).then_some(Self { start, end })
    }

    /// Its first integer.
    pub fn start(self) -> i64 {
        self.start
    }

    /// The first integer after it.
    pub fn end(self) -> i64 {
        self.end
    }

    /// Whether the two have an integer in common, or nothing lies between them.
    pub fn touches(self, other: Self) -> bool {
        self.start <= other.end && other.start <= self.end
    }

    /// Whether the two have an integer in common.
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

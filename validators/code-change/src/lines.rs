//! Lines of a diff, with their numbers.

/// One line, without its line feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line<'d> {
    /// Counted from 1 in the whole diff.
    pub(crate) number: u64,
    pub(crate) text: &'d [u8],
}

/// The lines that are left of a part of a diff.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lines<'d> {
    rest: &'d [u8],
    number: u64,
}

impl<'d> Lines<'d> {
    pub(crate) const fn new(diff: &'d [u8]) -> Self {
        Self {
            rest: diff,
            number: 1,
        }
    }

    /// Whether the next line begins so. At the end there is none.
    pub(crate) fn begins_with(&self, start: &[u8]) -> bool {
        self.rest.starts_with(start)
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The number of the next line.
    pub(crate) const fn number(&self) -> u64 {
        self.number
    }

    /// These lines up to where `later`, which came of them, now is.
    pub(crate) fn until(&self, later: &Self) -> Self {
        let end = self.rest.len() - later.rest.len();
        Self {
            rest: &self.rest[..end],
            number: self.number,
        }
    }
}

impl<'d> Iterator for Lines<'d> {
    type Item = Line<'d>;

    fn next(&mut self) -> Option<Line<'d>> {
        if self.rest.is_empty() {
            return None;
        }
        let end = self.rest.iter().position(|byte| *byte == b'\n');
        let text = &self.rest[..end.unwrap_or(self.rest.len())];
        self.rest = end.map_or(&[], |end| &self.rest[end + 1..]);
        let number = self.number;
        self.number += 1;
        Some(Line { number, text })
    }
}

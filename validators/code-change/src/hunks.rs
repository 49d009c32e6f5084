//! The hunks of one file, line by line.

use crate::defect::Defect;
use crate::lines::{self, Lines};
use proofmark_validator_sdk::excerpt;

/// What a hunk's first line says: so many lines, after so many others, of the old and of the new file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// The line of the diff.
    pub(crate) line: u64,
    pub(crate) old: Range,
    pub(crate) new: Range,
}

/// Lines of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    /// So many lines stand before.
    pub(crate) after: u64,
    pub(crate) count: u64,
}

/// What a line of a hunk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    Context,
    Removed,
    Added,
}

/// A line of the old file, of the new one, or of both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line<'d> {
    /// The line of the diff.
    pub(crate) number: u64,
    pub(crate) sign: Sign,
    pub(crate) text: &'d [u8],
    /// Whether a line feed ends it.
    pub(crate) ends: bool,
}

/// What comes next in a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event<'d> {
    Hunk(Place),
    Line(Line<'d>),
    /// A line that belongs to no hunk.
    Outside(lines::Line<'d>),
}

const NO_NEWLINE: &[u8] = b"\\ No newline at end of file";

/// Goes through the hunks, up to the first defect of theirs or of whoever looks.
pub(crate) fn walk<'d>(
    mut lines: Lines<'d>,
    mut each: impl FnMut(Event<'d>) -> Result<(), Defect>,
) -> Result<(), Defect> {
    while let Some(line) = lines.next() {
        if line.text.starts_with(b"@@ ") {
            let place = place(line)?;
            each(Event::Hunk(place))?;
            hunk(&place, &mut lines, &mut each)?;
        } else if is_of_a_hunk(line.text) {
            let message = "The hunk before has more lines than it says.";
            return Err(Defect::new("hunk-counts-wrong", line.number, message));
        } else {
            each(Event::Outside(line))?;
        }
    }
    Ok(())
}

/// Not the signature of a mail, nor the names of a file.
fn is_of_a_hunk(text: &[u8]) -> bool {
    let other = text == b"-- " || text.starts_with(b"--- ") || text.starts_with(b"+++ ");
    matches!(text.first(), Some(b' ' | b'+' | b'-' | b'\\')) && !other
}

fn hunk<'d>(
    place: &Place,
    lines: &mut Lines<'d>,
    each: &mut impl FnMut(Event<'d>) -> Result<(), Defect>,
) -> Result<(), Defect> {
    let (mut old, mut new) = (place.old.count, place.new.count);
    let mut changes = false;
    while (old, new) != (0, 0) {
        let line = next(place, lines)?;
        let (of_old, of_new) = (line.sign != Sign::Added, line.sign != Sign::Removed);
        let left = old.checked_sub(u64::from(of_old));
        let Some((old_left, new_left)) = left.zip(new.checked_sub(u64::from(of_new))) else {
            let message = "The hunk has more lines of one kind than it says.";
            return Err(Defect::new("hunk-counts-wrong", line.number, message));
        };
        (old, new) = (old_left, new_left);
        changes |= line.sign != Sign::Context;
        each(Event::Line(line))?;
    }
    match changes {
        true => Ok(()),
        false => Err(Defect::new(
            "change-empty",
            place.line,
            "The hunk changes nothing.",
        )),
    }
}

fn next<'d>(place: &Place, lines: &mut Lines<'d>) -> Result<Line<'d>, Defect> {
    let short = |number| {
        let message = "The hunk has fewer lines than it says.";
        Defect::new("hunk-counts-wrong", number, message)
    };
    let Some(lines::Line { number, text }) = lines.next() else {
        return Err(short(place.line));
    };
    let sign = match text.first() {
        Some(b' ') => Sign::Context,
        Some(b'-') => Sign::Removed,
        Some(b'+') => Sign::Added,
        Some(b'@') => return Err(short(number)),
        _ => {
            let message = "A line of a hunk begins with a space, `-` or `+`.";
            let defect = Defect::new("hunk-malformed", number, message);
            return Err(defect.actual(excerpt(text, 80)));
        }
    };
    let mut ends = true;
    if lines.begins_with(b"\\") {
        let marker = lines.next().filter(|marker| marker.text == NO_NEWLINE);
        // Without a line feed, an empty line is none.
        if marker.is_none() || text.len() == 1 {
            let message = "Only `\\ No newline at end of file` begins so, and only after a line that is not empty.";
            return Err(Defect::new("hunk-malformed", number + 1, message));
        }
        ends = false;
    }
    Ok(Line {
        number,
        sign,
        text: &text[1..],
        ends,
    })
}

/// `@@ -1,7 +1,8 @@`, and behind it what nobody reads.
fn place(line: lines::Line<'_>) -> Result<Place, Defect> {
    let read = || {
        let rest = line.text.strip_prefix(b"@@ -")?;
        let (old, rest) = range(rest)?;
        let (new, rest) = range(rest.strip_prefix(b" +")?)?;
        let rest = rest.strip_prefix(b" @@")?;
        let alone = rest.is_empty() || rest.starts_with(b" ");
        (alone && (old.count, new.count) != (0, 0)).then_some((old, new))
    };
    let (old, new) = read().ok_or_else(|| {
        let message = "A hunk begins with `@@ -line,count +line,count @@`.";
        let defect = Defect::new("hunk-malformed", line.number, message);
        defect.actual(excerpt(line.text, 80))
    })?;
    Ok(Place {
        line: line.number,
        old,
        new,
    })
}

/// `12,3`, or `12` for one line. Of no lines, the line before them is named.
fn range(text: &[u8]) -> Option<(Range, &[u8])> {
    let (start, rest) = number(text)?;
    let (count, rest) = match rest.strip_prefix(b",") {
        Some(rest) => number(rest)?,
        None => (1, rest),
    };
    let after = match count {
        0 => start,
        _ => start.checked_sub(1)?,
    };
    Some((Range { after, count }, rest))
}

/// Digits without needless zeros, below a billion.
fn number(text: &[u8]) -> Option<(u64, &[u8])> {
    let end = text.iter().position(|byte| !byte.is_ascii_digit());
    let (digits, rest) = text.split_at(end.unwrap_or(text.len()));
    let needless = digits.len() > 1 && digits[0] == b'0';
    if needless || !(1..=9).contains(&digits.len()) {
        return None;
    }
    let add = |sum: u64, digit: &u8| sum * 10 + u64::from(digit - b'0');
    Some((digits.iter().fold(0, add), rest))
}

#[cfg(test)]
mod tests {
    use super::{Range, number, range};

    #[test]
    fn a_number_has_one_spelling() {
        assert_eq!(number(b"120,"), Some((120, &b","[..])));
        for other in ["", "-1", "+1", "01", "00", "1234567890", "x"] {
            assert_eq!(number(other.as_bytes()), None, "{other}");
        }
        let one = Range { after: 4, count: 1 };
        assert_eq!(range(b"5 "), Some((one, &b" "[..])));
        assert_eq!(range(b"5,0").map(|it| it.0.after), Some(5));
        assert_eq!(range(b"0,1"), None);
    }
}

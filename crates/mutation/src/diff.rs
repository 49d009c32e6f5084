//! Hunks, lines and paths of a unified diff (POSIX `diff -u`, and as git writes it).

use std::ops::Range;

use crate::Operator;
use crate::edit::{self, Edit, next_letter};

pub(crate) fn edits(bytes: &[u8]) -> Vec<Edit> {
    let mut diff = Diff {
        bytes,
        hunk: None,
        left: (0, 0),
        edits: Vec::new(),
    };
    for (number, line) in edit::lines(bytes).enumerate() {
        diff.line(line, &format!("line {}", number + 1));
    }
    diff.end_hunk(bytes.len());
    diff.edits
}

struct Diff<'b> {
    bytes: &'b [u8],
    /// The first line of the hunk that is not over yet, and its place.
    hunk: Option<(Range<usize>, String)>,
    /// Lines that it still has of the old file, and of the new one.
    left: (u64, u64),
    edits: Vec<Edit>,
}

impl Diff<'_> {
    fn line(&mut self, line: &[u8], place: &str) {
        let range = edit::within(self.bytes, line);
        let (old, new) = self.left;
        if (old, new) == (0, 0) {
            // "\ No newline at end of file" belongs to the line before it.
            if line.starts_with(b"\\") {
                return;
            }
            self.end_hunk(range.start);
            if let Some(lengths) = lengths(line) {
                self.hunk = Some((range, place.to_owned()));
                self.left = lengths;
            } else if line.starts_with(b"+++ ") {
                self.changed(Operator::PathChanged, line, place);
            }
            return;
        }
        match line.first() {
            Some(b'+') => {
                self.left = (old, new.saturating_sub(1));
                self.edits.extend(self.without(&range, place));
                self.changed(Operator::AddedLineChanged, line, place);
            }
            Some(b'-') => {
                self.left = (old.saturating_sub(1), new);
                self.changed(Operator::ContextChanged, line, place);
            }
            Some(b'\\') => {}
            _ => {
                self.left = (old.saturating_sub(1), new.saturating_sub(1));
                self.changed(Operator::ContextChanged, line, place);
            }
        }
    }

    fn end_hunk(&mut self, at: usize) {
        if let Some((head, place)) = self.hunk.take() {
            let removed = Edit::new(Operator::HunkRemoved, place, head.start..at, "");
            self.edits.push(removed);
        }
    }

    /// The hunk without an added line, of which its first line knows: else every reader would see it there.
    fn without(&self, line: &Range<usize>, place: &str) -> Option<Edit> {
        let (head, _) = self.hunk.as_ref()?;
        let first = std::str::from_utf8(&self.bytes[head.clone()]).ok()?;
        let (before, after) = first.split_once(" +")?;
        let (range, rest) = after.split_once(" @@")?;
        let (start, length) = range.split_once(',').unwrap_or((range, "1"));
        let length = length.parse::<u64>().ok()?.checked_sub(1)?;
        let mut with = format!("{before} +{start},{length} @@{rest}").into_bytes();
        with.extend_from_slice(&self.bytes[head.end..line.start]);
        let range = head.start..line.end;
        Some(Edit::new(Operator::AddedLineRemoved, place, range, with))
    }

    /// The sign in front stays, and what may stand behind a path.
    fn changed(&mut self, operator: Operator, line: &[u8], place: &str) {
        let text = edit::bare(line).get(1..);
        let text = match operator {
            Operator::PathChanged => text.and_then(|it| it.split(|byte| *byte == b'\t').next()),
            _ => text,
        };
        let Some(text) = text else {
            return;
        };
        let other = std::str::from_utf8(text).ok().and_then(next_letter);
        if let Some(other) = other {
            let range = edit::within(self.bytes, text);
            self.edits.push(Edit::new(operator, place, range, other));
        }
    }
}

/// How many lines of the old and of the new file a hunk has: `@@ -1,7 +1,8 @@`; a length of 1 may be left out.
fn lengths(line: &[u8]) -> Option<(u64, u64)> {
    let text = std::str::from_utf8(line).ok()?.strip_prefix("@@ -")?;
    let (ranges, _) = text.split_once(" @@")?;
    let (old, new) = ranges.split_once(" +")?;
    let length = |range: &str| match range.split_once(',') {
        Some((_, length)) => length.parse().ok(),
        None => Some(1),
    };
    Some((length(old)?, length(new)?))
}

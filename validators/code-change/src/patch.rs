//! One file before and after: every hunk at its place, every line as it is.

use crate::defect::Defect;
use crate::hunks::{self, Event, Line, Place, Sign};
use crate::lines::Lines;
use proofmark_validator_sdk::excerpt;

/// As much of a line is shown.
const SHOWN: usize = 160;

/// The content after the hunks, from that before.
pub(crate) fn patched(base: &[u8], hunks: Lines<'_>) -> Result<Vec<u8>, Defect> {
    let mut file = File {
        base,
        taken: 0,
        written: Vec::with_capacity(base.len()),
        lines: 0,
        open: false,
    };
    let mut last = hunks.number();
    hunks::walk(hunks, |event| match event {
        Event::Hunk(place) => file.go_to(&place),
        Event::Line(line) => {
            last = line.number;
            file.line(&line)
        }
        Event::Outside(_) => Ok(()),
    })?;
    if file.open && !file.base.is_empty() {
        return Err(no_newline(last));
    }
    file.written.extend_from_slice(file.base);
    Ok(file.written)
}

struct File<'b> {
    /// What is left of the old file.
    base: &'b [u8],
    /// Lines before that.
    taken: u64,
    /// The new file so far, and its lines.
    written: Vec<u8>,
    lines: u64,
    /// Its last line has no line feed, so that nothing may follow.
    open: bool,
}

impl<'b> File<'b> {
    /// Takes over what stands before a hunk.
    fn go_to(&mut self, place: &Place) -> Result<(), Defect> {
        let astray = |message: &str, is: u64, was: u64| {
            let defect = Defect::new("hunk-out-of-place", place.line, message);
            defect.expected(is).actual(was)
        };
        if place.old.after < self.taken {
            let message = "The hunk begins before the end of the one before it.";
            return Err(astray(message, self.taken, place.old.after));
        }
        while self.taken < place.old.after {
            let Some((text, ends)) = self.next() else {
                let message = "The hunk begins after the end of the file.";
                return Err(astray(message, self.taken, place.old.after));
            };
            self.take(text.len(), ends);
            self.put(text, ends, place.line)?;
        }
        match place.new.after == self.lines {
            true => Ok(()),
            false => {
                let message = "So many lines do not stand before the hunk in the new file.";
                Err(astray(message, self.lines, place.new.after))
            }
        }
    }

    fn line(&mut self, line: &Line<'_>) -> Result<(), Defect> {
        if line.sign != Sign::Added {
            self.compare(line)?;
            self.take(line.text.len(), line.ends);
        }
        match line.sign {
            Sign::Removed => Ok(()),
            Sign::Added | Sign::Context => self.put(line.text, line.ends, line.number),
        }
    }

    /// Whether the next line of the old file is this one, byte for byte.
    fn compare(&self, line: &Line<'_>) -> Result<(), Defect> {
        let rest = self.base.strip_prefix(line.text);
        let same = match rest.map(<[u8]>::first) {
            Some(Some(b'\n')) => line.ends,
            Some(None) => !line.ends && !self.base.is_empty(),
            _ => false,
        };
        if same {
            return Ok(());
        }
        let found = self.next();
        let (code, message) = match found {
            Some((text, _)) if text == line.text => (
                "newline-wrong",
                "Whether a line feed ends the file is told wrongly.",
            ),
            Some(_) => ("context-mismatch", "The file has another line here."),
            None => ("context-mismatch", "The file ends before this line."),
        };
        let shown = found.map_or("the end of the file".to_owned(), |(text, _)| {
            excerpt(text, SHOWN)
        });
        let defect = Defect::new(code, line.number, message).expected(shown);
        Err(defect.actual(excerpt(line.text, SHOWN)))
    }

    /// The next line of the old file.
    fn next(&self) -> Option<(&'b [u8], bool)> {
        let base = self.base;
        if base.is_empty() {
            return None;
        }
        match base.iter().position(|byte| *byte == b'\n') {
            Some(end) => Some((&base[..end], true)),
            None => Some((base, false)),
        }
    }

    fn take(&mut self, length: usize, ends: bool) {
        self.base = &self.base[length + usize::from(ends)..];
        self.taken += 1;
    }

    fn put(&mut self, text: &[u8], ends: bool, number: u64) -> Result<(), Defect> {
        if self.open {
            return Err(no_newline(number));
        }
        self.written.extend_from_slice(text);
        if ends {
            self.written.push(b'\n');
        }
        self.open = !ends;
        self.lines += 1;
        Ok(())
    }
}

fn no_newline(line: u64) -> Defect {
    let message = "A line without a line feed is not the last of the file.";
    Defect::new("newline-wrong", line, message)
}

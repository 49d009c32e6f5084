//! The lines that stand before the hunks of a file, as git writes them.

use crate::defect::Defect;
use crate::lines::{Line, Lines};
use proofmark_validator_sdk::excerpt;

/// What the lines before the hunks say; each is there at most once.
#[derive(Default)]
pub(crate) struct Said<'d> {
    pub(crate) old_mode: Option<Line<'d>>,
    pub(crate) new_mode: Option<Line<'d>>,
    pub(crate) added: Option<Line<'d>>,
    pub(crate) deleted: Option<Line<'d>>,
    pub(crate) similarity: Option<Line<'d>>,
    pub(crate) from: Option<Line<'d>>,
    pub(crate) to: Option<Line<'d>>,
    pub(crate) index: Option<Line<'d>>,
    pub(crate) minus: Option<Line<'d>>,
    pub(crate) plus: Option<Line<'d>>,
}

impl<'d> Said<'d> {
    /// Where a line belongs, and how it begins.
    fn of(&mut self, text: &[u8]) -> Option<(&mut Option<Line<'d>>, usize)> {
        let kinds: [(&[u8], &mut Option<Line<'d>>); 10] = [
            (b"old mode ", &mut self.old_mode),
            (b"new mode ", &mut self.new_mode),
            (b"new file mode ", &mut self.added),
            (b"deleted file mode ", &mut self.deleted),
            (b"similarity index ", &mut self.similarity),
            (b"rename from ", &mut self.from),
            (b"rename to ", &mut self.to),
            (b"index ", &mut self.index),
            (b"--- ", &mut self.minus),
            (b"+++ ", &mut self.plus),
        ];
        let mut kinds = kinds.into_iter();
        let found = kinds.find(|(start, _)| text.starts_with(start));
        found.map(|(start, place)| (place, start.len()))
    }
}

/// Everything before the first hunk, by kind.
pub(crate) fn lines<'d>(lines: &mut Lines<'d>) -> Result<Said<'d>, Defect> {
    let mut said = Said::default();
    while !lines.is_empty() && !lines.begins_with(b"@@ ") {
        let Some(Line { number, text }) = lines.next() else {
            break;
        };
        let Some((place, start)) = said.of(text) else {
            let binary = text == b"GIT binary patch" || text.starts_with(b"Binary files ");
            return Err(match binary {
                true => Defect::new("binary-patch", number, "Only text can be changed."),
                false => malformed(number, "This is no line that a change begins with.")
                    .actual(excerpt(text, 80)),
            });
        };
        let rest = &text[start..];
        if place.replace(Line { number, text: rest }).is_some() {
            return Err(malformed(number, "This was said before."));
        }
    }
    Ok(said)
}

/// Lines of which nothing follows have their form all the same: nobody writes there what nobody reads.
pub(crate) fn forms(first: u64, said: &Said<'_>) -> Result<(), Defect> {
    let modes = (said.old_mode, said.new_mode);
    let changes = match modes {
        (Some(old), Some(new)) => old.text != new.text,
        (old, new) => old.or(new).is_none(),
    };
    if !changes {
        return Err(malformed(
            first,
            "A mode that changes has an old and a new value.",
        ));
    }
    let similarity = said.similarity.filter(|line| !is_percentage(line.text));
    let index = said.index.filter(|line| !is_index(line.text));
    match similarity.or(index) {
        Some(line) => Err(malformed(line.number, "The line is not as git writes it.")),
        None => Ok(()),
    }
}

fn is_percentage(text: &[u8]) -> bool {
    let digits = text.strip_suffix(b"%").unwrap_or_default();
    (1..=3).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit)
}

/// `0a1b2c3..4d5e6f7`, and perhaps a mode.
fn is_index(text: &[u8]) -> bool {
    let ids = text.split(|byte| *byte == b' ').next().unwrap_or_default();
    let is_id = |id: &[u8]| (4..=64).contains(&id.len()) && id.iter().all(u8::is_ascii_hexdigit);
    let dots = ids.windows(2).position(|pair| pair == b"..");
    dots.is_some_and(|at| is_id(&ids[..at]) && is_id(&ids[at + 2..]))
}

pub(crate) fn malformed(line: u64, message: impl Into<String>) -> Defect {
    Defect::new("header-malformed", line, message)
}

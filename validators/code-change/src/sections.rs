//! A diff as git writes it: one section for each file, beginning with `diff --git`.

use crate::lines::{Line, Lines};

/// The most files that one change may touch. With the 10,000 of the base, a resulting tree has at most 11,000.
pub const MAX_CHANGES: usize = 1_000;

const BEGIN: &[u8] = b"diff --git ";

/// What stands between one `diff --git` and the next.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Section<'d> {
    /// The number of its first line.
    pub(crate) line: u64,
    /// What follows on that line: two names.
    pub(crate) names: &'d [u8],
    /// The lines after it.
    pub(crate) lines: Lines<'d>,
}

/// All sections, up to one more than there may be.
pub(crate) struct Sections<'d> {
    pub(crate) sections: Vec<Section<'d>>,
    /// What stands before the first.
    pub(crate) before: Lines<'d>,
}

pub(crate) fn read(diff: &[u8]) -> Sections<'_> {
    let mut lines = Lines::new(diff);
    let before = up_to_next(&mut lines);
    let mut sections = Vec::new();
    while let Some(Line { number, text }) = lines.next() {
        let names = text.strip_prefix(BEGIN).unwrap_or_default();
        let body = up_to_next(&mut lines);
        sections.push(Section {
            line: number,
            names,
            lines: body,
        });
        if sections.len() > MAX_CHANGES {
            break;
        }
    }
    Sections { sections, before }
}

/// Takes the lines that are of no further section.
fn up_to_next<'d>(lines: &mut Lines<'d>) -> Lines<'d> {
    let start = *lines;
    // No line within a hunk begins so: each has its sign in front.
    while !lines.is_empty() && !lines.begins_with(BEGIN) {
        lines.next();
    }
    start.until(lines)
}

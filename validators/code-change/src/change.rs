//! What a section says of its file before the hunks: which it is, and what becomes of it as a whole.

use crate::defect::Defect;
use crate::lines::{Line, Lines};
use crate::quoted;
use crate::said::{Said, forms, lines, malformed};
use crate::sections::Section;
use proofmark_validator_sdk::excerpt;

/// The change of one file.
#[derive(Debug)]
pub(crate) struct Change<'d> {
    /// The line of its `diff --git`.
    pub(crate) line: u64,
    /// Where the file was; nowhere if it is new.
    pub(crate) old: Option<String>,
    /// Where it is; nowhere if it is deleted.
    pub(crate) new: Option<String>,
    /// Whether the file becomes executable, or ceases to be.
    pub(crate) mode_changes: bool,
    /// The line that makes it something else than a plain file: executable, a symbolic link, a submodule.
    pub(crate) special: Option<Special>,
    pub(crate) hunks: Lines<'d>,
}

/// What is not a plain file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Special {
    pub(crate) line: u64,
    /// Only that, and nothing worse.
    pub(crate) executable: bool,
}

impl Change<'_> {
    /// Whether the file gets another path.
    pub(crate) fn is_rename(&self) -> bool {
        self.old.is_some() && self.new.is_some() && self.old != self.new
    }

    /// The paths that it touches: one, or two of a rename.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        let new = self.new.as_deref().filter(|_| self.new != self.old);
        self.old.as_deref().into_iter().chain(new)
    }
}

/// The change that a section describes.
pub(crate) fn read<'d>(section: &Section<'d>) -> Result<Change<'d>, Defect> {
    let mut hunks = section.lines;
    let said = lines(&mut hunks)?;
    let (old, new) = names(section, &said)?;
    sides(
        section.line,
        &said,
        old.as_deref(),
        new.as_deref(),
        !hunks.is_empty(),
    )?;
    forms(section.line, &said)?;
    Ok(Change {
        line: section.line,
        mode_changes: said.new_mode.is_some(),
        special: special(&said),
        old,
        new,
        hunks,
    })
}

/// Old and new path.
fn names(
    section: &Section<'_>,
    said: &Said<'_>,
) -> Result<(Option<String>, Option<String>), Defect> {
    let wrong = |line, message: &str| Err(malformed(line, message));
    if let (Some(from), Some(to)) = (said.from, said.to) {
        let (Some(old), Some(new)) = (quoted::name(from.text), quoted::name(to.text)) else {
            return wrong(
                from.number,
                "A path is not UTF-8, or its quotation marks are wrong.",
            );
        };
        if !quoted::are(section.names, &old, &new) {
            return wrong(
                section.line,
                "The first line names other files than the rename.",
            );
        }
        if said.added.or(said.deleted).is_some() {
            return wrong(
                from.number,
                "A file is renamed, and new or deleted as well.",
            );
        }
        return Ok((Some(old), Some(new)));
    }
    if let Some(line) = said.from.or(said.to).or(said.similarity) {
        return wrong(
            line.number,
            "A rename says both `rename from` and `rename to`.",
        );
    }
    let Some(name) = quoted::same_twice(section.names) else {
        return wrong(
            section.line,
            "The line does not name one file as `a/…` and `b/…`.",
        );
    };
    match (said.added, said.deleted) {
        (Some(line), Some(_)) => wrong(line.number, "A file is new and deleted."),
        (Some(_), None) => Ok((None, Some(name))),
        (None, Some(_)) => Ok((Some(name), None)),
        (None, None) => Ok((Some(name.clone()), Some(name))),
    }
}

/// `---` and `+++` name the same paths again, and are there if there are hunks.
fn sides(
    first: u64,
    said: &Said<'_>,
    old: Option<&str>,
    new: Option<&str>,
    hunks: bool,
) -> Result<(), Defect> {
    for (line, side, path) in [(said.minus, "a/", old), (said.plus, "b/", new)] {
        match line {
            Some(line) if !names_side(line.text, side, path) => {
                let path = path.map_or("/dev/null".to_owned(), |path| format!("{side}{path}"));
                let defect = malformed(line.number, "The line names another file.");
                return Err(defect.expected(path).actual(excerpt(line.text, 200)));
            }
            None if hunks => {
                let message = "The lines `---` and `+++` are missing before a hunk.";
                return Err(malformed(first, message));
            }
            Some(line) if !hunks => {
                return Err(malformed(line.number, "There is no hunk after this line."));
            }
            _ => {}
        }
    }
    Ok(())
}

fn names_side(text: &[u8], side: &str, path: Option<&str>) -> bool {
    let Some(path) = path else {
        return text == b"/dev/null";
    };
    // git ends a name with a tab if it has a space in it.
    let text = match path.contains(' ') {
        true => text.strip_suffix(b"\t").unwrap_or(text),
        false => text,
    };
    let name = quoted::name(text);
    name.is_some_and(|name| name.strip_prefix(side) == Some(path))
}

/// The worst that modes say. The base has plain files only.
fn special(said: &Said<'_>) -> Option<Special> {
    let modes = [said.old_mode, said.new_mode, said.added, said.deleted];
    let modes = modes.into_iter().flatten();
    // `index 0a1b2c3..4d5e6f7 100644`; nothing follows where the mode changes. The digests are not looked at.
    let index = said.index.into_iter().filter_map(|line| {
        let at = line.text.iter().position(|byte| *byte == b' ')?;
        let text = &line.text[at + 1..];
        // Of an executable file whose mode stays nothing is asked.
        (text != b"100755").then_some(Line { text, ..line })
    });
    let special = modes.chain(index).filter(|line| line.text != b"100644");
    let special = special.map(|line| Special {
        line: line.number,
        executable: line.text == b"100755",
    });
    special.min_by_key(|it| it.executable)
}

#[cfg(test)]
#[path = "change_tests.rs"]
mod tests;

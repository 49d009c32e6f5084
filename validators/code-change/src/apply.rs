//! A whole diff on a whole tree.

use crate::application::{After, Application, Unapplied};
use crate::change::{self, Change};
use crate::defect::Defect;
use crate::hunks::{self, Event};
use crate::sections::{self, MAX_CHANGES, Sections};
use crate::tree::{self, Files, Tree};
use proofmark_validator_sdk::ReadError;
use std::collections::BTreeMap;

/// The most bytes of all files that [`apply`] keeps: 32 MiB = 32 × 2^20, a quarter of the memory of a validator.
pub const MAX_WRITTEN_BYTES: usize = 32 << 20;

/// A tree with a change in it. What did not change is read where it was.
#[derive(Debug)]
pub struct Changed<'t> {
    tree: &'t Tree,
    files: Files,
    written: BTreeMap<String, Vec<u8>>,
    /// By new path, the old one.
    moved: BTreeMap<String, String>,
}

impl Changed<'_> {
    /// Its files.
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// The content of one of them; nothing if there is none of that path.
    ///
    /// # Errors
    /// Where a file of the base cannot be read.
    pub fn content(&self, path: &str) -> Result<Option<Vec<u8>>, ReadError> {
        if !self.files.contains_key(path) {
            return Ok(None);
        }
        match (self.written.get(path), self.moved.get(path)) {
            (Some(content), _) => Ok(Some(content.clone())),
            (None, Some(old)) => self.tree.content(old).map(Some),
            (None, None) => self.tree.content(path).map(Some),
        }
    }

    /// What identifies the tree.
    pub fn digest(&self) -> String {
        tree::digest(&self.files)
    }
}

/// Applies a diff to a tree, as strictly as the check `applies` and with no text outside of its hunks; `executables` says
/// whether modes may make a file executable. For validators that look at what comes of a change.
///
/// # Errors
/// The first defect, or that a file of the base cannot be read.
pub fn apply<'t>(diff: &[u8], tree: &'t Tree, executables: bool) -> Result<Changed<'t>, Unapplied> {
    let read = sections::read(diff);
    whole(diff, &read)?;
    let mut before = read.before;
    if let Some(line) = before.next() {
        return Err(outside(line.number).into());
    }
    let mut application = Application::new(tree, executables);
    let (mut written, mut moved) = (BTreeMap::new(), BTreeMap::new());
    let mut bytes = 0;
    let changes: Result<Vec<_>, _> = read.sections.iter().map(change::read).collect();
    let changes = changes?;
    paths_fit(changes.iter())?;
    for change in changes {
        let after = application.make(&change)?;
        hunks::walk(change.hunks, |event| match event {
            Event::Outside(line) => Err(outside(line.number)),
            _ => Ok(()),
        })?;
        let Some(new) = &change.new else {
            continue;
        };
        match (after, &change.old) {
            (After::Written(content), _) => {
                bytes += content.len();
                written.insert(new.clone(), content);
            }
            (After::Kept(_), Some(old)) => drop(moved.insert(new.clone(), old.clone())),
            _ => {}
        }
        if bytes > MAX_WRITTEN_BYTES {
            let message =
                format!("All files that change have more than {MAX_WRITTEN_BYTES} bytes.");
            return Err(Defect::new("change-too-large", change.line, message).into());
        }
    }
    let files = application.finish()?;
    Ok(Changed {
        tree,
        files,
        written,
        moved,
    })
}

/// The most bytes of all paths that a change touches: 1,000 files at 100 bytes. To compare names, of other scripts above
/// all, costs more for each byte than anything else here.
pub const MAX_PATHS_BYTES: usize = 100_000;

/// Whether all paths together are short enough to be looked at.
pub(crate) fn paths_fit<'c, 'd: 'c>(
    changes: impl Iterator<Item = &'c Change<'d>>,
) -> Result<(), Defect> {
    let paths = changes.flat_map(Change::paths);
    let bytes: usize = paths.map(str::len).sum();
    if bytes <= MAX_PATHS_BYTES {
        return Ok(());
    }
    let message = "The paths of all files that are changed are too long together.";
    let defect = Defect::new("too-many-files", 1, message);
    let limit = format!("at most {MAX_PATHS_BYTES} bytes");
    Err(defect.expected(limit).actual(format!("{bytes} bytes")))
}

/// What keeps a diff as a whole from being applied.
pub(crate) fn whole(diff: &[u8], read: &Sections<'_>) -> Result<(), Defect> {
    if read.sections.is_empty() {
        return Err(Defect::new("diff-empty", 1, "The diff changes no file."));
    }
    if read.sections.len() > MAX_CHANGES {
        let message = format!("More than {MAX_CHANGES} files are changed.");
        return Err(Defect::new("too-many-files", 1, message));
    }
    if !diff.ends_with(b"\n") {
        let last = diff.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
        return Err(Defect::new(
            "diff-truncated",
            last,
            "The diff ends within a line.",
        ));
    }
    Ok(())
}

/// A line that no reader of diffs applies.
pub(crate) fn outside(line: u64) -> Defect {
    Defect::new("text-outside", line, "The line belongs to no hunk.")
}

//! A tree while changes are made to it.

use crate::change::Change;
use crate::defect::Defect;
use crate::tree::{File, Files, MAX_FILE_BYTES, Tree};
use crate::{names, patch};
use proofmark_validator_sdk::{ReadError, Refusal, excerpt};
use std::collections::BTreeMap;

/// Why there is no resulting tree.
#[derive(Debug)]
pub enum Unapplied {
    /// The change cannot be applied: the supplier is to blame.
    Defect(Defect),
    /// The base cannot be read.
    Refusal(Refusal),
}

impl From<Defect> for Unapplied {
    fn from(defect: Defect) -> Self {
        Self::Defect(defect)
    }
}

impl From<ReadError> for Unapplied {
    fn from(error: ReadError) -> Self {
        Self::Refusal(error.into())
    }
}

/// What a change leaves of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum After {
    /// Another content.
    Written(Vec<u8>),
    /// That of the base, perhaps under another path.
    Kept(File),
    Deleted,
}

/// A tree while changes are made to it, one file after the other.
pub(crate) struct Application<'t> {
    tree: &'t Tree,
    executables: bool,
    /// By path, the line of the change that touches it.
    touched: BTreeMap<String, u64>,
    files: Files,
}

impl<'t> Application<'t> {
    pub(crate) fn new(tree: &'t Tree, executables: bool) -> Self {
        Self {
            tree,
            executables,
            touched: BTreeMap::new(),
            files: tree.files().clone(),
        }
    }

    /// Makes one change. All of them are to the base: none sees what another does.
    pub(crate) fn make(&mut self, change: &Change<'_>) -> Result<After, Unapplied> {
        self.touch(change)?;
        let before = self.before(change)?;
        let after = self.after(change, before)?;
        if let Some(old) = &change.old {
            self.files.remove(old);
        }
        let file = match &after {
            After::Written(content) => Some(File::of(content)),
            After::Kept(file) => Some(*file),
            After::Deleted => None,
        };
        let unchanged = before.is_some() && before == file && change.old == change.new;
        if let (Some(new), Some(file)) = (&change.new, file) {
            self.files.insert(new.clone(), file);
        }
        match unchanged && !change.mode_changes {
            true => {
                Err(Defect::new("change-empty", change.line, "The file stays as it is.").into())
            }
            false => Ok(after),
        }
    }

    /// Paths and modes, before anything is read.
    fn touch(&mut self, change: &Change<'_>) -> Result<(), Defect> {
        for path in change.paths() {
            if let Some(why) = names::defect(path) {
                let message = format!("The path cannot be used. {why}");
                let defect = Defect::new("path-unclean", change.line, message);
                return Err(defect.actual(excerpt(path.as_bytes(), 200)));
            }
            if let Some(line) = self.touched.insert(path.to_owned(), change.line) {
                let message = format!("Line {line} changes the same file.");
                let defect = Defect::new("path-twice", change.line, message);
                return Err(defect.actual(excerpt(path.as_bytes(), 200)));
            }
        }
        let special = change
            .special
            .filter(|it| !(it.executable && self.executables));
        match special {
            None => Ok(()),
            Some(special) => {
                let message = "Only plain files may be changed, with the mode 100644.";
                Err(Defect::new("mode-not-allowed", special.line, message))
            }
        }
    }

    /// The file of the base, if the change is to one.
    fn before(&self, change: &Change<'_>) -> Result<Option<File>, Defect> {
        let refused = |code, message: &str, path: &str| {
            let defect = Defect::new(code, change.line, message);
            Err(defect.actual(excerpt(path.as_bytes(), 200)))
        };
        let there = self.tree.files();
        let new = change.new.as_ref().filter(|_| change.old != change.new);
        if let Some(new) = new.filter(|new| there.contains_key(*new)) {
            return refused("file-exists", "The base has a file of this path.", new);
        }
        let Some(old) = &change.old else {
            return Ok(None);
        };
        match there.get(old) {
            Some(file) => Ok(Some(*file)),
            None => refused("file-missing", "The base has no file of this path.", old),
        }
    }

    fn after(&self, change: &Change<'_>, before: Option<File>) -> Result<After, Unapplied> {
        if let Some(file) = before.filter(|_| change.hunks.is_empty() && change.new.is_some()) {
            return Ok(After::Kept(file));
        }
        let base = match (&change.old, before) {
            (Some(_), Some(file)) if file.size_bytes > MAX_FILE_BYTES => {
                return Err(too_large(change, file.size_bytes).into());
            }
            (Some(old), Some(_)) => self.tree.content(old)?,
            _ => Vec::new(),
        };
        let content = patch::patched(&base, change.hunks)?;
        if content.len() as u64 > MAX_FILE_BYTES {
            return Err(too_large(change, content.len() as u64).into());
        }
        match (&change.new, content.is_empty()) {
            (Some(_), _) => Ok(After::Written(content)),
            (None, true) => Ok(After::Deleted),
            (None, false) => {
                let message = "The file is to be deleted, but not all of its lines are removed.";
                Err(Defect::new("file-not-emptied", change.line, message).into())
            }
        }
    }

    /// The tree with all changes, if no two of its paths are one file somewhere.
    pub(crate) fn finish(self) -> Result<Files, Defect> {
        let grew = self
            .files
            .keys()
            .any(|path| !self.tree.files().contains_key(path));
        let paths = self.files.keys().map(String::as_str);
        let Some((one, other)) = grew.then(|| names::collision(paths)).flatten() else {
            return Ok(self.files);
        };
        // One of them is new: those of the base do not collide.
        let line = self.touched.get(one).max(self.touched.get(other));
        let message = "Two paths of the resulting tree are one file on some systems.";
        let defect = Defect::new("path-collision", line.copied().unwrap_or(1), message);
        let both = [one, other].map(|path| excerpt(path.as_bytes(), 200));
        Err(defect.actual(both.join(" and ")))
    }
}

fn too_large(change: &Change<'_>, bytes: u64) -> Defect {
    let message = "A file that is changed is too large, before or after.";
    let defect = Defect::new("file-too-large", change.line, message);
    let limit = format!("at most {MAX_FILE_BYTES} bytes");
    defect.expected(limit).actual(format!("{bytes} bytes"))
}

//! Where the files of a log are.

use std::path::{Path, PathBuf};

/// What the name of a journal starts with; its generation follows.
const JOURNAL: &str = "journal-";

/// The files of the log in one directory.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    root: PathBuf,
}

impl Layout {
    pub(crate) fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// What the world may read, and nothing else.
    pub(crate) fn public(&self) -> PathBuf {
        self.root.join("public")
    }

    /// What only the log reads.
    pub(crate) fn state(&self) -> PathBuf {
        self.root.join("state")
    }

    pub(crate) fn checkpoint(&self) -> PathBuf {
        self.public().join(CHECKPOINT)
    }

    pub(crate) fn key(&self) -> PathBuf {
        self.state().join("key")
    }

    pub(crate) fn lock(&self) -> PathBuf {
        self.state().join("lock")
    }

    /// What is about to be renamed into place.
    pub(crate) fn unfinished(&self) -> PathBuf {
        self.state().join("unfinished")
    }

    pub(crate) fn journal(&self, generation: u64) -> PathBuf {
        self.state().join(format!("{JOURNAL}{generation}"))
    }
}

/// The name of the checkpoint below the log's prefix (C2SP tlog-tiles).
pub(crate) const CHECKPOINT: &str = "checkpoint";

/// The generation of the journal with this name.
pub(crate) fn generation(name: &str) -> Option<u64> {
    let generation = name.strip_prefix(JOURNAL)?.parse().ok()?;
    (name == format!("{JOURNAL}{generation}")).then_some(generation)
}

//! A log in a directory.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use proofmark_tlog::tile::Path;

use super::{Source, SourceError};
use crate::disk::{Disk, RealDisk};
use crate::layout::{CHECKPOINT, Layout};

/// The public files of a log in a directory.
#[derive(Clone)]
pub struct Folder {
    disk: Arc<dyn Disk>,
    public: PathBuf,
}

impl Folder {
    /// The log in `directory`: one that [`crate::Log`] made, or a copy of the public half of any log in the
    /// layout of C2SP tlog-tiles.
    #[must_use]
    pub fn new(directory: &std::path::Path) -> Self {
        let public = Layout::new(directory).public();
        let public = match public.is_dir() {
            true => public,
            false => directory.to_owned(),
        };
        Self::on(Arc::new(RealDisk::default()), public)
    }

    /// The public half on any disk.
    #[must_use]
    pub fn on(disk: Arc<dyn Disk>, public: PathBuf) -> Self {
        Self { disk, public }
    }

    fn file(&self, path: &str) -> Result<Option<Vec<u8>>, SourceError> {
        match self.disk.read(&self.public.join(path)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed(path, error)),
        }
    }

    fn failed(&self, path: &str, error: io::Error) -> SourceError {
        SourceError {
            place: self.place(path),
            source: error.into(),
        }
    }

    /// Whether there is no checkpoint, which is worth a word of its own.
    pub(crate) fn lacks_checkpoint(&self) -> bool {
        matches!(self.file(CHECKPOINT), Ok(None))
    }

    /// The names in a directory of the log, none where it is not there.
    pub(crate) fn names(&self, path: &str) -> Result<Vec<String>, SourceError> {
        match self.disk.list(&self.public.join(path)) {
            Ok(names) => Ok(names),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(self.failed(path, error)),
        }
    }
}

impl Source for Folder {
    fn checkpoint(&self) -> Result<Vec<u8>, SourceError> {
        let missing = || self.failed(CHECKPOINT, io::ErrorKind::NotFound.into());
        self.file(CHECKPOINT)?.ok_or_else(missing)
    }

    fn read(&self, path: Path) -> Result<Option<Vec<u8>>, SourceError> {
        self.file(&path.to_string())
    }

    fn place(&self, path: &str) -> String {
        self.public.join(path).display().to_string()
    }
}

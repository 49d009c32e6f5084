//! Every file operation of a log, so that a test can fail at each of them and forget what was not synced.

mod real;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

pub use real::RealDisk;

use crate::error::{LogError, OnDisk};

/// What a log needs of a file system. Nothing is durable before one of the `sync` functions says so, and a
/// name is not durable because its file is: that takes [`Disk::sync_dir`] of the directory, and of those above
/// it that are new.
pub trait Disk: Send + Sync {
    /// Makes a directory and those above it, where they are not there.
    ///
    /// # Errors
    /// Those of the file system; so too below.
    fn create_dir(&self, directory: &Path) -> io::Result<()>;
    /// Makes a file with this content, or replaces the content of the one that is there.
    fn create(&self, file: &Path, content: &[u8]) -> io::Result<()>;
    /// Adds to the end of a file that is there.
    fn append(&self, file: &Path, content: &[u8]) -> io::Result<()>;
    /// Gives a file another name, and takes the place of what has it.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, file: &Path) -> io::Result<()>;
    /// Removes an empty directory.
    fn remove_dir(&self, directory: &Path) -> io::Result<()>;
    /// Makes the content of one file durable.
    fn sync(&self, file: &Path) -> io::Result<()>;
    /// Makes the names in one directory durable.
    fn sync_dir(&self, directory: &Path) -> io::Result<()>;
    /// Makes these files durable, by content and by name, with the directories above them up to `root`.
    fn sync_all(&self, root: &Path, files: &[PathBuf]) -> io::Result<()>;
    /// The content of a file.
    fn read(&self, file: &Path) -> io::Result<Vec<u8>>;
    /// The names in a directory, in order.
    fn list(&self, directory: &Path) -> io::Result<Vec<String>>;
    /// Takes the lock in this file, or says that another has it ([`io::ErrorKind::WouldBlock`]).
    fn lock(&self, file: &Path) -> io::Result<Lock>;
}

/// Held until it is dropped.
#[derive(Debug)]
pub struct Lock {
    _file: Option<File>,
}

impl Lock {
    /// The lock of an open file that the caller has locked.
    #[must_use]
    pub fn of(file: File) -> Self {
        Self { _file: Some(file) }
    }

    /// No lock: for a disk that nobody else can reach.
    #[must_use]
    pub fn none() -> Self {
        Self { _file: None }
    }
}

/// Makes the names of a directory, of those in it and of those above it durable: which of them are new, is not
/// known after a first attempt that did not come far.
pub(crate) fn sync_upwards(disk: &dyn Disk, root: &Path) -> Result<(), LogError> {
    for directory in root.ancestors() {
        let directory = match directory.as_os_str().is_empty() {
            true => Path::new("."),
            false => directory,
        };
        match disk.sync_dir(directory) {
            // Where we may not even look, we have made nothing.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {}
            synced => synced.on("sync", directory)?,
        }
    }
    Ok(())
}

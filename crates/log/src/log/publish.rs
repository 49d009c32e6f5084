//! What the world sees: files that appear in one piece.

use std::io;
use std::path::PathBuf;

use proofmark_tlog::tile::Path;

use super::Log;
use crate::error::{LogError, OnDisk};

impl Log {
    /// Puts a tile or a bundle into its place.
    pub(super) fn publish(&mut self, path: Path, content: &[u8]) -> Result<(), LogError> {
        let file = self.layout.public().join(path.to_string());
        let directory = file.parent().expect("it is below the public directory");
        if !self.directories.contains(directory) {
            self.disk.create_dir(directory).on("mkdir", directory)?;
            self.directories.insert(directory.to_owned());
        }
        self.put(file.clone(), content)?;
        if is_full(path) {
            self.completed.push(file.clone());
        }
        self.unsynced.push(file);
        Ok(())
    }

    /// Puts the last checkpoint into its place.
    pub(super) fn publish_checkpoint(&self) -> Result<(), LogError> {
        let content = self.checkpoint().to_string();
        self.put(self.layout.checkpoint(), content.as_bytes())
    }

    fn put(&self, file: PathBuf, content: &[u8]) -> Result<(), LogError> {
        let unfinished = self.layout.unfinished();
        self.disk
            .create(&unfinished, content)
            .on("write", &unfinished)?;
        self.disk.rename(&unfinished, &file).on("rename", &file)
    }

    /// Removes the partial files of sizes before, whose full ones are durable now.
    pub(super) fn remove_partial_files(&mut self) -> Result<(), LogError> {
        for full in std::mem::take(&mut self.completed) {
            let mut directory = full.into_os_string();
            directory.push(".p");
            let directory = PathBuf::from(directory);
            let names = match self.disk.list(&directory) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                names => names.on("list", &directory)?,
            };
            for name in names {
                let file = directory.join(name);
                self.disk.remove(&file).on("remove", &file)?;
            }
            self.disk.remove_dir(&directory).on("remove", &directory)?;
        }
        Ok(())
    }
}

fn is_full(path: Path) -> bool {
    match path {
        Path::Hashes(tile) => tile.is_full(),
        Path::Entries { width, .. } => width == proofmark_tlog::tile::FULL_WIDTH,
    }
}

//! The file system of the machine.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::{Disk, Lock};

/// File systems of Linux whose `syncfs` is known to wait for the disk (magic numbers of `statfs(2)`): ext4, XFS,
/// Btrfs, F2FS, tmpfs, overlayfs. FUSE and network file systems may do nothing and say yes.
const SYNCFS_WAITS: [u32; 6] = [
    0xef53,
    0x5846_5342,
    0x9123_683e,
    0xf2f5_2010,
    0x0102_1994,
    0x794c_7630,
];

/// The file system of the machine.
#[derive(Debug, Default)]
pub struct RealDisk {
    /// The file that was appended to last, kept open: an error that the kernel met while writing back is told
    /// only to whoever had the file open then.
    tail: Mutex<Option<(PathBuf, File)>>,
}

impl RealDisk {
    fn with_tail<T>(
        &self,
        path: &Path,
        work: impl FnOnce(&mut File) -> io::Result<T>,
    ) -> io::Result<T> {
        let mut tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        if tail.as_ref().is_none_or(|(open, _)| open != path) {
            let file = OpenOptions::new().append(true).open(path)?;
            *tail = Some((path.to_owned(), file));
        }
        let (_, file) = tail.as_mut().expect("it was opened above");
        work(file)
    }

    /// From now on this name means another file, or none.
    fn forget_if_open(&self, path: &Path) {
        let mut tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        tail.take_if(|(open, _)| open == path);
    }
}

impl Disk for RealDisk {
    fn create_dir(&self, directory: &Path) -> io::Result<()> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o755)
            .create(directory)
    }

    fn create(&self, file: &Path, content: &[u8]) -> io::Result<()> {
        fs::write(file, content)
    }

    fn append(&self, file: &Path, content: &[u8]) -> io::Result<()> {
        self.with_tail(file, |file| file.write_all(content))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.forget_if_open(from);
        self.forget_if_open(to);
        fs::rename(from, to)
    }

    fn remove(&self, file: &Path) -> io::Result<()> {
        self.forget_if_open(file);
        fs::remove_file(file)
    }

    fn remove_dir(&self, directory: &Path) -> io::Result<()> {
        fs::remove_dir(directory)
    }

    fn sync(&self, file: &Path) -> io::Result<()> {
        self.with_tail(file, |file| file.sync_data())
    }

    fn sync_dir(&self, directory: &Path) -> io::Result<()> {
        File::open(directory)?.sync_all()
    }

    fn sync_all(&self, root: &Path, files: &[PathBuf]) -> io::Result<()> {
        let directory = File::open(root)?;
        let kind = rustix::fs::fstatfs(&directory)?.f_type;
        // The field is signed on some machines and not on others; the numbers have 32 bits.
        if SYNCFS_WAITS
            .iter()
            .any(|&magic| i128::from(magic) == i128::from(kind))
        {
            return Ok(rustix::fs::syncfs(&directory)?);
        }
        sync_each(root, files)
    }

    fn read(&self, file: &Path) -> io::Result<Vec<u8>> {
        fs::read(file)
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<String>> {
        let names = fs::read_dir(directory)?
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
        let mut names: Vec<_> = names.collect::<io::Result<_>>()?;
        names.sort();
        Ok(names)
    }

    fn lock(&self, file: &Path) -> io::Result<Lock> {
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(file)?;
        match file.try_lock() {
            Ok(()) => Ok(Lock::of(file)),
            Err(fs::TryLockError::WouldBlock) => Err(io::ErrorKind::WouldBlock.into()),
            Err(fs::TryLockError::Error(error)) => Err(error),
        }
    }
}

/// One `fsync` for each file and each directory above it, up to `root`.
fn sync_each(root: &Path, files: &[PathBuf]) -> io::Result<()> {
    let mut directories = std::collections::BTreeSet::from([root]);
    for file in files {
        match File::open(file) {
            Ok(file) => file.sync_all()?,
            // A name that was taken over or removed since.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let above = file.ancestors().skip(1);
        directories.extend(above.take_while(|directory| directory.starts_with(root)));
    }
    for directory in directories {
        match File::open(directory) {
            Ok(directory) => directory.sync_all()?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_appended_is_read_and_a_lock_is_held_once() {
        let scratch = tempfile::tempdir().expect("a directory");
        let disk = RealDisk::default();
        let folder = scratch.path().join("a/b");
        disk.create_dir(&folder).expect("made");
        disk.create_dir(&folder).expect("there");
        let file = folder.join("file");
        assert!(disk.append(&file, b"x").is_err());
        disk.create(&file, b"one").expect("made");
        disk.append(&file, b" two").expect("added");
        disk.sync(&file).expect("durable");
        disk.create(&file, b"1").expect("replaced");
        disk.append(&file, b" 2").expect("added");
        assert_eq!(disk.read(&file).expect("read"), b"1 2");
        disk.rename(&file, &folder.join("other")).expect("renamed");
        disk.sync_all(scratch.path(), &[folder.join("other")])
            .expect("durable");
        sync_each(scratch.path(), &[folder.join("other"), folder.join("gone")]).expect("durable");
        disk.sync_dir(&folder).expect("durable");
        assert_eq!(disk.list(&folder).expect("listed"), ["other"]);
        let lock = disk.lock(&folder.join("lock")).expect("free");
        let other = disk.lock(&folder.join("lock")).expect_err("taken");
        assert_eq!(other.kind(), io::ErrorKind::WouldBlock);
        drop(lock);
        disk.lock(&folder.join("lock")).expect("free again");
    }

    #[test]
    fn a_file_that_takes_the_place_of_the_last_one_is_not_confused_with_it() {
        let scratch = tempfile::tempdir().expect("a directory");
        let disk = RealDisk::default();
        let (one, two) = (scratch.path().join("1"), scratch.path().join("2"));
        disk.create(&one, b"a").expect("made");
        disk.append(&one, b"b").expect("added");
        disk.create(&two, b"c").expect("made");
        disk.rename(&two, &one).expect("taken over");
        disk.append(&one, b"d").expect("added");
        assert_eq!(disk.read(&one).expect("read"), b"cd");
        disk.rename(&one, &two).expect("moved");
        disk.create(&one, b"x").expect("made");
        disk.append(&one, b"y").expect("added");
        assert_eq!(disk.read(&one).expect("read"), b"xy");
        assert_eq!(disk.read(&two).expect("read"), b"cd");
        disk.remove(&one).expect("removed");
        disk.create(&one, b"e").expect("made");
        disk.append(&one, b"f").expect("added");
        assert_eq!(disk.read(&one).expect("read"), b"ef");
    }
}

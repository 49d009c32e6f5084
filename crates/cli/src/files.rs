//! Files that commands write: as a whole or not at all, and not over what somebody may still need.

use std::fs::Permissions;
use std::io::{Read, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::blobs::folder_of;
use crate::failure::Failure;

/// Longest file in bytes that is looked at before it is replaced: a record has at most 256 MiB.
const MAX_OLD_BYTES: u64 = 256 << 20;

/// Either the whole file or none of it.
pub(crate) fn write_atomically(path: &Path, mut content: impl Read) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::unwritable(path, &error);
    let mut file = tempfile::NamedTempFile::new_in(folder_of(path)).map_err(failed)?;
    std::io::copy(&mut content, &mut file).map_err(failed)?;
    // A temporary file is private; what it becomes is an ordinary file.
    let ordinary = Permissions::from_mode(0o644);
    file.as_file().set_permissions(ordinary).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// A new file that only its owner reads, and that is on the disk when this returns.
pub(crate) fn create_private(path: &Path, content: &[u8]) -> Result<(), Failure> {
    vacant(path, "--to")?;
    let failed = |error: std::io::Error| Failure::unwritable(path, &error);
    let folder = folder_of(path);
    let mut file = tempfile::NamedTempFile::new_in(&folder).map_err(failed)?;
    file.write_all(content).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist_noclobber(path)
        .map_err(|error| failed(error.error))?;
    let folder = std::fs::File::open(folder).map_err(failed)?;
    folder.sync_all().map_err(failed)
}

/// Whether a directory can be made there: nothing of anybody's is ever overwritten.
pub(crate) fn vacant_directory(directory: &Path) -> Result<(), Failure> {
    match std::fs::read_dir(directory) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Failure::unwritable(directory, &error)),
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(Failure::input(
                "directory-not-empty",
                format!("{} is there and not empty", directory.display()),
                "name a directory that does not exist yet",
            )),
        },
    }
}

/// Found out before any work is done: whether a new file can be written where the option says.
pub(crate) fn vacant(path: &Path, option: &str) -> Result<(), Failure> {
    room_for(path, option, |_| false)
}

/// As [`vacant`], where a file that is `replaceable` by its content may be there. An empty one holds nothing.
pub(crate) fn room_for(
    path: &Path,
    option: &str,
    replaceable: impl Fn(&[u8]) -> bool,
) -> Result<(), Failure> {
    if path.is_file() && !holds(path, replaceable) {
        let hint = format!("name another file with {option}, or take that one away");
        let failure = Failure::input("would-replace", "there is a file already", hint);
        return Err(failure.about(path.display()));
    }
    writable(path)
}

/// Whether anything can be written there.
pub(crate) fn writable(path: &Path) -> Result<(), Failure> {
    if path.exists() && !path.is_file() {
        let what = "this is no regular file, and is not replaced by one";
        return Err(Failure::input("not-a-file", what, "name a file").about(path.display()));
    }
    let folder = folder_of(path);
    if !folder.is_dir() {
        let what = format!("there is no directory {}", folder.display());
        return Err(Failure::input("no-directory", what, "check the path").about(path.display()));
    }
    tempfile::tempfile_in(folder)
        .map(drop)
        .map_err(|error| Failure::unwritable(path, &error))
}

fn holds(path: &Path, replaceable: impl Fn(&[u8]) -> bool) -> bool {
    let mut old = Vec::new();
    let read =
        std::fs::File::open(path).and_then(|file| file.take(MAX_OLD_BYTES).read_to_end(&mut old));
    read.is_ok() && (old.is_empty() || replaceable(&old))
}

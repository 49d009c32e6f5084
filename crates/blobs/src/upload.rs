//! Bytes that arrive.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use proofmark_core::{Digest, Digester};

use crate::store::{Blobs, OwnerName, durable, one_file};

/// So many bytes are read at a time of what arrived before.
const CHUNK: usize = 64 << 10;

/// A blob on its way. If it is dropped before its end, what has arrived is kept, and the next upload of the same owner
/// goes on there.
#[derive(Debug)]
pub struct Upload {
    blobs: Blobs,
    owner: OwnerName,
    digest: Digest,
    size: u64,
    received: u64,
    digester: Digester,
    file: File,
    path: PathBuf,
}

/// Why an upload failed.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// The same owner uploads the same at this moment.
    #[error("another upload of the same is going on")]
    InUse,
    /// Another number of bytes has arrived than the caller goes on after.
    #[error("{arrived} bytes have arrived")]
    Elsewhere {
        /// So many.
        arrived: u64,
    },
    /// More has arrived than was announced. What is there is kept.
    #[error("more than the {size} bytes that were announced")]
    TooLong {
        /// What was announced.
        size: u64,
    },
    /// Less has arrived than was announced. It is kept, and can be gone on with.
    #[error("{received} of the {size} bytes that were announced")]
    TooShort {
        /// What has arrived.
        received: u64,
        /// What was announced.
        size: u64,
    },
    /// It is not what it should be. Nothing of it is kept.
    #[error("the bytes have digest {found}")]
    WrongDigest {
        /// That of what arrived.
        found: Digest,
    },
    /// The file system refused.
    #[error("the file system refused")]
    Io(#[from] io::Error),
}

impl Blobs {
    /// Begins an upload, or goes on with one that was broken off after `from` bytes. From 0 it begins again.
    ///
    /// # Errors
    /// [`UploadError::InUse`], [`UploadError::Elsewhere`], [`UploadError::TooLong`], [`UploadError::Io`].
    pub fn begin(
        &self,
        owner: &OwnerName,
        digest: Digest,
        size: u64,
        from: u64,
    ) -> Result<Upload, UploadError> {
        let folder = self.partial(owner);
        fs::create_dir_all(&folder)?;
        let path = folder.join(digest.hex());
        let mut file = loop {
            if let Some(file) = hold(open(&path)?, &path)? {
                break file;
            }
        };
        let arrived = file.metadata()?.len();
        if from != 0 && from != arrived {
            return Err(UploadError::Elsewhere { arrived });
        }
        if from > size {
            return Err(UploadError::TooLong { size });
        }
        file.set_len(from)?;
        let (digester, received) = read_again(&mut file)?;
        Ok(Upload {
            blobs: self.clone(),
            owner: owner.clone(),
            digest,
            size,
            received,
            digester,
            file,
            path,
        })
    }

    /// How many bytes of an upload have arrived that was broken off.
    #[must_use]
    pub fn arrived(&self, owner: &OwnerName, digest: &Digest) -> u64 {
        let path = self.partial(owner).join(digest.hex());
        fs::metadata(path).map_or(0, |metadata| metadata.len())
    }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    let options = options.create(true).truncate(false).read(true).write(true);
    options.open(path)
}

/// The file, for this upload alone. Nothing if it is not what its name leads to, so that it has to be opened again:
/// another upload may have ended since it was opened, and then these bytes are a blob, which never changes.
fn hold(file: File, path: &Path) -> Result<Option<File>, UploadError> {
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(UploadError::InUse),
        Err(TryLockError::Error(error)) => return Err(error.into()),
    }
    let held = file.metadata()?;
    let named = match fs::metadata(path) {
        Ok(named) => named,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    if !one_file(&held, &named) {
        return Ok(None);
    }
    // It has a place among the blobs, and the process died before its name here was removed.
    if held.nlink() > 1 {
        fs::remove_file(path)?;
        return Ok(None);
    }
    Ok(Some(file))
}

/// Whether a file has the content of this digest.
pub(crate) fn is_whole(path: &Path, digest: &Digest) -> io::Result<bool> {
    let (digester, _) = read_again(&mut File::open(path)?)?;
    Ok(digester.finish() == *digest)
}

fn read_again(file: &mut File) -> io::Result<(Digester, u64)> {
    let (mut digester, mut received) = (Digester::new(), 0);
    let mut chunk = vec![0; CHUNK];
    file.seek(SeekFrom::Start(0))?;
    loop {
        let read = file.read(&mut chunk)?;
        if read == 0 {
            return Ok((digester, received));
        }
        digester.update(&chunk[..read]);
        received += read as u64;
    }
}

impl Upload {
    /// How many bytes have arrived.
    #[must_use]
    pub const fn received(&self) -> u64 {
        self.received
    }

    /// Takes what comes next.
    ///
    /// # Errors
    /// [`UploadError::TooLong`], [`UploadError::Io`].
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), UploadError> {
        let received = self.received + bytes.len() as u64;
        if received > self.size {
            return Err(UploadError::TooLong { size: self.size });
        }
        self.file.write_all(bytes)?;
        self.digester.update(bytes);
        self.received = received;
        Ok(())
    }

    /// It is whole: makes it durable, and the owner's.
    ///
    /// # Errors
    /// [`UploadError`]; after [`UploadError::WrongDigest`] it begins again from nothing.
    pub fn finish(self, public: bool) -> Result<(), UploadError> {
        if self.received < self.size {
            return Err(UploadError::TooShort {
                received: self.received,
                size: self.size,
            });
        }
        let found = self.digester.finish();
        if found != self.digest {
            fs::remove_file(&self.path)?;
            return Err(UploadError::WrongDigest { found });
        }
        self.file.sync_all()?;
        self.blobs
            .put(&self.path, &self.digest, &self.owner, public)?;
        fs::remove_file(&self.path)?;
        durable(&self.blobs.partial(&self.owner))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    const BYTES: &[u8] = b"the work, in some bytes";

    /// An upload ends between the opening and the locking of the next one of the same.
    #[test]
    fn what_became_a_blob_is_not_written_to_again() {
        let directory = TempDir::new().expect("a directory");
        let blobs = Blobs::open(directory.path()).expect("it opens");
        let owner = OwnerName::new("ann").expect("a name");
        let (digest, size) = (Digest::of(BYTES), BYTES.len() as u64);
        let first = blobs.begin(&owner, digest, size, 0);
        let mut first = first.expect("it begins");
        first.write(BYTES).expect("it is taken");
        let path = first.path.clone();
        let opened = || open(&path).expect("it opens");
        assert!(matches!(hold(opened(), &path), Err(UploadError::InUse)));
        let (early, too_early) = (opened(), opened());
        first.finish(false).expect("it is whole");
        let held = hold(early, &path).expect("nobody else has it");
        assert!(held.is_none(), "its name is gone");
        let second = blobs.begin(&owner, digest, size, 0);
        let second = second.expect("it begins");
        let held = hold(too_early, &path).expect("nobody else has it");
        assert!(held.is_none(), "its name is another's");
        drop(second);
        let blob = blobs.find(&digest).expect("it is there");
        assert_eq!(fs::read(blob).expect("a file"), BYTES);
    }
}

//! Bytes that arrive.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;

use proofmark_core::{Digest, Digester};

use crate::store::{Blobs, OwnerName, durable};

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
        let mut options = File::options();
        let options = options.create(true).truncate(false).read(true).write(true);
        let mut file = options.open(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(UploadError::InUse),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
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

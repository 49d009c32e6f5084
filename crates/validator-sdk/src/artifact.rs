//! An open file: `std::io::Read + BufRead + Seek` over a window, so that memory stays small whatever
//! the size of the file.

use crate::digest::Digest;
use crate::host::{self, HOST_CALL_MAX_BYTES, Origin};
use crate::read_error::{ReadError, ReadErrorKind};
use crate::records::Records;
use std::io::{self, BufRead, Read, Seek, SeekFrom};

/// How much is fetched at once: large enough that the base price of a host call does not matter,
/// small enough that a validator stays within one mebibyte.
pub const DEFAULT_WINDOW_BYTES: u32 = 256 << 10;

/// An open file of the submission or of the reference files. Opening loads nothing.
pub struct Artifact {
    origin: Origin,
    path: String,
    handle: host::Handle,
    size: u64,
    position: u64,
    window: Vec<u8>,
    window_start: u64,
    window_bytes: u32,
}

impl Artifact {
    pub(crate) fn open(origin: Origin, path: &str) -> Result<Self, ReadError> {
        let handle =
            host::open(origin, path).map_err(|error| ReadError::access(origin, path, error))?;
        Ok(Self {
            origin,
            path: path.to_owned(),
            size: handle.size(),
            handle,
            position: 0,
            window: Vec::new(),
            window_start: 0,
            window_bytes: DEFAULT_WINDOW_BYTES,
        })
    }

    /// Fetches `bytes` at a time instead of [`DEFAULT_WINDOW_BYTES`] (1 to 1 MiB).
    pub fn with_window(mut self, bytes: u32) -> Self {
        self.window_bytes = bytes.clamp(1, HOST_CALL_MAX_BYTES);
        self
    }

    /// The path it was opened by.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whose file it is.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// Size in bytes.
    pub fn len(&self) -> u64 {
        self.size
    }

    /// It has no bytes.
    pub fn is_empty(&self) -> bool {
        self.size == 0
    }

    /// SHA-256 of the whole content. The host knows it; nothing is read.
    pub fn digest(&self) -> Digest {
        Digest::from_host(&self.handle.digest())
    }

    /// SHA-256 of `len` bytes from `offset`, computed by the host at native speed.
    pub fn hash_range(&self, offset: u64, len: u64) -> Result<Digest, ReadError> {
        let digest = self
            .handle
            .hash_range(offset, len)
            .map_err(|error| self.access(error))?;
        Ok(Digest::from_host(&digest))
    }

    /// Up to `len` bytes (at most 1 MiB) from `offset`; fewer only at the end. Does not move the
    /// reader and keeps no window.
    pub fn read_at(&self, offset: u64, len: u32) -> Result<Vec<u8>, ReadError> {
        self.handle
            .read(offset, len)
            .map_err(|error| self.access(error))
    }

    /// The whole content, if it is no larger than `limit_bytes`.
    pub fn read_all(&mut self, limit_bytes: u64) -> Result<Vec<u8>, ReadError> {
        if self.size > limit_bytes {
            let kind = ReadErrorKind::TooLarge {
                size_bytes: self.size,
                limit_bytes,
            };
            return Err(self.error(kind));
        }
        if self.size <= u64::from(HOST_CALL_MAX_BYTES) {
            return self.read_at(0, HOST_CALL_MAX_BYTES);
        }
        let mut content = Vec::with_capacity(usize::try_from(self.size).unwrap_or(0));
        while (content.len() as u64) < self.size {
            let piece = self.read_at(content.len() as u64, self.window_bytes)?;
            content.extend_from_slice(&piece);
        }
        Ok(content)
    }

    /// The whole content as UTF-8 text, if it is no larger than `limit_bytes`.
    pub fn read_text(&mut self, limit_bytes: u64) -> Result<String, ReadError> {
        String::from_utf8(self.read_all(limit_bytes)?).map_err(|error| {
            let valid_up_to = error.utf8_error().valid_up_to() as u64;
            self.error(ReadErrorKind::NotUtf8 { valid_up_to })
        })
    }

    /// Streams the records that end with `delimiter`, from the beginning of the file.
    pub fn records(self, delimiter: u8) -> Records {
        Records::new(self, delimiter)
    }

    /// Streams lines, from the beginning of the file: records that end with `\n`, without a final
    /// `\r`.
    pub fn lines(self) -> Records {
        Records::new(self, b'\n').trim_carriage_return()
    }

    pub(crate) fn handle(&self) -> &host::Handle {
        &self.handle
    }

    pub(crate) fn window_bytes(&self) -> u32 {
        self.window_bytes
    }

    pub(crate) fn error(&self, kind: ReadErrorKind) -> ReadError {
        ReadError {
            origin: self.origin,
            path: self.path.clone(),
            kind,
        }
    }

    pub(crate) fn access(&self, error: crate::AccessError) -> ReadError {
        self.error(ReadErrorKind::Access(error))
    }

    /// What of the window lies at and after the reader's position.
    fn ahead(&self) -> &[u8] {
        let skip = self.position.checked_sub(self.window_start);
        let skip = skip.and_then(|skip| usize::try_from(skip).ok());
        skip.and_then(|skip| self.window.get(skip..)).unwrap_or(&[])
    }

    fn fetch(&mut self) -> Result<(), ReadError> {
        self.window = Vec::new(); // before the next one arrives, so that there is only ever one
        self.window_start = self.position;
        if self.position < self.size {
            self.window = self.read_at(self.position, self.window_bytes)?;
        }
        Ok(())
    }
}

impl BufRead for Artifact {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.ahead().is_empty() {
            self.fetch()?;
        }
        Ok(self.ahead())
    }

    fn consume(&mut self, amount: usize) {
        let amount = amount.min(self.ahead().len());
        self.position += amount as u64;
    }
}

impl Read for Artifact {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let ahead = self.fill_buf()?;
        let count = ahead.len().min(buffer.len());
        buffer[..count].copy_from_slice(&ahead[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl Seek for Artifact {
    fn seek(&mut self, target: SeekFrom) -> io::Result<u64> {
        let position = match target {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(delta) => self.size.checked_add_signed(delta),
            SeekFrom::Current(delta) => self.position.checked_add_signed(delta),
        };
        self.position = position.ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidInput, "a seek before the beginning")
        })?;
        Ok(self.position)
    }
}

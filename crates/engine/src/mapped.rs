//! Compiled code, mapped from its file instead of copied.
//!
//! wasmtime maps a file only if it may open it by its path, which a worker may not. So the mapping is
//! ours: private, read-only, and executable where wasmtime says that the code is.

use std::ffi::c_void;
use std::fs::File;
use std::io;
use std::ptr::{NonNull, slice_from_raw_parts_mut};

use rustix::mm::{MapFlags, MprotectFlags, ProtFlags, mmap, mprotect, munmap};
use wasmtime::CustomCodeMemory;

/// A file in memory, until it is dropped. What is loaded from it must be gone by then.
pub(crate) struct Mapping {
    memory: NonNull<[u8]>,
}

// SAFETY: the memory is read only, and nobody else has its address.
unsafe impl Send for Mapping {}
// SAFETY: as above.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// The first `len` bytes of a file. Its end may come earlier only if somebody cuts it later, which
    /// ends the process that reads there.
    ///
    /// # Errors
    /// When the file is shorter, empty, or cannot be mapped.
    pub(crate) fn of(file: &File, len: u64) -> io::Result<Self> {
        let len = usize::try_from(len).map_err(io::Error::other)?;
        if len == 0 || rustix::fs::fstat(file)?.st_size.cast_unsigned() < len as u64 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        // SAFETY: a new mapping at an address of the system's choice touches nothing that exists.
        let start = unsafe {
            mmap(
                std::ptr::null_mut(),
                len,
                ProtFlags::READ,
                MapFlags::PRIVATE,
                file,
                0,
            )?
        };
        let memory = NonNull::new(slice_from_raw_parts_mut(start.cast::<u8>(), len));
        let memory = memory.ok_or(io::ErrorKind::InvalidData)?;
        Ok(Self { memory })
    }

    /// The bytes, at an address that stays.
    pub(crate) fn memory(&self) -> NonNull<[u8]> {
        self.memory
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the mapping was made by `of`, and whoever loaded from it is gone: `Loaded` holds both,
        // the code before the mapping.
        let unmapped = unsafe { munmap(self.memory.as_ptr().cast::<c_void>(), self.memory.len()) };
        debug_assert!(unmapped.is_ok(), "it was mapped by us");
    }
}

/// On x86-64, whatever else may be mapped. (Asking the system is not open to a worker.)
const PAGE_BYTES: usize = 4_096;

/// Makes mapped code executable for wasmtime.
pub(crate) struct Publisher;

impl CustomCodeMemory for Publisher {
    fn required_alignment(&self) -> usize {
        PAGE_BYTES
    }

    fn publish_executable(&self, start: *const u8, len: usize) -> wasmtime::Result<()> {
        protect(start, len, MprotectFlags::READ | MprotectFlags::EXEC)
    }

    fn unpublish_executable(&self, start: *const u8, len: usize) -> wasmtime::Result<()> {
        protect(start, len, MprotectFlags::READ)
    }
}

fn protect(start: *const u8, len: usize, flags: MprotectFlags) -> wasmtime::Result<()> {
    // SAFETY: wasmtime names the code inside of a `Mapping` that it was given, which is never writable.
    unsafe { mprotect(start.cast_mut().cast::<c_void>(), len, flags) }
        .map_err(wasmtime::Error::from)
}

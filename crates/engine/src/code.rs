//! Compiled code, or any bytes, as a file that a worker can be given.

use std::fs::File;
use std::io::Write;

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};

use crate::fault::HostFault;

/// Compiled code at the beginning of a file that is mapped where it runs.
pub(crate) struct CodeFile {
    pub(crate) file: File,
    pub(crate) len: u64,
}

/// Bytes in a file that exists in memory only, sealed against change.
pub(crate) fn memory_file(bytes: &[u8]) -> Result<CodeFile, HostFault> {
    let fail = |error: std::io::Error| HostFault::io("a memory file", error);
    let fd = memfd_create("proofmark", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)
        .map_err(|error| fail(error.into()))?;
    let mut file = File::from(fd);
    file.write_all(bytes).map_err(fail)?;
    fcntl_add_seals(
        &file,
        SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL,
    )
    .map_err(|error| fail(error.into()))?;
    Ok(CodeFile {
        file,
        len: bytes.len() as u64,
    })
}

//! The engine's imports.

use super::Origin;
use crate::bindings::proofmark::validator::{artifacts, log as host_log, reference, submission};

/// An open file of the engine.
pub(crate) struct Handle(artifacts::Artifact);

impl Handle {
    pub(crate) fn size(&self) -> u64 {
        self.0.size()
    }

    pub(crate) fn digest(&self) -> Vec<u8> {
        self.0.digest()
    }

    pub(crate) fn read(&self, offset: u64, len: u32) -> Result<Vec<u8>, artifacts::AccessError> {
        self.0.read(offset, len)
    }

    pub(crate) fn read_records(
        &self,
        offset: u64,
        len: u32,
        delimiter: u8,
    ) -> Result<Vec<u8>, artifacts::AccessError> {
        self.0.read_records(offset, len, delimiter)
    }

    pub(crate) fn hash_range(
        &self,
        offset: u64,
        len: u64,
    ) -> Result<Vec<u8>, artifacts::AccessError> {
        self.0.hash_range(offset, len)
    }
}

pub(crate) fn open(origin: Origin, path: &str) -> Result<Handle, artifacts::AccessError> {
    match origin {
        Origin::Submission => submission::open(path),
        Origin::Reference => reference::open(path),
    }
    .map(Handle)
}

pub(crate) fn enumerate(origin: Origin, after: Option<&str>, limit: u32) -> Vec<artifacts::Entry> {
    match origin {
        Origin::Submission => submission::enumerate(after, limit),
        Origin::Reference => reference::enumerate(after, limit),
    }
}

pub(crate) fn log(level: host_log::Level, message: &str) {
    host_log::write(level, message);
}

/// Running programs.
#[cfg(feature = "program")]
pub(crate) mod program {
    use super::Handle;
    pub(crate) use crate::bindings::proofmark::validator::program::Program;
    use crate::bindings::proofmark::validator::program::{self, LoadError, Request, Run};

    pub(crate) fn load(source: &Handle) -> Result<Program, LoadError> {
        program::load(&source.0)
    }

    pub(crate) fn run(program: &Program, request: &Request) -> Run {
        program.run(request)
    }

    pub(crate) fn fuel_left() -> u64 {
        program::fuel_left()
    }

    pub(crate) fn memory_left() -> u64 {
        program::memory_left()
    }

    pub(crate) fn spend_to(left: u64) {
        program::spend_to(left);
    }
}

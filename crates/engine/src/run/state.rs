//! What a store carries while its guest runs.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use proofmark_core::{Digest, Digester};
use proofmark_criteria::fault::FaultCode;
use proofmark_criteria::limits::Limits;
use serde::{Deserialize, Serialize};
use wasmtime::component::{Linker, ResourceTable};
use wasmtime::{Error, Result, StoreContextMut};

use super::RunInput;
use super::limiter::Limiter;
use super::wasi::FixedRandom;
use crate::fault::{Ended, HostFault};

/// Which of the two file sets a call means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ArtifactSet {
    /// The delivered work.
    Submission,
    /// The buyer's files that belong to the criteria.
    Reference,
}

/// One line of a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArtifactListing {
    /// Path in the submission, or name of the reference file.
    pub path: String,
    /// Size in bytes.
    pub size_bytes: u64,
    /// SHA-256 of the content.
    pub digest: Digest,
}

/// Content of an open artifact.
#[derive(Debug, Clone)]
pub enum Bytes {
    /// Already in memory.
    Memory(Arc<[u8]>),
    /// A file, read in place.
    File(Arc<File>),
}

impl Bytes {
    /// Fill `buffer` from `offset`; the caller has checked that the bytes exist.
    pub(crate) fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<()> {
        match self {
            Bytes::File(file) => file.read_exact_at(buffer, offset),
            Bytes::Memory(bytes) => {
                let rest = usize::try_from(offset)
                    .ok()
                    .and_then(|start| bytes.get(start..));
                let source = rest.and_then(|rest| rest.get(..buffer.len()));
                buffer.copy_from_slice(source.ok_or(std::io::ErrorKind::UnexpectedEof)?);
                Ok(())
            }
        }
    }
}

/// Hands out the content of artifacts. In the worker it asks the parent for a file descriptor.
pub trait ArtifactHost: Send {
    /// The listing of a set, in ascending byte order of the paths.
    fn list(&self, set: ArtifactSet) -> &[ArtifactListing];
    /// Open the `index`th artifact of a set.
    ///
    /// # Errors
    /// Only when the environment fails: the index is always one of the listing.
    fn open(&mut self, set: ArtifactSet, index: usize) -> Result<Bytes, HostFault>;
}

/// More imports than a validator has, offered by a test to prove what the worker cannot do.
pub type ExtraImports = fn(&mut Linker<RunState>) -> Result<()>;

/// How severe a log line calls itself: debug, info, warn, error, or a guest's standard streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LogLevel {
    /// Details.
    Debug,
    /// Progress.
    Info,
    /// Something odd.
    Warn,
    /// Something wrong.
    Error,
    /// Written to WASI standard output.
    Stdout,
    /// Written to WASI standard error.
    Stderr,
}

/// One message a guest wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// Its level or stream.
    pub level: LogLevel,
    /// Its text, invalid UTF-8 replaced.
    pub text: String,
}

/// Peaks of a run: how near it came to its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Usage {
    /// Most bytes of linear memory at once.
    pub memory_bytes: u64,
    /// Most table elements at once.
    pub table_elements: u64,
    /// Bytes read from artifacts.
    pub read_bytes: u64,
    /// Bytes written to the log.
    pub log_bytes: u64,
    /// Bytes of the report.
    pub report_bytes: u64,
}

/// An artifact that the guest holds a handle of.
pub(super) struct OpenArtifact {
    pub(super) bytes: Bytes,
    pub(super) size: u64,
    pub(super) digest: Digest,
}

/// The data of a store.
pub struct RunState {
    pub(super) table: ResourceTable,
    pub(super) limiter: Limiter,
    pub(super) artifacts: Box<dyn ArtifactHost>,
    pub(super) open_artifacts: u32,
    pub(super) programs: u32,
    /// More than this is not left at the end, whatever was used: see `program.spend-to`.
    pub(super) fuel_left_most: u64,
    pub(super) read_left: u64,
    pub(super) usage: Usage,
    pub(super) random: FixedRandom,
    pub(super) limits: Limits,
    pub(super) fuel: u64,
    log_hash: Digester,
    log: Vec<LogLine>,
}

impl RunState {
    pub(super) fn new(input: &RunInput, artifacts: Box<dyn ArtifactHost>) -> Self {
        Self {
            table: ResourceTable::new(),
            limiter: Limiter::new(&input.limits),
            artifacts,
            open_artifacts: 0,
            programs: 0,
            fuel_left_most: u64::MAX,
            read_left: input.read_bytes,
            usage: Usage::default(),
            random: FixedRandom::new(),
            limits: input.limits,
            fuel: input.fuel,
            log_hash: Digester::new(),
            log: Vec::new(),
        }
    }

    /// Count `bytes` against the read limit.
    pub(super) fn count_read(&mut self, bytes: u64) -> Result<()> {
        self.read_left = self
            .read_left
            .checked_sub(bytes)
            .ok_or_else(|| ended(FaultCode::ReadLimit))?;
        self.usage.read_bytes += bytes;
        Ok(())
    }

    /// Append a message to the bounded log.
    pub(super) fn log(&mut self, level: LogLevel, text: &str) -> Result<()> {
        let bytes = self.usage.log_bytes + text.len() as u64;
        let full = self.log.len() as u64 >= u64::from(self.limits.log_messages);
        if full || bytes > u64::from(self.limits.log_bytes) {
            return Err(ended(FaultCode::LogLimit));
        }
        self.usage.log_bytes = bytes;
        // Level, length, text: no two logs have the same bytes.
        self.log_hash.update(&[level as u8]);
        self.log_hash.update(&(text.len() as u64).to_be_bytes());
        self.log_hash.update(text.as_bytes());
        self.log.push(LogLine {
            level,
            text: text.to_owned(),
        });
        Ok(())
    }

    pub(super) fn usage(&self) -> Usage {
        Usage {
            memory_bytes: self.limiter.memory_peak(),
            table_elements: self.limiter.table_peak(),
            ..self.usage
        }
    }

    pub(super) fn take_log(self) -> (Digest, Vec<LogLine>) {
        (self.log_hash.finish(), self.log)
    }
}

/// The error that ends a run with `code`.
pub(super) fn ended(code: FaultCode) -> Error {
    Error::new(Ended(code))
}

/// Take `amount` from the run's fuel, before the work it pays for.
pub(super) fn charge(store: &mut StoreContextMut<'_, RunState>, amount: u64) -> Result<()> {
    let left = store.get_fuel()?;
    match left.checked_sub(amount) {
        Some(rest) => store.set_fuel(rest),
        None => {
            store.set_fuel(0)?;
            Err(ended(FaultCode::OutOfFuel))
        }
    }
}

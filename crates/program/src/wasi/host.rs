//! What the functions answer from.

use std::sync::Arc;

use wasmi::errors::HostError;

use crate::files::Files;
use crate::profile::{MAX_OPEN, RANDOM_SEED};
use crate::run::Request;

/// The directory that every program is given: its files.
pub(crate) const ROOT: i32 = 3;

/// Why a call ends the run.
#[derive(Debug)]
pub(crate) enum Ended {
    /// More output than the limit.
    OutputLimit,
    /// A call that the fuel cannot pay.
    OutOfFuel,
    /// A function that is not offered.
    Denied(&'static str),
    /// An address outside of the program's memory.
    BadPointer,
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a call ended the program")
    }
}

impl HostError for Ended {}

/// A file that is open.
pub(crate) struct OpenFile {
    pub(crate) bytes: Arc<[u8]>,
    pub(crate) number: u64,
    pub(crate) at: u64,
}

/// What stands behind a descriptor.
pub(crate) enum Descriptor {
    /// What the program is given.
    Stdin {
        /// How much of it was read.
        at: usize,
    },
    /// What it answers.
    Stdout,
    /// What it says besides.
    Stderr,
    /// The directory of its files.
    Root,
    /// One of them.
    File(OpenFile),
}

/// The outside of one run.
pub(crate) struct Host {
    pub(crate) args: Vec<String>,
    /// How long they are together, each with the zero that ends it.
    pub(crate) args_bytes: usize,
    /// The time, in nanoseconds. It begins with 1, since some take 0 for no time, and only waiting moves it.
    pub(crate) now: u64,
    pub(crate) stdin: Vec<u8>,
    pub(crate) files: Files,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    output_left: u64,
    descriptors: Vec<Option<Descriptor>>,
    random: u64,
}

impl Host {
    pub(crate) fn new(request: Request) -> Self {
        let first = [
            Descriptor::Stdin { at: 0 },
            Descriptor::Stdout,
            Descriptor::Stderr,
            Descriptor::Root,
        ];
        Self {
            args_bytes: request.args.iter().map(|arg| arg.len() + 1).sum(),
            args: request.args,
            now: 1,
            stdin: request.stdin,
            files: Files::new(request.files),
            stdout: Vec::new(),
            stderr: Vec::new(),
            output_left: request.limits.output_bytes,
            descriptors: first.map(Some).into(),
            random: RANDOM_SEED,
        }
    }

    pub(crate) fn descriptor(&mut self, fd: i32) -> Option<&mut Descriptor> {
        let index = usize::try_from(fd).ok()?;
        self.descriptors.get_mut(index)?.as_mut()
    }

    pub(crate) fn peek(&self, fd: i32) -> Option<&Descriptor> {
        let index = usize::try_from(fd).ok()?;
        self.descriptors.get(index)?.as_ref()
    }

    /// The lowest free number, as POSIX has it; nothing if there are too many.
    pub(crate) fn open(&mut self, file: OpenFile) -> Option<i32> {
        let free = self.descriptors.iter().position(Option::is_none);
        let index = free.unwrap_or(self.descriptors.len());
        if index >= MAX_OPEN {
            return None;
        }
        if index == self.descriptors.len() {
            self.descriptors.push(None);
        }
        self.descriptors[index] = Some(Descriptor::File(file));
        i32::try_from(index).ok()
    }

    /// Whether there was something to close.
    pub(crate) fn close(&mut self, fd: i32) -> bool {
        let index = usize::try_from(fd).ok();
        let slot = index.and_then(|index| self.descriptors.get_mut(index));
        slot.is_some_and(|slot| slot.take().is_some())
    }

    /// Append to standard output (or error).
    pub(crate) fn write(&mut self, to_stdout: bool, bytes: &[u8]) -> Result<(), Ended> {
        let taken = bytes
            .len()
            .min(usize::try_from(self.output_left).unwrap_or(usize::MAX));
        let stream = match to_stdout {
            true => &mut self.stdout,
            false => &mut self.stderr,
        };
        stream.extend_from_slice(&bytes[..taken]);
        self.output_left -= taken as u64;
        match taken == bytes.len() {
            true => Ok(()),
            false => Err(Ended::OutputLimit),
        }
    }

    /// The next bytes of the fixed stream (SplitMix64: Steele, Lea, Flood 2014).
    pub(crate) fn random(&mut self, len: usize) -> Vec<u8> {
        let words = std::iter::repeat_with(|| self.next().to_le_bytes());
        words.flatten().take(len).collect()
    }

    fn next(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

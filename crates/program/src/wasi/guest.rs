//! The program's memory, and paying for what is done with it.

use wasmi::{Caller, Error, Memory};

use super::Host;
use super::host::Ended;
use crate::files::MAX_PATH_BYTES;
use crate::load::MEMORY;
use crate::profile::PRICES;
use crate::run::State;

/// Most buffers of one call; more is the business of no library.
const MAX_BUFFERS: u32 = 1_024;

/// A call of a program.
pub(super) struct Call<'c, 'a> {
    caller: &'c mut Caller<'a, State>,
    memory: Memory,
}

/// A buffer of the program.
#[derive(Debug, Clone, Copy)]
pub(super) struct Buffer {
    pub(super) at: u32,
    pub(super) len: u32,
}

impl<'c, 'a> Call<'c, 'a> {
    /// Begin a call: what every call costs is paid.
    pub(super) fn begin(caller: &'c mut Caller<'a, State>) -> Result<Self, Error> {
        let memory = caller.get_export(MEMORY);
        let memory = memory.and_then(|it| it.into_memory());
        let memory = memory.ok_or_else(|| Error::host(Ended::BadPointer))?;
        let mut call = Self { caller, memory };
        call.pay(PRICES.call)?;
        Ok(call)
    }

    pub(super) fn host(&mut self) -> &mut Host {
        &mut self.caller.data_mut().host
    }

    fn pay(&mut self, units: u64) -> Result<(), Error> {
        let left = self.caller.get_fuel()?;
        let rest = left.checked_sub(units);
        self.caller.set_fuel(rest.unwrap_or(0))?;
        rest.map(|_| ())
            .ok_or_else(|| Error::host(Ended::OutOfFuel))
    }

    /// Pay for so many bytes, before they are moved.
    fn pay_bytes(&mut self, bytes: u64) -> Result<(), Error> {
        self.pay(bytes.saturating_mul(PRICES.per_byte))
    }

    fn size(&self) -> u64 {
        self.memory.data_size(&*self.caller) as u64
    }

    /// A range is inside the memory.
    fn inside(&self, at: u32, len: u32) -> Result<(), Error> {
        let end = u64::from(at) + u64::from(len);
        match end <= self.size() {
            true => Ok(()),
            false => Err(Error::host(Ended::BadPointer)),
        }
    }

    /// Bytes of the program.
    pub(super) fn read(&mut self, buffer: Buffer) -> Result<Vec<u8>, Error> {
        self.inside(buffer.at, buffer.len)?;
        self.pay_bytes(u64::from(buffer.len))?;
        let at = buffer.at as usize;
        Ok(self.memory.data(&*self.caller)[at..at + buffer.len as usize].to_vec())
    }

    /// Bytes for the program.
    pub(super) fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), Error> {
        self.write_from(at, bytes.len(), |_| bytes)
    }

    /// So many bytes of the host's for the program: paid for before they are touched.
    pub(super) fn write_from<'b>(
        &'b mut self,
        at: u32,
        len: usize,
        bytes: impl FnOnce(&'b Host) -> &'b [u8],
    ) -> Result<(), Error> {
        let short = u32::try_from(len).map_err(|_| Error::host(Ended::BadPointer))?;
        self.inside(at, short)?;
        self.pay_bytes(len as u64)?;
        let at = at as usize;
        let (memory, state) = self.memory.data_and_store_mut(&mut *self.caller);
        memory[at..at + len].copy_from_slice(&bytes(&state.host)[..len]);
        Ok(())
    }

    pub(super) fn write_u32(&mut self, at: u32, value: u32) -> Result<(), Error> {
        self.write(at, &value.to_le_bytes())
    }

    pub(super) fn write_u64(&mut self, at: u32, value: u64) -> Result<(), Error> {
        self.write(at, &value.to_le_bytes())
    }

    /// A path; nothing if no file can have it.
    pub(super) fn text(&mut self, at: u32, len: u32) -> Result<Option<String>, Error> {
        if len as usize > MAX_PATH_BYTES {
            return Ok(None);
        }
        Ok(String::from_utf8(self.read(Buffer { at, len })?).ok())
    }

    /// The buffers that a list names; nothing if there are too many.
    pub(super) fn buffers(&mut self, at: u32, count: u32) -> Result<Option<Vec<Buffer>>, Error> {
        if count > MAX_BUFFERS {
            return Ok(None);
        }
        let list = self.read(Buffer { at, len: count * 8 })?;
        let number = |bytes: &[u8]| u32::from_le_bytes(bytes.try_into().unwrap_or_default());
        let buffers = list.chunks_exact(8).map(|pair| Buffer {
            at: number(&pair[..4]),
            len: number(&pair[4..]),
        });
        Ok(Some(buffers.collect()))
    }
}

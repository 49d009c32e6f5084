//! Memory, table and instance limits, over the whole guest.
//!
//! Growth over a limit ends the run instead of answering -1: one less thing a guest can observe, and
//! the fault names the limit instead of whatever the guest does with a failed allocation.

use proofmark_criteria::fault::{FaultCode, HostFaultCode};
use proofmark_criteria::limits::Limits;
use wasmtime::{Error, ResourceLimiter, Result};

use super::state::ended;
use crate::fault::HostFault;
use crate::profile;

/// Counts what all memories and tables of one store hold together.
pub(super) struct Limiter {
    memory: Gauge,
    table: Gauge,
    instances: usize,
    /// Most bytes at once together with a program that ran beside the guest.
    beside_peak: u64,
}

/// A quantity that only grows within a run, and its limit.
struct Gauge {
    now: u64,
    limit: u64,
}

impl Gauge {
    /// What there would be after the growth, if that is within the limit.
    fn check(&self, current: usize, desired: usize, fault: FaultCode) -> Result<u64> {
        let more = desired.saturating_sub(current) as u64;
        let total = self.now.saturating_add(more);
        if total > self.limit {
            return Err(ended(fault));
        }
        Ok(total)
    }

    fn grow(&mut self, current: usize, desired: usize, fault: FaultCode) -> Result<bool> {
        self.now = self.check(current, desired, fault)?;
        Ok(true)
    }
}

impl Limiter {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            memory: Gauge {
                now: 0,
                limit: limits.memory_bytes,
            },
            table: Gauge {
                now: 0,
                limit: u64::from(limits.table_elements),
            },
            instances: limits.instances as usize,
            beside_peak: 0,
        }
    }

    /// Bytes that the guest holds.
    pub(super) fn memory_now(&self) -> u64 {
        self.memory.now
    }

    /// The guest's memory never shrinks within a run, so what it holds now is its peak.
    pub(super) fn memory_peak(&self) -> u64 {
        self.memory.now.max(self.beside_peak)
    }

    /// A program that ran beside the guest held so much at its peak.
    pub(super) fn note_beside(&mut self, bytes: u64) {
        let together = self.memory.now.saturating_add(bytes);
        self.beside_peak = self.beside_peak.max(together);
    }

    pub(super) fn table_peak(&self) -> u64 {
        self.table.now
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool> {
        // Over the memory's own maximum (the declared one, or the 4 GiB of a 32-bit memory) the guest sees
        // -1, as the specification says.
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        self.memory.grow(current, desired, FaultCode::MemoryLimit)
    }

    fn memory_grow_failed(&mut self, error: Error) -> Result<()> {
        // Reached for the declared maximum too: that is an ordinary -1. Only the operating system's
        // refusal is the host's, and the guest must never see it.
        match error.chain().any(|cause| cause.is::<std::io::Error>()) {
            true => Err(Error::new(HostFault::new(
                HostFaultCode::OutOfMemory,
                "the system refused guest memory",
            ))),
            false => Ok(()),
        }
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool> {
        // Our limit first: what wasmtime calls the maximum may be that of its pool, which no guest must see.
        self.table.check(current, desired, FaultCode::TableLimit)?;
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        self.table.grow(current, desired, FaultCode::TableLimit)
    }

    fn instances(&self) -> usize {
        self.instances
    }

    fn memories(&self) -> usize {
        profile::MAX_MEMORIES
    }

    fn tables(&self) -> usize {
        profile::MAX_TABLES
    }
}

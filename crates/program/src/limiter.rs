//! Memory and tables of a run. Growth over a limit ends the run instead of answering -1, as for validators: one thing less that
//! a program can observe.

use wasmi::ResourceLimiter;
use wasmi::errors::{MemoryError, TableError};
use wasmi_core::LimiterError;

use crate::profile::MAX_TABLE_ELEMENTS;

/// Counts what a run holds.
#[derive(Debug)]
pub(crate) struct Limiter {
    limit: u64,
    memory: u64,
    elements: u64,
    /// What the last growth added, until it is known whether it came about.
    last: u64,
    /// The run ended because it wanted more than it may have.
    pub(crate) exceeded: bool,
    /// The system refused memory, which is nobody's fault.
    pub(crate) refused: bool,
}

impl Limiter {
    pub(crate) fn new(memory_bytes: u64) -> Self {
        Self {
            limit: memory_bytes,
            memory: 0,
            elements: 0,
            last: 0,
            exceeded: false,
            refused: false,
        }
    }

    /// Memory never shrinks, so what is held is the peak.
    pub(crate) fn memory_peak(&self) -> u64 {
        self.memory
    }

    fn exceed(&mut self) -> Result<bool, LimiterError> {
        self.exceeded = true;
        Err(LimiterError::ResourceLimiterDeniedAllocation)
    }

    /// A program must never see that the system had nothing left: elsewhere it has.
    fn refuse(&mut self) -> Result<(), LimiterError> {
        self.refused = true;
        Err(LimiterError::ResourceLimiterDeniedAllocation)
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool, LimiterError> {
        // Over its own maximum a program sees -1, as the specification says.
        if maximum.is_some_and(|maximum| desired > maximum) {
            self.last = 0;
            return Ok(false);
        }
        let more = desired.saturating_sub(current) as u64;
        let total = self.memory.saturating_add(more);
        if total > self.limit {
            return self.exceed();
        }
        (self.memory, self.last) = (total, more);
        Ok(true)
    }

    fn memory_grow_failed(&mut self, error: &MemoryError) -> Result<(), LimiterError> {
        match error {
            MemoryError::OutOfSystemMemory => self.refuse(),
            // The fuel could not pay it.
            _ => {
                self.memory -= std::mem::take(&mut self.last);
                Ok(())
            }
        }
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool, LimiterError> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let total = self.elements + desired.saturating_sub(current) as u64;
        if total > MAX_TABLE_ELEMENTS {
            return self.exceed();
        }
        self.elements = total;
        Ok(true)
    }

    fn table_grow_failed(&mut self, error: &TableError) -> Result<(), LimiterError> {
        match error {
            TableError::OutOfSystemMemory => self.refuse(),
            _ => Ok(()),
        }
    }

    fn instances(&self) -> usize {
        1
    }

    fn memories(&self) -> usize {
        1
    }

    fn tables(&self) -> usize {
        100
    }
}

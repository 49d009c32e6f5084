//! Idle workers, kept for the next run.

use std::sync::{Mutex, PoisonError};

use super::process::{Budget, Worker, WorkerCommand};
use super::sandbox::{IsolationReport, ProcessLimits, RUN_DATA_BYTES};
use super::serve::Role;
use crate::fault::HostFault;

/// Starts workers when none is idle. A worker that failed is never put back.
pub(crate) struct Pool {
    command: WorkerCommand,
    start: Budget,
    idle: Mutex<Vec<Worker>>,
}

impl Pool {
    pub(crate) fn new(command: WorkerCommand, start: Budget) -> Self {
        Self {
            command,
            start,
            idle: Mutex::new(Vec::new()),
        }
    }

    /// Lend a worker to `job`. When the job reports a host fault the worker is dropped, which kills
    /// it: after a broken conversation nobody knows what it would say next.
    pub(crate) fn with<T>(
        &self,
        job: impl FnOnce(&mut Worker) -> Result<T, HostFault>,
    ) -> Result<T, HostFault> {
        let mut worker = self.take()?;
        let outcome = job(&mut worker)?;
        if !worker.is_worn() {
            self.lock().push(worker);
        }
        Ok(outcome)
    }

    /// How the workers of this pool are locked down.
    pub(crate) fn report(&self) -> Result<IsolationReport, HostFault> {
        self.with(|worker| Ok(worker.report().clone()))
    }

    fn take(&self) -> Result<Worker, HostFault> {
        while let Some(mut worker) = self.pop() {
            if worker.is_alive() {
                return Ok(worker);
            }
        }
        Worker::start(
            &self.command,
            Role::Run,
            ProcessLimits {
                data_bytes: RUN_DATA_BYTES,
                cpu_seconds: None,
            },
            self.start,
        )
    }

    fn pop(&self) -> Option<Worker> {
        self.lock().pop()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Worker>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

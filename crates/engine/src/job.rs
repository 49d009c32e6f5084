//! One criterion applied to one submission.

use std::sync::Arc;
use std::time::Duration;

use proofmark_criteria::fault::HostFaultCode;
use proofmark_criteria::limits::Limits;
use proofmark_criteria::record::{RunEnd, RunOutcome};
use proofmark_criteria::report::Report;
use serde_bytes::ByteBuf;

use crate::fault::HostFault;
use crate::files::{FileSet, Source};
use crate::profile;
use crate::run::{LogLine, RawEnd, RunInput, RunOutput, Usage};
use crate::worker::process::Budget;
use crate::worker::protocol::Files;

/// What to run: everything an outcome is a function of, besides the validator and the profile.
#[derive(Debug, Clone)]
pub struct Job {
    /// Parameters as canonical JSON.
    pub params: String,
    /// The criterion's limits.
    pub limits: Limits,
    /// Ids of the checks that the parameters ask for, as the criteria document has them.
    pub checks: Vec<String>,
    /// The delivered work.
    pub submission: Arc<FileSet>,
    /// The buyer's files.
    pub reference: Arc<FileSet>,
}

/// What came out: the deterministic outcome, and what is only told to people.
#[derive(Debug, Clone)]
pub struct Evaluation {
    /// What the record holds.
    pub outcome: RunOutcome,
    /// The guest's log.
    pub log: Vec<LogLine>,
    /// How near the run came to its limits.
    pub usage: Usage,
}

/// Clock limits of runs. They protect the host and only ever lead to a host fault: fuel always runs
/// out long before them, unless something is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockLimits {
    /// The slowest guest that is allowed for, in fuel per second of processor time.
    pub fuel_per_second: u64,
    /// Processor time on top, for the host's own work and for a loaded machine.
    pub grace: Duration,
    /// Wall time as a multiple of processor time.
    pub wall_factor: u32,
}

impl Default for ClockLimits {
    /// Far below the slowest guest measured: one that follows pointers through 115 MiB, each a miss of every
    /// cache, takes 31 million units a second; growing memory by nothing 156, subnormal floats 370, JSON
    /// 17,000. A clock that came before the fuel would keep a verdict from the work.
    fn default() -> Self {
        Self {
            fuel_per_second: 5_000_000,
            grace: Duration::from_secs(10),
            wall_factor: 4,
        }
    }
}

impl ClockLimits {
    /// For a call with so much fuel, and the instantiation before it.
    pub(crate) fn budget(self, fuel: u64) -> Budget {
        let fuel = fuel.saturating_add(profile::INSTANTIATION_FUEL);
        let cpu = Duration::from_secs(fuel / self.fuel_per_second.max(1)) + self.grace;
        Budget {
            cpu,
            wall: cpu * self.wall_factor,
        }
    }
}

impl Job {
    /// Fuel of the run, scaled by the size of its input.
    pub fn fuel(&self) -> u64 {
        self.limits.fuel_for(self.input_bytes())
    }

    /// Bytes of submission and references together.
    fn input_bytes(&self) -> u64 {
        let references = self.reference.size_bytes();
        self.submission.size_bytes().saturating_add(references)
    }

    pub(crate) fn input(&self) -> RunInput {
        RunInput {
            params: self.params.clone(),
            limits: self.limits,
            fuel: self.fuel(),
            read_bytes: self.limits.read_limit_for(self.input_bytes()),
        }
    }
}

/// Judge what the runner returned. It came out of the worker, so it is checked like any foreign input.
pub(crate) fn conclude(job: &Job, output: RunOutput) -> Result<Evaluation, HostFault> {
    check_log(job, &output.log)?;
    let end = match output.end {
        RawEnd::Reported(checks) => match Report::assemble(&job.checks, checks, &job.limits) {
            Ok(report) => RunEnd::Reported(report),
            Err(invalid) => RunEnd::Faulted(invalid.fault_code()),
        },
        RawEnd::Refused(code, text) => RunEnd::Refused { code, text },
        RawEnd::Faulted(code) => RunEnd::Faulted(code),
    };
    let outcome = RunOutcome {
        end,
        fuel_used: output.fuel_used,
        fuel_limit: job.fuel(),
        log_digest: output.log_digest,
    };
    Ok(Evaluation {
        outcome,
        log: output.log,
        usage: output.usage,
    })
}

/// The runner ends a run that logs too much, so a longer log was not made by it.
fn check_log(job: &Job, log: &[LogLine]) -> Result<(), HostFault> {
    let bytes: u64 = log.iter().map(|line| line.text.len() as u64).sum();
    let most = u64::from(job.limits.log_bytes);
    if log.len() as u64 > u64::from(job.limits.log_messages) || bytes > most {
        let detail = "the worker sent a longer log than there can be";
        return Err(HostFault::new(HostFaultCode::WorkerProtocol, detail));
    }
    Ok(())
}

/// Contents up to this size travel with the request; a descriptor costs about as much.
const INLINE_BYTES: usize = 32 << 10;
/// All of them together.
const INLINE_TOTAL_BYTES: usize = 256 << 10;

/// The listing of a set, and those contents that are in memory and small.
pub(crate) fn to_send(files: &FileSet) -> Files {
    let mut left = INLINE_TOTAL_BYTES;
    let mut inline = Vec::new();
    for index in 0..files.listing().len() {
        if let Some(Source::Memory(kept)) = files.source(index)
            && kept.bytes.len() <= INLINE_BYTES.min(left)
            && let Ok(index) = u32::try_from(index)
        {
            left -= kept.bytes.len();
            inline.push((index, ByteBuf::from(kept.bytes.to_vec())));
        }
    }
    Files {
        listing: files.listing().to_vec(),
        inline,
    }
}

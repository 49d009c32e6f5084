//! The parent's side: start a child, ask it with a budget, and kill what does not behave.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use proofmark_criteria::fault::HostFaultCode;

use super::channel::Channel;
use super::protocol::{MAX_FRAME_BYTES, MAX_RUN_RESPONSE_BYTES, Request, Response};
use super::sandbox::{IsolationReport, ProcessLimits};
use super::serve::Role;
use crate::fault::HostFault;

/// First argument of a child. What follows it is read by [`super::serve::main`].
pub const HIDDEN_ARGUMENT: &str = "__proofmark-worker";

/// How to start a child: a program that hands [`HIDDEN_ARGUMENT`] to [`super::serve::main`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerCommand {
    /// The program; usually the running binary itself.
    pub program: PathBuf,
    /// Arguments before the hidden one.
    pub arguments: Vec<OsString>,
}

impl WorkerCommand {
    /// The binary that is running now.
    ///
    /// # Errors
    /// When the system does not tell which one that is.
    pub fn current() -> io::Result<Self> {
        Ok(Self {
            program: std::env::current_exe()?,
            arguments: Vec::new(),
        })
    }
}

/// What one exchange may take before the child is killed. Never decides a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Processor time of the child.
    pub cpu: Duration,
    /// Time on the wall.
    pub wall: Duration,
}

/// How long a child may be silent before its processor time is looked at.
const SLICE: Duration = Duration::from_millis(50);

/// Most validators a worker keeps loaded.
const MAX_LOADED: usize = 32;

/// Guests up to this size need not be counted: seven slots of them are 896 MiB.
const SMALL_MEMORY_BYTES: u64 = 128 << 20;
/// Memory of larger guests, after which a worker is not used again. With the small ones, and the largest
/// guest there may be (1 GiB), 2.4 of the 4 GiB of [`super::sandbox::RUN_DATA_BYTES`]: the rest is for a program
/// (twice 256 MiB, its translation, what it is passed). A new worker costs three milliseconds.
const MAX_LARGE_MEMORY_BYTES: u64 = 512 << 20;

/// A living child.
pub(crate) struct Worker {
    child: Child,
    channel: Channel,
    report: IsolationReport,
    /// Validators the child has loaded, oldest first.
    loaded: VecDeque<u64>,
    ended: Option<ExitStatus>,
    /// Bytes of the large guests that it has run, together.
    large_memory_bytes: u64,
}

impl Worker {
    /// Start a child and wait until it is locked down.
    pub(crate) fn start(
        command: &WorkerCommand,
        role: Role,
        limits: ProcessLimits,
        start: Budget,
    ) -> Result<Self, HostFault> {
        let spawn = |error: io::Error| {
            HostFault::new(
                HostFaultCode::WorkerSpawn,
                format!("{}: {error}", command.program.display()),
            )
        };
        let (ours, theirs) = UnixStream::pair().map_err(spawn)?;
        ours.set_read_timeout(Some(SLICE)).map_err(spawn)?;
        ours.set_write_timeout(Some(SLICE)).map_err(spawn)?;
        let child = Command::new(&command.program)
            .args(&command.arguments)
            .args(arguments(role, limits))
            .env_clear()
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .current_dir("/")
            .spawn()
            .map_err(spawn)?;
        let max_bytes = match role {
            Role::Run => MAX_RUN_RESPONSE_BYTES,
            Role::Compile => MAX_FRAME_BYTES,
        };
        let mut worker = Self {
            child,
            channel: Channel::new(ours, max_bytes),
            report: IsolationReport::default(),
            loaded: VecDeque::new(),
            ended: None,
            large_memory_bytes: 0,
        };
        match worker.receive(&mut Watch::new(worker.child.id(), start))? {
            Response::Ready(report) => worker.report = report,
            Response::Confused(why) => return Err(HostFault::new(HostFaultCode::WorkerSpawn, why)),
            other => return Err(unexpected(&other)),
        }
        Ok(worker)
    }

    pub(crate) fn report(&self) -> &IsolationReport {
        &self.report
    }

    /// Did it die while nobody looked?
    pub(crate) fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// A guest had so much memory. wasmtime keeps it mapped in the guest's slot, and the process's limit
    /// counts it.
    pub(crate) fn note_memory(&mut self, bytes: u64) {
        if bytes > SMALL_MEMORY_BYTES {
            self.large_memory_bytes = self.large_memory_bytes.saturating_add(bytes);
        }
    }

    /// So much memory may be mapped that a next large guest might not get what it is allowed.
    pub(crate) fn is_worn(&self) -> bool {
        self.large_memory_bytes > MAX_LARGE_MEMORY_BYTES
    }

    /// The signal that ended the child by itself, before it was killed.
    pub(crate) fn died_of(&self) -> Option<i32> {
        self.ended.and_then(|status| status.signal())
    }

    fn id(&self) -> u32 {
        self.child.id()
    }

    /// Send a request and wait for the answer, handing out artifacts in between.
    pub(crate) fn ask(
        &mut self,
        request: &Request,
        fd: Option<BorrowedFd<'_>>,
        budget: Budget,
        artifacts: &mut dyn FnMut(&Response) -> Option<Result<OwnedFd, HostFault>>,
    ) -> Result<Response, HostFault> {
        let mut watch = Watch::new(self.child.id(), budget);
        self.send(request, fd, &mut watch)?;
        loop {
            let response = self.receive(&mut watch)?;
            // A child that keeps talking is watched like one that is silent.
            watch.tick().map_err(|error| self.explain(&error, &watch))?;
            match artifacts(&response) {
                None => return Ok(response),
                Some(Ok(fd)) => {
                    use std::os::fd::AsFd;
                    self.send(
                        &Request::Artifact { error: None },
                        Some(fd.as_fd()),
                        &mut watch,
                    )?;
                }
                Some(Err(fault)) => {
                    self.send(&Request::Artifact { error: Some(fault) }, None, &mut watch)?
                }
            }
        }
    }

    /// Load compiled code unless the child has it.
    pub(crate) fn ensure_loaded(
        &mut self,
        validator: u64,
        code: BorrowedFd<'_>,
        len: u64,
        budget: Budget,
    ) -> Result<Response, HostFault> {
        if self.loaded.contains(&validator) {
            return Ok(Response::Loaded(Ok(())));
        }
        if self.loaded.len() == MAX_LOADED
            && let Some(oldest) = self.loaded.pop_front()
        {
            self.ask(
                &Request::Unload { validator: oldest },
                None,
                budget,
                &mut |_| None,
            )?;
        }
        let response = self.ask(
            &Request::Load { validator, len },
            Some(code),
            budget,
            &mut |_| None,
        )?;
        if matches!(response, Response::Loaded(Ok(()))) {
            self.loaded.push_back(validator);
        }
        Ok(response)
    }

    fn send(
        &mut self,
        request: &Request,
        fd: Option<BorrowedFd<'_>>,
        watch: &mut Watch,
    ) -> Result<(), HostFault> {
        let sent = self.channel.send(request, fd, &mut || watch.tick());
        sent.map_err(|error| self.explain(&error, watch))
    }

    fn receive(&mut self, watch: &mut Watch) -> Result<Response, HostFault> {
        let received = self.channel.receive(&mut || watch.tick());
        received
            .map(|(response, _)| response)
            .map_err(|error| self.explain(&error, watch))
    }

    /// What a broken conversation means. The child is killed here; what it might still say is void.
    fn explain(&mut self, error: &io::Error, watch: &Watch) -> HostFault {
        let id = self.id();
        if let Some(code) = watch.exceeded {
            let _ = self.child.kill();
            return HostFault::new(
                code,
                format!("worker {id} was killed after {:?}", watch.started.elapsed()),
            );
        }
        if matches!(
            error.kind(),
            io::ErrorKind::InvalidData | io::ErrorKind::Other
        ) {
            let _ = self.child.kill();
            return HostFault::new(
                HostFaultCode::WorkerProtocol,
                format!("worker {id}: {error}"),
            );
        }
        self.ended = self.await_exit();
        let how = self
            .ended
            .map_or_else(|| "it hung up".to_owned(), describe_exit);
        HostFault::new(HostFaultCode::WorkerDied, format!("worker {id}: {how}"))
    }

    /// A process that hung up is about to be gone; one that is not has only closed its socket.
    fn await_exit(&mut self) -> Option<ExitStatus> {
        for _ in 0..EXIT_TRIES {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Some(status);
            }
            std::thread::sleep(EXIT_PAUSE);
        }
        let _ = self.child.kill();
        None
    }
}

/// One second in all.
const EXIT_TRIES: u32 = 200;
const EXIT_PAUSE: Duration = Duration::from_millis(5);

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn arguments(role: Role, limits: ProcessLimits) -> [String; 4] {
    let role = match role {
        Role::Run => "run",
        Role::Compile => "compile",
    };
    let cpu = limits.cpu_seconds.unwrap_or(0).to_string();
    [
        HIDDEN_ARGUMENT.into(),
        role.into(),
        limits.data_bytes.to_string(),
        cpu,
    ]
}

fn describe_exit(status: ExitStatus) -> String {
    match (status.signal(), status.code()) {
        (Some(signal), _) => format!("it died of signal {signal}"),
        (None, Some(code)) => format!("it left with status {code}"),
        (None, None) => "it is gone".to_owned(),
    }
}

pub(crate) fn unexpected(response: &Response) -> HostFault {
    let what = match response {
        Response::Confused(why) => format!("the worker is confused: {why}"),
        _ => "the worker gave an answer to another question".to_owned(),
    };
    HostFault::new(HostFaultCode::WorkerProtocol, what)
}

/// Watches the clocks of one exchange.
struct Watch {
    pid: u32,
    budget: Budget,
    started: Instant,
    /// Processor time at the start; read only once the child has been silent for a slice.
    cpu_before: Option<Duration>,
    exceeded: Option<HostFaultCode>,
    checked: Instant,
}

impl Watch {
    fn new(pid: u32, budget: Budget) -> Self {
        let now = Instant::now();
        Self {
            pid,
            budget,
            started: now,
            cpu_before: None,
            exceeded: None,
            checked: now,
        }
    }

    /// Check, unless that was done a moment ago.
    fn tick(&mut self) -> io::Result<()> {
        if self.checked.elapsed() < SLICE {
            return Ok(());
        }
        self.checked = Instant::now();
        self.check()
    }

    fn check(&mut self) -> io::Result<()> {
        if self.started.elapsed() > self.budget.wall {
            return self.give_up(HostFaultCode::WorkerTimeout);
        }
        // Where the system does not tell (`hidepid`), the time on the wall stands for it, which is no less.
        let now = cpu_time(self.pid).unwrap_or_else(|| self.started.elapsed());
        let before = *self.cpu_before.get_or_insert(now);
        if now.saturating_sub(before) > self.budget.cpu {
            return self.give_up(HostFaultCode::WorkerCpuLimit);
        }
        Ok(())
    }

    fn give_up(&mut self, code: HostFaultCode) -> io::Result<()> {
        self.exceeded = Some(code);
        Err(io::ErrorKind::TimedOut.into())
    }
}

/// Processor time a process has used, from proc(5): fields 14 and 15 of `stat`, in clock ticks.
fn cpu_time(pid: u32) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the program's name, which may hold spaces and parentheses.
    let fields = stat.rsplit_once(')')?.1;
    let ticks: u64 = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    Some(Duration::from_millis(
        ticks * 1_000 / rustix::param::clock_ticks_per_second().max(1),
    ))
}

//! The child's side: lock down, then answer until the parent hangs up.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use proofmark_criteria::fault::HostFaultCode;
use rustix::event::{PollFd, PollFlags, poll};
use serde_bytes::ByteBuf;

use super::channel::Channel;
use super::protocol::{Files, MAX_FRAME_BYTES, Request, Response};
use super::sandbox::{self, IsolationReport, ProcessLimits};
use crate::compile::compile;
use crate::fault::HostFault;
use crate::prepare::PrepareError;
use crate::run::{
    ArtifactHost, ArtifactListing, ArtifactSet, Bytes, ExtraImports, LoadError, Loaded, RunInput,
    RunOutput, Runner,
};

/// What a child is started for: the word after [`super::process::HIDDEN_ARGUMENT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Runs guests, one at a time, for as long as the parent likes.
    Run,
    /// Compiles one component and exits.
    Compile,
}

/// Options of a child that only tests use.
#[derive(Clone, Copy, Default)]
pub struct ServeOptions {
    /// More imports than a validator has, by name and with their functions.
    pub extra_imports: Option<(&'static [&'static str], ExtraImports)>,
    /// Measures that are not taken, by name.
    pub without: &'static [&'static str],
}

/// Native stack of the thread that runs guests.
const STACK_BYTES: usize = 16 << 20;

/// Entry point of a child: the hidden arguments of the binary lead here.
///
/// `arguments` are the role, the memory in bytes and the processor seconds (0 for no limit), as
/// [`super::process`] writes them.
pub fn main(arguments: &[String], options: ServeOptions) -> ExitCode {
    let mut report = IsolationReport::default();
    sandbox::close_descriptors(&mut report);
    sandbox::check_environment(&mut report);
    match parse(arguments).and_then(|(role, limits)| start(role, limits, options, report)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn parse(arguments: &[String]) -> io::Result<(Role, ProcessLimits)> {
    let [role, data, cpu] = arguments else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let role = match role.as_str() {
        "run" => Role::Run,
        "compile" => Role::Compile,
        _ => return Err(io::ErrorKind::InvalidInput.into()),
    };
    let data_bytes = data.parse().map_err(io::Error::other)?;
    let cpu: u64 = cpu.parse().map_err(io::Error::other)?;
    Ok((
        role,
        ProcessLimits {
            data_bytes,
            cpu_seconds: (cpu > 0).then_some(cpu),
        },
    ))
}

fn start(
    role: Role,
    limits: ProcessLimits,
    options: ServeOptions,
    report: IsolationReport,
) -> io::Result<()> {
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let told = socket.try_clone()?;
    lock_down_and_serve(role, limits, options, report, socket).inspect_err(|error| {
        // The parent has no other way to learn why its worker did not start.
        let reason = Response::Confused(format!("the worker could not start: {error}"));
        let _ = Channel::new(told, MAX_FRAME_BYTES).send(&reason, None, &mut patient);
    })
}

fn lock_down_and_serve(
    role: Role,
    limits: ProcessLimits,
    options: ServeOptions,
    mut report: IsolationReport,
    socket: UnixStream,
) -> io::Result<()> {
    // Before the lock-down: the pool reserves address space and opens /proc/self/pagemap.
    let runner = match role {
        Role::Run => Some(
            Runner::new(1, options.extra_imports.map(|(_, add)| add)).map_err(io::Error::other)?,
        ),
        Role::Compile => None,
    };
    sandbox::restrict(limits, options.without, &mut report);
    let hang_up = socket.try_clone()?;
    std::thread::Builder::new()
        .stack_size(STACK_BYTES)
        .spawn(move || {
            sandbox::forbid_new_processes(&mut report);
            sandbox::close_memory(&mut report);
            sandbox::filter_system_calls(options.without, &mut report);
            let mut child = Child {
                channel: Arc::new(Mutex::new(Channel::new(socket, MAX_FRAME_BYTES))),
                runner,
                validators: BTreeMap::new(),
                extra_names: options.extra_imports.map_or(&[], |(names, _)| names),
            };
            let served = child
                .respond(&Response::Ready(report))
                .and_then(|()| child.serve());
            std::process::exit(i32::from(served.is_err()))
        })?;
    await_hang_up(&hang_up)
}

/// Wait until the parent is gone; then this process must not run on, whatever its guest does. (The
/// kernel's own signal for that comes when the *thread* that started us ends, which is no reason.)
fn await_hang_up(socket: &UnixStream) -> io::Result<()> {
    loop {
        let mut polled = [PollFd::new(socket, PollFlags::RDHUP)];
        match poll(&mut polled, None) {
            Ok(_)
                if polled[0]
                    .revents()
                    .intersects(PollFlags::RDHUP | PollFlags::HUP) =>
            {
                std::process::exit(0)
            }
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// A request that makes no sense: the parent is broken, or somebody else talks to us.
struct Confusion(&'static str);

impl From<Confusion> for Response {
    fn from(confusion: Confusion) -> Self {
        Self::Confused(confusion.0.into())
    }
}

struct Child {
    channel: Arc<Mutex<Channel>>,
    runner: Option<Runner>,
    validators: BTreeMap<u64, Loaded>,
    extra_names: &'static [&'static str],
}

/// A child waits for its parent as long as it takes.
fn patient() -> io::Result<()> {
    Ok(())
}

fn lock(channel: &Mutex<Channel>) -> MutexGuard<'_, Channel> {
    channel.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Child {
    fn serve(&mut self) -> io::Result<()> {
        loop {
            let received = lock(&self.channel).receive::<Request>(&mut patient);
            let (request, fd) = match received {
                Ok(received) => received,
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
                Err(error) => return Err(error),
            };
            // A panic of ours is the host's fault; the parent replaces this process.
            let answer = catch_unwind(AssertUnwindSafe(|| self.answer(request, fd)))
                .unwrap_or_else(|_| Response::Confused("the worker panicked".into()));
            self.respond(&answer)?;
        }
    }

    fn respond(&self, response: &Response) -> io::Result<()> {
        lock(&self.channel).send(response, None, &mut patient)
    }

    fn answer(&mut self, request: Request, fd: Option<OwnedFd>) -> Response {
        match request {
            Request::Compile { opt, component } => {
                Response::Compiled(compile(&component, opt, self.extra_names).map(ByteBuf::from))
            }
            Request::Load { validator, len } => Response::Loaded(self.load(validator, len, fd)),
            Request::Unload { validator } => {
                self.validators.remove(&validator);
                Response::Loaded(Ok(()))
            }
            Request::Describe { validator } => match self.find(validator) {
                Ok((runner, loaded)) => {
                    Response::Described(runner.describe(loaded).map_err(Into::into))
                }
                Err(confusion) => confusion.into(),
            },
            Request::CheckParams { validator, params } => match self.find(validator) {
                Ok((runner, loaded)) => Response::ParamsChecked(
                    runner.check_params(loaded, &params).map_err(Into::into),
                ),
                Err(confusion) => confusion.into(),
            },
            Request::Evaluate {
                validator,
                input,
                submission,
                reference,
            } => {
                let artifacts =
                    SentArtifacts::new(Arc::clone(&self.channel), submission, reference);
                self.evaluate(validator, &input, artifacts)
            }
            Request::Artifact { .. } => Response::Confused("an artifact nobody asked for".into()),
        }
    }

    fn find(&self, validator: u64) -> Result<(&Runner, &Loaded), Confusion> {
        let runner = self
            .runner
            .as_ref()
            .ok_or(Confusion("this worker compiles"))?;
        let loaded = self.validators.get(&validator);
        Ok((
            runner,
            loaded.ok_or(Confusion("a validator that is not loaded"))?,
        ))
    }

    fn evaluate(&self, validator: u64, input: &RunInput, artifacts: SentArtifacts) -> Response {
        let (runner, loaded) = match self.find(validator) {
            Ok(found) => found,
            Err(confusion) => return confusion.into(),
        };
        let output: Result<RunOutput, HostFault> =
            runner.evaluate(loaded, input, Box::new(artifacts));
        Response::Evaluated(Box::new(output))
    }

    fn load(&mut self, validator: u64, len: u64, fd: Option<OwnedFd>) -> Result<(), PrepareError> {
        let host = |detail: String| {
            PrepareError::Host(HostFault::new(HostFaultCode::WorkerProtocol, detail))
        };
        let runner = self
            .runner
            .as_ref()
            .ok_or_else(|| host("this worker compiles".into()))?;
        let file = File::from(fd.ok_or_else(|| host("no descriptor came with the code".into()))?);
        // SAFETY: the parent compiled or authenticated the file before it sent the descriptor, and nobody
        // else can talk to this process.
        let loaded = unsafe { runner.load(&file, len) }.map_err(PrepareError::from)?;
        self.validators.insert(validator, loaded);
        Ok(())
    }
}

impl From<LoadError> for PrepareError {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::MissingExport(name) => Self::MissingExport(name.to_owned()),
            LoadError::Imports(why) => Self::ImportType(why),
            LoadError::Rejected(why) => Self::Invalid(why),
            LoadError::Host(fault) => Self::Host(fault),
        }
    }
}

/// The files of one run: what came inline, and the rest by descriptor from the parent.
struct SentArtifacts {
    channel: Arc<Mutex<Channel>>,
    submission: SentFiles,
    reference: SentFiles,
}

struct SentFiles {
    listing: Vec<ArtifactListing>,
    contents: BTreeMap<u32, Bytes>,
}

impl From<Files> for SentFiles {
    fn from(files: Files) -> Self {
        let contents = files.inline.into_iter();
        Self {
            listing: files.listing,
            contents: contents
                .map(|(index, bytes)| (index, Bytes::Memory(bytes.into_vec().into())))
                .collect(),
        }
    }
}

impl SentArtifacts {
    fn new(channel: Arc<Mutex<Channel>>, submission: Files, reference: Files) -> Self {
        Self {
            channel,
            submission: submission.into(),
            reference: reference.into(),
        }
    }

    fn ask(&self, set: ArtifactSet, index: u32) -> Result<Bytes, HostFault> {
        let protocol = |error: io::Error| HostFault::new(HostFaultCode::WorkerProtocol, error);
        let mut channel = lock(&self.channel);
        channel
            .send(&Response::OpenArtifact { set, index }, None, &mut patient)
            .map_err(protocol)?;
        match channel.receive::<Request>(&mut patient).map_err(protocol)? {
            (Request::Artifact { error: Some(fault) }, _) => Err(fault),
            (Request::Artifact { error: None }, Some(fd)) => {
                Ok(Bytes::File(Arc::new(File::from(fd))))
            }
            _ => Err(HostFault::new(
                HostFaultCode::WorkerProtocol,
                "the parent sent no artifact",
            )),
        }
    }
}

impl ArtifactHost for SentArtifacts {
    fn list(&self, set: ArtifactSet) -> &[ArtifactListing] {
        match set {
            ArtifactSet::Submission => &self.submission.listing,
            ArtifactSet::Reference => &self.reference.listing,
        }
    }

    fn open(&mut self, set: ArtifactSet, index: usize) -> Result<Bytes, HostFault> {
        let index = u32::try_from(index).map_err(HostFault::internal)?;
        let files = match set {
            ArtifactSet::Submission => &self.submission,
            ArtifactSet::Reference => &self.reference,
        };
        match files.contents.get(&index) {
            Some(bytes) => Ok(bytes.clone()),
            None => self.ask(set, index),
        }
    }
}

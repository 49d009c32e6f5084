//! The engine: prepare validators, ask them, run them, wherever the isolation mode says.

use std::collections::BTreeMap;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use proofmark_core::Digest;
use proofmark_criteria::fault::HostFaultCode;

use proofmark_criteria::report::ValidatorManifest;
use proofmark_criteria::schema::ParamsAnswer;

use crate::cache::Cache;
use crate::code::{CodeFile, memory_file};
use crate::fault::{CallError, HostFault};
use crate::files::{OpenedFiles, SharedFiles};
use crate::job::{self, ClockLimits, Evaluation, Job};
use crate::options::{Admission, EngineOptions};
use crate::prepare::{PrepareError, PublishError, Resource};
use crate::profile;
use crate::run::{ArtifactSet, Loaded, RunOutput, Runner};
use crate::worker::pool::Pool;
use crate::worker::process::{Budget, Worker, unexpected};
use crate::worker::protocol::{CallFailure, Request, Response};
use crate::worker::serve::Role;
use crate::worker::{Isolation, IsolationReport};

/// A validator that has been compiled and found to fit the world.
pub struct Prepared {
    digest: Digest,
    id: u64,
    admission: Admission,
    code: CodeFile,
    /// Linked in this process, with isolation off.
    loaded: Option<Loaded>,
}

impl Prepared {
    /// SHA-256 of the component: the validator's identity.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// Size of the compiled code in bytes.
    pub fn code_bytes(&self) -> u64 {
        self.code.len
    }
}

/// Runs validators. Shared between threads; each run has a worker (or a pool slot) of its own.
pub struct Engine {
    options: EngineOptions,
    cache: Option<Cache>,
    place: Place,
    prepared: Mutex<BTreeMap<Digest, Arc<Prepared>>>,
    /// Components that are being prepared.
    turns: Mutex<BTreeMap<Digest, Arc<Mutex<()>>>>,
}

enum Place {
    Workers(Pool),
    Here(Box<Runner>),
}

/// Validators kept ready in memory: each is an open file, and some megabytes with isolation off.
const MAX_PREPARED: usize = 256;

/// Names validators for workers. One count for the whole process: two engines must never mean different
/// validators by the same name.
static NEXT_ID: AtomicU64 = AtomicU64::new(0);

/// Clock limits of loading compiled code, which takes milliseconds.
const LOAD: Budget = Budget {
    cpu: Duration::from_secs(20),
    wall: Duration::from_secs(120),
};

impl Engine {
    /// An engine.
    ///
    /// # Errors
    /// When the cache cannot be used, or the machine lacks what the profile needs.
    pub fn new(options: EngineOptions) -> Result<Self, HostFault> {
        let cache = options.cache.as_deref().map(Cache::open).transpose()?;
        let place = match options.isolation {
            Isolation::Process => Place::Workers(Pool::new(options.worker.clone(), options.start)),
            Isolation::None => {
                let extra = options.extra.extra_imports.map(|(_, add)| add);
                Place::Here(Box::new(Runner::new(options.slots, extra)?))
            }
        };
        Ok(Self {
            options,
            cache,
            place,
            prepared: Mutex::default(),
            turns: Mutex::default(),
        })
    }

    /// Where guests run.
    pub fn isolation(&self) -> Isolation {
        self.options.isolation
    }

    /// What the workers are locked down with; nothing with isolation off.
    ///
    /// # Errors
    /// When no worker can be started.
    pub fn isolation_report(&self) -> Result<IsolationReport, HostFault> {
        match &self.place {
            Place::Workers(pool) => pool.report(),
            Place::Here(_) => Ok(IsolationReport::default()),
        }
    }

    /// The cache of compiled code, if there is one.
    pub fn cache(&self) -> Option<&Cache> {
        self.cache.as_ref()
    }

    /// Compile a component, or find its compiled code, and see that it fits the world.
    ///
    /// # Errors
    /// See [`PrepareError`]: all but the host's are the validator's fault and final.
    pub fn prepare(
        &self,
        component: &[u8],
        admission: Admission,
    ) -> Result<Arc<Prepared>, PrepareError> {
        let digest = Digest::of(component);
        let turn = self.turn(&digest);
        // One compiles, the others wait for it: each would take seconds and up to gigabytes.
        let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = self.recall(&digest, admission)? {
            return Ok(found);
        }
        let code = self.compile(component, admission)?;
        if let Some(cache) = &self.cache
            && let Err(error) = cache.put(&digest, self.options.opt, admission, &code)
        {
            tracing::warn!(%error, "compiled code could not be kept in the cache");
        }
        let code = memory_file(&code).map_err(PrepareError::Host)?;
        self.ready(digest, admission, code)
    }

    /// A validator that was prepared before, or whose compiled code is in the cache: its component need
    /// not be at hand, let alone be hashed.
    ///
    /// # Errors
    /// See [`PrepareError`].
    pub fn recall(
        &self,
        digest: &Digest,
        admission: Admission,
    ) -> Result<Option<Arc<Prepared>>, PrepareError> {
        if let Some(found) = self.known().get(digest)
            && found.admission.serves(admission)
        {
            return Ok(Some(Arc::clone(found)));
        }
        let cache = self.cache.as_ref();
        let code = cache.and_then(|cache| cache.get(digest, self.options.opt, admission));
        code.map(|code| self.ready(*digest, admission, code))
            .transpose()
    }

    /// Load compiled code and remember it.
    fn ready(
        &self,
        digest: Digest,
        admission: Admission,
        code: CodeFile,
    ) -> Result<Arc<Prepared>, PrepareError> {
        let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
        let loaded = self.load(id, &code)?;
        let prepared = Arc::new(Prepared {
            digest,
            id,
            admission,
            code,
            loaded,
        });
        self.remember(&prepared);
        Ok(prepared)
    }

    /// Whose turn it is to prepare a component.
    fn turn(&self, digest: &Digest) -> Arc<Mutex<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        // Those that nobody waits for any more are let go.
        turns.retain(|_, turn| Arc::strong_count(turn) > 1);
        Arc::clone(turns.entry(*digest).or_default())
    }

    /// Keep it for the next caller, and let go of the oldest when there are many. Whoever still holds
    /// that one can go on using it.
    fn remember(&self, prepared: &Arc<Prepared>) {
        let mut known = self.known();
        if known.len() >= MAX_PREPARED
            && let Some(oldest) = known
                .values()
                .min_by_key(|prepared| prepared.id)
                .map(|prepared| prepared.digest)
        {
            known.remove(&oldest);
        }
        known.insert(prepared.digest, Arc::clone(prepared));
    }

    fn known(&self) -> std::sync::MutexGuard<'_, BTreeMap<Digest, Arc<Prepared>>> {
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Compile in a child that is given so much and no more.
    fn compile(&self, component: &[u8], admission: Admission) -> Result<Vec<u8>, PrepareError> {
        let limits = match admission {
            Admission::Publish => self.options.compilation.publish,
            Admission::Published => self.options.compilation.published,
        };
        // A child for nothing would be a waste, and reading the header is safe here.
        if component.len() > crate::gate::MAX_COMPONENT_BYTES {
            crate::gate::check(component, &[])?;
        }
        let cpu = Duration::from_secs(limits.cpu_seconds.unwrap_or(u64::MAX));
        let budget = Budget {
            cpu: cpu.saturating_add(Duration::from_secs(5)),
            wall: cpu.saturating_mul(10),
        };
        let mut worker = Worker::start(
            &self.options.worker,
            Role::Compile,
            limits,
            self.options.start,
        )
        .map_err(PrepareError::Host)?;
        let request = Request::Compile {
            opt: self.options.opt,
            component: serde_bytes::ByteBuf::from(component),
        };
        for measure in worker.report().missing() {
            tracing::warn!(measure, "the compiling child is locked down without it");
        }
        match worker.ask(&request, None, budget, &mut |_| None) {
            Ok(Response::Compiled(Err(PrepareError::Host(fault)))) => {
                Err(too_costly(&worker, fault))
            }
            Ok(Response::Compiled(compiled)) => compiled.map(serde_bytes::ByteBuf::into_vec),
            Ok(other) => Err(PrepareError::Host(unexpected(&other))),
            Err(fault) => Err(too_costly(&worker, fault)),
        }
    }

    fn load(&self, id: u64, code: &CodeFile) -> Result<Option<Loaded>, PrepareError> {
        match &self.place {
            // SAFETY: the bytes were compiled by our own child just now and sealed, or authenticated by the
            // cache, which never writes to a file twice.
            Place::Here(runner) => unsafe { runner.load(&code.file, code.len) }
                .map(Some)
                .map_err(PrepareError::from),
            Place::Workers(pool) => {
                let answer = pool
                    .with(|worker| ensure_loaded(worker, id, code))
                    .map_err(PrepareError::Host)?;
                answer.map(|()| None)
            }
        }
    }

    /// Ask a validator what it is, and check that the answer can be used.
    ///
    /// # Errors
    /// See [`PublishError`].
    pub fn describe(&self, validator: &Prepared) -> Result<ValidatorManifest, PublishError> {
        let described = match &self.place {
            Place::Here(runner) => {
                on_big_stack(|| runner.describe(here(validator).map_err(CallError::Host)?))
            }
            Place::Workers(pool) => pool
                .with(|worker| {
                    let request = Request::Describe {
                        validator: validator.id,
                    };
                    match self.ask_loaded(worker, validator, &request)? {
                        Response::Described(answer) => answered(answer),
                        other => Err(unexpected(&other)),
                    }
                })
                .unwrap_or_else(|fault| Err(CallError::Host(fault))),
        };
        described.map_err(|error| published("describe", error))
    }

    /// Ask a validator which checks these parameters (canonical JSON) ask for.
    ///
    /// # Errors
    /// See [`PublishError`].
    pub fn check_params(
        &self,
        validator: &Prepared,
        params: &str,
    ) -> Result<ParamsAnswer, PublishError> {
        let checked = match &self.place {
            Place::Here(runner) => on_big_stack(|| {
                runner.check_params(here(validator).map_err(CallError::Host)?, params)
            }),
            Place::Workers(pool) => pool
                .with(|worker| {
                    let request = Request::CheckParams {
                        validator: validator.id,
                        params: params.to_owned(),
                    };
                    match self.ask_loaded(worker, validator, &request)? {
                        Response::ParamsChecked(answer) => answered(answer),
                        other => Err(unexpected(&other)),
                    }
                })
                .unwrap_or_else(|fault| Err(CallError::Host(fault))),
        };
        checked.map_err(|error| published("check-params", error))
    }

    /// Have a worker make a call that publishes.
    fn ask_loaded(
        &self,
        worker: &mut Worker,
        validator: &Prepared,
        request: &Request,
    ) -> Result<Response, HostFault> {
        ensure_loaded(worker, validator.id, &validator.code)?.map_err(HostFault::internal)?;
        let budget = self.options.clock.budget(profile::DESCRIBE_FUEL);
        worker.ask(request, None, budget, &mut |_| None)
    }

    /// Judge a submission by one criterion.
    ///
    /// # Errors
    /// Only host faults; they are never recorded, and a worker that caused one is replaced.
    pub fn evaluate(&self, validator: &Prepared, job: &Job) -> Result<Evaluation, HostFault> {
        let output = match &self.place {
            Place::Here(runner) => run_here(runner, validator, job)?,
            Place::Workers(pool) => {
                pool.with(|worker| run_in(worker, validator, job, self.options.clock))?
            }
        };
        job::conclude(job, output)
    }
}

/// The environment's fault is the worker's end, whatever it was asked.
fn answered<T>(answer: Result<T, CallFailure>) -> Result<Result<T, CallError>, HostFault> {
    match answer.map_err(CallError::from) {
        Err(CallError::Host(fault)) => Err(fault),
        answer => Ok(answer),
    }
}

fn published(export: &'static str, error: CallError) -> PublishError {
    match error {
        CallError::Guest(code) => PublishError::Guest { export, code },
        CallError::Host(fault) => PublishError::Host(fault),
    }
}

fn here(validator: &Prepared) -> Result<&Loaded, HostFault> {
    let missing = || HostFault::internal("a validator was prepared by another engine");
    validator.loaded.as_ref().ok_or_else(missing)
}

/// Stack for the frames of the host beneath the deepest guest. Small enough that an ordinary thread
/// (2 MiB) needs no other stack: mapping one for every run costs 16 µs and does not scale over threads.
const HOST_STACK_BYTES: usize = 512 << 10;

/// wasmtime aborts the process if the native stack is smaller than the guest's may be.
fn on_big_stack<T>(call: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(
        profile::MAX_WASM_STACK_BYTES + HOST_STACK_BYTES,
        profile::NATIVE_STACK_BYTES,
        call,
    )
}

fn run_here(runner: &Runner, validator: &Prepared, job: &Job) -> Result<RunOutput, HostFault> {
    let loaded = here(validator)?;
    let shared = SharedFiles::new(OpenedFiles::new(
        Arc::clone(&job.submission),
        Arc::clone(&job.reference),
    ));
    let opened = shared.opened();
    let output = on_big_stack(|| runner.evaluate(loaded, &job.input(), Box::new(shared)))?;
    opened
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .verify()?;
    Ok(output)
}

fn run_in(
    worker: &mut Worker,
    validator: &Prepared,
    job: &Job,
    clock: ClockLimits,
) -> Result<RunOutput, HostFault> {
    let mut files = OpenedFiles::new(Arc::clone(&job.submission), Arc::clone(&job.reference));
    if let Err(error) = ensure_loaded(worker, validator.id, &validator.code)? {
        return Err(HostFault::internal(error));
    }
    let request = Request::Evaluate {
        validator: validator.id,
        input: Box::new(job.input()),
        submission: job::to_send(&job.submission),
        reference: job::to_send(&job.reference),
    };
    let response =
        worker.ask(
            &request,
            None,
            clock.budget(job.fuel()),
            &mut |response| match response {
                Response::OpenArtifact { set, index } => Some(open_for(&mut files, *set, *index)),
                _ => None,
            },
        )?;
    match response {
        Response::Evaluated(output) => {
            let output = (*output)?;
            worker.note_memory(output.usage.memory_bytes);
            files.verify()?;
            Ok(output)
        }
        other => Err(unexpected(&other)),
    }
}

fn open_for(files: &mut OpenedFiles, set: ArtifactSet, index: u32) -> Result<OwnedFd, HostFault> {
    files.descriptor(set, index as usize)
}

fn ensure_loaded(
    worker: &mut Worker,
    id: u64,
    code: &CodeFile,
) -> Result<Result<(), PrepareError>, HostFault> {
    match worker.ensure_loaded(id, code.file.as_fd(), code.len, LOAD)? {
        Response::Loaded(Err(PrepareError::Host(fault))) => Err(fault),
        Response::Loaded(loaded) => Ok(loaded),
        other => Err(unexpected(&other)),
    }
}

/// Signals by which the limits of a compiling child show.
const SIGABRT: i32 = libc::SIGABRT;
const SIGXCPU: i32 = libc::SIGXCPU;

/// A compiling child that hit its limits: the component is to blame, not the host. Where the limits could
/// not be set, or the system's own are lower, it may have been those.
fn too_costly(worker: &Worker, fault: HostFault) -> PrepareError {
    let limited = worker.report().limits_in_force;
    match (fault.code, worker.died_of()) {
        (HostFaultCode::WorkerCpuLimit, _) => PrepareError::TooCostly(Resource::Cpu),
        (_, Some(SIGXCPU)) if limited => PrepareError::TooCostly(Resource::Cpu),
        // The allocator aborts when the data limit refuses it; a mapping that it refuses is an error.
        (_, Some(SIGABRT)) | (HostFaultCode::OutOfMemory, _) if limited => {
            PrepareError::TooCostly(Resource::Memory)
        }
        _ => PrepareError::Host(fault),
    }
}

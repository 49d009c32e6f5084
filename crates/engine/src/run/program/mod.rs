//! The import `program`: a validator runs what was delivered, in an interpreter of its own.
//!
//! Everything that a run may use is taken from what the validator itself may use, and is checked before anything is done, so
//! that a program cannot cost its host more than the criterion's limits say. What the program does, it says as data; only the
//! environment's failure ends the validator's run.

use proofmark_criteria::fault::{FaultCode, HostFaultCode};
use proofmark_program::{Exit, LOAD_PER_BYTE, Limits, MAX_MODULE_BYTES, Program, Request, Run};
use wasmtime::component::{Lift, Linker, Resource, ResourceType, WasmList, WasmStr};
use wasmtime::{Error, Result, StoreContextMut};

use super::host::fetch;
use super::state::{OpenArtifact, RunState, charge, ended};
use crate::fault::HostFault;
use crate::profile::{self, PRICES};

mod wire;

type Store<'a> = StoreContextMut<'a, RunState>;

pub(super) const PROGRAM: &str = "proofmark:validator/program@1.0.0";

pub(super) fn add_to_linker(linker: &mut Linker<RunState>) -> Result<()> {
    let mut instance = linker.instance(PROGRAM)?;
    instance.resource(
        "program",
        ResourceType::host::<Program>(),
        |mut store, rep| {
            let state = store.data_mut();
            state.programs -= 1;
            state.table.delete(Resource::<Program>::new_own(rep))?;
            Ok(())
        },
    )?;
    instance.func_wrap("fuel-left", |mut store: Store<'_>, (): ()| {
        charge(&mut store, PRICES.call)?;
        Ok((store.get_fuel()?,))
    })?;
    instance.func_wrap("memory-left", |mut store: Store<'_>, (): ()| {
        charge(&mut store, PRICES.call)?;
        Ok((memory_left(&store),))
    })?;
    instance.func_wrap("spend-to", |mut store: Store<'_>, (left,): (u64,)| {
        charge(&mut store, PRICES.call)?;
        let rest = store.get_fuel()?.min(left);
        let most = rest.saturating_sub(profile::SPENT_MARGIN_FUEL);
        let state = store.data_mut();
        state.fuel_left_most = state.fuel_left_most.min(most);
        store.set_fuel(rest)
    })?;
    instance.func_wrap(
        "load",
        |mut store: Store<'_>, (source,): (Resource<OpenArtifact>,)| {
            Ok((load(&mut store, &source)?,))
        },
    )?;
    instance.func_wrap(
        "[method]program.run",
        |mut store: Store<'_>, (program, request): (Resource<Program>, wire::Request)| {
            Ok((run(&mut store, &program, &request)?,))
        },
    )
}

fn load(
    store: &mut Store<'_>,
    source: &Resource<OpenArtifact>,
) -> Result<Result<Resource<Program>, wire::LoadError>> {
    charge(store, PRICES.call)?;
    if store.data().programs >= profile::MAX_PROGRAMS {
        return Ok(Err(wire::LoadError::TooMany));
    }
    let artifact = store.data().table.get(source)?;
    let (bytes, size) = (artifact.bytes.clone(), artifact.size);
    if size > MAX_MODULE_BYTES {
        return Ok(Err(wire::LoadError::TooLarge));
    }
    charge(store, (PRICES.read_per_byte + LOAD_PER_BYTE) * size)?;
    store.data_mut().count_read(size)?;
    let module = fetch(&bytes, 0, size)?;
    Ok(match Program::load(&module) {
        Ok(program) => {
            let state = store.data_mut();
            state.programs += 1;
            Ok(state.table.push(program)?)
        }
        Err(error) => Err(error.into()),
    })
}

fn run(
    store: &mut Store<'_>,
    program: &Resource<Program>,
    request: &wire::Request,
) -> Result<wire::Run> {
    charge(store, PRICES.call)?;
    let limits = granted(store, &request.limits)?;
    let mut passed = Passed {
        store: &mut *store,
        left: profile::MAX_PROGRAM_INPUT_BYTES,
    };
    let request = Request {
        args: passed.texts(&request.args)?,
        stdin: passed.bytes(&request.stdin)?,
        files: passed.files(&request.files)?,
        limits,
    };
    let before = store.get_fuel()?;
    if limits.fuel > before {
        store.set_fuel(0)?;
        return Err(ended(FaultCode::OutOfFuel));
    }
    let ran = store.data().table.get(program)?.run(request);
    let ran = ran.map_err(|failure| {
        Error::new(HostFault::new(
            HostFaultCode::OutOfMemory,
            failure.to_string(),
        ))
    })?;
    store.set_fuel(before.saturating_sub(ran.fuel_used))?;
    let state = store.data_mut();
    state.limiter.note_beside(ran.memory_bytes);
    let output = (ran.stdout.len() + ran.stderr.len()) as u64;
    charge(store, PRICES.text_per_byte * output)?;
    Ok(ran.into())
}

/// What the criterion's limit has room for beside the validator.
fn memory_left(store: &Store<'_>) -> u64 {
    let state = store.data();
    let held = state.limiter.memory_now();
    state.limits.memory_bytes.saturating_sub(held)
}

/// What is asked for, if the criterion's limits have room for it beside the validator.
fn granted(store: &Store<'_>, asked: &wire::Limits) -> Result<Limits> {
    let most = memory_left(store).min(profile::MAX_PROGRAM_MEMORY_BYTES);
    if asked.memory_bytes > most {
        return Err(ended(FaultCode::MemoryLimit));
    }
    Ok(Limits {
        fuel: asked.fuel,
        memory_bytes: asked.memory_bytes,
        output_bytes: u64::from(asked.output_bytes.min(profile::MAX_PROGRAM_OUTPUT_BYTES)),
    })
}

/// What a validator passes to a program: paid for before it is copied, and no more than a host can hold.
struct Passed<'s, 'a> {
    store: &'s mut Store<'a>,
    left: u64,
}

impl Passed<'_, '_> {
    fn take(&mut self, bytes: usize) -> Result<()> {
        charge(self.store, PRICES.text_per_byte * bytes as u64)?;
        let left = self.left.checked_sub(bytes as u64);
        self.left = left.ok_or_else(|| ended(FaultCode::ReadLimit))?;
        Ok(())
    }

    fn bytes(&mut self, list: &WasmList<u8>) -> Result<Vec<u8>> {
        self.take(list.len())?;
        Ok(list.as_le_slice(&*self.store).to_vec())
    }

    /// How long a text is shows only once it is decoded; the validator's memory bounds how much that can be.
    fn text(&mut self, text: &WasmStr) -> Result<String> {
        charge(self.store, PRICES.call)?;
        let text = text.to_str(&*self.store);
        let text = text.map_err(|_| ended(FaultCode::AbiViolation))?;
        let text = text.into_owned();
        self.take(text.len())?;
        Ok(text)
    }

    fn texts(&mut self, list: &WasmList<WasmStr>) -> Result<Vec<String>> {
        let all = 0..list.len();
        all.map(|index| {
            let text = item(self.store, list, index)?;
            self.text(&text)
        })
        .collect()
    }

    fn files(&mut self, list: &WasmList<wire::File>) -> Result<Vec<(String, Vec<u8>)>> {
        let all = 0..list.len();
        all.map(|index| {
            let file = item(self.store, list, index)?;
            Ok((self.text(&file.path)?, self.bytes(&file.content)?))
        })
        .collect()
    }
}

fn item<T: Lift>(store: &mut Store<'_>, list: &WasmList<T>, index: usize) -> Result<T> {
    let item = list.get(&mut *store, index);
    item.unwrap_or_else(|| Err(ended(FaultCode::AbiViolation)))
}

impl From<Run> for wire::Run {
    fn from(run: Run) -> Self {
        Self {
            exit: run.exit.into(),
            stdout: run.stdout,
            stderr: run.stderr,
            fuel_used: run.fuel_used,
            memory_bytes: run.memory_bytes,
        }
    }
}

impl From<Exit> for wire::Exit {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Exited(status) => Self::Exited(status),
            Exit::Trapped(trap) => Self::Trapped(trap.into()),
            Exit::OutOfFuel => Self::OutOfFuel,
            Exit::OutOfMemory => Self::OutOfMemory,
            Exit::OutputLimit => Self::OutputLimit,
            Exit::Denied(name) => Self::Denied(name),
        }
    }
}

//! One run of a program.

use serde::{Deserialize, Serialize};
use wasmi::errors::{ErrorKind, MemoryError, TableError};
use wasmi::{Error, Store, TrapCode};

use crate::limiter::Limiter;
use crate::load::{Program, START};
use crate::profile::FUEL_FACTOR;
use crate::wasi::{Ended, Host};

/// What one run may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// Units of a validator's fuel.
    pub fuel: u64,
    /// Bytes of linear memory.
    pub memory_bytes: u64,
    /// Bytes of standard output and standard error together.
    pub output_bytes: u64,
}

/// What a program is run on.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Its arguments; the first one is by custom its name.
    pub args: Vec<String>,
    /// Its standard input.
    pub stdin: Vec<u8>,
    /// The files that it sees, below `/`, and cannot change.
    pub files: Vec<(String, Vec<u8>)>,
    /// What it may use.
    pub limits: Limits,
}

/// How a run ended. Each of them is the program's own doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Exit {
    /// It ended by itself; 0 means success.
    Exited(u32),
    /// It did what no program may.
    Trapped(Trap),
    /// It used up its fuel.
    OutOfFuel,
    /// It wanted more memory than it may have.
    OutOfMemory,
    /// It wrote more than it may.
    OutputLimit,
    /// It called a function of the system that is not offered.
    Denied(String),
}

/// What no program may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trap {
    /// It gave up: a panic, an assertion, `abort`.
    Unreachable,
    /// Memory that is not there.
    MemoryOutOfBounds,
    /// A table entry that is not there.
    TableOutOfBounds,
    /// A call through a pointer to nothing, or to a function of another type.
    BadIndirectCall,
    /// A division by zero.
    DivisionByZero,
    /// A quotient that is no integer of its type.
    IntegerOverflow,
    /// A float that is no integer of the wanted type.
    BadConversion,
    /// Calls inside calls, or their values, beyond the fixed limit.
    StackOverflow,
    /// Anything else, such as data that does not fit into its own memory.
    Other,
}

/// The environment failed; try again elsewhere. Never the program's fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the system refused memory for a program")]
pub struct HostFailure;

/// What a run gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// How it ended.
    pub exit: Exit,
    /// What it wrote to standard output, up to the limit.
    pub stdout: Vec<u8>,
    /// What it wrote to standard error, up to the limit.
    pub stderr: Vec<u8>,
    /// What it used, in units of a validator's fuel; never more than the limit.
    pub fuel_used: u64,
    /// The most linear memory that it had, in bytes.
    pub memory_bytes: u64,
}

/// The data of a store.
pub(crate) struct State {
    pub(crate) limiter: Limiter,
    pub(crate) host: Host,
}

impl State {
    fn new(request: Request) -> Self {
        Self {
            limiter: Limiter::new(request.limits.memory_bytes),
            host: Host::new(request),
        }
    }
}

impl Program {
    /// Run the program, in an instance of its own.
    ///
    /// # Errors
    /// When the system has no memory for it.
    pub fn run(&self, request: Request) -> Result<Run, HostFailure> {
        let fuel = request.limits.fuel / FUEL_FACTOR;
        let mut store = Store::new(self.module.engine(), State::new(request));
        store.limiter(|state| &mut state.limiter);
        let left = fuel.checked_sub(self.run_price);
        store.set_fuel(left.unwrap_or(0)).map_err(|_| HostFailure)?;
        let ended = match left {
            Some(_) => self.start(&mut store),
            None => Err(Error::host(Ended::OutOfFuel)),
        };
        let left = store.get_fuel().map_err(|_| HostFailure)?;
        let State { limiter, host } = store.into_data();
        if limiter.refused {
            return Err(HostFailure);
        }
        let exit = match ended {
            Ok(()) => Exit::Exited(0),
            Err(_) if limiter.exceeded => Exit::OutOfMemory,
            Err(error) => exit(&error).ok_or(HostFailure)?,
        };
        let left = if exit == Exit::OutOfFuel { 0 } else { left };
        Ok(Run {
            exit,
            stdout: host.stdout,
            stderr: host.stderr,
            fuel_used: fuel.saturating_sub(left).saturating_mul(FUEL_FACTOR),
            memory_bytes: limiter.memory_peak(),
        })
    }

    fn start(&self, store: &mut Store<State>) -> Result<(), Error> {
        let instance = self
            .linker
            .instantiate_and_start(&mut *store, &self.module)?;
        let start = instance.get_typed_func::<(), ()>(&*store, START)?;
        start.call(store, ())
    }
}

/// What an error means; nothing if it is the system's.
fn exit(error: &Error) -> Option<Exit> {
    if let Some(status) = error.i32_exit_status() {
        return Some(Exit::Exited(status.cast_unsigned()));
    }
    if let Some(ended) = error.downcast_ref::<Ended>() {
        return Some(match ended {
            Ended::OutputLimit => Exit::OutputLimit,
            Ended::OutOfFuel => Exit::OutOfFuel,
            Ended::Denied(name) => Exit::Denied((*name).to_owned()),
            Ended::BadPointer => Exit::Trapped(Trap::MemoryOutOfBounds),
        });
    }
    Some(match error.kind() {
        ErrorKind::TrapCode(TrapCode::OutOfSystemMemory)
        | ErrorKind::Memory(MemoryError::OutOfSystemMemory)
        | ErrorKind::Table(TableError::OutOfSystemMemory) => return None,
        ErrorKind::TrapCode(TrapCode::OutOfFuel)
        | ErrorKind::Memory(MemoryError::OutOfFuel { .. })
        | ErrorKind::Table(TableError::OutOfFuel { .. })
        | ErrorKind::Fuel(_) => Exit::OutOfFuel,
        ErrorKind::TrapCode(TrapCode::GrowthOperationLimited) => Exit::OutOfMemory,
        ErrorKind::TrapCode(code) => Exit::Trapped(trap(*code)),
        // Segments that do not fit, and the like: found while the instance is made.
        _ => Exit::Trapped(Trap::Other),
    })
}

fn trap(code: TrapCode) -> Trap {
    match code {
        TrapCode::UnreachableCodeReached => Trap::Unreachable,
        TrapCode::MemoryOutOfBounds => Trap::MemoryOutOfBounds,
        TrapCode::TableOutOfBounds => Trap::TableOutOfBounds,
        TrapCode::IndirectCallToNull | TrapCode::BadSignature => Trap::BadIndirectCall,
        TrapCode::IntegerDivisionByZero => Trap::DivisionByZero,
        TrapCode::IntegerOverflow => Trap::IntegerOverflow,
        TrapCode::BadConversionToInteger => Trap::BadConversion,
        TrapCode::StackOverflow => Trap::StackOverflow,
        _ => Trap::Other,
    }
}

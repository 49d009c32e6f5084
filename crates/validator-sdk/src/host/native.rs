//! Files in memory, one set per thread, answering as the contract says.

use super::{HOST_CALL_MAX_BYTES, Origin, PAGE_MAX_ENTRIES};
use crate::bindings::proofmark::validator::{artifacts, log as host_log};
use artifacts::AccessError;
use sha2::{Digest as _, Sha256};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::rc::Rc;

/// What the validators of this thread see.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) files: BTreeMap<(Origin, String), Rc<[u8]>>,
    pub(crate) log: Vec<(host_log::Level, String)>,
    /// What programs used.
    #[cfg(feature = "program")]
    pub(crate) fuel_used: u64,
}

thread_local! {
    static WORLD: RefCell<World> = RefCell::new(World::default());
}

/// Puts `world` in place and returns what was there.
pub(crate) fn replace(world: World) -> World {
    WORLD.with(|current| current.replace(world))
}

/// An open file in memory.
pub(crate) struct Handle(Rc<[u8]>);

impl Handle {
    pub(crate) fn size(&self) -> u64 {
        self.0.len() as u64
    }

    pub(crate) fn digest(&self) -> Vec<u8> {
        Sha256::digest(&self.0).to_vec()
    }

    pub(crate) fn read(&self, offset: u64, len: u32) -> Result<Vec<u8>, AccessError> {
        Ok(self.piece(offset, len)?.to_vec())
    }

    pub(crate) fn read_records(
        &self,
        offset: u64,
        len: u32,
        delimiter: u8,
    ) -> Result<Vec<u8>, AccessError> {
        let piece = self.piece(offset, len)?;
        if offset + piece.len() as u64 == self.size() {
            return Ok(piece.to_vec());
        }
        let last = piece.iter().rposition(|byte| *byte == delimiter);
        let end = last.ok_or(AccessError::OutOfRange)? + 1;
        Ok(piece[..end].to_vec())
    }

    pub(crate) fn hash_range(&self, offset: u64, len: u64) -> Result<Vec<u8>, AccessError> {
        let end = offset.checked_add(len).filter(|end| *end <= self.size());
        let end = end.ok_or(AccessError::OutOfRange)?;
        Ok(Sha256::digest(&self.0[offset as usize..end as usize]).to_vec())
    }

    fn piece(&self, offset: u64, len: u32) -> Result<&[u8], AccessError> {
        if offset > self.size() || len > HOST_CALL_MAX_BYTES {
            return Err(AccessError::OutOfRange);
        }
        let end = offset.saturating_add(u64::from(len)).min(self.size());
        Ok(&self.0[offset as usize..end as usize])
    }
}

pub(crate) fn open(origin: Origin, path: &str) -> Result<Handle, AccessError> {
    WORLD.with_borrow(|world| {
        let key = (origin, path.to_owned());
        world
            .files
            .get(&key)
            .cloned()
            .map(Handle)
            .ok_or(AccessError::NotFound)
    })
}

pub(crate) fn enumerate(origin: Origin, after: Option<&str>, limit: u32) -> Vec<artifacts::Entry> {
    let start = match after {
        Some(path) => Bound::Excluded((origin, path.to_owned())),
        None => Bound::Included((origin, String::new())),
    };
    WORLD.with_borrow(|world| {
        let rest = world.files.range((start, Bound::Unbounded));
        rest.take_while(|((of, _), _)| *of == origin)
            .take(limit.min(PAGE_MAX_ENTRIES) as usize)
            .map(|((_, path), bytes)| artifacts::Entry {
                path: path.clone(),
                size: bytes.len() as u64,
                digest: Sha256::digest(bytes).to_vec(),
            })
            .collect()
    })
}

pub(crate) fn log(level: host_log::Level, message: &str) {
    WORLD.with_borrow_mut(|world| world.log.push((level, message.to_owned())));
}

/// Running programs: by whom, the test says.
#[cfg(feature = "program")]
pub(crate) mod program {
    use super::{Handle, WORLD};
    use crate::bindings::proofmark::validator::program::{LoadError, Request, Run};
    use std::cell::Cell;

    /// The fuel of a criterion that sets no limit. What the validator itself uses is not counted here.
    const FUEL: u64 = 1_000_000_000;
    /// Its memory, less what a small validator holds.
    const MEMORY_BYTES: u64 = 124 << 20;

    /// A program that can be run.
    pub type Runnable = Box<dyn Fn(&Request) -> Run>;

    /// Makes a program of a file's bytes.
    pub type Interpreter = fn(&[u8]) -> Result<Runnable, LoadError>;

    thread_local! {
        static INTERPRETER: Cell<Option<Interpreter>> = const { Cell::new(None) };
    }

    pub(crate) fn interpret_with(interpreter: Interpreter) {
        INTERPRETER.set(Some(interpreter));
    }

    pub(crate) struct Program(Runnable);

    pub(crate) fn load(source: &Handle) -> Result<Program, LoadError> {
        let missing = "say with testing::interpret_programs_with who runs programs";
        INTERPRETER.get().expect(missing)(&source.0).map(Program)
    }

    pub(crate) fn run(program: &Program, request: &Request) -> Run {
        let run = program.0(request);
        WORLD.with_borrow_mut(|world| world.fuel_used += run.fuel_used);
        run
    }

    pub(crate) fn fuel_left() -> u64 {
        WORLD.with_borrow(|world| FUEL.saturating_sub(world.fuel_used))
    }

    pub(crate) fn memory_left() -> u64 {
        MEMORY_BYTES
    }

    pub(crate) fn spend_to(left: u64) {
        let used = FUEL.saturating_sub(left);
        WORLD.with_borrow_mut(|world| world.fuel_used = world.fuel_used.max(used));
    }
}

//! A module is checked and translated, or it is said why it is none that can be run.

use std::fmt;

use serde::{Deserialize, Serialize};
use wasmi::{CompilationMode, Config, EnforcedLimits, Engine, ExternType, Linker, Module};

use crate::gate;
use crate::profile::{MAX_IMPORTS, MAX_MODULE_BYTES, MAX_RECURSION, MAX_STACK_BYTES, PRICES};
use crate::run::State;
use crate::wasi::{self, WASI, importable};

/// What every program exports.
pub(crate) const START: &str = "_start";
pub(crate) const MEMORY: &str = "memory";

/// A module that can be run, as often as one likes.
pub struct Program {
    pub(crate) module: Module,
    pub(crate) linker: Linker<State>,
    /// What a run costs before its first instruction.
    pub(crate) run_price: u64,
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Program").finish_non_exhaustive()
    }
}

/// Why a file is no program. All of them are the fault of whoever made the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum LoadError {
    /// The file is not WebAssembly.
    #[error("the file is not WebAssembly")]
    NotWebAssembly,
    /// A component; a program is a core module.
    #[error("the file is a component, a program is a core module (wasm32-wasip1)")]
    Component,
    /// Longer than [`MAX_MODULE_BYTES`].
    #[error("the module has {bytes} bytes, more than {MAX_MODULE_BYTES}")]
    TooLarge {
        /// How long it is.
        bytes: u64,
    },
    /// It breaks off, is not valid, needs a proposal that is off, or has more of something than a module may have.
    #[error("the module is not valid, needs what is switched off, or has too many parts")]
    Invalid,
    /// It imports what is not offered.
    #[error("the module imports `{0}`, which is not offered")]
    Import(String),
    /// It lacks what a command exports.
    #[error("the module does not export `{0}` as a command does")]
    Export(String),
}

impl Program {
    /// Check and translate a module.
    ///
    /// # Errors
    /// See [`LoadError`].
    pub fn load(bytes: &[u8]) -> Result<Self, LoadError> {
        match bytes.get(4..8) {
            Some([1, 0, 0, 0]) if bytes.starts_with(b"\0asm") => {}
            Some([_, 0, 1, 0]) if bytes.starts_with(b"\0asm") => return Err(LoadError::Component),
            _ => return Err(LoadError::NotWebAssembly),
        }
        let len = bytes.len() as u64;
        if len > MAX_MODULE_BYTES {
            return Err(LoadError::TooLarge { bytes: len });
        }
        if !gate::passes(bytes) {
            return Err(LoadError::Invalid);
        }
        let engine = Engine::new(&config());
        // What the interpreter says about a stranger's module is its own text, and no part of an answer.
        let module = Module::new(&engine, bytes).map_err(|_| LoadError::Invalid)?;
        imports(&module)?;
        let memory = exports(&module)?;
        Ok(Self {
            linker: wasi::linker(&engine),
            run_price: run_price(len, memory),
            module,
        })
    }
}

/// Whether all that it imports is offered, with the very types.
fn imports(module: &Module) -> Result<(), LoadError> {
    if module.imports().len() > MAX_IMPORTS {
        return Err(LoadError::Invalid);
    }
    let foreign = module.imports().find(|import| {
        let ty = import.ty().func();
        let offered = import.module() == WASI && ty.is_some_and(|ty| importable(import.name(), ty));
        !offered
    });
    match foreign {
        None => Ok(()),
        Some(import) => {
            let name = format!("{}.{}", import.module(), import.name());
            Err(LoadError::Import(shortened(&name)))
        }
    }
}

/// A stranger's name, short enough to be told.
fn shortened(name: &str) -> String {
    let plain = |letter: char| {
        if letter.is_control() {
            '\u{fffd}'
        } else {
            letter
        }
    };
    name.chars().take(120).map(plain).collect()
}

/// What a run costs before its first instruction.
fn run_price(module_bytes: u64, memory_bytes: u64) -> u64 {
    let filled = PRICES.run_per_module_byte * module_bytes;
    PRICES.run + filled + PRICES.run_per_64_bytes * (memory_bytes / 64)
}

/// Bytes of a page of linear memory.
const PAGE_BYTES: u64 = 64 << 10;

/// Whether it exports what a command does; the memory that it begins with, in bytes.
fn exports(module: &Module) -> Result<u64, LoadError> {
    let start = |ty: &ExternType| {
        let ty = ty.func();
        ty.is_some_and(|ty| ty.params().is_empty() && ty.results().is_empty())
    };
    let missing = |name: &str| LoadError::Export(name.to_owned());
    let found = module.get_export(START);
    if !found.as_ref().is_some_and(start) {
        return Err(missing(START));
    }
    let memory = module.get_export(MEMORY);
    let memory = memory.as_ref().and_then(ExternType::memory);
    let memory = memory.ok_or_else(|| missing(MEMORY))?;
    Ok(memory.minimum().saturating_mul(PAGE_BYTES))
}

/// Every proposal is switched on or off by name, so that a future default cannot opt us in. SIMD and 64-bit memories are not
/// compiled in. What is not a number is one number (the feature `deterministic`).
fn config() -> Config {
    let mut config = Config::default();
    config
        .consume_fuel(true)
        // Nothing depends on which function runs first.
        .compilation_mode(CompilationMode::Eager)
        .enforced_limits(EnforcedLimits::strict())
        .set_max_recursion_depth(MAX_RECURSION)
        .set_max_stack_height(MAX_STACK_BYTES)
        .ignore_custom_sections(true)
        .floats(true)
        .wasm_mutable_global(true)
        .wasm_sign_extension(true)
        .wasm_saturating_float_to_int(true)
        .wasm_multi_value(false)
        .wasm_bulk_memory(true)
        .wasm_reference_types(true)
        .wasm_extended_const(false)
        .wasm_multi_memory(false)
        .wasm_tail_call(false)
        .wasm_custom_page_sizes(false)
        .wasm_wide_arithmetic(false);
    config
}

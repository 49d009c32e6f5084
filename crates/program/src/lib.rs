//! Work that is a program: run it on what it is given, and see what it writes.
//!
//! | file | what it does |
//! |---|---|
//! | `gate` | validates a module, before the interpreter sees it |
//! | `load` | checks and translates a module, or says why it is none that can be run |
//! | `run` | one run: a fresh instance, metered and bounded, that ends in an [`Exit`] |
//! | `limiter` | memory and tables of a run |
//! | `files` | the files that a run sees |
//! | `profile` | limits and prices |
//! | `wasi` | what a program may ask for: `wasi_snapshot_preview1`, with answers that never differ |
//!
//! A program is a core module that exports `_start` and `memory`, as compilers make them for `wasm32-wasip1` (Rust, C, Zig,
//! TinyGo). It is validated, and then interpreted: a compiler could be made to work for minutes on a stranger's module
//! (docs/design/0021-programs.md).
//!
//! **In scope:** running one module. **Out of scope:** who may run what (`proofmark-engine`), and what an output is worth
//! (validators).
//!
//! **Invariant.** What a run gives is a function of the module and the [`Request`], fuel included, on every machine.

mod files;
mod gate;
mod limiter;
mod load;
mod profile;
mod run;
mod wasi;

pub use load::{LoadError, Program};
pub use profile::{FUEL_FACTOR, LOAD_PER_BYTE, MAX_MODULE_BYTES, PROFILE, Prices, Profile};
pub use run::{Exit, HostFailure, Limits, Request, Run, Trap};

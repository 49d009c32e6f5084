//! Running what was delivered, when the work is a program.
//!
//! A program is a WASI command (`wasm32-wasip1`). It runs in an interpreter of its own, sees what it is given and nothing else, and
//! says nothing but by what it writes and how it ends. What it may use comes out of what the validator may use; see the interface
//! `program` of the contract.
//!
//! ```no_run
//! use proofmark_validator_sdk::program::{Exit, Limits, Program, Request};
//! use proofmark_validator_sdk::submission;
//!
//! let file = submission::open("solution.wasm").expect("the program");
//! let program = Program::load(&file).expect("a command");
//! let run = program.run(&Request {
//!     args: vec!["solution".into()],
//!     stdin: b"2 3\n".to_vec(),
//!     files: Vec::new(),
//!     limits: Limits {
//!         fuel: 50_000_000,
//!         memory_bytes: 32 << 20,
//!         output_bytes: 1_000,
//!     },
//! });
//! assert_eq!((run.exit, run.stdout), (Exit::Exited(0), b"5\n".to_vec()));
//! ```

use crate::artifact::Artifact;
pub use crate::bindings::proofmark::validator::program::{
    Exit, File, Limits, LoadError, Request, Run, Trap,
};
use crate::host;

/// A program that can be run as often as one likes.
pub struct Program(host::program::Program);

impl Program {
    /// Check and translate a file. Costs 401 units of fuel per byte.
    ///
    /// # Errors
    /// Why it is none that can be run.
    pub fn load(source: &Artifact) -> Result<Self, LoadError> {
        host::program::load(source.handle()).map(Self)
    }

    /// Run it, in a fresh instance.
    pub fn run(&self, request: &Request) -> Run {
        host::program::run(&self.0, request)
    }
}

/// The fuel that is left. A validator asks before its first run whether all of them can be paid, with what passing and its own work
/// cost: then a program that uses up all that it may cannot bring it to its end.
pub fn fuel_left() -> u64 {
    host::program::fuel_left()
}

/// The memory that is left beside the validator, in bytes.
pub fn memory_left() -> u64 {
    host::program::memory_left()
}

/// Spend fuel until no more than this is left, and let the rest of the run count as 10 million units, if it takes less. What a run
/// used is public, and a program decides what it uses: a validator that runs it on what must stay secret spends the same in any case.
pub fn spend_to(left: u64) {
    host::program::spend_to(left);
}

//! `wasi_snapshot_preview1` for a program: arguments, standard streams, files that cannot be changed, and answers that never
//! differ where a system would have a clock or chance.
//!
//! | file | functions |
//! |---|---|
//! | `host` | what the functions answer from |
//! | `guest` | reading and writing the program's memory, and paying for it |
//! | `process` | arguments, environment, clocks, chance, waiting, the end |
//! | `descriptors` | standard streams and open files |
//! | `paths` | opening and asking for files |
//! | `denied` | the others: a program may import them, and a call of them ends it |
//! | `signatures` | names and types of all of them |

mod denied;
mod descriptors;
mod guest;
mod host;
mod paths;
mod process;
mod signatures;

pub(crate) use host::{Ended, Host};
pub(crate) use signatures::importable;

use wasmi::{Engine, Linker};

use crate::run::State;

/// The module that all these functions are imported from.
pub(crate) const WASI: &str = "wasi_snapshot_preview1";

/// `errno` as preview 1 numbers it.
pub(crate) mod errno {
    pub(crate) const SUCCESS: i32 = 0;
    pub(crate) const BADF: i32 = 8;
    pub(crate) const INVAL: i32 = 28;
    pub(crate) const ISDIR: i32 = 31;
    pub(crate) const NFILE: i32 = 41;
    pub(crate) const NOENT: i32 = 44;
    pub(crate) const NOTDIR: i32 = 54;
    pub(crate) const NOTSUP: i32 = 58;
    pub(crate) const ROFS: i32 = 69;
    pub(crate) const SPIPE: i32 = 70;
}

/// Everything that is offered.
pub(crate) fn linker(engine: &Engine) -> Linker<State> {
    let mut linker = Linker::new(engine);
    process::add(&mut linker)
        .and_then(|()| descriptors::add(&mut linker))
        .and_then(|()| paths::add(&mut linker))
        .and_then(|()| denied::add(&mut linker))
        .expect("no function is offered twice");
    linker
}

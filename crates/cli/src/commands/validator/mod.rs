//! `proofmark validator …`
//!
//! | file | what |
//! |---|---|
//! | `source` | the component and the fixtures behind an argument |
//! | `component` | from a crate to a component |
//! | `test`, `qualify`, `bench`, `inspect`, `build`, `new`, `publish` | one for each command |
//! | `skeleton` | the files of a new validator |
//! | `imports` | what a component asks its host for |
//! | `table` | aligned text |

mod bench;
mod build;
mod component;
mod imports;
mod inspect;
mod new;
mod publish;
mod qualify;
mod skeleton;
mod source;
mod table;
mod test;

use super::Outcome;
use crate::args::{Global, Validator};
use crate::printer::Printer;

pub(crate) fn run(command: &Validator, global: &Global, printer: &Printer) -> Outcome {
    match command {
        Validator::New { directory } => new::run(directory, printer),
        Validator::Build { directory, to } => build::run(directory, to.as_deref(), printer),
        Validator::Test {
            validator,
            fixtures,
        } => test::run(validator, fixtures.as_deref(), global, printer),
        Validator::Qualify {
            validator,
            fixtures,
            mutants,
            least,
        } => {
            let wanted = qualify::Wanted {
                mutants: *mutants as usize,
                least: *least,
            };
            qualify::run(validator, fixtures.as_deref(), wanted, global, printer)
        }
        Validator::Inspect { validator } => inspect::run(validator, global, printer),
        Validator::Publish { validator, key, at } => publish::run(validator, key, at, printer),
        Validator::Bench {
            validator,
            fixtures,
            runs,
        } => bench::run(validator, fixtures.as_deref(), *runs, global, printer),
    }
}

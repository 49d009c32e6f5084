//! `proofmark policy …`

mod edit;
mod export;
mod file;
mod show;
mod sign;

use proofmark_core::Timestamp;

use super::Outcome;
use crate::args::{Policy, When};
use crate::commands::evidence;
use crate::printer::Printer;

pub(crate) fn run(command: &Policy, printer: &Printer) -> Outcome {
    match command {
        Policy::Sign {
            policy,
            key,
            merge,
            previous,
            when,
        } => {
            let previous = previous.as_deref();
            sign::run(policy, key, merge, previous, moment(*when), printer)
        }
        Policy::Lint { policy, when } => show::lint(policy, moment(*when), printer),
        Policy::Show { policy, when } => show::run(policy, moment(*when), printer),
        Policy::Export {
            policy,
            format,
            role,
            when,
        } => export::run(policy, *format, (*role).into(), moment(*when), printer),
        Policy::New { .. } => edit::begin(command, printer),
        other => edit::run(other, printer),
    }
}

fn moment(when: When) -> Timestamp {
    when.now.unwrap_or_else(evidence::now)
}

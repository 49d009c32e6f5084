//! `proofmark witness …`

use std::sync::Arc;

use proofmark_log::serve::witness_routes;
use proofmark_log::witness::{Witness as Server, WitnessError};
use proofmark_tlog::NoteKey;

use super::log::serve_until_stopped;
use super::{Outcome, evidence};
use crate::args::Witness;
use crate::failure::{Failure, chain};
use crate::printer::Printer;
use crate::signers;

pub(crate) fn run(command: &Witness, printer: &Printer) -> Outcome {
    let Witness::Serve {
        directory,
        name,
        key,
        logs,
        listen,
    } = command;
    let signer = signers::open(key)?;
    let key = NoteKey::witness(name.clone(), *signer.public_key());
    let witness = Server::open(directory, &key, Arc::from(signer), logs)?;
    printer.note(format!("witness {key}"));
    serve_until_stopped(
        witness_routes(Arc::new(witness), Arc::new(evidence::now)),
        *listen,
        printer,
    )
}

impl From<WitnessError> for Failure {
    fn from(error: WitnessError) -> Self {
        match error {
            WitnessError::Directory(error) => error.into(),
            other => Self::input(
                other.code(),
                chain(&other),
                "name each log once, by its own key",
            ),
        }
    }
}

//! One file for each command: read, decide elsewhere, print.

mod cache;
mod check;
mod criteria;
mod demo;
mod evidence;
mod key;
mod log;
mod market;
mod policy;
mod submission;
mod trade;
mod validator;
mod webhook;
mod witness;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use clap::CommandFactory;

use crate::args::{Args, Command};
use crate::failure::{Exit, Failure};
use crate::printer::Printer;

/// What every command gives back.
pub(crate) type Outcome = Result<Exit, Failure>;

/// A document, and no more of a larger one than shows its reader that it is too large. A pipe is fine.
pub(crate) fn read_document(file: &Path, max_bytes: usize) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let limit = (max_bytes as u64).saturating_add(1);
    File::open(file)
        .and_then(|opened| opened.take(limit).read_to_end(&mut bytes))
        .map_err(|error| Failure::unreadable(file, &error))?;
    Ok(bytes)
}

/// Run what the command line asks for.
pub(crate) fn run(args: &Args, printer: &Printer) -> Outcome {
    let global = &args.global;
    match &args.command {
        Command::Check(check) => check::run(check, global, printer),
        Command::Attest(attest) => evidence::attest::run(attest, global, printer),
        Command::Cosign(cosign) => evidence::cosign::run(cosign, global, printer),
        Command::Verify(options) => evidence::verify::run(options, global, printer),
        Command::Bundle(command) => evidence::run(command, printer),
        Command::Key(command) => key::run(command, printer),
        Command::Policy(command) => policy::run(command, printer),
        Command::Log(command) => log::run(command, printer),
        Command::Witness(command) => witness::run(command, printer),
        Command::Market(command) => market::run(command, global, printer),
        Command::Party(command) => trade::party::run(command, printer),
        Command::Rfq(command) => trade::rfq::run(command, printer),
        Command::Bid(command) => trade::bid::run(command, printer),
        Command::Contract(command) => trade::contract::run(command, printer),
        Command::Account(command) => trade::account::run(command, printer),
        Command::Events(options) => trade::events::run(options, printer),
        Command::Webhook(command) => webhook::run(command, printer),
        Command::Criteria(command) => criteria::run(command, global, printer),
        Command::Validator(command) => validator::run(command, global, printer),
        Command::Submission(command) => submission::run(command, printer),
        Command::Cache(command) => cache::run(command, global, printer),
        Command::Demo { keep, serve } => demo::run(keep.as_deref(), *serve, global, printer),
        Command::Completions { shell } => {
            // Into memory first: the generator panics when it cannot write, as into `| head`.
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Args::command(), "proofmark", &mut script);
            printer.bytes(&script);
            Ok(Exit::Done)
        }
    }
}

//! The one binary, `proofmark`: a thin edge around the engine.
//!
//! In scope: arguments, files, terminals, exit codes. Out of scope: every decision; those are made by
//! `proofmark-criteria` and `proofmark-engine`, with everything they need as arguments.
//!
//! | module | what |
//! |---|---|
//! | [`args`] | the command line and its help, the published reference |
//! | `commands` | one file for each command |
//! | `failure` | errors with code, hint and exit status |
//! | `printer` | stdout is data, stderr is everything else |
//! | `setup` | the engine from the global options |
//! | `signers` | private keys, and what else can sign |
//! | `blobs` | where the bytes behind a digest are found |
//! | `render` | verdicts and reports for people |

use std::process::ExitCode;

use clap::Parser;

pub mod args;
pub mod blobs;
pub mod fixtures;

mod commands;
mod failure;
mod files;
mod printer;
mod progress;
mod render;
mod setup;
mod signers;

pub use failure::{Exit, Failure};
pub use printer::Printer;

use proofmark_engine::worker::{process::HIDDEN_ARGUMENT, serve};

/// Run the command line of this process. A worker process is the same binary with a hidden argument.
pub fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args_os()
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    if arguments
        .get(1)
        .is_some_and(|argument| argument == HIDDEN_ARGUMENT)
    {
        return serve::main(&arguments[2..], serve::ServeOptions::default());
    }
    let args = args::Args::parse();
    setup::logging(&args.global);
    let printer = Printer::new(args.global.output);
    failure::guard(&printer, || commands::run(&args, &printer))
}

//! The command line as people and scripts see it: help, output, errors, exit status.
//!
//! Snapshots hold what is printed. In them are redacted: times, always; and digests, fuel and memory that
//! follow from the validators' bytes, because those are the business of `corpus.rs`. Digests that follow
//! from files of a test stand as they are.

#[path = "cli/author.rs"]
mod author;
#[path = "cli/check.rs"]
mod check;
#[path = "cli/help.rs"]
mod help;
#[path = "cli/key.rs"]
mod key;
#[path = "cli/log.rs"]
mod log;
#[path = "cli/policy.rs"]
mod policy;
#[path = "cli/program.rs"]
mod program;
#[path = "cli/refuse.rs"]
mod refuse;
#[path = "cli/shell.rs"]
mod shell;
#[path = "cli/transcript.rs"]
mod transcript;

use program::{Ran, run_in};
use proofmark_tests::setup::root;

/// Run the product in the root of the repository.
fn run(arguments: &[&str]) -> Ran {
    run_in(&root(), arguments)
}

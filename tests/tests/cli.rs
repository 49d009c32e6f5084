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
#[path = "cli/program.rs"]
mod program;
#[path = "cli/refuse.rs"]
mod refuse;
#[path = "cli/shell.rs"]
mod shell;
#[path = "cli/transcript.rs"]
mod transcript;

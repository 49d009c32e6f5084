//! Key files and signers, one test binary.

mod command;
mod file;
mod foreign;

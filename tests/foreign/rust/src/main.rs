//! `foreign-check dsse|log|sigsum DIR`: one foreign verifier over one folder.
//!
//! Ends with 0 where the verifier is convinced, with 1 where it refuses, and with 3 where it did not get so
//! far: a crash must not look like a refusal.

mod envelope;
mod log;
mod quorum;

use std::fmt;
use std::path::Path;
use std::process::ExitCode;

/// Why a folder is not verified.
pub enum Failure {
    /// The foreign verifier says no.
    Refused(String),
    /// The test is broken: a file is missing, or not what the test itself needs.
    Broken(String),
}

/// What a verifier says.
pub type Verdict = Result<(), Failure>;

/// The verifier's no.
pub fn refused(error: impl fmt::Display) -> Failure {
    Failure::Refused(error.to_string())
}

/// A fault of the test.
pub fn broken(error: impl fmt::Display) -> Failure {
    Failure::Broken(error.to_string())
}

/// Reads a file of the folder.
pub fn read(folder: &Path, name: &str) -> Result<Vec<u8>, Failure> {
    std::fs::read(folder.join(name)).map_err(|error| broken(format!("{name}: {error}")))
}

/// Reads a text file of the folder.
pub fn read_text(folder: &Path, name: &str) -> Result<String, Failure> {
    String::from_utf8(read(folder, name)?).map_err(broken)
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let verdict = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["dsse", folder] => envelope::verify(Path::new(folder)),
        ["log", folder] => log::verify(Path::new(folder)),
        ["sigsum", folder] => quorum::verify(Path::new(folder)),
        _ => Err(broken("foreign-check dsse|log|sigsum DIR")),
    };
    match verdict {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Refused(why)) => {
            eprintln!("refused: {why}");
            ExitCode::from(1)
        }
        Err(Failure::Broken(why)) => {
            eprintln!("broken: {why}");
            ExitCode::from(3)
        }
    }
}

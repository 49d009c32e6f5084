//! Makes what foreign clients verify, and spoils copies of it.
//!
//! `foreign-make exhibit DIR`: keys, an envelope with two signatures, its exports, a log and a proof, made
//! with our crates. The binary makes the same, and `run` prefers it.
//! `foreign-make sigsum DIR`: a log in the form of Sigsum, with our checkpoints and cosignatures.
//! `foreign-make tamper KIND FROM TO`: a copy in which one thing is wrong.

mod exhibit;
mod log;
mod sigsum;
mod tamper;

use std::path::Path;
use std::process::ExitCode;

/// Whatever goes wrong here is a fault of the tests and ends them.
pub type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments[..] {
        ["exhibit", to] => exhibit::make(Path::new(to)),
        ["sigsum", to] => sigsum::make(Path::new(to)),
        ["tamper", kind, from, to] => tamper::copy(kind, Path::new(from), Path::new(to)),
        _ => Err("foreign-make exhibit DIR | sigsum DIR | tamper KIND FROM TO".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("foreign-make: {error}");
            ExitCode::from(3)
        }
    }
}

/// Writes a file and the folders above it.
pub fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Outcome {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    Ok(std::fs::write(path, bytes)?)
}

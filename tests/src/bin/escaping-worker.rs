//! The product's worker, plus one host function that tries to break out of it: what code that had
//! escaped from WebAssembly would try next. Only the isolation tests start it.

use std::process::ExitCode;

use proofmark_engine::worker::process::HIDDEN_ARGUMENT;
use proofmark_engine::worker::serve;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.get(1) {
        Some(hidden) if hidden == HIDDEN_ARGUMENT => {
            serve::main(&arguments[2..], proofmark_tests::escape::options())
        }
        _ => ExitCode::from(2),
    }
}

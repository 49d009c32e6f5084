//! The product's worker, plus one host function that tries to break out of it: what code that had
//! escaped from WebAssembly would try next. Before the hidden argument, a word may leave something out of
//! the lock-down, or ask for a worker that is `faulty`. Only the isolation tests start it.

use std::process::ExitCode;

use proofmark_engine::worker::process::HIDDEN_ARGUMENT;
use proofmark_engine::worker::serve;

/// Arguments before the hidden one, and what they leave out of the lock-down.
const WITHOUT: [(&str, &[&str]); 2] = [
    ("without-landlock", &["landlock"]),
    ("without-seccomp", &["seccomp"]),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (without, arguments) = match WITHOUT
        .iter()
        .find(|(name, _)| arguments.first().is_some_and(|first| first == name))
    {
        Some((_, without)) => (*without, &arguments[1..]),
        None => (&[][..], &arguments[..]),
    };
    match arguments {
        [faulty, hidden, role, ..]
            if faulty == "faulty" && hidden == HIDDEN_ARGUMENT && role == "run" =>
        {
            proofmark_tests::faulty::serve();
            ExitCode::SUCCESS
        }
        [faulty, hidden, rest @ ..] if faulty == "faulty" && hidden == HIDDEN_ARGUMENT => {
            serve::main(rest, proofmark_tests::escape::options(&[]))
        }
        [hidden, rest @ ..] if hidden == HIDDEN_ARGUMENT => {
            serve::main(rest, proofmark_tests::escape::options(without))
        }
        _ => ExitCode::from(2),
    }
}

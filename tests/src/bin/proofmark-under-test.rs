//! The product's binary under a name of its own, so that `cargo test -p proofmark-tests` builds it.

fn main() -> std::process::ExitCode {
    proofmark_cli::main()
}

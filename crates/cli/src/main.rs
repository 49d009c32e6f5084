//! The binary `proofmark`.

fn main() -> std::process::ExitCode {
    proofmark_cli::main()
}

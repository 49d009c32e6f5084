//! Programs as text, and what becomes of them.

mod answers;
mod ends;
mod loading;

use proofmark_program::{Exit, Limits, Program, Request, Run};

/// Enough for every program that ends.
const PLENTY: Limits = Limits {
    fuel: 1_000_000_000,
    memory_bytes: 16 << 20,
    output_bytes: 1 << 16,
};

fn program(text: &str) -> Program {
    let bytes = wat::parse_str(text).expect("the text is WebAssembly");
    Program::load(&bytes).expect("the module can be run")
}

fn request(limits: Limits) -> Request {
    Request {
        limits,
        ..Request::default()
    }
}

fn run_with(text: &str, request: Request) -> Run {
    program(text).run(request).expect("the system has memory")
}

fn run(text: &str) -> Run {
    run_with(text, request(PLENTY))
}

fn exit(text: &str) -> Exit {
    run(text).exit
}

/// A command with this body, and one page of memory.
fn command(body: &str) -> String {
    format!(
        r#"(module
          (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
          (memory (export "memory") 1)
          (func (export "_start") {body}))"#
    )
}

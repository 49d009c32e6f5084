//! Programs that take most.

use super::super::Input;

/// The parameters use up nearly all of the default fuel: 39 cases, and any program of a mebibyte.
const PARAMS: &str = "{}";
const CASES: usize = 39;

fn on(name: &'static str, program: Vec<u8>) -> Input {
    let cases = (0..CASES).map(|at| format!("{{\"stdin\":\"{at}\",\"stdout\":\"{at}\"}}\n"));
    Input {
        name,
        params: PARAMS.to_owned(),
        submission: vec![("program.wasm", program)],
        reference: vec![("cases.jsonl", cases.collect())],
    }
}

/// A command with these imports and parts.
fn command(parts: &str) -> Vec<u8> {
    let text = format!(
        r#"(module
          (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
          (memory (export "memory") 2)
          {parts})"#
    );
    wat::parse_str(text).expect("the text is WebAssembly")
}

fn start(body: &str) -> Vec<u8> {
    command(&format!(r#"(func (export "_start") {body})"#))
}

/// Writes so many bytes at once, for ever.
fn writes(bytes: u32) -> Vec<u8> {
    start(&format!(
        "(i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const {bytes}))
         (loop $l (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))) (br $l))"
    ))
}

/// A module of nearly the largest size, of many functions that are never called.
fn large() -> Vec<u8> {
    let body = "(i32.add (i32.const 1000000) (i32.const 1000000)) drop ".repeat(10);
    let function = format!("(func {body})");
    command(&format!(
        r#"{} (func (export "_start") (loop $l (br $l)))"#,
        function.repeat(9_000)
    ))
}

/// One function of values inside values inside values: what keeps an optimising compiler busy.
fn deep() -> Vec<u8> {
    let (open, close) = ("(i32.add (i32.const 7) ".repeat(4_000), ")".repeat(4_000));
    let values = format!("(drop {open}(i32.const 1){close})").repeat(20);
    start(&format!("{values} (loop $l (br $l))"))
}

/// A value inside a value inside a value, which whoever evaluates it by recursion pays for with its stack.
fn sums_in_constants() -> Vec<u8> {
    let sums = "(i32.const 0) i32.add ".repeat(200_000);
    command(&format!(
        r#"(global i32 (i32.const 0) {sums}) (func (export "_start"))"#
    ))
}

fn many_locals() -> Vec<u8> {
    let (locals, calls) = ("i64 ".repeat(2_048), "(call $f) ".repeat(1_000));
    command(&format!(
        r#"(func $f (local {locals})) (func (export "_start") (loop $l {calls} (br $l)))"#
    ))
}

pub(crate) fn inputs() -> Vec<Input> {
    vec![
        on("a loop without an end", start("(loop $l (br $l))")),
        on("one byte at a time, for ever", writes(1)),
        on("all that may be written at once", writes(65_000)),
        on(
            "memory, page by page",
            start("(loop $l (drop (memory.grow (i32.const 1))) (br $l))"),
        ),
        on(
            "the memory filled again and again",
            start("(loop $l (memory.fill (i32.const 0) (i32.const 7) (i32.const 131072)) (br $l))"),
        ),
        on(
            "calls inside calls",
            command(r#"(func $f (call $f)) (func (export "_start") (call $f))"#),
        ),
        on("thousands of functions", large()),
        on("one deep function", deep()),
        on("no program", vec![0x7f; 1 << 20]),
        on("a code section without functions", {
            let mut bytes = b"\0asm\x01\0\0\0\x0a\xe9\x07\0".to_vec();
            bytes.resize(bytes.len() + 1_000, 0);
            bytes
        }),
        on("sums in constants", sums_in_constants()),
        on("the most locals, cleared again and again", many_locals()),
    ]
}

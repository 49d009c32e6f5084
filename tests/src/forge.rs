//! Guests that no compiler would make: written as WebAssembly text and wrapped into the validator
//! world, and bombs that are aimed at the compiler.

use std::fmt::Write;

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

const WIT: &str = include_str!("../../wit/proofmark-validator-1.0.0/validator.wit");

/// Where the static manifest lies in the forged guest's memory.
const MANIFEST_AT: u32 = 2_048;
const TEXTS_AT: u32 = 1_024;

/// The same validator under another digest: with a custom section at its end, which means nothing.
pub fn renamed(component: &[u8]) -> Vec<u8> {
    // Section 0, of two bytes: a name of one.
    [component, &[0, 2, 1, b'x']].concat()
}

/// A component of the validator world whose `evaluate` is `body` (text of a function that returns
/// the address of a `result<report, refusal>`), beside `items` of the core module.
pub fn validator(items: &str, body: &str) -> Vec<u8> {
    encoded("", items, body, StringEncoding::UTF8)
}

/// A component that gives back a handle which it never had, while it is instantiated.
pub fn dropping_a_handle_in_start() -> Vec<u8> {
    let drop = r#"(import "proofmark:validator/artifacts@1.0.0" "[resource-drop]artifact" (func $drop (param i32)))"#;
    let start = "(func $start (call $drop (i32.const 7))) (start $start)";
    encoded(drop, start, "(i32.const 0)", StringEncoding::UTF8)
}

/// The same, but it passes its texts in UTF-16.
pub fn in_utf16(items: &str, body: &str) -> Vec<u8> {
    encoded("", items, body, StringEncoding::UTF16)
}

/// A component that passes a string to a component inside it: each has a memory of its own, and what
/// copies between them would need both.
pub fn composed() -> Vec<u8> {
    let text = r#"(component
        (component $inner
            (core module $m
                (memory (export "memory") 1)
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0))
                (func (export "take") (param i32 i32)))
            (core instance $i (instantiate $m))
            (func (export "take") (param "text" string)
                (canon lift (core func $i "take") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))
        (instance $inner (instantiate $inner))
        (core module $memory
            (memory (export "memory") 1)
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0)))
        (core instance $memory (instantiate $memory))
        (core func $take (canon lower (func $inner "take") (memory (core memory $memory "memory"))
            (realloc (core func $memory "realloc"))))
        (core module $outer
            (import "inner" "take" (func $take (param i32 i32)))
            (func (export "run") (call $take (i32.const 0) (i32.const 4))))
        (core instance (instantiate $outer (with "inner" (instance (export "take" (func $take))))))
    )"#;
    wat::parse_str(text).expect("the text is well-formed")
}

fn encoded(imports: &str, items: &str, body: &str, encoding: StringEncoding) -> Vec<u8> {
    let (texts, manifest) = manifest();
    let module = format!(
        r#"(module
            {imports}
            (memory (export "memory") 2)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
            (data (i32.const {TEXTS_AT}) "{texts}")
            (data (i32.const {MANIFEST_AT}) "{manifest}")
            (func (export "describe") (result i32) (i32.const {MANIFEST_AT}))
            (func (export "check-params") (param i32 i32) (result i32) (i32.const 8192))
            {items}
            (func (export "evaluate") (param i32 i32) (result i32) {body})
        )"#
    );
    componentize(&module, encoding)
}

fn componentize(module: &str, encoding: StringEncoding) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let package = resolve
        .push_str("validator.wit", WIT)
        .expect("the published WIT parses");
    let world = resolve
        .select_world(&[package], Some("validator"))
        .expect("the world is there");
    let mut module = wat::parse_str(module).expect("the forged text is well-formed");
    embed_component_metadata(&mut module, &resolve, world, encoding).expect("the world embeds");
    let encoder = ComponentEncoder::default()
        .validate(true)
        .module(&module)
        .expect("the module is one");
    let mut encoder = encoder;
    encoder
        .encode()
        .expect("the forged module has the exports of the world")
}

/// The static manifest: texts, and records that point to them, as WebAssembly string literals.
fn manifest() -> (String, String) {
    let mut texts = String::new();
    let mut place = |text: &str| {
        let at = TEXTS_AT + texts.len() as u32;
        texts.push_str(text);
        (at, text.len() as u32)
    };
    let (name, version, summary) = (place("forged"), place("1.0.0"), place("Forged."));
    let (schema, id, what) = (place("{}"), place("behaviour"), place("Does it behave?"));
    let checks = (MANIFEST_AT + 48, 1);
    let words = [name, version, summary, schema, checks, (0, 0), id, what];
    let mut bytes = String::new();
    for word in words.into_iter().flat_map(|(at, len)| [at, len]) {
        for byte in word.to_le_bytes() {
            write!(bytes, "\\{byte:02x}").expect("writing to a string");
        }
    }
    (texts, bytes)
}

/// A component around one core module that is only compiled, never run.
pub fn bomb(module: &str) -> Vec<u8> {
    wat::parse_str(format!("(component (core module {module}))")).expect("the bomb is well-formed")
}

/// `depth` loops inside each other: 2,500 of them cost Cranelift 8 s.
pub fn nested_loops(depth: usize) -> Vec<u8> {
    let open = "(loop (br_if 0 (local.get 0))".repeat(depth);
    bomb(&format!("(func (param i32) {open}{})", ")".repeat(depth)))
}

/// `count` values alive across a call: the register allocator's worst case.
pub fn live_values(count: usize, functions: usize) -> Vec<u8> {
    let mut function = String::from("(func (param i64) (result i64)");
    for n in 0..count {
        write!(function, "(i64.mul (local.get 0) (i64.const {}))", n + 3)
            .expect("writing to a string");
    }
    function.push_str(&"i64.add ".repeat(count - 1));
    function.push(')');
    bomb(&function.repeat(functions))
}

/// `count` declared locals, each live to the end.
pub fn live_locals(count: usize) -> Vec<u8> {
    let mut body = String::new();
    for n in 1..=count {
        writeln!(
            body,
            "(local.set {n} (i64.add (local.get {}) (i64.const {n})))",
            n - 1
        )
        .expect("writing to a string");
    }
    for n in 1..=count {
        writeln!(
            body,
            "(local.set 0 (i64.xor (local.get 0) (local.get {n})))"
        )
        .expect("writing to a string");
    }
    bomb(&format!(
        "(func (param i64) (result i64) (local {}) {body} (local.get 0))",
        "i64 ".repeat(count)
    ))
}

/// `count` functions of a few bytes: each costs the compiler far more than its size.
pub fn tiny_functions(count: usize) -> Vec<u8> {
    bomb(&"(func)".repeat(count))
}

/// `tables` jump tables of `targets` targets in one function.
pub fn br_table(tables: usize, targets: usize) -> Vec<u8> {
    let one = format!("(block (br_table {} (local.get 0)))", "0 ".repeat(targets));
    bomb(&format!("(func (param i32) {})", one.repeat(tables)))
}

/// One function of about `operators` operators.
pub fn giant_function(operators: usize) -> Vec<u8> {
    let body = "(local.set 0 (i64.add (local.get 0) (i64.const 7)))".repeat(operators / 4);
    bomb(&format!(
        "(func (param i64) (result i64) {body} (local.get 0))"
    ))
}

/// `functions` functions that call one of so many results: 1,800 of 1,000, in 12 KB, cost Cranelift 17 s.
pub fn wide_results(functions: usize, results: usize) -> Vec<u8> {
    let values = "(i64.const 0)".repeat(results);
    let wide = format!("(func $wide (result {}) {values})", "i64 ".repeat(results));
    let caller = format!("(func (call $wide) {})", "drop ".repeat(results));
    bomb(&format!("{wide} {}", caller.repeat(functions)))
}

/// `functions` functions with `params` parameters each (CosmWasm's CWA-2023-004).
pub fn wide_signatures(functions: usize, params: usize) -> Vec<u8> {
    let function = format!("(func (param {}))", "i64 ".repeat(params));
    bomb(&function.repeat(functions))
}

//! What is no program.

use proofmark_program::{LoadError, Program};

fn refused(text: &str) -> LoadError {
    let bytes = wat::parse_str(text).expect("the text is WebAssembly");
    Program::load(&bytes).expect_err("it is no program")
}

#[test]
fn what_is_no_module_is_refused() {
    assert_eq!(Program::load(b"").err(), Some(LoadError::NotWebAssembly));
    assert_eq!(
        Program::load(b"#!/bin/sh\n").err(),
        Some(LoadError::NotWebAssembly)
    );
    assert_eq!(refused("(component)"), LoadError::Component);
    let cut = b"\0asm\x01\0\0\0\x01\x05";
    assert_eq!(Program::load(cut).err(), Some(LoadError::Invalid));
}

#[test]
fn what_is_too_large_is_not_read() {
    let mut bytes = b"\0asm\x01\0\0\0".to_vec();
    bytes.resize(9 << 20, 0);
    assert_eq!(
        Program::load(&bytes).err(),
        Some(LoadError::TooLarge { bytes: 9 << 20 })
    );
}

#[test]
fn a_module_that_is_no_command_is_refused() {
    let export = |name: &str| LoadError::Export(name.into());
    assert_eq!(
        refused(r#"(module (memory (export "memory") 1))"#),
        export("_start")
    );
    assert_eq!(
        refused(r#"(module (memory (export "memory") 1) (func (export "_start") (param i32)))"#),
        export("_start")
    );
    assert_eq!(
        refused(r#"(module (func (export "_start")))"#),
        export("memory")
    );
}

#[test]
fn imports_that_are_not_offered_are_named() {
    let import = |name: &str, ty: &str| {
        let text = format!(
            r#"(module (import {name} (func {ty})) (memory (export "memory") 1) (func (export "_start")))"#
        );
        refused(&text)
    };
    let named = |name: &str| LoadError::Import(name.into());
    assert_eq!(import(r#""env" "time""#, ""), named("env.time"));
    assert_eq!(
        import(r#""wasi_snapshot_preview1" "fd_write""#, "(param i64)"),
        named("wasi_snapshot_preview1.fd_write")
    );
}

#[test]
fn proposals_that_are_off_are_refused() {
    let with = |rest: &str| {
        refused(&format!(
            r#"(module (memory (export "memory") 1) (func (export "_start")) {rest})"#
        ))
    };
    for rest in [
        "(memory 1)",
        "(func (return_call 0))",
        "(func (param v128))",
        "(memory i64 1)",
        // Several results, and sums in constants: translated into many times their size.
        "(func (result i32 i32) (i32.const 1) (i32.const 2))",
        "(global i32 (i32.add (i32.const 1) (i32.const 2)))",
    ] {
        assert_eq!(with(rest), LoadError::Invalid, "{rest}");
    }
}

/// The interpreter divides by the number of functions.
#[test]
fn a_code_section_without_functions_is_refused() {
    let mut bytes = b"\0asm\x01\0\0\0\x0a\xe9\x07\0".to_vec();
    bytes.resize(bytes.len() + 1_000, 0);
    assert_eq!(Program::load(&bytes).err(), Some(LoadError::Invalid));
    let empty = b"\0asm\x01\0\0\0\x0a\x01\0";
    assert_eq!(Program::load(empty).err(), Some(LoadError::Invalid));
}

/// A call clears them, for the price of a call.
#[test]
fn more_locals_than_a_call_may_clear_are_refused() {
    let with = |locals: &str| {
        format!(
            r#"(module (memory (export "memory") 1) (func (export "_start") (local {locals})))"#
        )
    };
    assert_eq!(refused(&with(&"i64 ".repeat(2_049))), LoadError::Invalid);
    let bytes = wat::parse_str(with(&"i64 ".repeat(2_048))).expect("the text is WebAssembly");
    assert!(Program::load(&bytes).is_ok());
}

#[test]
fn what_a_compiler_makes_can_be_run() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../examples/program/submissions/right/program.wasm"
    );
    let bytes = std::fs::read(path).expect("the example");
    assert!(Program::load(&bytes).is_ok());
}

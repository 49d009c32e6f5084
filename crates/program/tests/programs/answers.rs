//! What a program reads, and what it is told.

use super::{PLENTY, command, request, run, run_with};
use proofmark_program::{Exit, Request};

/// Copies standard input to standard output.
const ECHO: &str = "(loop $l
    (i32.store (i32.const 0) (i32.const 64))
    (i32.store (i32.const 4) (i32.const 100))
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
    (i32.store (i32.const 4) (i32.load (i32.const 8)))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 12)))
    (br_if $l (i32.load (i32.const 8))))";

#[test]
fn standard_input_is_read_to_its_end() {
    let text: Vec<u8> = (0..=255).cycle().take(1_234).collect();
    let request = Request {
        stdin: text.clone(),
        ..request(PLENTY)
    };
    let run = run_with(&command(ECHO), request);
    assert_eq!((run.exit, run.stdout), (Exit::Exited(0), text));
}

/// A program that asks one function for something and writes so many bytes from address 64.
fn asks(import: &str, call: &str, bytes: u32) -> String {
    format!(
        r#"(module
          (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" {import})
          (memory (export "memory") 1)
          (data (i32.const 1024) "data/a.txt")
          (func (export "_start")
            {call}
            (i32.store (i32.const 0) (i32.const 64))
            (i32.store (i32.const 4) (i32.const {bytes}))
            (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#
    )
}

#[test]
fn arguments_are_those_that_were_given() {
    let text = asks(
        r#""args_get" (func $args (param i32 i32) (result i32))"#,
        "(drop (call $args (i32.const 16) (i32.const 64)))",
        6,
    );
    let request = Request {
        args: vec!["ab".into(), "cd".into()],
        ..request(PLENTY)
    };
    assert_eq!(run_with(&text, request).stdout, b"ab\0cd\0");
}

#[test]
fn time_begins_with_1970_and_chance_is_always_the_same() {
    let clock = asks(
        r#""clock_time_get" (func $clock (param i32 i64 i32) (result i32))"#,
        "(drop (call $clock (i32.const 0) (i64.const 0) (i32.const 64)))",
        8,
    );
    assert_eq!(run(&clock).stdout, 1_u64.to_le_bytes());
    let dice = asks(
        r#""random_get" (func $random (param i32 i32) (result i32))"#,
        "(drop (call $random (i32.const 64) (i32.const 12)))",
        12,
    );
    let rolled = run(&dice).stdout;
    assert_ne!(rolled, [0; 12]);
    assert_eq!(rolled, run(&dice).stdout);
}

/// Opens `data/a.txt` with these flags and rights, and writes the `errno` and the descriptor.
fn opens(flags: u32, rights: u32) -> Vec<u8> {
    let call = format!(
        "(i32.store (i32.const 64) (call $open (i32.const 3) (i32.const 0) (i32.const 1024) (i32.const 10)
            (i32.const {flags}) (i64.const {rights}) (i64.const 0) (i32.const 0) (i32.const 68)))"
    );
    let import =
        r#""path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32))"#;
    let request = Request {
        files: vec![("data/a.txt".into(), b"A".to_vec())],
        ..request(PLENTY)
    };
    run_with(&asks(import, &call, 8), request).stdout
}

#[test]
fn files_can_be_opened_and_not_changed() {
    assert_eq!(opens(0, 2), [0, 0, 0, 0, 4, 0, 0, 0]);
    // EROFS, for whoever would create, empty or write.
    for (flags, rights) in [(1, 2), (8, 2), (0, 64)] {
        assert_eq!(opens(flags, rights)[..4], [69, 0, 0, 0]);
    }
}

#[test]
fn what_is_not_a_number_is_always_the_same_one() {
    let text = command(
        "(f64.store (i32.const 64) (f64.div (f64.const 0) (f64.const 0)))
         (i32.store (i32.const 0) (i32.const 64))
         (i32.store (i32.const 4) (i32.const 8))
         (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))",
    );
    assert_eq!(run(&text).stdout, 0x7ff8_0000_0000_0000_u64.to_le_bytes());
}

/// Whoever sleeps wakes up, at once and later.
#[test]
fn waiting_moves_the_clock_and_takes_no_time() {
    let text = r#"(module
      (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
      (memory (export "memory") 1)
      (func (export "_start")
        ;; In five seconds, and in three: the second one is due.
        (i64.store (i32.const 1000) (i64.const 7))
        (i64.store (i32.const 1024) (i64.const 5000000000))
        (i64.store (i32.const 1048) (i64.const 9))
        (i64.store (i32.const 1072) (i64.const 3000000000))
        (drop (call $poll (i32.const 1000) (i32.const 64) (i32.const 2) (i32.const 56)))
        (drop (call $clock (i32.const 1) (i64.const 0) (i32.const 48)))
        (i32.store (i32.const 0) (i32.const 48))
        (i32.store (i32.const 4) (i32.const 24))
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#;
    let numbers: Vec<_> = run(text)
        .stdout
        .chunks_exact(8)
        .map(|it| u64::from_le_bytes(it.try_into().expect("eight")))
        .collect();
    assert_eq!(numbers, [3_000_000_001, 1, 9]);
}

//! Every way in which a run ends.

use super::{PLENTY, command, exit, program, request, run, run_with};
use proofmark_program::{Exit, FUEL_FACTOR, Limits, Program, Trap};

#[test]
fn a_command_that_returns_has_succeeded_and_one_that_exits_says_with_what() {
    assert_eq!(exit(&command("")), Exit::Exited(0));
    assert_eq!(
        exit(&command("(call $exit (i32.const 3))")),
        Exit::Exited(3)
    );
    assert_eq!(
        exit(&command("(call $exit (i32.const -1))")),
        Exit::Exited(u32::MAX)
    );
}

#[test]
fn a_loop_without_end_uses_up_its_fuel_and_not_more() {
    let run = run(&command("(loop $l (br $l))"));
    assert_eq!(run.exit, Exit::OutOfFuel);
    assert_eq!(run.fuel_used, PLENTY.fuel / FUEL_FACTOR * FUEL_FACTOR);
}

#[test]
fn traps_are_told_apart() {
    let cases = [
        ("unreachable", Trap::Unreachable),
        (
            "(drop (i32.load (i32.const 65536)))",
            Trap::MemoryOutOfBounds,
        ),
        (
            "(drop (i32.div_s (i32.const 1) (i32.const 0)))",
            Trap::DivisionByZero,
        ),
        (
            "(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))",
            Trap::IntegerOverflow,
        ),
        (
            "(drop (i32.trunc_f64_s (f64.const nan)))",
            Trap::BadConversion,
        ),
    ];
    for (body, trap) in cases {
        assert_eq!(exit(&command(body)), Exit::Trapped(trap), "{body}");
    }
}

#[test]
fn recursion_ends_at_a_depth_that_is_counted() {
    let text = r#"(module (memory (export "memory") 1)
        (func $f (param i32) (result i32)
          (if (result i32) (local.get 0)
            (then (i32.add (i32.const 1) (call $f (i32.sub (local.get 0) (i32.const 1)))))
            (else (i32.const 0))))
        (func (export "_start") (drop (call $f (i32.const DEPTH)))))"#;
    let at = |depth: &str| run(&text.replace("DEPTH", depth));
    assert_eq!(at("9000").exit, Exit::Exited(0));
    let deep = at("100000");
    assert_eq!(deep.exit, Exit::Trapped(Trap::StackOverflow));
    assert_eq!(deep, at("100000"));
}

#[test]
fn memory_over_the_limit_ends_the_run_and_over_its_own_maximum_does_not() {
    let grow = "(drop (memory.grow (i32.const 1024)))";
    assert_eq!(exit(&command(grow)), Exit::OutOfMemory);
    let own = r#"(module (memory (export "memory") 1 2) (func (export "_start") (drop (memory.grow (i32.const 9)))))"#;
    assert_eq!(exit(own), Exit::Exited(0));
    let large = r#"(module (memory (export "memory") 4096) (func (export "_start")))"#;
    assert_eq!(exit(large), Exit::OutOfMemory);
}

#[test]
fn what_is_held_is_told() {
    let run = run(&command("(drop (memory.grow (i32.const 2)))"));
    assert_eq!((run.exit, run.memory_bytes), (Exit::Exited(0), 3 << 16));
}

#[test]
fn output_over_the_limit_is_cut_and_ends_the_run() {
    let flood = command(
        "(i32.store (i32.const 4) (i32.const 1000))
         (loop $l (drop (call $write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8))) (br $l))",
    );
    let limits = Limits {
        output_bytes: 2_500,
        ..PLENTY
    };
    let run = run_with(&flood, request(limits));
    assert_eq!((run.exit, run.stderr.len()), (Exit::OutputLimit, 2_500));
}

#[test]
fn a_function_that_is_not_offered_can_be_imported_and_ends_the_run_when_it_is_called() {
    let text = r#"(module
        (import "wasi_snapshot_preview1" "sock_send" (func $send (param i32 i32 i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1) (func (export "_start") BODY))"#;
    let text = text.replace(
        "(param i32 i32 i32 i32 i32 i32)",
        "(param i32 i32 i32 i32 i32)",
    );
    assert_eq!(exit(&text.replace("BODY", "")), Exit::Exited(0));
    let zero = "(i32.const 0) ".repeat(5);
    let call = format!("(drop (call $send {zero}))");
    assert_eq!(
        exit(&text.replace("BODY", &call)),
        Exit::Denied("sock_send".into())
    );
}

#[test]
fn an_address_outside_of_its_memory_ends_the_run() {
    let text =
        command("(drop (call $write (i32.const 1) (i32.const 65532) (i32.const 1) (i32.const 0)))");
    assert_eq!(exit(&text), Exit::Trapped(Trap::MemoryOutOfBounds));
}

#[test]
fn data_that_does_not_fit_ends_the_run_before_it_begins() {
    let text = r#"(module (memory (export "memory") 1) (data (i32.const 65535) "ab") (func (export "_start")))"#;
    assert!(matches!(exit(text), Exit::Trapped(_)));
}

#[test]
fn a_call_that_the_fuel_cannot_pay_is_not_made() {
    let text = command(
        "(i32.store (i32.const 4) (i32.const 5000))
         (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))",
    );
    let with = |fuel| {
        let limits = Limits { fuel, ..PLENTY };
        run_with(&text, request(limits))
    };
    let enough = with(PLENTY.fuel);
    assert_eq!((enough.exit, enough.stdout.len()), (Exit::Exited(0), 5_000));
    let less = enough.fuel_used - 1_000 * FUEL_FACTOR;
    let run = with(less);
    assert_eq!((run.exit, run.stdout.len()), (Exit::OutOfFuel, 0));
    assert_eq!(run.fuel_used, less);
}

#[test]
fn the_same_run_costs_the_same_whatever_ran_before() {
    let text =
        command("(loop $l (br_if $l (i32.lt_u (memory.grow (i32.const 1)) (i32.const 100))))");
    let (first, other) = (program(&text), program(&text));
    let fuel = |it: &Program| it.run(request(PLENTY)).map(|run| run.fuel_used);
    let once = fuel(&first);
    assert!(once.as_ref().is_ok_and(|fuel| *fuel > 0));
    assert_eq!((fuel(&first), fuel(&other)), (once.clone(), once));
}

#[test]
fn an_instance_is_paid_for_before_it_is_made() {
    let with = |pages: &str, fuel| {
        let text =
            format!(r#"(module (memory (export "memory") {pages}) (func (export "_start")))"#);
        run_with(&text, request(Limits { fuel, ..PLENTY }))
    };
    let (small, large) = (with("1", PLENTY.fuel), with("201", PLENTY.fuel));
    let more = (200 << 16) / 64 * FUEL_FACTOR;
    assert!((large.fuel_used - small.fuel_used).abs_diff(more) < 100 * FUEL_FACTOR);
    let cheap = with("201", small.fuel_used);
    assert_eq!((cheap.exit, cheap.memory_bytes), (Exit::OutOfFuel, 0));
}

#[test]
fn growth_that_the_fuel_cannot_pay_is_not_told_as_held() {
    let text = command("(drop (memory.grow (i32.const 200)))");
    let limits = Limits {
        fuel: 100_000,
        ..PLENTY
    };
    let run = run_with(&text, request(limits));
    assert_eq!((run.exit, run.memory_bytes), (Exit::OutOfFuel, 1 << 16));
}

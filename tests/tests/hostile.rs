//! Guests that misbehave, each with the exact fault it must produce, in both isolation modes; and bombs
//! that are aimed at the compiler. After every one of them the same engine still serves.
//!
//! The table with times and peak memory: `cargo test -p proofmark-tests --test hostile -- --nocapture`.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use proofmark_criteria::FaultCode;
use proofmark_criteria::record::RunEnd;
use proofmark_engine::prepare::Resource;
use proofmark_engine::worker::sandbox::ProcessLimits;
use proofmark_engine::{Admission, Engine, Isolation, Job, PrepareError, Prepared};
use proofmark_tests::forge;
use proofmark_tests::setup::{self, children, peak_memory_bytes};
use proofmark_validators::hostile::GUESTS;

/// One test at a time, so that the rows of a table stand together and children are this test's own.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

const WORKER: &str = env!("CARGO_BIN_EXE_escaping-worker");

/// What must become of a guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    /// The run ends in this fault.
    Fault(FaultCode),
    /// The run gives a report; the summary of its one check is this.
    Report(&'static str),
    /// It cannot say what it is: `describe` ends in this fault.
    Undescribed(FaultCode),
    /// It cannot be prepared: this code.
    Refused(&'static str),
}

use Expected::{Fault, Refused, Report, Undescribed};

/// Guests in Rust, by the name of their file in `validators/hostile/examples`.
const RUST: &[(&str, Expected)] = &[
    ("check-missing", Fault(FaultCode::InvalidReport)),
    ("check-twice", Fault(FaultCode::InvalidReport)),
    ("check-unknown", Fault(FaultCode::InvalidReport)),
    (
        "clock-and-dice",
        Report("12,15,6,5,14,10,8,7,2,0,3,4,9,11,13,1 0 0 0 0 true"),
    ),
    ("deep-recursion", Fault(FaultCode::StackOverflow)),
    ("describe-loop", Undescribed(FaultCode::OutOfFuel)),
    ("describe-trap", Undescribed(FaultCode::Unreachable)),
    ("endless-host-calls", Fault(FaultCode::OutOfFuel)),
    ("endless-loop", Fault(FaultCode::OutOfFuel)),
    ("endless-opens", Fault(FaultCode::OutOfFuel)),
    (
        "escapes",
        Report("\u{fffd}[2J\u{fffd}]0;owned\u{fffd}<script>alert(1)</script>"),
    ),
    ("exit", Fault(FaultCode::Exited)),
    ("findings-flood", Fault(FaultCode::ReportLimit)),
    ("handle-hoarder", Report("64 at once")),
    ("hash-amplification", Fault(FaultCode::ReadLimit)),
    ("host-recursion", Fault(FaultCode::AbiViolation)),
    ("invalid-utf8", Fault(FaultCode::InvalidReport)),
    ("log-flood-bytes", Fault(FaultCode::LogLimit)),
    ("log-flood-count", Fault(FaultCode::LogLimit)),
    ("log-invalid-utf8", Fault(FaultCode::AbiViolation)),
    ("memory-bomb", Fault(FaultCode::MemoryLimit)),
    ("memory-prober", Fault(FaultCode::MemoryLimit)),
    ("nan-bits", Report("7ff8000000000000 7fc00000")),
    ("out-of-range-reads", Report("every call was answered")),
    ("output-bomb", Fault(FaultCode::ReportLimit)),
    ("panic", Fault(FaultCode::Unreachable)),
    ("read-amplification", Fault(FaultCode::ReadLimit)),
    ("refuses", Fault(FaultCode::RefusedInternal)),
    // Behaves when it runs; that its parameter schema is none shows when criteria are made.
    ("schema-nonsense", Report("fine")),
    ("score-over-one", Fault(FaultCode::InvalidReport)),
    ("stack-prober", Fault(FaultCode::StackOverflow)),
    ("stdout-flood", Fault(FaultCode::LogLimit)),
    ("wild-pointer", Fault(FaultCode::MemoryOutOfBounds)),
];

/// Guests as WebAssembly text: what Rust cannot say.
fn forged() -> Vec<(&'static str, Vec<u8>, Expected)> {
    let plain = |body: &str| forge::validator("", body);
    let table = "(table 1 funcref) (elem declare func $f) (func $f)";
    let grow_table =
        "(loop (drop (table.grow (ref.func $f) (i32.const 1000))) (br 0)) (unreachable)";
    let null_call = "(call_indirect (type $t) (i32.const 0)) (i32.const 0)";
    let start = "(func $spin (loop (br 0))) (start $spin)";
    let whole = forge::validator("", "(i32.const 0)");
    vec![
        (
            "table-bomb",
            forge::validator(table, grow_table),
            Fault(FaultCode::TableLimit),
        ),
        (
            "null-call",
            forge::validator("(table 1 funcref) (type $t (func))", null_call),
            Fault(FaultCode::IndirectCall),
        ),
        (
            "divide-by-zero",
            plain("(i32.div_u (i32.const 7) (i32.const 0))"),
            Fault(FaultCode::DivisionByZero),
        ),
        (
            "division-overflow",
            plain("(i32.div_s (i32.const 0x80000000) (i32.const -1))"),
            Fault(FaultCode::IntegerOverflow),
        ),
        (
            "nan-to-integer",
            plain("(i32.trunc_f32_s (f32.const nan))"),
            Fault(FaultCode::BadConversion),
        ),
        (
            "report-out-of-bounds",
            plain("(i32.const 0x7ffffff0)"),
            Fault(FaultCode::AbiViolation),
        ),
        (
            "endless-start",
            forge::validator(start, "(i32.const 0)"),
            Fault(FaultCode::InstantiationLimit),
        ),
        (
            "unknown-import",
            wat("(component (import \"wasi:sockets/tcp@0.2.0\" (instance)))"),
            Refused("unknown-import"),
        ),
        ("other-world", wat("(component)"), Refused("missing-export")),
        (
            "wrong-import-type",
            wat(
                "(component (import \"wasi:cli/exit@0.2.0\" (instance (export \"exit\" (func (param \"x\" u8))))))",
            ),
            Refused("import-type"),
        ),
        (
            "utf-16",
            forge::in_utf16("", "(unreachable)"),
            Refused("invalid-component"),
        ),
        ("composed", forge::composed(), Refused("invalid-component")),
        ("core-module", wat("(module)"), Refused("core-module")),
        (
            "truncated",
            whole[..whole.len() / 2].to_vec(),
            Refused("malformed-component"),
        ),
        (
            "not-webassembly",
            b"#!/bin/sh\necho done\n".to_vec(),
            Refused("not-webassembly"),
        ),
        ("empty-file", Vec::new(), Refused("not-webassembly")),
        (
            "threads",
            forge::bomb("(memory 1 1 shared)"),
            Refused("invalid-component"),
        ),
        (
            "memory64",
            forge::bomb("(memory i64 1)"),
            Refused("invalid-component"),
        ),
        (
            "exceptions",
            forge::bomb("(tag)"),
            Refused("invalid-component"),
        ),
        (
            "too-much-memory",
            forge::bomb("(memory 20000)"),
            Refused("invalid-component"),
        ),
    ]
}

fn wat(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("the text is well-formed")
}

/// Compile bombs: those that structure reveals, and those that meet the wall behind it.
fn bombs() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    vec![
        (
            "nested loops, 2,500 deep",
            forge::nested_loops(2_500),
            "structural-limit",
        ),
        (
            "40,000 live locals",
            forge::live_locals(40_000),
            "structural-limit",
        ),
        (
            "200,000 tiny functions",
            forge::tiny_functions(200_000),
            "structural-limit",
        ),
        (
            "br_table, 100,000 targets",
            forge::br_table(250, 400),
            "structural-limit",
        ),
        (
            "one function, 1,600,000 operators",
            forge::giant_function(1_600_000),
            "structural-limit",
        ),
        (
            "1,000 parameters",
            forge::wide_signatures(2_000, 1_000),
            "structural-limit",
        ),
        (
            "120 functions of 6,000 live values",
            forge::live_values(6_000, 120),
            "compile-too-costly",
        ),
        // What is just within every limit compiles, and then lacks the exports of a validator.
        (
            "nested loops, 128 deep",
            forge::nested_loops(128),
            "missing-export",
        ),
        (
            "br_table, 32,000 targets",
            forge::br_table(80, 400),
            "missing-export",
        ),
    ]
}

/// One mebibyte for the guests that read too much.
fn job() -> Job {
    setup::job(&["behaviour"], &[("large.bin", &[7; 1 << 20])])
}

fn observe(engine: &Engine, component: &[u8]) -> Result<Seen, PrepareError> {
    let validator = engine.prepare(component, Admission::Publish)?;
    let described = engine.describe(&validator);
    if let Err(proofmark_engine::PublishError::Guest { code, .. }) = &described
        && matches!(code, FaultCode::OutOfFuel | FaultCode::Unreachable)
    {
        return Ok(Seen::Undescribed(*code));
    }
    Ok(Seen::Ran(run(engine, &validator)))
}

enum Seen {
    Undescribed(FaultCode),
    Ran(RunEnd),
}

fn run(engine: &Engine, validator: &Prepared) -> RunEnd {
    engine
        .evaluate(validator, &job())
        .expect("what a guest does is never a host fault")
        .outcome
        .end
}

fn matches(expected: Expected, seen: &Result<Seen, PrepareError>) -> bool {
    match (expected, seen) {
        (
            Fault(code),
            Ok(Seen::Ran(RunEnd::Faulted(found) | RunEnd::Refused { code: found, .. })),
        ) => code == *found,
        (Report(summary), Ok(Seen::Ran(RunEnd::Reported(report)))) => {
            report.checks()[0].summary == summary
        }
        (Undescribed(code), Ok(Seen::Undescribed(found))) => code == *found,
        (Refused(code), Err(error)) => error.code() == code,
        _ => false,
    }
}

fn word(seen: &Result<Seen, PrepareError>) -> String {
    match seen {
        Ok(Seen::Ran(RunEnd::Reported(report))) => {
            format!("report: {:.40}", report.checks()[0].summary)
        }
        Ok(Seen::Ran(RunEnd::Faulted(code) | RunEnd::Refused { code, .. })) => code.to_string(),
        Ok(Seen::Undescribed(code)) => format!("describe: {code}"),
        Err(error) => error.code().to_owned(),
    }
}

fn engine(isolation: Isolation, cache: &std::path::Path) -> Engine {
    let mut options = setup::options(WORKER, isolation);
    options.cache = Some(cache.to_owned());
    Engine::new(options).expect("an engine can be made here")
}

/// The engine still does an honest job.
fn still_serves(engine: &Engine) {
    let honest = GUESTS
        .iter()
        .find(|(name, _)| *name == "nan-bits")
        .expect("an honest guest")
        .1;
    let validator = engine
        .prepare(honest, Admission::Publish)
        .expect("it is prepared");
    assert!(matches!(run(engine, &validator), RunEnd::Reported(_)));
}

fn check_all(isolation: Isolation) {
    let cache = tempfile::tempdir().expect("a directory");
    // Those that ask the host to break out are the business of `isolation.rs`.
    let rust = GUESTS
        .iter()
        .filter(|(name, _)| !name.starts_with("escape-"))
        .map(|(name, component)| {
            let row = RUST.iter().find(|(row, _)| row == name);
            (
                *name,
                component.to_vec(),
                row.unwrap_or_else(|| panic!("{name} has no row in the table"))
                    .1,
            )
        });
    let guests: Vec<_> = rust.chain(forged()).collect();
    assert_eq!(
        guests.len(),
        RUST.len() + forged().len(),
        "a row of the table has no guest"
    );
    println!(
        "{:<22} {:<52} {:<52} {:>10} {:>8} {:>8}",
        "guest", "expected", "observed", "time", "worker", "host"
    );
    for (name, component, expected) in guests {
        let engine = engine(isolation, cache.path());
        let started = Instant::now();
        let seen = observe(&engine, &component);
        let time = started.elapsed();
        let worker = children()
            .into_iter()
            .map(peak_memory_bytes)
            .max()
            .unwrap_or_default();
        let host = peak_memory_bytes(std::process::id());
        let expected_word = format!("{expected:?}");
        println!(
            "{name:<22} {expected_word:<52.52} {:<52} {time:>10.1?} {:>4} MiB {:>4} MiB",
            word(&seen),
            worker >> 20,
            host >> 20
        );
        assert!(
            matches(expected, &seen),
            "{name}: expected {expected:?}, observed {}",
            word(&seen)
        );
        still_serves(&engine);
    }
}

#[test]
fn each_guest_ends_as_it_must_in_a_worker() {
    let _alone = alone();
    check_all(Isolation::Process);
}

#[test]
fn each_guest_ends_as_it_must_in_this_process() {
    let _alone = alone();
    check_all(Isolation::None);
}

#[test]
fn compile_bombs_are_refused_and_cost_no_more_than_they_may() {
    let _alone = alone();
    const CPU_SECONDS: u64 = 2;
    let mut options = setup::options(WORKER, Isolation::Process);
    options.compilation.publish = ProcessLimits {
        data_bytes: 1 << 30,
        cpu_seconds: Some(CPU_SECONDS),
    };
    let engine = Engine::new(options).expect("an engine can be made here");
    println!(
        "{:<36} {:>10} {:<20} {:<20} {:>10}",
        "bomb", "bytes", "expected", "observed", "time"
    );
    for (name, component, expected) in bombs() {
        let started = Instant::now();
        let observed = engine
            .prepare(&component, Admission::Publish)
            .map(|_| "prepared")
            .map_err(|error| error.code());
        let time = started.elapsed();
        let observed = observed.unwrap_or_else(|code| code);
        println!(
            "{name:<36} {:>10} {expected:<20} {observed:<20} {time:>10.1?}",
            component.len()
        );
        assert_eq!(observed, expected, "{name}");
        // Far above the limit on processor time, because the wall clock of a loaded machine is no measure.
        assert!(
            time < Duration::from_secs(CPU_SECONDS * 30),
            "{name} took {time:?}"
        );
        still_serves(&engine);
    }
}

#[test]
fn a_compilation_over_its_memory_is_the_validators_fault() {
    let _alone = alone();
    let mut options = setup::options(WORKER, Isolation::Process);
    options.compilation.publish = ProcessLimits {
        data_bytes: 96 << 20,
        cpu_seconds: Some(60),
    };
    let engine = Engine::new(options).expect("an engine can be made here");
    let error = engine
        .prepare(&forge::tiny_functions(49_000), Admission::Publish)
        .err();
    let memory = PrepareError::TooCostly(Resource::Memory);
    assert_eq!(error, Some(memory));
    still_serves(&engine);
}

#[test]
fn no_text_of_the_engine_reaches_an_outcome() {
    let _alone = alone();
    let engine = setup::engine(WORKER, Isolation::Process);
    let panics = GUESTS
        .iter()
        .find(|(name, _)| *name == "panic")
        .expect("the guest is there")
        .1;
    let validator = engine
        .prepare(panics, Admission::Publish)
        .expect("it is prepared");
    let evaluation = engine.evaluate(&validator, &job()).expect("no host fault");
    let outcome = format!("{:?}", evaluation.outcome);
    assert!(
        !outcome.contains("assertion") && !outcome.contains("wasm"),
        "{outcome}"
    );
    let log: String = evaluation
        .log
        .iter()
        .map(|line| line.text.as_str())
        .collect();
    assert!(
        log.contains("an assertion of the validator failed"),
        "its author sees the message: {log}"
    );
}

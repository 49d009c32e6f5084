//! Guests that misbehave, each with the exact fault it must produce and the same outcome, fuel and log
//! included, in both isolation modes at both optimisation levels; and bombs that are aimed at the compiler.
//! After every one of them the same engine still serves.
//!
//! The table with times and peak memory: `cargo test -p proofmark-tests --test hostile -- --nocapture`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use proofmark_criteria::FaultCode;
use proofmark_criteria::record::{RunEnd, RunOutcome};
use proofmark_engine::prepare::Resource;
use proofmark_engine::worker::sandbox::ProcessLimits;
use proofmark_engine::{Admission, Engine, Isolation, Job, OptLevel, PrepareError, Prepared};
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
    /// The run ends in the first fault, and where the compiler does not optimise in the second: which stack
    /// ends first, and how deep, depends on generated code. The one thing that may differ.
    Overflow(FaultCode, FaultCode),
    /// It cannot say what it is: `describe` ends in this fault.
    Undescribed(FaultCode),
    /// It cannot be prepared: this code.
    Refused(&'static str),
}

use Expected::{Fault, Overflow, Refused, Report, Undescribed};

/// Guests in Rust, by the name of their file in `validators/hostile/examples`.
const RUST: &[(&str, Expected)] = &[
    ("check-missing", Fault(FaultCode::InvalidReport)),
    ("check-twice", Fault(FaultCode::InvalidReport)),
    ("check-unknown", Fault(FaultCode::InvalidReport)),
    (
        "clock-and-dice",
        Report("12,15,6,5,14,10,8,7,2,0,3,4,9,11,13,1 0 0 0 0 true"),
    ),
    (
        "deep-recursion",
        Overflow(FaultCode::StackOverflow, FaultCode::MemoryOutOfBounds),
    ),
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
    ("pointer-chase", Fault(FaultCode::OutOfFuel)),
    ("program-fuel", Fault(FaultCode::OutOfFuel)),
    ("program-hoarder", Report("4 at once")),
    ("program-input", Fault(FaultCode::ReadLimit)),
    ("program-memory", Fault(FaultCode::MemoryLimit)),
    ("program-secret", Report("true")),
    ("read-amplification", Fault(FaultCode::ReadLimit)),
    ("refuses", Fault(FaultCode::RefusedInternal)),
    // Behaves when it runs; that its parameter schema is none shows when criteria are made.
    ("schema-nonsense", Report("fine")),
    ("score-over-one", Fault(FaultCode::InvalidReport)),
    (
        "stack-prober",
        Overflow(FaultCode::StackOverflow, FaultCode::MemoryOutOfBounds),
    ),
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
            "table-bomb at once",
            forge::validator(
                table,
                "(drop (table.grow (ref.func $f) (i32.const 200000))) (unreachable)",
            ),
            Fault(FaultCode::TableLimit),
        ),
        (
            "endless-growth by nothing",
            plain("(loop (drop (memory.grow (i32.const 0))) (br 0)) (unreachable)"),
            Fault(FaultCode::OutOfFuel),
        ),
        (
            "bad handle in start",
            forge::dropping_a_handle_in_start(),
            Fault(FaultCode::AbiViolation),
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
            "1,000 results",
            forge::wide_results(1_800, 1_000),
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

/// A program that takes a step for each byte that it is given.
const PROGRAM: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start") (local $left i32)
    (i32.store (i32.const 0) (i32.const 64))
    (i32.store (i32.const 4) (i32.const 1000))
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
    (local.set $left (i32.load (i32.const 8)))
    (loop $step
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $step (i32.gt_s (local.get $left) (i32.const 0))))))"#;

/// One mebibyte for the guests that read too much, a program, and fuel for a tenth of a second of ordinary work.
fn job() -> Job {
    let program = wat::parse_str(PROGRAM).expect("the text is WebAssembly");
    let files: [(&str, &[u8]); 2] = [("large.bin", &[7; 1 << 20]), ("program.wasm", &program)];
    let mut job = setup::job(&["behaviour"], &files);
    job.limits.fuel_per_byte = 0;
    job
}

/// What became of a guest.
#[derive(Debug, Clone, PartialEq)]
enum Seen {
    Refused(&'static str),
    Undescribed(FaultCode),
    Ran(RunOutcome),
}

fn observe(engine: &Engine, component: &[u8]) -> Seen {
    let validator = match engine.prepare(component, Admission::Publish) {
        Ok(validator) => validator,
        Err(error) => return Seen::Refused(error.code()),
    };
    let described = engine.describe(&validator);
    if let Err(proofmark_engine::PublishError::Guest { code, .. }) = &described
        && matches!(code, FaultCode::OutOfFuel | FaultCode::Unreachable)
    {
        return Seen::Undescribed(*code);
    }
    Seen::Ran(run(engine, &validator))
}

fn run(engine: &Engine, validator: &Prepared) -> RunOutcome {
    engine
        .evaluate(validator, &job())
        .expect("what a guest does is never a host fault")
        .outcome
}

fn matches(expected: Expected, seen: &Seen, opt: OptLevel) -> bool {
    let fault = |end: &RunEnd| match end {
        RunEnd::Faulted(code) | RunEnd::Refused { code, .. } => Some(*code),
        RunEnd::Reported(_) => None,
    };
    match (expected, seen) {
        (Fault(code), Seen::Ran(outcome)) => fault(&outcome.end) == Some(code),
        (Overflow(speed, none), Seen::Ran(outcome)) => {
            let code = if opt == OptLevel::Speed { speed } else { none };
            fault(&outcome.end) == Some(code)
        }
        (Report(summary), Seen::Ran(outcome)) => match &outcome.end {
            RunEnd::Reported(report) => report.checks()[0].summary == summary,
            _ => false,
        },
        (Undescribed(code), Seen::Undescribed(found)) => code == *found,
        (Refused(code), Seen::Refused(found)) => code == *found,
        _ => false,
    }
}

fn word(seen: &Seen) -> String {
    match seen {
        Seen::Refused(code) => (*code).to_owned(),
        Seen::Undescribed(code) => format!("describe: {code}"),
        Seen::Ran(outcome) => match &outcome.end {
            RunEnd::Reported(report) => format!("report: {:.40}", report.checks()[0].summary),
            RunEnd::Faulted(code) | RunEnd::Refused { code, .. } => code.to_string(),
        },
    }
}

fn engine(isolation: Isolation, opt: OptLevel, cache: &std::path::Path) -> Engine {
    let mut options = setup::options(WORKER, isolation);
    options.cache = Some(cache.to_owned());
    options.opt = opt;
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
    assert!(matches!(run(engine, &validator).end, RunEnd::Reported(_)));
}

const WAYS: [(Isolation, OptLevel); 4] = [
    (Isolation::Process, OptLevel::Speed),
    (Isolation::Process, OptLevel::None),
    (Isolation::None, OptLevel::Speed),
    (Isolation::None, OptLevel::None),
];

/// Every guest that does not ask the host to break out, which is the business of `isolation.rs`.
fn guests() -> Vec<(&'static str, Vec<u8>, Expected)> {
    let rust = GUESTS
        .iter()
        .filter(|(name, _)| !name.starts_with("escape-"))
        .map(|(name, component)| {
            let row = RUST.iter().find(|(row, _)| row == name);
            let row = row.unwrap_or_else(|| panic!("{name} has no row in the table"));
            (*name, component.to_vec(), row.1)
        });
    let guests: Vec<_> = rust.chain(forged()).collect();
    let rows = RUST.len() + forged().len();
    assert_eq!(guests.len(), rows, "a row of the table has no guest");
    guests
}

#[test]
fn each_guest_ends_as_it_must_and_the_same_in_every_way() {
    let _alone = alone();
    let cache = tempfile::tempdir().expect("a directory");
    println!(
        "{:<26} {:<44} {:<44} {:>15} {:>10} {:>8} {:>8}",
        "guest", "expected", "observed", "fuel", "time", "worker", "host"
    );
    for (name, component, expected) in guests() {
        let ways = WAYS.map(|(isolation, opt)| {
            let engine = engine(isolation, opt, cache.path());
            let watched = Watched::start();
            let seen = observe(&engine, &component);
            let cost = watched.stop();
            assert!(
                matches(expected, &seen, opt),
                "{name} in {isolation:?} at {opt:?}: expected {expected:?}, observed {seen:?}"
            );
            still_serves(&engine);
            (seen, cost)
        });
        tell(name, expected, &ways[0].0, &ways[0].1);
        let first = &ways[0].0;
        // Fuel, log and report as well.
        assert_eq!(*first, ways[2].0, "{name} differs without isolation");
        if !matches!(expected, Overflow(..)) {
            assert_eq!(*first, ways[1].0, "{name} differs unoptimised");
        }
        assert_eq!(
            ways[1].0, ways[3].0,
            "{name} differs without isolation, unoptimised"
        );
    }
}

fn tell(name: &str, expected: Expected, seen: &Seen, cost: &Cost) {
    let fuel = match seen {
        Seen::Ran(outcome) => outcome
            .fuel_used
            .map_or("–".to_owned(), |fuel| fuel.to_string()),
        _ => "–".to_owned(),
    };
    println!(
        "{name:<26} {:<44.44} {:<44} {fuel:>15} {:>10.1?} {:>4} MiB {:>4} MiB",
        format!("{expected:?}"),
        word(seen),
        cost.time,
        cost.children_bytes >> 20,
        peak_memory_bytes(std::process::id()) >> 20,
    );
}

/// What something cost while it was watched.
struct Cost {
    time: Duration,
    /// Most processor time of one child.
    child_cpu: Duration,
    /// Most memory of one child.
    children_bytes: u64,
}

/// Looks at the children of this process while something is done: afterwards they may be gone.
struct Watched {
    started: Instant,
    done: Arc<AtomicBool>,
    watcher: JoinHandle<(Duration, u64)>,
}

impl Watched {
    fn start() -> Self {
        let done = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&done);
        let watcher = std::thread::spawn(move || {
            let (mut cpu, mut bytes) = (Duration::ZERO, 0);
            while !seen.load(Ordering::Relaxed) {
                for pid in children().into_iter().filter(|pid| setup::is_worker(*pid)) {
                    cpu = cpu.max(setup::cpu_time(pid));
                    bytes = bytes.max(peak_memory_bytes(pid));
                }
                std::thread::sleep(Duration::from_millis(2));
            }
            (cpu, bytes)
        });
        Self {
            started: Instant::now(),
            done,
            watcher,
        }
    }

    fn stop(self) -> Cost {
        let time = self.started.elapsed();
        self.done.store(true, Ordering::Relaxed);
        let (child_cpu, children_bytes) = self.watcher.join().expect("it only looks");
        Cost {
            time,
            child_cpu,
            children_bytes,
        }
    }
}

#[test]
fn compile_bombs_are_refused_and_cost_no_more_than_they_may() {
    let _alone = alone();
    const CPU_SECONDS: u64 = 2;
    const MEMORY_BYTES: u64 = 1 << 30;
    let mut options = setup::options(WORKER, Isolation::Process);
    options.compilation.publish = ProcessLimits {
        data_bytes: MEMORY_BYTES,
        cpu_seconds: Some(CPU_SECONDS),
    };
    let engine = Engine::new(options).expect("an engine can be made here");
    println!(
        "limits of the compiling child: {CPU_SECONDS} s of processor time, {} MiB",
        MEMORY_BYTES >> 20
    );
    println!(
        "{:<36} {:>10} {:<20} {:<20} {:>10} {:>10} {:>8} {:>8}",
        "bomb", "bytes", "expected", "observed", "child CPU", "over limit", "child", "host"
    );
    for (name, component, expected) in bombs() {
        let watched = Watched::start();
        let observed = engine
            .prepare(&component, Admission::Publish)
            .map(|_| "prepared")
            .map_err(|error| error.code());
        let cost = watched.stop();
        let observed = observed.unwrap_or_else(|code| code);
        let limit = Duration::from_secs(CPU_SECONDS);
        let over = cost.child_cpu.saturating_sub(limit);
        println!(
            "{name:<36} {:>10} {expected:<20} {observed:<20} {:>10.1?} {over:>10.1?} {:>4} MiB {:>4} MiB",
            component.len(),
            cost.child_cpu,
            cost.children_bytes >> 20,
            peak_memory_bytes(std::process::id()) >> 20,
        );
        assert_eq!(observed, expected, "{name}");
        // A signal ends the child at its limit; the system counts processor time in whole seconds.
        assert!(
            over < Duration::from_secs(2),
            "{name} went {over:?} over its limit"
        );
        assert!(cost.children_bytes < MEMORY_BYTES + (256 << 20), "{name}");
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

/// Writes as much as it likes to say of what it was given, and takes its time.
const TELLTALE: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (func (export "_start") (local $left i32)
    (i32.store (i32.const 0) (i32.const 64))
    (i32.store (i32.const 4) (i32.const 1))
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
    (if (i32.eq (i32.load8_u (i32.const 64)) (i32.const 49)) (then
      (local.set $left (i32.const 100000))
      (loop $step
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br_if $step (local.get $left)))
      (i32.store (i32.const 4) (i32.const 60000))
      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))))"#;

/// The fuel of a run is public, and a program decides what it uses: of closed cases it must say nothing but the verdict.
#[test]
fn of_closed_cases_the_fuel_says_nothing() {
    let engine = Engine::new(setup::options(WORKER, Isolation::None)).expect("an engine");
    let validator = proofmark_validators::READY_MADE
        .iter()
        .find(|it| it.name == "program-tests");
    let component = validator.expect("it is ready-made").component;
    let validator = engine.prepare(component, Admission::Publish);
    let validator = validator.expect("it can be prepared");
    let program = wat::parse_str(TELLTALE).expect("the text is WebAssembly");
    let fuel = |secret: &str| {
        let closed =
            format!("{{\"stdin\":\"{secret}\",\"stdout\":\"no program knows\"}}\n").repeat(3);
        let shown = b"{\"stdin\":\"0\",\"stdout\":\"\"}\n".as_slice();
        let reference = [("cases.jsonl", shown), ("closed.jsonl", closed.as_bytes())];
        let mut job = setup::job(
            &["cases", "closed-cases", "program"],
            &[("program.wasm", &program)],
        );
        job.params = r#"{"closed_cases":"closed.jsonl"}"#.to_owned();
        job.reference = Arc::new(proofmark_engine::FileSet::from_memory(reference));
        let outcome = engine
            .evaluate(&validator, &job)
            .expect("no host fault")
            .outcome;
        let RunEnd::Reported(report) = &outcome.end else {
            panic!("{outcome:?}");
        };
        let statuses: Vec<_> = report
            .checks()
            .iter()
            .map(|it| it.status.as_str())
            .collect();
        assert_eq!(statuses, ["pass", "fail", "pass"]);
        outcome.fuel_used
    };
    assert!(fuel("0").is_some());
    assert_eq!(fuel("0"), fuel("1"));
}

//! What code inside a worker cannot do, and what happens to a worker that does not behave.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use proofmark_criteria::HostFaultCode;
use proofmark_criteria::record::RunEnd;
use proofmark_engine::{Admission, Engine, HostFault, Isolation, Job, Prepared};
use proofmark_tests::setup::{self, children};
use proofmark_tests::{escape, forge};
use proofmark_validators::hostile::guest;

/// These tests look at, and kill, children of this process: one at a time.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

const ESCAPING: &str = env!("CARGO_BIN_EXE_escaping-worker");

fn attempts(isolation: Isolation) -> Vec<String> {
    let mut options = setup::options(ESCAPING, isolation);
    options.extra = escape::options();
    let engine = Engine::new(options).expect("an engine can be made here");
    let component = guest("escape-attempts").expect("the guest is there");
    let validator = engine
        .prepare(component, Admission::Publish)
        .expect("it is prepared");
    let evaluation = engine
        .evaluate(&validator, &setup::job(&["behaviour"], &[]))
        .expect("no host fault");
    let RunEnd::Reported(report) = evaluation.outcome.end else {
        panic!("{:?}", evaluation.outcome.end)
    };
    report.checks()[0]
        .findings
        .iter()
        .map(|finding| finding.message.clone())
        .collect()
}

#[test]
fn in_a_worker_every_attempt_to_break_out_fails() {
    let _alone = alone();
    let _ = std::fs::remove_file(escape::CREATED);
    let attempts = attempts(Isolation::Process);
    attempts.iter().for_each(|attempt| println!("{attempt}"));
    assert_eq!(attempts.len(), 8);
    for attempt in &attempts {
        assert!(attempt.contains(": denied: "), "{attempt}");
    }
    assert!(!std::path::Path::new(escape::CREATED).exists());
}

/// The same function where nothing stops it: without this, the test above could not fail.
#[test]
fn without_isolation_the_same_attempts_succeed() {
    let _alone = alone();
    let attempts = attempts(Isolation::None);
    let _ = std::fs::remove_file(escape::CREATED);
    for what in [
        "open-file",
        "create-file",
        "listen",
        "start-process",
        "signal-parent",
        "environment",
    ] {
        let attempt = attempts
            .iter()
            .find(|attempt| attempt.starts_with(what))
            .expect("it was made");
        assert!(attempt.contains("SUCCEEDED"), "{attempt}");
    }
}

#[test]
fn every_measure_is_reported_and_holds_here() {
    let _alone = alone();
    let engine = setup::engine(ESCAPING, Isolation::Process);
    let report = engine.isolation_report().expect("a worker starts");
    let names: Vec<_> = report
        .measures
        .iter()
        .map(|measure| measure.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "closed-descriptors",
            "empty-environment",
            "dies-with-parent",
            "resource-limits",
            "no-new-privileges",
            "landlock",
            "no-new-process",
            "not-dumpable",
            "seccomp"
        ]
    );
    assert_eq!(report.missing(), Vec::<&str>::new(), "{report:?}");
}

/// A guest that runs for minutes unless it is stopped.
fn long_running(engine: &Engine) -> (Arc<Prepared>, Job) {
    let component = guest("endless-loop").expect("the guest is there");
    let validator = engine
        .prepare(component, Admission::Publish)
        .expect("it is prepared");
    let mut job = setup::job(&["behaviour"], &[]);
    job.limits.fuel = 1 << 50;
    (validator, job)
}

fn serves(engine: &Engine) {
    let component = guest("nan-bits").expect("the guest is there");
    let validator = engine
        .prepare(component, Admission::Publish)
        .expect("it is prepared");
    let evaluation = engine
        .evaluate(&validator, &setup::job(&["behaviour"], &[]))
        .expect("a new worker serves");
    assert!(matches!(evaluation.outcome.end, RunEnd::Reported(_)));
}

fn fault_of(engine: &Engine, validator: &Prepared, job: &Job) -> HostFault {
    engine
        .evaluate(validator, job)
        .map(|evaluation| evaluation.outcome)
        .expect_err("the host is at fault")
}

#[test]
fn a_worker_that_is_killed_is_a_host_fault_and_is_replaced() {
    let _alone = alone();
    let engine = setup::engine(ESCAPING, Isolation::Process);
    let (validator, job) = long_running(&engine);
    let fault = std::thread::scope(|scope| {
        let run = scope.spawn(|| fault_of(&engine, &validator, &job));
        kill_busy_child();
        run.join().expect("the run returns")
    });
    assert_eq!(fault.code, HostFaultCode::WorkerDied, "{fault}");
    assert!(fault.detail.contains("signal 9"), "{fault}");
    serves(&engine);
}

/// Kill the child of this process that computes, once there is one.
fn kill_busy_child() {
    let started = Instant::now();
    loop {
        let busy = children().into_iter().find(|pid| cpu_ticks(*pid) > 20);
        if let Some(pid) = busy.and_then(|pid| rustix::process::Pid::from_raw(pid.cast_signed())) {
            rustix::process::kill_process(pid, rustix::process::Signal::KILL)
                .expect("it is our child");
            return;
        }
        assert!(
            started.elapsed() < Duration::from_secs(60),
            "no worker computes"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn cpu_ticks(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields = stat
        .rsplit_once(')')
        .map(|(_, fields)| fields)
        .unwrap_or_default();
    fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum()
}

#[test]
fn an_idle_worker_that_died_is_replaced_without_a_fault() {
    let _alone = alone();
    let engine = setup::engine(ESCAPING, Isolation::Process);
    serves(&engine);
    for pid in children() {
        let pid = rustix::process::Pid::from_raw(pid.cast_signed()).expect("a child");
        if cpu_ticks(pid.as_raw_nonzero().get().cast_unsigned()) < 20 {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
    }
    std::thread::sleep(Duration::from_millis(50));
    serves(&engine);
}

#[test]
fn clock_limits_kill_the_worker_and_never_decide() {
    let _alone = alone();
    let mut options = setup::options(ESCAPING, Isolation::Process);
    options.clock.fuel_per_second = u64::MAX;
    options.clock.grace = Duration::from_millis(300);
    let engine = Engine::new(options).expect("an engine can be made here");
    let (validator, job) = long_running(&engine);
    let fault = fault_of(&engine, &validator, &job);
    assert_eq!(fault.code, HostFaultCode::WorkerCpuLimit, "{fault}");
    serves(&engine);
}

#[test]
fn a_worker_that_hangs_is_killed_by_the_wall_clock() {
    let _alone = alone();
    let mut options = setup::options(ESCAPING, Isolation::Process);
    options.clock.fuel_per_second = u64::MAX;
    options.clock.grace = Duration::from_millis(300);
    let engine = Engine::new(options).expect("an engine can be made here");
    let component = guest("escape-hang").expect("the guest is there");
    let validator = engine
        .prepare(component, Admission::Publish)
        .expect("it is prepared");
    let fault = fault_of(&engine, &validator, &setup::job(&["behaviour"], &[]));
    assert_eq!(fault.code, HostFaultCode::WorkerTimeout, "{fault}");
    serves(&engine);
}

/// Programs that are no workers: each is found out, none is waited for.
#[test]
fn a_child_that_answers_garbage_or_leaves_is_a_host_fault() {
    let _alone = alone();
    for (script, expected) in [
        // Four bytes of length that no frame has, then noise.
        (
            "printf '\\377\\377\\377\\377noise' >&0",
            HostFaultCode::WorkerProtocol,
        ),
        // A frame of one byte that is no message.
        (
            "printf '\\001\\000\\000\\000\\377' >&0",
            HostFaultCode::WorkerProtocol,
        ),
        // One byte at a time, for ever, within a frame that could be long.
        (
            "printf '\\000\\000\\020\\000' >&0; while printf x >&0; do sleep 0.03; done",
            HostFaultCode::WorkerTimeout,
        ),
        ("exit 7", HostFaultCode::WorkerDied),
        ("kill -9 $$", HostFaultCode::WorkerDied),
    ] {
        let mut options = setup::options("/bin/sh", Isolation::Process);
        options.worker.arguments = vec!["-c".into(), script.into()];
        options.start.wall = Duration::from_secs(2);
        let engine = Engine::new(options).expect("the engine starts no worker yet");
        let fault = engine.isolation_report().expect_err("this is no worker");
        assert_eq!(fault.code, expected, "{script}: {fault}");
    }
    let engine = setup::engine("/nonexistent/proofmark", Isolation::Process);
    assert_eq!(
        engine
            .isolation_report()
            .expect_err("there is no program")
            .code,
        HostFaultCode::WorkerSpawn
    );
}

#[test]
fn a_worker_does_not_inherit_descriptors_or_environment() {
    let _alone = alone();
    // Opened without close-on-exec, as careless libraries do.
    let leaked = std::fs::File::open("/etc/hostname").expect("a file");
    rustix::io::fcntl_setfd(&leaked, rustix::io::FdFlags::empty()).expect("the flag is cleared");
    let engine = setup::engine(ESCAPING, Isolation::Process);
    let report = engine.isolation_report().expect("a worker starts");
    assert!(report.missing().is_empty());
    let links: Vec<_> = children()
        .iter()
        .filter_map(|pid| std::fs::read_dir(format!("/proc/{pid}/fd")).ok())
        .flatten()
        .filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok())
        .collect();
    assert!(
        links.iter().all(|link| !link.starts_with("/etc")),
        "{links:?}"
    );
}

#[test]
fn nothing_survives_a_run() {
    let _alone = alone();
    let counting = forge::validator(
        "(global $runs (mut i32) (i32.const 0))",
        // Divides by zero in every run but a first one.
        "(if (global.get $runs) (then (drop (i32.div_u (i32.const 1) (i32.const 0)))))
         (global.set $runs (i32.const 1)) (unreachable)",
    );
    for isolation in [Isolation::Process, Isolation::None] {
        let engine = setup::engine(ESCAPING, isolation);
        let validator = engine
            .prepare(&counting, Admission::Publish)
            .expect("it is prepared");
        for _ in 0..3 {
            let evaluation = engine
                .evaluate(&validator, &setup::job(&["behaviour"], &[]))
                .expect("no host fault");
            let code = proofmark_criteria::FaultCode::Unreachable;
            assert_eq!(evaluation.outcome.end, RunEnd::Faulted(code));
        }
    }
}

/// Workers belong to the engine, not to the thread that happened to need the first one.
#[test]
fn a_worker_outlives_the_thread_that_started_it() {
    let _alone = alone();
    let engine = setup::engine(ESCAPING, Isolation::Process);
    let before = children();
    std::thread::scope(|scope| {
        scope
            .spawn(|| serves(&engine))
            .join()
            .expect("the first run");
    });
    let started: Vec<_> = children()
        .into_iter()
        .filter(|pid| !before.contains(pid))
        .collect();
    std::thread::sleep(Duration::from_millis(50));
    serves(&engine);
    let still: Vec<_> = children()
        .into_iter()
        .filter(|pid| started.contains(pid))
        .collect();
    assert!(!still.is_empty(), "the worker was replaced");
}

/// Most people are not root, and root is allowed what they are not.
#[test]
fn an_ordinary_user_gets_every_measure_too() {
    let _alone = alone();
    if !rustix::process::geteuid().is_root() {
        // Then every other test of this file shows it.
        return;
    }
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    const NOBODY: u32 = 65_534;
    let folder = tempfile::tempdir().expect("a directory");
    let open = || std::fs::Permissions::from_mode(0o777);
    std::fs::set_permissions(folder.path(), open()).expect("the directory is opened");
    let binary = folder.path().join("proofmark");
    std::fs::copy(env!("CARGO_BIN_EXE_proofmark-under-test"), &binary)
        .expect("the binary is copied");
    let output = std::process::Command::new(&binary)
        .args(["demo", "--no-cache", "--opt-level", "none"])
        .env("TMPDIR", folder.path())
        .current_dir(folder.path())
        .uid(NOBODY)
        .gid(NOBODY)
        .output()
        .expect("the binary runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert!(!stderr.contains("isolation is weaker"), "{stderr}");
}

/// Workers know validators by a number, which must mean the same to every engine of the process.
#[test]
fn a_validator_of_another_engine_is_never_mistaken() {
    let _alone = alone();
    let first = setup::engine(ESCAPING, Isolation::Process);
    let second = setup::engine(ESCAPING, Isolation::Process);
    let prepare = |engine: &Engine, name| {
        let component = guest(name).expect("the guest is there");
        engine
            .prepare(component, Admission::Publish)
            .expect("it is prepared")
    };
    let nan = prepare(&first, "nan-bits");
    let _other = prepare(&second, "panic");
    let job = setup::job(&["behaviour"], &[]);
    let evaluation = second.evaluate(&nan, &job).expect("no host fault");
    assert!(
        matches!(evaluation.outcome.end, RunEnd::Reported(_)),
        "{:?}",
        evaluation.outcome.end
    );
}

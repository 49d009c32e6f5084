//! What code inside a worker cannot do, and what happens to a worker that does not behave.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use proofmark_criteria::HostFaultCode;
use proofmark_criteria::record::RunEnd;
use proofmark_engine::{Admission, Engine, HostFault, Isolation, Job, Prepared, PublishError};
use proofmark_tests::setup::{self, children};
use proofmark_tests::{escape, forge, frozen};
use proofmark_validators::hostile::guest;

/// These tests look at, and kill, children of this process: one at a time.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Nothing but a guest takes so much processor time.
const BUSY: Duration = Duration::from_millis(200);

const ESCAPING: &str = env!("CARGO_BIN_EXE_escaping-worker");

/// What became of each attempt, in a worker that leaves out what `without` says.
fn attempts(isolation: Isolation, without: &[&str]) -> Vec<String> {
    let mut options = setup::options(ESCAPING, isolation);
    options.extra = escape::options(&[]);
    options.worker.arguments = without.iter().map(Into::into).collect();
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
    let attempts = attempts(Isolation::Process, &[]);
    attempts.iter().for_each(|attempt| println!("{attempt}"));
    assert_eq!(attempts.len(), 10);
    for attempt in &attempts {
        assert!(attempt.contains(": denied: "), "{attempt}");
    }
    assert!(!std::path::Path::new(escape::CREATED).exists());
}

/// What stops each attempt if one of the two walls is not there: the other one alone.
#[test]
fn each_wall_stands_by_itself() {
    let _alone = alone();
    let denied = |without: &str| -> Vec<String> {
        let attempts = attempts(Isolation::Process, &[without]);
        let denied = attempts
            .iter()
            .filter(|attempt| attempt.contains(": denied: "));
        denied
            .filter_map(|attempt| Some(attempt.split_once(':')?.0.to_owned()))
            .collect()
    };
    // The filter of system calls lets none of them through.
    assert_eq!(denied("without-landlock").len(), 10);
    let by_landlock = denied("without-seccomp");
    let _ = std::fs::remove_file(escape::CREATED);
    for what in [
        "open-file",
        "create-file",
        "connect",
        "listen",
        "parent-memory",
        "signal-parent",
    ] {
        assert!(
            by_landlock.iter().any(|denied| denied == what),
            "{what}: {by_landlock:?}"
        );
    }
}

#[test]
fn a_measure_that_is_left_out_is_reported() {
    let _alone = alone();
    for (argument, name) in [
        ("without-landlock", "landlock"),
        ("without-seccomp", "seccomp"),
    ] {
        let mut options = setup::options(ESCAPING, Isolation::Process);
        options.worker.arguments = vec![argument.into()];
        let engine = Engine::new(options).expect("an engine can be made here");
        let report = engine.isolation_report().expect("a worker starts");
        assert_eq!(report.missing(), [name]);
    }
}

/// The same function where nothing stops it: without this, the test above could not fail.
#[test]
fn without_isolation_the_same_attempts_succeed() {
    let _alone = alone();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    escape::LISTENING.store(port, Ordering::Relaxed);
    let child = Command::new("/bin/sleep").arg("60").spawn();
    let mut child = child.expect("a process can be started");
    escape::READABLE.store(child.id(), Ordering::Relaxed);
    let attempts = attempts(Isolation::None, &[]);
    let _ = child.kill().and_then(|()| child.wait());
    let _ = std::fs::remove_file(escape::CREATED);
    let mut must_succeed = vec![
        "open-file",
        "create-file",
        "connect",
        "listen",
        "start-process",
        "parent-memory",
        "signal-parent",
        "signal-by-descriptor",
        "environment",
    ];
    // Who is not root has none to begin with.
    if rustix::process::geteuid().is_root() {
        must_succeed.push("capabilities");
    }
    for what in must_succeed {
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
            "no-capabilities",
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
        let busy = children()
            .into_iter()
            .find(|pid| setup::cpu_time(*pid) > BUSY);
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

#[test]
fn an_idle_worker_that_died_is_replaced_without_a_fault() {
    let _alone = alone();
    let engine = setup::engine(ESCAPING, Isolation::Process);
    let before = children();
    serves(&engine);
    let mut workers = children();
    workers.retain(|pid| !before.contains(pid));
    assert_eq!(workers.len(), 1, "one worker waits for the next run");
    for pid in &workers {
        let pid = rustix::process::Pid::from_raw(pid.cast_signed()).expect("a child");
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).expect("it is ours");
    }
    std::thread::sleep(Duration::from_millis(50));
    serves(&engine);
    assert!(children().iter().all(|pid| !workers.contains(pid)));
}

/// A guest that computes for minutes must not outlive whoever wanted to know.
#[test]
fn a_worker_dies_with_its_parent() {
    let _alone = alone();
    let folder = tempfile::tempdir().expect("a directory");
    let endless = guest("endless-loop").expect("the guest is there");
    frozen::freeze(folder.path(), endless, |document| {
        document["criteria"][0]["limits"]["fuel"] = 10_000_000_000_000_u64.into();
    });
    std::fs::create_dir(folder.path().join("work")).expect("it is ours");
    let mut parent = Command::new(env!("CARGO_BIN_EXE_proofmark-under-test"))
        .args(["check", "criteria.json", "work", "--no-cache"])
        .current_dir(folder.path())
        .spawn()
        .expect("the binary runs");
    let worker = wait_for(|| {
        let workers = setup::children_of(parent.id());
        workers.into_iter().find(|pid| setup::cpu_time(*pid) > BUSY)
    });
    parent
        .kill()
        .and_then(|()| parent.wait())
        .expect("it is ours");
    wait_for(|| (!Path::new(&format!("/proc/{worker}")).exists()).then_some(()));
}

/// Something that comes to pass within a minute.
fn wait_for<T>(look: impl Fn() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(
            started.elapsed() < Duration::from_secs(60),
            "it did not come to pass"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// What guests of one worker leave mapped must never keep a later one from what its limits allow.
#[test]
fn large_guests_one_after_another_all_get_their_memory() {
    let _alone = alone();
    let engine = setup::engine(ESCAPING, Isolation::Process);
    for index in 0..5 {
        // 15,216 pages are 951 MiB; each is touched. The custom text makes five validators of it.
        let large = forge::validator(
            &format!(r#"(global (export "number-{index}") i32 (i32.const {index}))"#),
            "(drop (memory.grow (i32.const 15214))) (memory.fill (i32.const 65536) (i32.const 1)
             (i32.const 990000000)) (unreachable)",
        );
        let validator = engine
            .prepare(&large, Admission::Publish)
            .expect("it is prepared");
        let mut job = setup::job(&["behaviour"], &[]);
        job.limits.memory_bytes = 1 << 30;
        job.limits.fuel = 2_000_000_000;
        let evaluation = engine.evaluate(&validator, &job);
        let end = evaluation
            .unwrap_or_else(|fault| panic!("guest {index}: {fault}"))
            .outcome
            .end;
        assert_eq!(
            end,
            RunEnd::Faulted(proofmark_criteria::FaultCode::Unreachable)
        );
    }
}

/// Whatever was asked, after a fault of its own a worker is not asked again.
#[test]
fn a_host_fault_while_publishing_ends_the_worker_too() {
    let _alone = alone();
    let mut options = setup::options(ESCAPING, Isolation::Process);
    options.worker.arguments = vec!["faulty".into()];
    let engine = Engine::new(options).expect("an engine can be made here");
    let component = guest("nan-bits").expect("the guest is there");
    let mut workers = std::collections::BTreeSet::new();
    for _ in 0..2 {
        let validator = engine
            .prepare(component, Admission::Publish)
            .expect("it is prepared");
        let running: Vec<_> = children()
            .into_iter()
            .filter(|pid| setup::is_worker(*pid))
            .collect();
        let fault = engine
            .describe(&validator)
            .expect_err("the worker has no memory");
        assert!(matches!(fault, PublishError::Host(_)), "{fault}");
        workers.extend(running);
        engine.isolation_report().expect("another one serves");
    }
    assert!(
        workers.len() > 1,
        "the same worker was asked again: {workers:?}"
    );
}

#[test]
fn one_engine_serves_several_threads_alike() {
    let _alone = alone();
    for isolation in [Isolation::Process, Isolation::None] {
        let engine = setup::engine(ESCAPING, isolation);
        let names = [
            "nan-bits",
            "panic",
            "escapes",
            "clock-and-dice",
            "out-of-range-reads",
        ];
        let validators = names.map(|name| {
            let component = guest(name).expect("the guest is there");
            engine
                .prepare(component, Admission::Publish)
                .expect("it is prepared")
        });
        let run = || {
            let job = setup::job(&["behaviour"], &[("large.bin", &[7; 4_096])]);
            let outcome = |validator: &Arc<Prepared>| {
                let evaluation = engine.evaluate(validator, &job).expect("no host fault");
                format!("{:?}", evaluation.outcome)
            };
            (0..20)
                .flat_map(|_| validators.iter().map(outcome))
                .collect::<Vec<_>>()
        };
        let outcomes = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(run)).collect();
            let joined = threads
                .into_iter()
                .map(|thread| thread.join().expect("no panic"));
            joined.collect::<std::collections::BTreeSet<_>>()
        });
        assert_eq!(outcomes.len(), 1, "{isolation:?}");
    }
}

/// A content in memory is one file for all who open it.
#[test]
fn a_content_in_memory_is_copied_once_however_often_it_is_opened() {
    let _alone = alone();
    let engine = setup::engine(ESCAPING, Isolation::Process);
    let component = guest("handle-hoarder").expect("the guest is there");
    let validator = engine
        .prepare(component, Admission::Publish)
        .expect("it is prepared");
    let large = vec![7; 32 << 20];
    let job = setup::job(&["behaviour"], &[("large.bin", &large)]);
    let before = memory_files();
    let evaluation = engine.evaluate(&validator, &job).expect("no host fault");
    let RunEnd::Reported(report) = &evaluation.outcome.end else {
        panic!("{:?}", evaluation.outcome.end)
    };
    assert_eq!(report.checks()[0].summary, "64 at once");
    assert_eq!(memory_files() - before, 1, "held by the content itself");
}

/// Memory files that this process has open.
fn memory_files() -> usize {
    let open = std::fs::read_dir("/proc/self/fd")
        .expect("Linux has /proc")
        .flatten();
    let links = open.filter_map(|entry| std::fs::read_link(entry.path()).ok());
    links
        .filter(|link| link.to_string_lossy().contains("memfd:proofmark"))
        .count()
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
        // A frame that says why it could not start: variant 8, a text of two bytes.
        (
            "printf '\\004\\000\\000\\000\\007\\002no' >&0",
            HostFaultCode::WorkerSpawn,
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
    // Only root may look into an undumpable process.
    let visible = rustix::process::geteuid().is_root();
    assert_eq!(links.is_empty(), !visible, "{links:?}");
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

/// Memory that the system does not give is the system's fault, not that of the component.
#[test]
fn a_lower_limit_of_the_system_is_not_the_validators_fault() {
    let _alone = alone();
    let command = format!(
        "ulimit -d 150000; exec {} validator inspect json-schema --no-cache",
        env!("CARGO_BIN_EXE_proofmark-under-test")
    );
    let output = Command::new("/bin/sh")
        .args(["-c", &command])
        .output()
        .expect("a shell");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{stderr}");
    assert!(stderr.contains("host fault"), "{stderr}");
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

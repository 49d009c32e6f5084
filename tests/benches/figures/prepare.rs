//! `prepare`: from the bytes of a component to a validator that can run, cold and from the cache.

use std::time::Duration;

use proofmark_core::Digest;
use proofmark_engine::{Admission, Isolation, OptLevel, compile, config};
use proofmark_validators::READY_MADE;
use wasmtime::component::Component;

use crate::guests::Setting;
use crate::measure::{Times, median, ms, time};
use crate::table::{Figure, Section, Target};

const ROUNDS: usize = 25;

pub(crate) fn run(setting: &Setting) -> Section {
    let mut section = Section::new(
        "prepare",
        "milliseconds until a validator can run; the floor is wasmtime alone, on the same compiled code",
        &[
            "validator",
            "component KiB",
            "code KiB",
            "compile: floor",
            "in the child",
            "load: floor",
            "warm, this process",
            "warm, worker",
        ],
    );
    let small = [("ten-checks", setting.ten_checks.as_slice())];
    let mut starts = Vec::new();
    for (name, component) in READY_MADE
        .iter()
        .map(|ready| (ready.name, ready.component))
        .chain(small)
    {
        let found = measure(setting, component, &mut starts);
        section.row(vec![
            name.into(),
            (component.len() as u64 >> 10).into(),
            (found.code_bytes >> 10).into(),
            Figure::Decimal(ms(found.compile_floor), 0),
            Figure::Decimal(ms(found.compile), 0),
            Figure::Decimal(ms(found.load_floor), 2),
            Figure::Decimal(ms(found.here), 2),
            Figure::Decimal(ms(found.worker), 2),
        ]);
        section.target(Target::at_most(
            format!("{name} from the cache, worker"),
            ms(found.worker),
            2.0,
            " ms",
        ));
    }
    let start = median(starts.into_iter().map(ms));
    section.note(format!(
        "a worker process starts and locks itself down in {start:.1} ms (not part of the above)"
    ));
    section
}

struct Found {
    code_bytes: u64,
    compile_floor: Duration,
    compile: Duration,
    load_floor: Duration,
    here: Duration,
    worker: Duration,
}

fn measure(setting: &Setting, component: &[u8], starts: &mut Vec<Duration>) -> Found {
    let (code, compile_floor) = time(|| compile::compile(component, OptLevel::Speed, &[]));
    let code = code.expect("it compiles");
    let file = setting.scratch().join("floor.cwasm");
    std::fs::write(&file, &code).expect("scratch can be written");
    let cold = setting.engine(Isolation::None);
    cold.cache()
        .expect("it has a cache")
        .clear()
        .expect("the cache can be emptied");
    let (prepared, compile) = time(|| cold.prepare(component, Admission::Published));
    let code_bytes = prepared.expect("it compiles in the child").code_bytes();
    let running = config::running_engine(1).expect("an engine");
    let [mut floor, mut here, mut worker] = [(); 3].map(|()| Times::default());
    for _ in 0..ROUNDS {
        // SAFETY: this process has compiled the file just now.
        let (loaded, took) = time(|| unsafe { Component::deserialize_file(&running, &file) });
        loaded.expect("the code is ours");
        floor.add(took);
        here.add(warm(setting, component, Isolation::None, starts));
        worker.add(warm(setting, component, Isolation::Process, starts));
    }
    let (load_floor, here, worker) = (floor.median(), here.median(), worker.median());
    Found {
        code_bytes,
        compile_floor,
        compile,
        load_floor,
        here,
        worker,
    }
}

/// A fresh engine, which knows nothing but the cache, with its worker already there.
fn warm(
    setting: &Setting,
    component: &[u8],
    isolation: Isolation,
    starts: &mut Vec<Duration>,
) -> Duration {
    let engine = setting.engine(isolation);
    let (report, started) = time(|| engine.isolation_report());
    report.expect("a worker can be started");
    if isolation == Isolation::Process {
        starts.push(started);
    }
    // By the digest that criteria name, as `check` does.
    let digest = Digest::of(component);
    let (prepared, took) = time(|| engine.recall(&digest, Admission::Published));
    let prepared = prepared.expect("it can be loaded");
    assert!(prepared.is_some(), "it is in the cache");
    took
}

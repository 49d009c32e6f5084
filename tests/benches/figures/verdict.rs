//! `verdict`: what one run of a small validator costs, and how many fit on two cores.

use std::thread;

use proofmark_criteria::record::RunEnd;
use proofmark_criteria::report::Status;
use proofmark_engine::{Admission, Engine, Isolation, Job, Prepared};

use crate::floor::Bare;
use crate::guests::{self, Setting};
use crate::measure::{Contender, Times, interleave, us};
use crate::table::{Cell, Section, Target};

/// Runs in one turn, by each caller: some 20 ms.
const BATCH: u32 = 400;
const ROUNDS: usize = 41;
/// Fuel of a run; it is never used up here.
const FUEL: u64 = 1_000_000_000;

/// One way to run the validator once; says whether all ten checks passed.
type Run<'a> = Box<dyn Fn() -> bool + Sync + 'a>;

pub(crate) fn run(setting: &Setting) -> Section {
    let order = guests::order();
    let bare = Bare::new(&setting.ten_checks, &order, Some(FUEL)).expect("the floor can be built");
    let job = guests::ten_checks_job();
    let here = Seat::new(setting, Isolation::None);
    let there = Seat::new(setting, Isolation::Process);
    let ways: [(&str, Run<'_>); 3] = [
        (
            "bare wasmtime loop (floor)",
            Box::new(|| {
                bare.run(guests::TEN_PARAMS)
                    .is_ok_and(|passed| passed == 10)
            }),
        ),
        ("engine, in this process", Box::new(|| here.passes(&job))),
        ("engine, isolated worker", Box::new(|| there.passes(&job))),
    ];
    for (name, run) in &ways {
        assert!(run(), "{name}: the order should pass all ten checks");
    }
    let times = measure(&ways);
    let mut section = Section::new(
        "verdict",
        "one run of ten checks over a 2 KB JSON order, fresh instance each time",
        &[
            "way",
            "callers",
            "µs per run",
            "best",
            "× floor",
            "runs per second",
            "two over one",
        ],
    );
    for (at, (name, _)) in ways.iter().enumerate() {
        let (one, two) = (&times[2 * at], &times[2 * at + 1]);
        let gain = 2.0 / two.over(one);
        section.row(row(name, 1, one, one.over(&times[0]), Cell::Empty));
        section.row(row(
            name,
            2,
            two,
            two.over(&times[1]),
            Cell::Figure(gain, 2),
        ));
        match at {
            1 => section.target(Target::at_most(
                "in this process over the floor",
                one.over(&times[0]),
                1.10,
                "×",
            )),
            2 => {
                section.target(Target::at_most(
                    "isolated over the floor",
                    one.over(&times[0]),
                    2.0,
                    "×",
                ));
                section.target(Target::at_least(
                    "isolated, two callers over one",
                    gain,
                    1.7,
                    "×",
                ));
            }
            _ => {}
        }
    }
    section.note(format!(
        "document {} bytes; {ROUNDS} interleaved rounds of {BATCH} runs per caller; fuel per run {}",
        order.len(),
        here.fuel(&job),
    ));
    section
}

/// Rows alternate: one caller, two callers.
fn measure(ways: &[(&str, Run<'_>)]) -> Vec<Times> {
    let mut contenders: Vec<Contender<'_>> = Vec::new();
    for (_, run) in ways {
        contenders.push(Box::new(move || batch(run)));
        contenders.push(Box::new(move || {
            thread::scope(|scope| {
                let other = scope.spawn(|| batch(run));
                batch(run);
                other.join().expect("the other caller does not panic");
            });
        }));
    }
    // Warm: pools filled, workers started, code faulted in.
    interleave(2, 1, &mut contenders);
    interleave(ROUNDS, 1, &mut contenders)
}

fn batch(run: &Run<'_>) {
    for _ in 0..BATCH {
        assert!(run(), "a run changed its mind");
    }
}

fn row(name: &str, callers: u64, times: &Times, over: f64, gain: Cell) -> Vec<Cell> {
    let runs = BATCH as f64 * callers as f64;
    let per_run = |time| us(time) / BATCH as f64;
    vec![
        name.into(),
        callers.into(),
        Cell::Figure(per_run(times.median()), 1),
        Cell::Figure(per_run(times.best()), 1),
        Cell::Figure(over, 2),
        Cell::Count((runs / times.median().as_secs_f64()) as u64),
        gain,
    ]
}

/// An engine with the validator prepared.
struct Seat {
    engine: Engine,
    validator: std::sync::Arc<Prepared>,
}

impl Seat {
    fn new(setting: &Setting, isolation: Isolation) -> Self {
        let engine = setting.engine(isolation);
        let validator = engine
            .prepare(&setting.ten_checks, Admission::Published)
            .expect("the guest compiles");
        Self { engine, validator }
    }

    fn passes(&self, job: &Job) -> bool {
        let evaluation = self
            .engine
            .evaluate(&self.validator, job)
            .expect("the host is well");
        match &evaluation.outcome.end {
            RunEnd::Reported(report) => {
                let passed = report
                    .checks()
                    .iter()
                    .filter(|check| check.status == Status::Pass);
                passed.count() == guests::TEN.len()
            }
            _ => false,
        }
    }

    fn fuel(&self, job: &Job) -> u64 {
        let evaluation = self
            .engine
            .evaluate(&self.validator, job)
            .expect("the host is well");
        evaluation.outcome.fuel_used.unwrap_or_default()
    }
}

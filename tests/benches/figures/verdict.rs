//! `verdict`: what one run of a small validator costs, and how many fit on two cores.

use std::cell::Cell;
use std::thread;
use std::time::Duration;

use proofmark_criteria::record::RunEnd;
use proofmark_criteria::report::Status;
use proofmark_engine::{Admission, Engine, Isolation, Job, Prepared};

use crate::floor::Bare;
use crate::guests::{self, Setting};
use crate::machine;
use crate::measure::{Contender, Times, interleave, us};
use crate::table::{Figure, Section, Target};

/// Runs in one turn, by each caller: some 20 ms.
const BATCH: u32 = 1_000;
const ROUNDS: usize = 31;
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
    let taken = measure(&ways);
    let mut section = Section::new(
        "verdict",
        "one run of ten checks over a 2 KB JSON order, fresh instance each time",
        &[
            "way",
            "callers",
            "µs per run",
            "best",
            "× floor",
            "CPU µs",
            "runs per second",
            "two over one",
        ],
    );
    for (pair, (name, _)) in taken.chunks(2).zip(&ways) {
        section.row(row(name, 1, &pair[0], &taken[0], None));
        section.row(row(name, 2, &pair[1], &taken[1], Some(gain(pair))));
    }
    let over = |at: usize| taken[at].times.over(&taken[0].times);
    section.target(Target::at_most(
        "in this process",
        over(2),
        1.10,
        " × floor",
    ));
    section.target(Target::at_most("isolated", over(4), 2.0, " × floor"));
    let gains = [gain(&taken[..2]), gain(&taken[4..])];
    section.target(Target::at_least(
        "isolated, two callers over one",
        gains[1],
        1.7,
        "×",
    ));
    section.note(format!(
        "document {} bytes; {ROUNDS} interleaved rounds of {BATCH} runs per caller; fuel per run {}",
        order.len(),
        here.fuel(&job),
    ));
    section.note(format!(
        "the bare loop itself gains {:.2}× from a second caller: below 1.9 the cores were not free",
        gains[0],
    ));
    section
}

/// How much more two callers get done than one.
fn gain(pair: &[Taken]) -> f64 {
    2.0 / pair[1].times.over(&pair[0].times)
}

/// What one way took with so many callers.
struct Taken {
    times: Times,
    /// Processor time of callers and workers, over all runs.
    cpu: Duration,
}

/// One caller and two callers of each way, in turns.
fn measure(ways: &[(&str, Run<'_>)]) -> Vec<Taken> {
    let cpu: Vec<Cell<Duration>> = vec![Cell::default(); 2 * ways.len()];
    let mut contenders: Vec<Contender<'_>> = Vec::new();
    for (at, (_, run)) in ways.iter().enumerate() {
        for callers in 1..=2 {
            let spent = &cpu[2 * at + callers - 1];
            contenders.push(Box::new(move || {
                spent.set(spent.get() + turn(run, callers))
            }));
        }
    }
    // Warm: pools filled, workers started, code faulted in.
    interleave(2, 1, &mut contenders);
    cpu.iter().for_each(|spent| spent.set(Duration::ZERO));
    let times = interleave(ROUNDS, 1, &mut contenders);
    let taken = |(times, cpu): (Times, &Cell<Duration>)| Taken {
        times,
        cpu: cpu.get(),
    };
    times.into_iter().zip(&cpu).map(taken).collect()
}

/// Every caller does its batch on a thread of its own; how much processor time all of it took.
fn turn(run: &Run<'_>, callers: usize) -> Duration {
    let workers_before = machine::cpu_of_children();
    let batch = || {
        for _ in 0..BATCH {
            assert!(run(), "a run changed its mind");
        }
        machine::cpu_of_this_thread()
    };
    let own: Duration = thread::scope(|scope| {
        let threads: Vec<_> = (0..callers).map(|_| scope.spawn(batch)).collect();
        let joined = threads.into_iter().map(|thread| thread.join());
        joined
            .map(|cpu| cpu.expect("a caller does not panic"))
            .sum()
    });
    own + machine::cpu_of_children().saturating_sub(workers_before)
}

fn row(name: &str, callers: u64, taken: &Taken, floor: &Taken, gain: Option<f64>) -> Vec<Figure> {
    let runs = f64::from(BATCH) * callers as f64;
    let per_run = |time| us(time) / f64::from(BATCH);
    let median = taken.times.median();
    vec![
        name.into(),
        callers.into(),
        Figure::Decimal(per_run(median), 1),
        Figure::Decimal(per_run(taken.times.best()), 1),
        Figure::Decimal(taken.times.over(&floor.times), 2),
        Figure::Decimal(us(taken.cpu) / runs / ROUNDS as f64, 1),
        Figure::Count((runs / median.as_secs_f64()) as u64),
        gain.map_or(Figure::Empty, |gain| Figure::Decimal(gain, 2)),
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

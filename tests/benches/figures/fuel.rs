//! `fuel`: how much fuel a second of work is, and what counting it costs.

use proofmark_criteria::record::RunEnd;
use proofmark_engine::{Admission, Isolation};

use crate::floor::Bare;
use crate::guests::{self, Setting};
use crate::measure::{Contender, interleave, ms, us};
use crate::table::{Figure, Section};

const ROUNDS: usize = 15;
const FUEL: u64 = 1_000_000_000_000;

/// What is done, as people call it, and how often: some 20 ms each.
const WORKLOADS: &[(&str, &str, u64)] = &[
    ("JSON parse, 64 KB document", "json", 20),
    ("integer loop (xorshift)", "integers", 8_000_000),
    ("float loop (logistic map)", "floats", 3_000_000),
    ("host calls (digest, 32 bytes back)", "calls", 50_000),
    ("reads of 64 KiB", "reads", 2_000),
];

pub(crate) fn run(setting: &Setting) -> Section {
    let mut section = Section::new(
        "fuel",
        "one run of each workload; floor is the bare loop without metering, then with it, then the product",
        &[
            "workload",
            "floor ms",
            "metered ms",
            "metering costs %",
            "engine ms",
            "fuel used",
            "M fuel per s",
        ],
    );
    let input = document();
    let engine = setting.engine(Isolation::None);
    let prepared = engine
        .prepare(&setting.workload, Admission::Published)
        .expect("the guest compiles");
    let unmetered = Bare::new(&setting.workload, &input, None).expect("the floor can be built");
    let metered = Bare::new(&setting.workload, &input, Some(FUEL)).expect("the floor can be built");
    for (name, kind, count) in WORKLOADS {
        let params = guests::workload_params(kind, *count);
        let job = guests::workload_job(kind, *count, &input);
        let evaluate = || {
            engine
                .evaluate(&prepared, &job)
                .expect("the host is well")
                .outcome
        };
        let outcome = evaluate();
        assert!(
            matches!(outcome.end, RunEnd::Reported(_)),
            "{kind}: {:?}",
            outcome.end
        );
        let fuel_used = outcome.fuel_used.expect("it is exact after a report");
        let mut contenders: Vec<Contender<'_>> = vec![
            Box::new(|| assert_eq!(unmetered.run(&params).expect("it runs"), 1)),
            Box::new(|| assert_eq!(metered.run(&params).expect("it runs"), 1)),
            Box::new(|| drop(evaluate())),
        ];
        let times = interleave(ROUNDS, 1, &mut contenders);
        section.row(vec![
            (*name).into(),
            Figure::Decimal(ms(times[0].median()), 2),
            Figure::Decimal(ms(times[1].median()), 2),
            Figure::Decimal((times[1].over(&times[0]) - 1.0) * 100.0, 1),
            Figure::Decimal(ms(times[2].median()), 2),
            fuel_used.into(),
            Figure::Decimal(fuel_used as f64 / us(times[2].median()), 0),
        ]);
    }
    section.note(format!(
        "{ROUNDS} interleaved rounds; fuel as the product charges it, host calls included"
    ));
    section
}

/// About 64 KB of JSON.
fn document() -> Vec<u8> {
    let order: serde_json::Value = serde_json::from_slice(&guests::order()).expect("it is JSON");
    let orders = vec![order; 30];
    serde_json::to_vec(&orders).expect("it is JSON")
}

//! `validators`: how each ready-made validator stands to its fixtures, how many mistakes in good work it notices, and what a
//! run of it costs.

use std::process::Command;

use proofmark_tests::setup::root;
use proofmark_validators::READY_MADE;
use serde_json::Value;

use crate::guests::{PROOFMARK, Setting};
use crate::table::{Figure, Section, Target};

/// Of the mutants of the accept fixtures, in per cent.
const WANTED: f64 = 80.0;

pub(crate) fn run(setting: &Setting) -> Section {
    let mut section = Section::new(
        "validators",
        "fixtures, mutants of the accept fixtures, and what a run of one costs at most",
        &[
            "validator",
            "accept",
            "reject",
            "mutants",
            "killed %",
            "fuel",
            "median µs",
        ],
    );
    for validator in READY_MADE {
        let ask = |what| ask(setting, what, validator.name);
        let (found, measured) = (ask("qualify"), ask("bench"));
        let cases = list(&found["cases"]);
        let of = |kind: &str| cases.iter().filter(|case| case["kind"] == kind).count() as u64;
        let [made, killed] = ["made", "killed"].map(|it| number(&found["mutants"][it]));
        let rate = killed as f64 * 100.0 / made.max(1) as f64;
        let most = |what: &str| {
            let measured = list(&measured["cases"]);
            let all = measured.iter().map(|case| number(&case[what]));
            all.max().unwrap_or_default()
        };
        section.row(vec![
            validator.name.into(),
            Figure::Count(of("accept")),
            Figure::Count(of("reject")),
            Figure::Count(made),
            Figure::Decimal(rate, 1),
            Figure::Count(most("fuel_used")),
            Figure::Decimal(most("median_nanos") as f64 / 1e3, 1),
        ]);
        let what = format!("mutants killed by {}", validator.name);
        section.target(Target::at_least(what, rate, WANTED, " %"));
    }
    section
}

fn ask(setting: &Setting, what: &str, validator: &str) -> Value {
    let fixtures = format!("validators/{validator}/fixtures");
    let mut command = Command::new(PROOFMARK);
    command
        .current_dir(root())
        .env("PROOFMARK_CACHE", setting.cache())
        .args(["--output", "json", "validator", what, validator])
        .args(["--fixtures", &fixtures]);
    let output = command.output().expect("the product starts");
    assert!(output.status.success(), "{what} {validator}: {output:?}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_default()
}

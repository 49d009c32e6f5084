//! `check`: the command as a person meets it, process start included.

use std::path::Path;
use std::process::{Command, Stdio};

use proofmark_tests::setup;

use crate::guests::{PROOFMARK, Setting};
use crate::measure::{Contender, interleave, ms};
use crate::table::{Figure, Section, Target};

const ROUNDS: usize = 31;

pub(crate) fn run(setting: &Setting) -> Section {
    let example = setup::root().join("examples/diagnosis");
    let cache = setting.cache();
    let commands: [(&str, Vec<&str>); 3] = [
        ("proofmark --version (floor)", vec!["--version"]),
        ("proofmark check", vec![]),
        (
            "proofmark check --isolation none",
            vec!["--isolation", "none"],
        ),
    ];
    let mut contenders: Vec<Contender<'_>> = Vec::new();
    for (name, arguments) in &commands {
        let (example, cache) = (&example, &cache);
        contenders.push(Box::new(move || {
            let status = match arguments.as_slice() {
                ["--version"] => call(&["--version"], &[]),
                more => call(
                    more,
                    &[
                        Path::new("--cache"),
                        cache,
                        Path::new("check"),
                        &example.join("criteria.json"),
                        &example.join("submissions/good"),
                    ],
                ),
            };
            assert!(status, "{name} does not succeed");
        }));
    }
    interleave(2, 1, &mut contenders);
    let times = interleave(ROUNDS, 1, &mut contenders);
    let mut section = Section::new(
        "check",
        "examples/diagnosis, two criteria, warm cache, from starting the process to its end",
        &["command", "ms", "best", "ms over the floor"],
    );
    for ((name, _), times_of) in commands.iter().zip(&times) {
        let above = ms(times_of.median()) - ms(times[0].median());
        section.row(vec![
            (*name).into(),
            Figure::Decimal(ms(times_of.median()), 1),
            Figure::Decimal(ms(times_of.best()), 1),
            Figure::Decimal(above, 1),
        ]);
    }
    section.target(Target::at_most(
        "proofmark check",
        ms(times[1].median()),
        40.0,
        " ms",
    ));
    section.note(format!("{ROUNDS} interleaved rounds"));
    section
}

/// Run the product and wait for it.
fn call(arguments: &[&str], paths: &[&Path]) -> bool {
    let mut command = Command::new(PROOFMARK);
    command
        .args(arguments)
        .args(paths)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

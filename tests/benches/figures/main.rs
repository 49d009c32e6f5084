//! Every figure of the README, each beside the bare floor that was measured in the same run.
//!
//! ```text
//! cargo bench -p proofmark-tests                      # all of them
//! cargo bench -p proofmark-tests -- verdict check     # some
//! cargo bench -p proofmark-tests -- --json            # for programs
//! ```
//!
//! In scope: measuring the product as it is built for release. Out of scope: what the figures mean and
//! what they were here; that is told in `docs/benchmarks.md`.

mod bound;
mod check;
mod deliver;
mod floor;
mod fuel;
mod guests;
mod hash;
mod hostile;
mod large;
mod machine;
mod measure;
mod memory;
mod prepare;
mod serve;
mod stream;
mod table;
mod validators;
mod verdict;
mod wire;

use std::process::ExitCode;

use guests::Setting;
use table::Section;

/// A bench by name.
type Bench = (&'static str, fn(&Setting) -> Section);

const BENCHES: &[Bench] = &[
    ("verdict", verdict::run),
    ("prepare", prepare::run),
    ("validators", validators::run),
    ("check", check::run),
    ("hash", hash::run),
    ("stream", stream::run),
    ("fuel", fuel::run),
    ("bound", bound::run),
    ("serve", serve::run),
    ("deliver", deliver::run),
    ("hostile", hostile::run),
];

fn main() -> ExitCode {
    // Cargo itself adds `--bench`.
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let (options, names): (Vec<_>, Vec<_>) = arguments
        .iter()
        .partition(|argument| argument.starts_with("--"));
    let known = |name: &&String| BENCHES.iter().any(|(bench, _)| name == bench);
    if !names.iter().all(known) || options.iter().any(|option| *option != "--json") {
        let all: Vec<_> = BENCHES.iter().map(|(name, _)| *name).collect();
        eprintln!("error: usage: [--json] [{}]", all.join("|"));
        return ExitCode::from(2);
    }
    let chosen = BENCHES
        .iter()
        .filter(|(bench, _)| names.is_empty() || names.iter().any(|name| name == bench));
    run(chosen, !options.is_empty());
    ExitCode::SUCCESS
}

fn run<'a>(benches: impl Iterator<Item = &'a Bench>, json: bool) {
    let mut facts = machine::facts();
    if !json {
        println!("{}\n", machine::text(&facts));
    }
    eprintln!("building the guests");
    let setting = Setting::new();
    let mut sections = Vec::new();
    for (name, bench) in benches {
        eprintln!("measuring {name} (load {})", machine::load());
        let section = bench(&setting);
        if !json {
            println!("{}", section.to_text());
        }
        sections.push(section.to_json());
    }
    if json {
        facts["load_after"] = machine::load().into();
        println!(
            "{:#}",
            serde_json::json!({ "machine": facts, "benches": sections })
        );
    }
}

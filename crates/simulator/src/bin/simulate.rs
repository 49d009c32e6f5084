//! Plays seasons until so many histories have ended, each twice, and says what broke and what was never seen.
//!
//! `cargo run --release -p proofmark-simulator -- --histories 1000000 [--seed N] [--threads N]`, or `--tell SEED` for
//! the story of one season. `PROOFMARK_COUNTS=1` adds how often each thing was seen.

use std::process::ExitCode;

use proofmark_simulator::campaign::{Campaign, run};
use proofmark_simulator::season::{Plan, play, seen, tale};

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match read(&arguments) {
        Ok(Wish::Campaign(campaign)) => report(&campaign),
        Ok(Wish::Tell(seed)) => {
            for line in play(&Plan::of(seed)).told {
                println!("{line}");
            }
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("error: {why}\nhint: --histories N [--seed N] [--threads N], or --tell SEED");
            ExitCode::from(2)
        }
    }
}

enum Wish {
    Campaign(Campaign),
    Tell(u64),
}

fn read(arguments: &[String]) -> Result<Wish, String> {
    let mut campaign = Campaign::default();
    for pair in arguments.chunks(2) {
        let [name, value] = pair else {
            return Err(format!("{} needs a value", pair[0]));
        };
        let value: u64 = value
            .parse()
            .map_err(|_| format!("{value} is not a number"))?;
        match name.as_str() {
            "--histories" => campaign.histories = value,
            "--seed" => campaign.seed = value,
            "--threads" => campaign.threads = value.clamp(1, 64),
            "--tell" => return Ok(Wish::Tell(value)),
            other => return Err(format!("{other} is unknown")),
        }
    }
    Ok(Wish::Campaign(campaign))
}

fn report(campaign: &Campaign) -> ExitCode {
    let started = std::time::Instant::now();
    let result = run(campaign);
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "{} histories in {} seasons, {} commands, each season twice: {:.0} s, {:.0} histories/s on {} threads",
        result.histories,
        result.seasons,
        result.commands,
        seconds,
        result.histories as f64 / seconds,
        campaign.threads,
    );
    let wanted = seen::wanted().len();
    let missing = result.seen.missing();
    println!("sometimes: {} of {wanted} seen", wanted - missing.len());
    for what in &missing {
        println!("  never: {what}");
    }
    if std::env::var_os("PROOFMARK_COUNTS").is_some() {
        for (what, times) in result.seen.counts() {
            println!("  {times:>8} {what}");
        }
    }
    println!("breaks: {}", result.broken.len());
    if let Some(seed) = result.broken.first() {
        println!("{}", tale(&Plan::of(*seed)));
    }
    match result.broken.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

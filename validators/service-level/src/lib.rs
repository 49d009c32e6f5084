//! Validator: raw telemetry of requests is within the grade that was bought.
//!
//! **In scope:** latency percentiles, throughput, uptime by window, error rate and a benchmark score,
//! over CSV or JSON Lines; integers only, exact. **Out of scope:** whether the telemetry is true, and
//! what a grade should be: the buyer's parameters say it. See `README.md` for every definition.

mod decimal;
mod json_number;
mod judges;
mod params;
mod samples;
mod tally;
mod telemetry;

use judges::{benchmark, error_rate, latency, throughput, uptime, well_formed};
pub use params::Params;
use proofmark_validator_sdk::{
    CheckId as _, Problem, Refusal, ReportBuilder, Validator, checks, export,
};

checks! {
    /// What this validator reports.
    pub enum Check {
        /// The form of the telemetry.
        WellFormed = "well-formed": "Every record can be read, and the records are as many and cover as much as asked.",
        /// Percentiles of the durations.
        Latency = "latency": "Each latency percentile is at most its limit.",
        /// Requests and tokens per second.
        Throughput = "throughput": "Requests and tokens per second reach their minimum.",
        /// Good windows.
        Uptime = "uptime": "The share of windows that are up reaches the minimum.",
        /// Errors.
        ErrorRate = "error-rate": "The share of requests with an error is at most the maximum.",
        /// A score.
        Benchmark = "benchmark": "The benchmark score reaches the minimum.",
    }
}

/// The validator.
#[derive(Debug)]
pub struct ServiceLevel;

impl Validator for ServiceLevel {
    type Params = Params;
    type Check = Check;
    const NAME: &'static str = "service-level";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Raw telemetry of requests is within the grade: latency, throughput, uptime, errors, score.";

    fn params_schema() -> &'static str {
        include_str!("../params.schema.json")
    }

    fn media_types() -> &'static [&'static str] {
        &["text/csv", "application/jsonl", "application/json"]
    }

    fn check_params(params: &Params) -> Vec<Problem> {
        params.problems()
    }

    fn asked_for(params: &Params) -> Vec<Check> {
        let all = Check::ALL.iter().copied();
        all.filter(|check| params.asks_for(*check)).collect()
    }

    fn evaluate(params: Params, report: &mut ReportBuilder<Check>) -> Result<(), Refusal> {
        let path = &params.telemetry;
        let mut read = well_formed::read(&params, report.check(Check::WellFormed))?;
        judges::judge(
            params.latency.as_ref(),
            &mut read,
            report.check(Check::Latency),
            |asked, tally, check| latency::judge(path, asked, tally, check),
        );
        judges::judge(
            params.throughput.as_ref(),
            &mut read,
            report.check(Check::Throughput),
            |asked, tally, check| throughput::judge(&params, asked, tally, check),
        );
        judges::judge(
            params.uptime.as_ref(),
            &mut read,
            report.check(Check::Uptime),
            |asked, tally, check| uptime::judge(&params, asked, tally, check),
        );
        judges::judge(
            params.error_rate.as_ref(),
            &mut read,
            report.check(Check::ErrorRate),
            |asked, tally, check| error_rate::judge(path, asked, tally, check),
        );
        benchmark::judge(&params, &mut read, report.check(Check::Benchmark))
    }
}

export!(ServiceLevel);

//! Validator: raw telemetry of requests is within the grade that was bought.
//!
//! **In scope:** latency percentiles, throughput, uptime by window, error rate and a benchmark score,
//! over CSV or JSON Lines; integers only, exact. **Out of scope:** whether the telemetry is true, and
//! what a grade should be: the buyer's parameters say it. See `README.md` for every definition.

mod decimal;
mod ids;
mod json_number;
mod judges;
mod params;
mod places;
mod radix;
mod samples;
mod tally;
mod telemetry;

use judges::{benchmark, well_formed};
pub use params::Params;
use params::ScoreSource;
use proofmark_validator_sdk::{
    CheckId as _, Problem, Refusal, ReportBuilder, Validator, checks, export,
};

/// With more records than this that cannot be used, a file is no telemetry: reading stops. A person reads
/// a hundred findings; whoever repairs a thousand records repairs what wrote them.
const MAX_BROKEN_RECORDS: u64 = 1_000;

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
        let judged = well_formed::read(&params, report.check(Check::WellFormed))?;
        if let Some(asked) = &params.benchmark
            && let ScoreSource::Artifact { path, pointer } = &asked.from
        {
            benchmark::judge_artifact(asked, path, pointer, report.check(Check::Benchmark))?;
        }
        match judged {
            Ok(mut tally) => judges::judge(&params, &mut tally, report),
            Err(unjudged) => report.fail_untouched(&unjudged.finding()),
        }
        Ok(())
    }
}

export!(ServiceLevel);

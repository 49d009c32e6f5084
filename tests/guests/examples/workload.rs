//! Work of one kind at a time, to see what each costs in fuel and in time.

// On the host it is only checked: nothing calls what a component exports.
#![cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]

use std::hint::black_box;

use proofmark_validator_sdk::{
    Artifact, ReadError, Refusal, ReportBuilder, Validator, checks, export, submission,
};
use serde::Deserialize;

checks! {
    /// What this validator reports.
    pub enum Check {
        /// That the work was done.
        Done = "done": "The work was done.",
    }
}

/// What to do, and how often.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    kind: Kind,
    count: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    /// Parse the artifact as JSON, `count` times.
    Json,
    /// `count` rounds of a xorshift generator.
    Integers,
    /// `count` steps of the logistic map.
    Floats,
    /// Ask for the digest of the artifact `count` times: the cheapest question that the SDK passes on.
    Calls,
    /// Read 64 KiB of the artifact `count` times.
    Reads,
    /// Read the whole artifact in windows of 1 MiB and fold all of its words; `count` is not used.
    Fold,
    /// Have the host hash the whole artifact; `count` is not used.
    HashRange,
}

struct Workload;

impl Validator for Workload {
    type Params = Params;
    type Check = Check;
    const NAME: &'static str = "workload";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Does work of one kind.";

    fn params_schema() -> &'static str {
        r#"{"type":"object","required":["kind","count"]}"#
    }

    fn evaluate(params: Params, report: &mut ReportBuilder<Check>) -> Result<(), Refusal> {
        let told =
            work(&params).map_err(|error| Refusal::UnsupportedSubmission(error.to_string()))?;
        report.check(Check::Done).examine(true).summary(told);
        Ok(())
    }
}

fn work(params: &Params) -> Result<String, ReadError> {
    let Params { kind, count } = params;
    let artifact = || submission::open("input");
    Ok(match kind {
        Kind::Json => json(&artifact()?, *count)?,
        Kind::Integers => format!("{:x}", integers(*count)),
        Kind::Floats => format!("{:?}", floats(*count)),
        Kind::Calls => calls(*count)?.to_string(),
        Kind::Reads => reads(&artifact()?, *count)?.to_string(),
        Kind::Fold => format!("{:x}", fold(&artifact()?)?),
        Kind::HashRange => {
            let artifact = artifact()?;
            artifact.hash_range(0, artifact.len())?.to_string()
        }
    })
}

/// Largest document, and the window of the reads.
const WINDOW_BYTES: u32 = 1 << 20;

fn json(artifact: &Artifact, count: u64) -> Result<String, ReadError> {
    let bytes = artifact.read_at(0, WINDOW_BYTES)?;
    let mut parsed = 0;
    for _ in 0..count {
        let value: Result<serde_json::Value, _> = serde_json::from_slice(black_box(&bytes));
        parsed += u64::from(black_box(value).is_ok());
    }
    Ok(format!("{parsed} of {count} parsed"))
}

fn integers(count: u64) -> u64 {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..count {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
    }
    state
}

fn floats(count: u64) -> f64 {
    let mut x = 0.3_f64;
    for _ in 0..count {
        x = 3.9 * x * (1.0 - x);
    }
    x
}

fn calls(count: u64) -> Result<u64, ReadError> {
    let artifact = submission::open("input")?;
    let mut bytes = 0_u64;
    for _ in 0..count {
        bytes = bytes.wrapping_add(artifact.digest().as_bytes()[0].into());
    }
    Ok(bytes)
}

fn reads(artifact: &Artifact, count: u64) -> Result<u64, ReadError> {
    let mut read = 0;
    for _ in 0..count {
        read += artifact.read_at(0, 64 << 10)?.len() as u64;
    }
    Ok(read)
}

fn fold(artifact: &Artifact) -> Result<u64, ReadError> {
    let mut state = 0_u64;
    let mut offset = 0;
    while offset < artifact.len() {
        let window = artifact.read_at(offset, WINDOW_BYTES)?;
        offset += window.len() as u64;
        let (words, rest) = window.as_chunks::<8>();
        for word in words {
            state = state.rotate_left(5) ^ u64::from_le_bytes(*word);
        }
        state = rest
            .iter()
            .fold(state, |state, byte| state.rotate_left(5) ^ u64::from(*byte));
    }
    Ok(state)
}

export!(Workload);

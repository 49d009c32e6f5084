//! Whether the criterion's fuel is enough for whatever the program does.
//!
//! A program that uses up all that it may must fail its case, and never bring the validator to its end: a run without an end has
//! no verdict, and bad work must not get away with none. So before anything of the submission is touched it is asked whether
//! everything can be paid. If not, the buyer has to say more.

use crate::case::Cases;
use crate::params::Params;
use proofmark_validator_sdk::Refusal;
use proofmark_validator_sdk::program;

/// What the engine takes for each byte of a program that is loaded, and for reading it.
const LOAD_PER_BYTE: u64 = 401;
/// What the validator itself needs for each byte of a case, which it parses twice.
const OWN_PER_CASE_BYTE: u64 = 400;
/// What it needs for each byte of an output, which it copies and compares.
const OWN_PER_OUTPUT_BYTE: u64 = 60;
/// What each argument and each file costs beyond its bytes.
const PER_PART: u64 = 3_000;
/// What it costs to open a file of cases.
const OPEN: u64 = 300_000;
/// What it needs for a case, and for itself.
const OWN_PER_CASE: u64 = 200_000;
const OWN: u64 = 20_000_000;

/// Fuel that is enough for the cases of a file, whatever the program does.
pub(crate) fn cases(params: &Params, cases: &Cases<'_>) -> u64 {
    let output = OWN_PER_OUTPUT_BYTE.saturating_mul(u64::from(params.output_bytes));
    let case = params.fuel_per_case.saturating_add(output) + OWN_PER_CASE;
    let reading = OWN_PER_CASE_BYTE.saturating_mul(cases.bytes);
    let parts = PER_PART.saturating_mul(cases.parts);
    let all = [case.saturating_mul(cases.count), reading, parts, OPEN];
    all.into_iter().fold(0, u64::saturating_add)
}

/// Memory of the validator itself: a case, read and parsed, and what it says of it.
const OWN_MEMORY_BYTES: u64 = 16 << 20;

/// Refuses criteria whose memory is not enough for a case at its limits.
pub(crate) fn check_memory(params: &Params) -> Result<(), Refusal> {
    let output = u64::from(params.output_bytes).saturating_mul(4);
    let most = params.memory_bytes + output + OWN_MEMORY_BYTES;
    let left = program::memory_left();
    if most <= left {
        return Ok(());
    }
    Err(Refusal::InvalidParams(format!(
        "{left} bytes of memory are left, and a case may need {most}: raise limits.memory_bytes of the criterion, or lower \
         memory_bytes or output_bytes"
    )))
}

/// Refuses criteria whose fuel is not enough for so much, and for loading any program.
pub(crate) fn check_fuel(params: &Params, cases: u64) -> Result<(), Refusal> {
    let load = LOAD_PER_BYTE.saturating_mul(params.program_bytes_max);
    let most = [cases, load, OWN].into_iter().fold(0, u64::saturating_add);
    let left = program::fuel_left();
    if most <= left {
        return Ok(());
    }
    Err(Refusal::InvalidParams(format!(
        "{left} units of fuel are left, and all cases together may need {most}: raise limits.fuel of the criterion, or lower \
         fuel_per_case, output_bytes or program_bytes_max"
    )))
}

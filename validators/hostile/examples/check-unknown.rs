//! Reports a check it never declared. Fault: `invalid-report`.

use proofmark_validator_hostile::{host::types::Report, hostile, passed};

hostile!({
    let mut other = passed("surprise");
    other.id = "surprise".into();
    Ok(Report {
        checks: vec![passed("declared"), other],
    })
});

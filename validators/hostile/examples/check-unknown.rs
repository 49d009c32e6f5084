//! Reports a check it never declared. Fault: `invalid-report`.

use proofmark_validator_hostile::{hostile, passed, host::types::Report};

hostile!({
    let mut other = passed("surprise");
    other.id = "surprise".into();
    Ok(Report { checks: vec![passed("declared"), other] })
});

//! Reports its check twice, once with each outcome. Fault: `invalid-report`.

use proofmark_validator_hostile::host::types::{Report, Status};
use proofmark_validator_hostile::{hostile, passed};

hostile!({
    let mut other = passed("no");
    other.status = Status::Fail;
    Ok(Report {
        checks: vec![passed("yes"), other],
    })
});

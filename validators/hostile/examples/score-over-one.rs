//! Gives itself more than the full score. Fault: `invalid-report`.

use proofmark_validator_hostile::{hostile, passed, report};

hostile!({
    let mut check = passed("twice as good");
    check.score = Some(2_000_000);
    Ok(report(check))
});

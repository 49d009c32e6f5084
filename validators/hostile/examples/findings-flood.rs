//! Returns a hundred thousand findings. Fault: `report-limit`.

use proofmark_validator_hostile::{finding, hostile, passed, report};

hostile!({
    let mut check = passed("many");
    check.findings = (0..100_000).map(|_| finding("")).collect();
    check.findings_total = 100_000;
    Ok(report(check))
});

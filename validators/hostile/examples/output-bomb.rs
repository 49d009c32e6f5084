//! Returns a report of 64 MiB of text. Fault: `report-limit`.

use proofmark_validator_hostile::{hostile, passed, report};

hostile!(Ok(report(passed("x".repeat(64 << 20)))));

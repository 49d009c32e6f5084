//! Traps when it is asked what it is. Cannot be published: `unreachable` in `describe`.

use proofmark_validator_hostile::{hostile, passed, report};

hostile!(
    Ok(report(passed("never asked"))),
    panic!("who wants to know?")
);

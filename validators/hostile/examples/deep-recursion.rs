//! Recurses without end. Fault: `stack-overflow`.

use proofmark_validator_hostile::{hostile, passed, report};

#[inline(never)]
fn dig(depth: u64) -> u64 {
    let frame = std::hint::black_box([depth; 8]);
    if depth == u64::MAX {
        0
    } else {
        dig(depth + 1) + frame[3]
    }
}

hostile!(Ok(report(passed(dig(0).to_string()))));

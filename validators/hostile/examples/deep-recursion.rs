//! Recurses without end. Fault: `stack-overflow`.

// On the host it is only checked: nothing calls what a component exports.
#![cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]

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

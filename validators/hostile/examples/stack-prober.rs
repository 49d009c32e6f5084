//! Recurses and tells the log how deep it came, to smuggle the depth, which depends on generated code,
//! into the record. Fault: `stack-overflow`, without a log digest.

// On the host it is only checked: nothing calls what a component exports.
#![cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]

use proofmark_validator_hostile::{host, hostile, passed, report};

#[inline(never)]
fn dig(depth: u64) -> u64 {
    let frame = std::hint::black_box([depth; 8]);
    if depth.is_multiple_of(1_000) {
        host::log::write(host::log::Level::Info, &depth.to_string());
    }
    if depth == u64::MAX {
        0
    } else {
        dig(depth + 1) + frame[3]
    }
}

hostile!(Ok(report(passed(dig(0).to_string()))));

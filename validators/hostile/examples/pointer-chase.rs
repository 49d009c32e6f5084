//! Follows pointers through 64 MiB for ever, each a miss of every cache: of all guests the one that gets
//! the least done per second. Fault: `out-of-fuel`; a clock must not come first.

// On the host it is only checked: nothing calls what a component exports.
#![cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]

use proofmark_validator_hostile::{hostile, passed, report};

const SLOTS: u32 = 1 << 24;
/// Odd, so that every slot is visited, and far enough to be on another page.
const STRIDE: u32 = 7_340_033;

hostile!({
    let next: Vec<u32> = (0..SLOTS).map(|slot| (slot + STRIDE) % SLOTS).collect();
    let mut slot = 0;
    loop {
        slot = next[slot as usize];
        if slot == SLOTS {
            return Ok(report(passed("never")));
        }
    }
});

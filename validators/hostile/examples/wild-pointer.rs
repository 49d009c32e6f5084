//! Reads far outside its memory. Fault: `memory-out-of-bounds`.

use proofmark_validator_hostile::{hostile, passed, report};

hostile!({
    let wild = std::hint::black_box(0xffff_fff0_usize) as *const u8;
    // SAFETY: none; that the address is not in memory is the point, and WebAssembly traps on it.
    let byte = unsafe { wild.read_volatile() };
    Ok(report(passed(byte.to_string())))
});

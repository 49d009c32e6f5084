//! Grows its memory page by page to find out where the host stops it. Fault: `memory-limit`: growth
//! over the limit ends the run, so that there is nothing to observe.

use proofmark_validator_hostile::hostile;

hostile!({
    #[cfg(target_arch = "wasm32")]
    while std::arch::wasm32::memory_grow(0, 1) != usize::MAX {}
    panic!("the host answered -1")
});

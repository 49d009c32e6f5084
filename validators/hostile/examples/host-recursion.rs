//! Calls the host from its own allocator, which the host calls while it answers: guest, host, guest,
//! host. Fault: `abi-violation`, at the first step.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, Ordering};

use proofmark_validator_hostile::{host, hostile, passed, report};

struct CallsBack;

static ARMED: AtomicBool = AtomicBool::new(false);

// SAFETY: every block comes from the system's allocator; calling the host beside it moves nothing.
unsafe impl GlobalAlloc for CallsBack {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if ARMED.load(Ordering::Relaxed) {
            std::hint::black_box(host::submission::enumerate(None, 1_000));
        }
        // SAFETY: the caller's promise, passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise, passed on.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: CallsBack = CallsBack;

hostile!({
    ARMED.store(true, Ordering::Relaxed);
    std::hint::black_box(host::submission::enumerate(None, 1_000));
    Ok(report(passed("the host called back and forth")))
});

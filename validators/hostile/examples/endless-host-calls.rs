//! Calls the host for ever. Fault: `out-of-fuel`.

use proofmark_validator_hostile::{host, hostile};

hostile!(loop {
    std::hint::black_box(host::submission::enumerate(None, 1));
});

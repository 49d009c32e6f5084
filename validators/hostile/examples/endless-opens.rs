//! Opens and closes the same artifact for ever, which costs the host more than most calls. Fault:
//! `out-of-fuel`, long before any clock.

use proofmark_validator_hostile::{host, hostile};

hostile!(loop {
    std::hint::black_box(host::submission::open("large.bin").is_ok());
});

//! Never says what it is. Cannot be published: `out-of-fuel` in `describe`.

use proofmark_validator_hostile::{hostile, passed, report};

hostile!(Ok(report(passed("never asked"))), {
    let mut x = 1_u64;
    loop {
        x = std::hint::black_box(x.wrapping_mul(3));
    }
});

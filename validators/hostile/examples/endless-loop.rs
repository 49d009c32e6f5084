//! Never returns. Fault: `out-of-fuel`.

use proofmark_validator_hostile::hostile;

hostile!({
    let mut x = 1_u64;
    loop {
        x = std::hint::black_box(x.wrapping_mul(3));
    }
});

//! Reports the bits of a NaN that it computes. No fault: they are the same everywhere.

use proofmark_validator_hostile::{hostile, passed, report};

hostile!({
    let (zero, none) = std::hint::black_box((0.0_f64, 0.0_f64));
    let root = std::hint::black_box(-1.0_f32).sqrt();
    Ok(report(passed(format!(
        "{:x} {:x}",
        (zero / none).to_bits(),
        root.to_bits()
    ))))
});

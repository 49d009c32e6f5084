//! Allocates and touches memory without end. Fault: `memory-limit`.

use proofmark_validator_hostile::hostile;

hostile!({
    let mut hoard: Vec<Vec<u8>> = Vec::new();
    loop {
        hoard.push(vec![1; 1 << 20]);
        std::hint::black_box(&hoard);
    }
});

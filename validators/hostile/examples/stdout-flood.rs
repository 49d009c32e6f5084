//! Prints more than the limits allow. Fault: `log-limit`.

use proofmark_validator_hostile::hostile;

hostile!(loop {
    println!("{}", "x".repeat(1 << 10));
});

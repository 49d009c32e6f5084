//! Passes more to a program than any run may be given. Fault: `read-limit`.

use proofmark_validator_hostile::programs::{program, request};
use proofmark_validator_hostile::{hostile, passed, report};

hostile!({
    let run = program().run(&request(1_000_000, 1 << 20, vec![0; 65 << 20]));
    Ok(report(passed(format!("it ran: {:?}", run.exit))))
});

//! Asks for more memory for a program than its own leaves. Fault: `memory-limit`.

use proofmark_validator_hostile::programs::{program, request};
use proofmark_validator_hostile::{hostile, passed, report};

hostile!({
    let run = program().run(&request(1_000_000, 128 << 20, Vec::new()));
    Ok(report(passed(format!("it ran: {:?}", run.exit))))
});

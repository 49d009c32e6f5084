//! Asks for more fuel for a program than is left. Fault: `out-of-fuel`, before the program runs.

use proofmark_validator_hostile::host::program;
use proofmark_validator_hostile::programs::{program, request};
use proofmark_validator_hostile::{hostile, passed, report};

hostile!({
    let program = program();
    let run = program.run(&request(program::fuel_left() + 1, 1 << 20, Vec::new()));
    Ok(report(passed(format!("it ran: {:?}", run.exit))))
});

//! Runs a program on two secrets, of which one takes longer, and spends the same. The fuel of the run says nothing.

use proofmark_validator_hostile::host::program;
use proofmark_validator_hostile::programs::{program, request};
use proofmark_validator_hostile::{hostile, passed, report};

hostile!({
    let program = program();
    let mut left = Vec::new();
    for stdin in ["", "secret"] {
        let before = program::fuel_left();
        let run = program.run(&request(1_000_000, 1 << 20, stdin.into()));
        assert_eq!(run.exit, program::Exit::Exited(0));
        program::spend_to(before - 2_000_000);
        left.push(before - program::fuel_left());
    }
    Ok(report(passed(format!("{}", left[0] == left[1]))))
});

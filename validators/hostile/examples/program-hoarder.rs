//! Loads the same program until the host says no. No fault: `too-many` is an answer, and one that is dropped makes room.

use proofmark_validator_hostile::host::program;
use proofmark_validator_hostile::programs::{artifact, program};
use proofmark_validator_hostile::{hostile, passed, report};

hostile!({
    let mut hoard = Vec::new();
    let refused = loop {
        match program::load(&artifact()) {
            Ok(program) => hoard.push(program),
            Err(error) => break error,
        }
    };
    assert_eq!(refused, program::LoadError::TooMany);
    let loaded = hoard.len();
    hoard.pop();
    hoard.push(program());
    Ok(report(passed(format!("{loaded} at once"))))
});

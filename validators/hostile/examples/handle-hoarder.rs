//! Opens the same artifact until the host says no. No fault: `too-many-open` is an answer.

use proofmark_validator_hostile::host::artifacts::AccessError::TooManyOpen;
use proofmark_validator_hostile::{host, hostile, passed, report};

hostile!({
    let mut hoard = Vec::new();
    let refused = loop {
        match host::submission::open("large.bin") {
            Ok(artifact) => hoard.push(artifact),
            Err(error) => break error,
        }
    };
    assert_eq!(refused, TooManyOpen);
    let open = hoard.len();
    hoard.clear();
    assert!(host::submission::open("large.bin").is_ok());
    Ok(report(passed(format!("{open} at once"))))
});

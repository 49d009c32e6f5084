//! Refuses to judge, with a text that is an escape sequence. Fault: `refused-internal`.

use proofmark_validator_hostile::{host::types::Refusal, hostile};

hostile!(Err(Refusal::Internal("\u{1b}[31mnot today".into())));

//! Panics. Fault: `unreachable`; the message is in the log for the author, and not in the record.

use proofmark_validator_hostile::hostile;

hostile!(panic!("an assertion of the validator failed"));

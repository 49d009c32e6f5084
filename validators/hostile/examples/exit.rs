//! Ends the process instead of returning. Fault: `exited`.

use proofmark_validator_hostile::hostile;

hostile!(std::process::exit(0));

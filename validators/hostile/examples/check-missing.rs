//! Does not report the check it declares. Fault: `invalid-report`.

use proofmark_validator_hostile::{host::types::Report, hostile};

hostile!(Ok(Report { checks: Vec::new() }));

//! Returns a text that is not UTF-8. Fault: `invalid-report`.

use proofmark_validator_hostile::{hostile, passed, report};

// SAFETY: none; that the text is not UTF-8 is the point, and only the host looks at it.
hostile!(Ok(report(passed(unsafe {
    String::from_utf8_unchecked(vec![0x66, 0xff, 0xc0])
}))));

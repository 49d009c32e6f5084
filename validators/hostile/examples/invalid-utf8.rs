//! Returns a text that is not UTF-8. Fault: `invalid-report`.

use proofmark_validator_hostile::{hostile, passed, report};

hostile!({
    // SAFETY: none; that the text is not UTF-8 is the point, and only the host looks at it.
    let text = unsafe { String::from_utf8_unchecked(vec![0x66, 0xff, 0xc0]) };
    Ok(report(passed(text)))
});

//! Logs bytes that are not UTF-8. Fault: `abi-violation`.

use proofmark_validator_hostile::{host, hostile, passed, report};

hostile!({
    // SAFETY: none; that the text is not UTF-8 is the point, and only the host looks at it.
    let text = unsafe { String::from_utf8_unchecked(vec![0x66, 0xff, 0xc0]) };
    host::log::write(host::log::Level::Info, &text);
    Ok(report(passed("the host took it")))
});

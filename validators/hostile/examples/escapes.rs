//! Returns terminal escapes, HTML and bidirectional overrides. No fault: the report stands, with every
//! control character replaced, so that neither a terminal nor a page obeys it.

use proofmark_validator_hostile::{finding, hostile, passed, report};

hostile!({
    let mut check = passed("\u{1b}[2J\u{1b}]0;owned\u{7}<script>alert(1)</script>");
    check.findings = vec![finding("\u{202e}reversed\u{0}\u{9b}31m")];
    check.findings_total = 1;
    Ok(report(check))
});

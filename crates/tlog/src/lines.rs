//! What all line formats share: numbers and base64 with one spelling.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A decimal number without leading zeros, sign or spaces, at most `max`.
pub(crate) fn decimal(text: &str, max: u64) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = text == "0" || !text.starts_with('0');
    match digits && canonical {
        true => text.parse().ok().filter(|number| *number <= max),
        false => None,
    }
}

/// Standard alphabet, with padding.
pub(crate) fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Standard alphabet, with padding, and with bits that say nothing being 0 (RFC 4648 §3.5).
pub(crate) fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// The first line without its newline, and what follows; `None` where no newline comes.
pub(crate) fn line(text: &str) -> Option<(&str, &str)> {
    text.split_once('\n')
}

//! Texts of a bounded length, so that no report is refused for being too long.

/// The most bytes of one text in a report (message, summary, expected, actual, pointer): some ten lines,
/// and a finding of nothing but such texts leaves room for 50 like it in the smallest report limit.
pub const MAX_TEXT_BYTES: usize = 512;

const ELLIPSIS: &str = "…";

/// `text`, cut at a character to at most `max_bytes` with `…` at the end if something was cut.
pub fn shorten(text: &str, max_bytes: usize) -> String {
    if text.len() <= max_bytes {
        return text.to_owned();
    }
    let room = max_bytes.saturating_sub(ELLIPSIS.len());
    let end = (0..=room)
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0);
    format!("{}{ELLIPSIS}", &text[..end])
}

/// A short excerpt of bytes for a finding: invalid UTF-8 becomes U+FFFD, control characters are
/// escaped (`\n`, `\u{1b}`), and the whole is cut to `max_bytes`.
pub fn excerpt(bytes: &[u8], max_bytes: usize) -> String {
    // Four times: nothing beyond can show after shortening, and a huge value is not copied.
    let head = &bytes[..bytes.len().min(max_bytes.saturating_mul(4))];
    let mut text = String::new();
    for character in String::from_utf8_lossy(head).chars() {
        match character.is_control() {
            true => text.extend(character.escape_default()),
            false => text.push(character),
        }
        if text.len() > max_bytes {
            break;
        }
    }
    if head.len() < bytes.len() && text.len() <= max_bytes {
        text.push_str(ELLIPSIS);
    }
    shorten(&text, max_bytes)
}

/// What the contract accepts as a check id or a finding code: 1 to 64 of `a-z`, `0-9` and `-`.
pub const fn is_code(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.is_empty() || bytes.len() > 64 {
        return false;
    }
    let mut at = 0;
    while at < bytes.len() {
        if !matches!(bytes[at], b'a'..=b'z' | b'0'..=b'9' | b'-') {
            return false;
        }
        at += 1;
    }
    true
}

//! Untrusted text, made safe to show and to store.
//!
//! Validators, buyers and suppliers write text that others read in a terminal, a web page or a signed
//! record. Escape sequences, direction overrides and megabytes of it are attacks on the reader.

use std::borrow::Cow;

/// Longest summary of a check, a validator or a criterion, in bytes.
pub const MAX_SUMMARY_BYTES: usize = 1 << 10;
/// Longest message of a finding, a problem or a refusal, in bytes.
pub const MAX_MESSAGE_BYTES: usize = 2 << 10;
/// Longest `expected` or `actual` of a finding, in bytes. What is longer is better shown by position.
pub const MAX_EVIDENCE_BYTES: usize = 1 << 10;
/// Longest artifact path or JSON pointer in a finding, in bytes: that of a path in a submission.
pub const MAX_PLACE_BYTES: usize = 1 << 10;
/// Longest name of criteria or of a validator, in bytes: one line of a terminal.
pub const MAX_NAME_BYTES: usize = 128;
/// Longest slug, in bytes.
pub const MAX_SLUG_BYTES: usize = 64;

/// Ends a text that was cut.
const ELLIPSIS: char = '…';

/// Whether `text` is a machine name: 1 to 64 characters of `a-z`, `0-9` and `-`.
#[must_use]
pub fn is_slug(text: &str) -> bool {
    (1..=MAX_SLUG_BYTES).contains(&text.len())
        && text
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

/// `text` with every character that could deceive a reader replaced by U+FFFD, and cut to `max_bytes`
/// (the `…` that then ends it included).
///
/// Replaced are control characters except line feed and tab, direction overrides and isolates, line and
/// paragraph separators, and the byte order mark. HTML is left as it is: escaping is the page's business.
///
/// ```
/// use proofmark_criteria::text::clean;
/// assert_eq!(clean("plain", 10), "plain");
/// assert_eq!(clean("\u{1b}[31mred", 100), "\u{fffd}[31mred");
/// assert_eq!(clean("abcdefgh", 6), "abc…");
/// ```
#[must_use]
pub fn clean(text: &str, max_bytes: usize) -> Cow<'_, str> {
    if text.len() <= max_bytes && is_clean(text) {
        return Cow::Borrowed(text);
    }
    let mut cleaned = String::with_capacity(text.len().min(max_bytes));
    // Where to cut if the text turns out too long: the last place that leaves room for the ellipsis.
    let mut cut = 0;
    for c in text.chars() {
        if cleaned.len() + ELLIPSIS.len_utf8() <= max_bytes {
            cut = cleaned.len();
        }
        cleaned.push(if deceives(c) {
            char::REPLACEMENT_CHARACTER
        } else {
            c
        });
        if cleaned.len() > max_bytes {
            return Cow::Owned(cut_at(cleaned, cut, max_bytes));
        }
    }
    Cow::Owned(cleaned)
}

/// [`clean`] for a text that is owned: what needs no cleaning is not copied.
#[must_use]
pub fn cleaned(text: String, max_bytes: usize) -> String {
    match clean(&text, max_bytes) {
        Cow::Borrowed(_) => text,
        Cow::Owned(cleaned) => cleaned,
    }
}

/// Whether [`clean`] would leave the characters of `text` as they are.
#[must_use]
pub fn is_clean(text: &str) -> bool {
    let plain = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n' | b'\t');
    // Most texts are ASCII; the rest is looked at character by character.
    text.as_bytes().iter().all(plain) || !text.chars().any(deceives)
}

fn cut_at(mut text: String, cut: usize, max_bytes: usize) -> String {
    text.truncate(cut);
    if text.len() + ELLIPSIS.len_utf8() <= max_bytes {
        text.push(ELLIPSIS);
    }
    text
}

fn deceives(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        '\u{2028}' | '\u{2029}' | '\u{feff}' => true,
        // C0, DEL and C1.
        _ => c.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_deceives_is_replaced() {
        let cases = [
            ("a\nb\tc", "a\nb\tc"),
            ("\u{1b}[2Jx", "\u{fffd}[2Jx"),
            ("\r\0\u{7f}", "\u{fffd}\u{fffd}\u{fffd}"),
            ("\u{9b}1m", "\u{fffd}1m"),
            ("\u{202e}txt\u{2066}", "\u{fffd}txt\u{fffd}"),
            ("a\u{2028}b\u{feff}", "a\u{fffd}b\u{fffd}"),
            ("<b>é😀</b>", "<b>é😀</b>"),
        ];
        for (text, expected) in cases {
            assert_eq!(clean(text, 100), expected, "{text:?}");
        }
    }

    #[test]
    fn long_text_is_cut_at_a_character() {
        let cases = [
            ("abcdef", 6, "abcdef"),
            ("abcdefg", 6, "abc…"),
            ("ééééé", 8, "éé…"),
            ("\0\0\0", 8, "\u{fffd}…"),
            ("abcd", 3, "…"),
            ("abcd", 2, ""),
            ("", 0, ""),
        ];
        for (text, max, expected) in cases {
            assert_eq!(clean(text, max), expected, "{text:?} in {max}");
        }
    }

    #[test]
    fn slugs() {
        for good in ["a", "row-missing", "0", &"x".repeat(64)] {
            assert!(is_slug(good), "{good}");
        }
        for bad in ["", "A", "a_b", "a b", "é", &"x".repeat(65)] {
            assert!(!is_slug(bad), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn cleaning_is_bounded_and_idempotent(text in any::<String>(), max in 0_usize..64) {
            let once = clean(&text, max).into_owned();
            prop_assert!(once.len() <= max);
            prop_assert!(is_clean(&once));
            prop_assert_eq!(clean(&once, max), once.as_str());
        }
    }
}

//! Text of a guest, a buyer or a supplier, made safe to print. Everything foreign goes through here.

use proofmark_criteria::text::{MAX_MESSAGE_BYTES, clean};

/// Deeper than any line of ours is indented, so that no line of such a text can pass for one.
const INDENT: &str = "            ";

/// Text that may have several lines, cut to `max_bytes`: nothing in it deceives, and its lines after the
/// first are set in.
pub(crate) fn within(text: &str, max_bytes: usize) -> String {
    clean(text.trim_end(), max_bytes).replace('\n', &format!("\n{INDENT}"))
}

/// A message of the usual length.
pub(crate) fn message(text: &str) -> String {
    within(text, MAX_MESSAGE_BYTES)
}

/// Text where one line is meant: a name, a place, a cell of a table.
pub(crate) fn one_line(text: &str) -> String {
    clean(text, MAX_MESSAGE_BYTES).replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_of_a_foreign_text_passes_for_one_of_ours() {
        let text = "said\nPASS  all\n  pass rows\r\n       info a: b\u{1b}[2J\n";
        let shown = message(text);
        assert_eq!(
            shown,
            "said\n            PASS  all\n              pass rows\u{fffd}\n                   info a: b\u{fffd}[2J"
        );
        assert!(shown.lines().skip(1).all(|line| line.starts_with(INDENT)));
        assert_eq!(one_line("a\nb\u{1b}"), "a b\u{fffd}");
    }

    #[test]
    fn a_foreign_text_is_cut() {
        let long = "x".repeat(MAX_MESSAGE_BYTES + 1);
        assert_eq!(message(&long).len(), MAX_MESSAGE_BYTES);
        assert_eq!(one_line(&long).len(), MAX_MESSAGE_BYTES);
        assert_eq!(within(&long, usize::MAX), long);
    }
}

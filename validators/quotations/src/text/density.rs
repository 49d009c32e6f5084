//! How much markup a text may have: what a parser of Markdown makes of it takes memory per mark, and
//! time per line and level of nesting.

/// Line ends and characters that may mean something, in all texts; prose of 4 MiB has well under 100,000.
pub(crate) const MAX_MARKS: usize = 250_000;
/// Marks of quotations and list items at the beginning of one line, one within the other.
const MAX_NESTED: usize = 32;
/// Where the last of them stands, in bytes of the line: each level of a list takes two.
const MAX_INDENT_BYTES: usize = 64;

/// How many marks a text has; `None` if it is nested more deeply than is read.
pub(super) fn marks(text: &str) -> Option<usize> {
    let marks = text.bytes().filter(|byte| is_mark(*byte)).count();
    let deep = marks <= MAX_MARKS && text.lines().any(is_too_deep);
    (!deep).then_some(marks)
}

fn is_mark(byte: u8) -> bool {
    matches!(
        byte,
        b'\n'
            | b'\r'
            | b'*'
            | b'_'
            | b'['
            | b']'
            | b'<'
            | b'>'
            | b'&'
            | b'\\'
            | b'`'
            | b'~'
            | b'#'
            | b'!'
    )
}

fn is_too_deep(line: &str) -> bool {
    let bytes = line.as_bytes();
    // A thematic break.
    if bytes.iter().all(|byte| matches!(byte, b'-' | b' ')) {
        return false;
    }
    let (mut at, mut nested, mut last) = (0, 0, 0);
    while let Some(byte) = bytes.get(at) {
        let next_is_space = bytes
            .get(at + 1)
            .is_none_or(|next| matches!(next, b' ' | b'\t'));
        match byte {
            b' ' | b'\t' | b'0'..=b'9' => {}
            b'>' => (nested, last) = (nested + 1, at),
            b'-' | b'+' | b'*' if next_is_space => (nested, last) = (nested + 1, at),
            b'.' | b')' if next_is_space && at > 0 && bytes[at - 1].is_ascii_digit() => {
                (nested, last) = (nested + 1, at);
            }
            _ => break,
        }
        at += 1;
    }
    nested > MAX_NESTED || last > MAX_INDENT_BYTES
}

#[cfg(test)]
mod tests {
    use super::{MAX_MARKS, marks};

    fn is_too_dense(text: &str) -> bool {
        marks(text).is_none_or(|marks| marks > MAX_MARKS)
    }

    #[test]
    fn prose_is_not_dense_and_floods_of_marks_are() {
        let prose = "> A line of *prose* [a], with a link.\n- and\n  - a list\n".repeat(20_000);
        assert!(!is_too_dense(&prose));
        for text in [
            "*a".repeat(300_000),
            "\n".repeat(300_000),
            "> ".repeat(40),
            "1. ".repeat(40),
            "- ".repeat(40) + "a",
            format!("{}- a", " ".repeat(70)),
        ] {
            assert!(is_too_dense(&text), "{:.20}", text);
        }
    }
}

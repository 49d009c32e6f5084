//! RFC 6901 JSON Pointers, as text.

use std::fmt::Display;

/// `parent` followed by the reference token `token`, escaped.
///
/// ```
/// assert_eq!(proofmark_core::pointer::join("/a", "b/c~"), "/a/b~1c~0");
/// ```
#[must_use]
pub fn join(parent: &str, token: impl Display) -> String {
    let escaped = token.to_string().replace('~', "~0").replace('/', "~1");
    format!("{parent}/{escaped}")
}

/// Whether `text` is a well-formed pointer: empty, or starting with `/`, with `~` only as `~0` or `~1`.
#[must_use]
pub fn is_valid(text: &str) -> bool {
    let starts_well = text.is_empty() || text.starts_with('/');
    starts_well
        && text
            .split('~')
            .skip(1)
            .all(|rest| rest.starts_with(['0', '1']))
}

/// A pointer from tokens that were gathered while unwinding: the innermost one first.
#[must_use]
pub fn from_innermost<S: AsRef<str>>(tokens: &[S]) -> String {
    tokens
        .iter()
        .rev()
        .fold(String::new(), |parent, token| join(&parent, token.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_escaped_and_ordered() {
        assert_eq!(join("", 3), "/3");
        assert_eq!(join("/a", "m~n"), "/a/m~0n");
        assert_eq!(from_innermost(&["c", "0", "a/b"]), "/a~1b/0/c");
        assert_eq!(from_innermost::<&str>(&[]), "");
    }

    #[test]
    fn validity() {
        for good in ["", "/", "/a/0", "/a~1b~0"] {
            assert!(is_valid(good), "{good}");
        }
        for bad in ["a", "a/b", "/~", "/~2", "#/a"] {
            assert!(!is_valid(bad), "{bad}");
        }
    }
}

//! Names as git writes them: plain, or in quotation marks where a character is special.

/// A name that is in quotation marks at the beginning, and what follows.
pub(crate) fn unquoted(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut rest = text.strip_prefix(b"\"")?;
    let mut name = Vec::new();
    loop {
        let (first, after) = rest.split_first()?;
        rest = after;
        match first {
            b'"' => return Some((name, rest)),
            b'\\' => {
                let (byte, after) = escaped(rest)?;
                name.push(byte);
                rest = after;
            }
            byte => name.push(*byte),
        }
    }
}

/// The byte that an escape stands for: three octal digits, or one character.
fn escaped(text: &[u8]) -> Option<(u8, &[u8])> {
    if let [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', rest @ ..] = text {
        let byte = (a - b'0') * 64 + (b - b'0') * 8 + (c - b'0');
        return Some((byte, rest));
    }
    let (first, rest) = text.split_first()?;
    let byte = match first {
        b'a' => 7,
        b'b' => 8,
        b't' => b'\t',
        b'n' => b'\n',
        b'v' => 11,
        b'f' => 12,
        b'r' => b'\r',
        b'"' | b'\\' => *first,
        _ => return None,
    };
    Some((byte, rest))
}

/// The whole text as one name.
pub(crate) fn name(text: &[u8]) -> Option<String> {
    let bytes = match text.first() {
        Some(b'"') => unquoted(text).filter(|(_, rest)| rest.is_empty())?.0,
        _ => text.to_vec(),
    };
    String::from_utf8(bytes).ok()
}

/// The two names behind `diff --git`, which are the same but for `a/` and `b/`.
pub(crate) fn same_twice(text: &[u8]) -> Option<String> {
    let name = match unquoted(text) {
        Some((name, _)) => name.strip_prefix(b"a/")?.to_vec(),
        // `a/`, the name, ` b/`, the name: as names may have spaces, only their length tells.
        None => text.get(2..text.len().checked_sub(5)? / 2 + 2)?.to_vec(),
    };
    let name = String::from_utf8(name).ok()?;
    are(text, &name, &name).then_some(name)
}

/// Whether these two names stand behind `diff --git`.
pub(crate) fn are(text: &[u8], old: &str, new: &str) -> bool {
    let rest = after(text, b"a/", old).and_then(|rest| rest.strip_prefix(b" "));
    rest.and_then(|rest| after(rest, b"b/", new)) == Some(b"")
}

/// What follows a name with `side` before it.
fn after<'t>(text: &'t [u8], side: &[u8], name: &str) -> Option<&'t [u8]> {
    match unquoted(text) {
        Some((found, rest)) => (found.strip_prefix(side)? == name.as_bytes()).then_some(rest),
        None => text.strip_prefix(side)?.strip_prefix(name.as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::{are, name, same_twice};

    #[test]
    fn names_are_read_as_git_writes_them() {
        for (text, expected) in [
            ("a/x b/x", Some("x")),
            ("a/x b/y b/x b/y", Some("x b/y")),
            (r#""a/\303\251" "b/\303\251""#, Some("é")),
            (r#""a/q\"\\" "b/q\"\\""#, Some("q\"\\")),
            ("a/x b/y", None),
            ("a/xx b/x", None),
            ("b/x a/x", None),
            ("a/x", None),
            ("", None),
            (r#""a/x" "b/x"tail"#, None),
            (r#""a/x"#, None),
        ] {
            assert_eq!(same_twice(text.as_bytes()).as_deref(), expected, "{text}");
        }
        assert!(are(b"a/x \"b/\\303\\251\"", "x", "é"));
        assert!(!are(b"a/x b/y", "y", "x"));
        assert_eq!(name(br#""\400""#), None);
        assert_eq!(name(b"\xff"), None);
    }
}

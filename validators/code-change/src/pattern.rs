//! Patterns of paths.

use crate::names;

/// Longest pattern, in bytes.
pub(crate) const MAX_BYTES: usize = 200;

/// A pattern, compared with whole paths.
///
/// | written | means |
/// |---|---|
/// | `CHANGELOG.md` | this file |
/// | `tests/` | every file below this folder |
/// | `*` in a component | any characters of it, or none |
/// | `**` as a component | any components, or none |
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    parts: Vec<String>,
}

impl Pattern {
    /// What is written; nothing if that is no pattern.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let (path, below) = match text.strip_suffix('/') {
            Some(path) => (path, true),
            None => (text, false),
        };
        let mut parts: Vec<String> = path.split('/').map(str::to_owned).collect();
        let stars = |part: &String| part.contains("**");
        let alone = parts
            .iter()
            .filter(|part| stars(part))
            .all(|part| part == "**");
        let last = parts.last().is_some_and(|part| part == "**");
        // What stands for the stars may be anything, as long as the rest can be part of a path.
        let others = parts.iter().map(|part| part.replace('*', "x"));
        let others: Vec<_> = others.collect();
        let clean = names::defect(&others.join("/")).is_none();
        if text.len() > MAX_BYTES || !alone || last || !clean {
            return None;
        }
        if below {
            parts.extend(["**".to_owned(), "*".to_owned()]);
        }
        Some(Self { parts })
    }

    /// The same for paths of which only the key is compared.
    pub(crate) fn keyed(&self) -> Self {
        let parts = self.parts.iter().map(|part| names::key(part));
        Self {
            parts: parts.collect(),
        }
    }

    /// Whether it stands for the path with these components.
    pub(crate) fn matches(&self, components: &[&str]) -> bool {
        let is_any = |part: &String| part == "**";
        wild(&self.parts, components, is_any, |part, component| {
            let same = |one: &u8, other: &u8| one == other;
            wild(
                part.as_bytes(),
                component.as_bytes(),
                |byte| *byte == b'*',
                same,
            )
        })
    }
}

/// Whether the pattern stands for the text, with a star for any run of its elements. Goes back to the last star only: an
/// earlier one need not take more.
fn wild<P, T>(
    pattern: &[P],
    text: &[T],
    is_star: impl Fn(&P) -> bool,
    same: impl Fn(&P, &T) -> bool,
) -> bool {
    let (mut at, mut next) = (0, 0);
    let mut star = None;
    while next < text.len() {
        match pattern.get(at) {
            Some(part) if is_star(part) => {
                star = Some((at, next));
                at += 1;
            }
            Some(part) if same(part, &text[next]) => {
                at += 1;
                next += 1;
            }
            _ => {
                let Some((star_at, taken)) = star else {
                    return false;
                };
                star = Some((star_at, taken + 1));
                (at, next) = (star_at + 1, taken + 1);
            }
        }
    }
    pattern[at..].iter().all(is_star)
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    fn matches(pattern: &str, path: &str) -> bool {
        let components: Vec<_> = path.split('/').collect();
        Pattern::new(pattern)
            .expect("a pattern")
            .matches(&components)
    }

    #[test]
    fn patterns_stand_for_whole_paths() {
        for (pattern, path, expected) in [
            ("a.rs", "a.rs", true),
            ("a.rs", "x/a.rs", false),
            ("a.rs", "A.rs", false),
            ("tests/", "tests/a.rs", true),
            ("tests/", "tests/a/b.rs", true),
            ("tests/", "tests", false),
            ("tests/", "x/tests/a.rs", false),
            ("tests/", "testsx/a.rs", false),
            ("*.rs", "a.rs", true),
            ("*.rs", "src/a.rs", false),
            ("*.rs", ".rs", true),
            ("src/*.rs", "src/a.rs", true),
            ("src/*.rs", "src/a/b.rs", false),
            ("src/**/*.rs", "src/a/b.rs", true),
            ("src/**/*.rs", "src/b.rs", true),
            ("**/a/b", "a/a/b", true),
            ("**/a/**/c/b", "x/a/y/c/z/c/b", true),
            ("crates/*/tests/", "crates/x/tests/y/z", true),
            ("crates/*/tests/", "crates/x/src/tests/y", false),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
        ] {
            assert_eq!(matches(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_told() {
        for other in [
            "", "/", "/a", "a//b", "../a", "a/**", "a**b", "**", "a?", "[a]/../x", ".git/",
            "a/./b", "**/",
        ] {
            assert!(Pattern::new(other).is_none(), "{other}");
        }
    }

    #[test]
    fn a_keyed_pattern_forgets_case() {
        let keyed = Pattern::new(".GitHub/").expect("a pattern").keyed();
        assert!(keyed.matches(&[".github", "x"]));
    }
}

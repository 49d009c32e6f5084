//! Names that mean one file everywhere, and no two of them the same one somewhere.

use std::collections::{BTreeMap, BTreeSet};
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

/// Longest path in bytes, and the most components: those of a submission.
const MAX_PATH_BYTES: usize = 1_024;
const MAX_DEPTH: usize = 64;

/// What is wrong with a path. The rules are those for the paths of a submission, and three more: no characters that are
/// not seen, nothing of git's own, and no space before a component.
pub(crate) fn defect(path: &str) -> Option<&'static str> {
    let of_text = if path.is_empty() || path.len() > MAX_PATH_BYTES {
        Some("It is empty or longer than 1,024 bytes.")
    } else if path.contains(|c: char| c.is_control() || is_hidden(c)) {
        Some("It has a character that is not seen.")
    } else if path.contains(['\\', '<', '>', ':', '"', '|', '?', '*']) {
        Some("It has one of the characters \\ < > : \" | ? *")
    } else if !path.is_ascii() && !is_nfc(path) {
        Some("It is not in Unicode normalisation form C.")
    } else if path.split('/').count() > MAX_DEPTH {
        Some("It has more than 64 components.")
    } else {
        None
    };
    of_text.or_else(|| path.split('/').find_map(of_component))
}

fn of_component(name: &str) -> Option<&'static str> {
    match name {
        "" => Some("It begins or ends with a slash, or has two in a row."),
        "." | ".." => Some("It has a component `.` or `..`."),
        _ if name.ends_with(['.', ' ']) || name.starts_with(' ') => {
            Some("A component begins with a space, or ends with a space or a dot.")
        }
        _ if is_gits(name) => Some("It lies within what is git's own."),
        _ if is_device(name) => Some("A component is a device on some systems."),
        _ => None,
    }
}

/// `.git`, however it is written where case and form do not matter, or by its short name.
fn is_gits(name: &str) -> bool {
    // Nothing longer comes to five characters.
    name.len() <= 20 && matches!(key(name).as_str(), ".git" | "git~1")
}

/// Names of devices on Windows, in any case and with any extension.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end_matches(' ');
    if stem.len() > 5 {
        return false;
    }
    let stem = stem.to_ascii_lowercase();
    let numbered = ["com", "lpt"].iter().any(|device| {
        let mut rest = stem.strip_prefix(device).unwrap_or_default().chars();
        matches!(
            (rest.next(), rest.next()),
            (Some('1'..='9' | '¹' | '²' | '³'), None)
        )
    });
    numbered || matches!(stem.as_str(), "con" | "prn" | "aux" | "nul")
}

/// What two names have in common that some system takes for one: case, compatibility forms and what is not seen do not matter.
pub(crate) fn key(name: &str) -> String {
    // The same, only faster, for the many names that are plain.
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    // To upper case first, letter by letter: `ß` is `ss`, and both small sigmas are one.
    let mut folded = String::with_capacity(name.len() * 2);
    for c in name.nfkd() {
        match is_caseless(c) {
            true => folded.push(c),
            false => folded.extend(c.to_uppercase().flat_map(char::to_lowercase)),
        }
    }
    folded.nfkd().filter(|c| !is_hidden(*c)).collect()
}

/// Letters of Korean, Chinese and Japanese, which need not be looked up.
fn is_caseless(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{a63f}' | '\u{ac00}'..='\u{d7ff}')
}

/// `Default_Ignorable_Code_Point` of Unicode, which includes direction marks, overrides and isolates, variation selectors,
/// joiners and tags; separators of lines; and annotations.
pub(crate) fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Two of these paths that some system takes for one file, or for a file and a folder of the same name.
pub(crate) fn collision<'p>(paths: impl Iterator<Item = &'p str>) -> Option<(&'p str, &'p str)> {
    let mut files = BTreeMap::new();
    for path in paths {
        if let Some(earlier) = files.insert(key(path), path) {
            return Some((earlier, path));
        }
    }
    // Each folder is looked at once, although all files below say that it is one.
    let mut folders = BTreeSet::new();
    for (key, path) in &files {
        for (end, _) in key.rmatch_indices('/') {
            let folder = &key[..end];
            if !folders.insert(folder) {
                break;
            }
            if let Some(file) = files.get(folder) {
                return Some((file, path));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{collision, defect, key};

    #[test]
    fn a_path_is_the_same_file_everywhere() {
        for good in [
            "a",
            "src/lib.rs",
            ".gitignore",
            "a b/é.md",
            "con/x",
            "日本/語",
        ] {
            // `con` is a device.
            assert_eq!(defect(good).is_none(), good != "con/x", "{good}");
        }
        let (long, deep) = ("x".repeat(1_025), ["d"; 65].join("/"));
        for bad in [
            "",
            "/a",
            "a/",
            "a//b",
            "./a",
            "a/../b",
            "..",
            "a\\b",
            "C:x",
            "a?",
            "a.",
            "a /b",
            " a",
            ".git/config",
            "x/.GIT/hooks/y",
            ".g\u{131}t\u{200c}",
            "GIT~1/x",
            "e\u{301}",
            "a\u{200b}",
            "a\u{202e}b",
            "a\tb",
            "Lpt³.x",
            &long,
            &deep,
        ] {
            assert!(defect(bad).is_some(), "{bad:?}");
        }
    }

    #[test]
    fn keys_forget_case_form_and_what_is_not_seen() {
        for (one, other) in [
            ("README", "readme"),
            ("straße", "STRASSE"),
            ("Σς", "σσ"),
            ("é", "E\u{301}"),
            ("ﬁle²", "file2"),
            ("a\u{ad}", "A"),
        ] {
            assert_eq!(key(one), key(other), "{one} {other}");
        }
        assert_ne!(key("a"), key("а"), "a Cyrillic letter is another one");
        let caseless = ('\0'..=char::MAX).filter(|c| super::is_caseless(*c));
        for c in caseless {
            let folded = c.to_uppercase().flat_map(char::to_lowercase);
            assert!(folded.eq([c]), "{c:?}");
        }
    }

    #[test]
    fn collisions_are_found_among_files_and_folders() {
        let find = |paths: &[&'static str]| collision(paths.iter().copied());
        assert_eq!(find(&["a", "a-b/c", "b/a", "b/c/d"]), None);
        assert_eq!(
            find(&["x/readme", "x/README"]),
            Some(("x/readme", "x/README"))
        );
        assert_eq!(
            find(&["a/b/c/d", "a/b/c/e", "A/B"]),
            Some(("A/B", "a/b/c/d"))
        );
    }
}

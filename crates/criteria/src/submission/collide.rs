//! Names that are one name on another file system.

use std::collections::BTreeMap;

use unicode_casefold::UnicodeCaseFold;
use unicode_normalization::UnicodeNormalization;

use super::path::ArtifactPath;

/// How two different paths collide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Collision {
    /// They differ in case only: one file on macOS and Windows.
    Case,
    /// They differ in Unicode compatibility forms, characters that are not seen, and case only: one file
    /// where names are normalised, as by ZFS with `normalization=formKC`, and hardly two for a reader.
    Unicode,
    /// The first is a file and a directory of the second.
    FileAndDirectory,
}

/// The first collision among `paths`, with the two that collide.
pub(super) fn find(paths: &[&ArtifactPath]) -> Option<(Collision, String, String)> {
    by_key(paths, Collision::Case, caseless)
        .or_else(|| by_key(paths, Collision::Unicode, compatible))
        .or_else(|| file_and_directory(paths))
}

fn by_key(
    paths: &[&ArtifactPath],
    collision: Collision,
    key: fn(&str) -> String,
) -> Option<(Collision, String, String)> {
    let mut seen = BTreeMap::new();
    paths.iter().find_map(|path| {
        let earlier = seen.insert(key(path.as_str()), path)?;
        Some((collision, earlier.to_string(), path.to_string()))
    })
}

/// Compares by the compatible form: `A` is no directory of `a/b` on Linux, but it is on macOS.
fn file_and_directory(paths: &[&ArtifactPath]) -> Option<(Collision, String, String)> {
    let keys: Vec<_> = paths.iter().map(|path| compatible(path.as_str())).collect();
    let files: BTreeMap<_, _> = keys.iter().map(String::as_str).zip(paths).collect();
    keys.iter().zip(paths).find_map(|(key, path)| {
        let file = ArtifactPath::ancestors(key).find_map(|ancestor| files.get(ancestor))?;
        Some((
            Collision::FileAndDirectory,
            file.to_string(),
            path.to_string(),
        ))
    })
}

/// Canonical caseless form: Unicode 3.13, definition D145.
fn caseless(text: &str) -> String {
    // The same, only faster, for the many names that are plain.
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfd().case_fold().nfd().collect()
}

/// Compatibility caseless form (Unicode 3.13, definition D146) without what is not seen, which is what
/// D147 compares.
fn compatible(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let folded = text.nfd().case_fold().nfkd().case_fold();
    folded.nfkd().filter(|c| !is_ignorable(*c)).collect()
}

/// `Default_Ignorable_Code_Point` of Unicode's DerivedCoreProperties, unassigned ones included.
fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collision(texts: &[&str]) -> Option<Collision> {
        let paths: Result<Vec<ArtifactPath>, _> = texts.iter().map(|text| text.parse()).collect();
        let paths = paths.expect("the test uses good paths");
        let found = find(&paths.iter().collect::<Vec<_>>());
        found.map(|(collision, _, _)| collision)
    }

    #[test]
    fn names_that_differ_collide_only_where_they_may() {
        let cases: [(&[&str], Option<Collision>); 18] = [
            (&[], None),
            (&["a", "b"], None),
            (&["A/x", "a/y"], None),
            (&["a", "ab", "a-b/c"], None),
            (&["readme", "README"], Some(Collision::Case)),
            (&["A/x", "a/X"], Some(Collision::Case)),
            (&["straße", "STRASSE"], Some(Collision::Case)),
            (&["Σ", "ς"], Some(Collision::Case)),
            (&["é", "É"], Some(Collision::Case)),
            (&["ﬁle²", "file2"], Some(Collision::Unicode)),
            (&["Å", "ａ\u{30a}"], Some(Collision::Unicode)),
            (&["a", "a\u{200b}"], Some(Collision::Unicode)),
            (&["\u{ad}A", "a\u{fe0f}"], Some(Collision::Unicode)),
            (&["a", "a\u{200d}b"], None),
            (&["x²", "x2/y"], Some(Collision::FileAndDirectory)),
            (&["a", "a-b", "a/b"], Some(Collision::FileAndDirectory)),
            (&["A", "a/b/c"], Some(Collision::FileAndDirectory)),
            (&["a/b", "a/b/c/d"], Some(Collision::FileAndDirectory)),
        ];
        for (texts, expected) in cases {
            assert_eq!(collision(texts), expected, "{texts:?}");
        }
    }

    #[test]
    fn both_names_are_told() {
        let paths = ["x/readme", "x/README"].map(|text| text.parse().expect("good"));
        let found = find(&[&paths[0], &paths[1]]);
        let expected = (
            Collision::Case,
            "x/readme".to_owned(),
            "x/README".to_owned(),
        );
        assert_eq!(found, Some(expected));
    }
}

//! The name of an artifact.

use std::fmt;
use std::str::FromStr;

use proofmark_core::Problem;
use serde::{Deserialize, Serialize};
use unicode_normalization::is_nfc;

/// Longest path in bytes: a quarter of Linux's `PATH_MAX`, so that any root fits before it.
pub const MAX_PATH_BYTES: usize = 1_024;
/// Most components of a path.
pub const MAX_PATH_DEPTH: usize = 64;

/// A relative path with `/`, in Unicode NFC, that means the same file everywhere. Ordered by its bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ArtifactPath(String);

/// Why a text is not the name of an artifact. Whoever delivered it is to blame.
///
/// If several apply, the first in the order of the variants is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// No text at all.
    #[error("a path is empty")]
    Empty,
    /// Longer than [`MAX_PATH_BYTES`].
    #[error("a path is longer than {MAX_PATH_BYTES} bytes")]
    TooLong,
    /// A NUL character, at which C programs stop reading.
    #[error("a path contains a NUL character")]
    Nul,
    /// A control character, which could rewrite a terminal.
    #[error("a path contains a control character")]
    ControlCharacter,
    /// A backslash, which separates components on some systems.
    #[error("a path contains a backslash")]
    Backslash,
    /// One of `< > : " | ? *`: Windows has no such names, and takes what follows a colon for a stream.
    #[error("a path contains one of the characters < > : \" | ? *")]
    ReservedCharacter,
    /// A leading slash.
    #[error("a path is absolute")]
    Absolute,
    /// Two slashes in a row, or one at the end.
    #[error("a path has an empty component")]
    EmptyComponent,
    /// A component `.`.
    #[error("a path has a component `.`")]
    DotComponent,
    /// A component `..`.
    #[error("a path has a component `..`")]
    ParentComponent,
    /// A component that ends in a dot or space, which Windows leaves out.
    #[error("a path has a component that ends in a dot or a space")]
    TrailingDotOrSpace,
    /// A component that is a device on Windows, whatever its extension.
    #[error("a path has a component that is a device on some systems")]
    ReservedName,
    /// More than [`MAX_PATH_DEPTH`] components.
    #[error("a path has more than {MAX_PATH_DEPTH} components")]
    TooDeep,
    /// Not in Unicode normalisation form C, so that equal-looking names differ.
    #[error("a path is not in Unicode normalisation form C")]
    NotNfc,
}

impl PathError {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "path-empty",
            Self::TooLong => "path-too-long",
            Self::Nul => "path-nul",
            Self::ControlCharacter => "path-control-character",
            Self::Backslash => "path-backslash",
            Self::ReservedCharacter => "path-reserved-character",
            Self::Absolute => "path-absolute",
            Self::EmptyComponent => "path-empty-component",
            Self::DotComponent => "path-dot-component",
            Self::ParentComponent => "path-parent-component",
            Self::TrailingDotOrSpace => "path-trailing-dot-or-space",
            Self::ReservedName => "path-reserved-name",
            Self::TooDeep => "path-too-deep",
            Self::NotNfc => "path-not-nfc",
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Empty => "give the file a name",
            Self::TooLong | Self::TooDeep => "use shorter or fewer directory names",
            Self::Nul
            | Self::ControlCharacter
            | Self::Backslash
            | Self::ReservedCharacter
            | Self::TrailingDotOrSpace
            | Self::ReservedName => "rename the file or directory",
            Self::Absolute | Self::DotComponent | Self::ParentComponent => {
                "name files relative to the submission's root"
            }
            Self::EmptyComponent => "put exactly one slash between two components",
            Self::NotNfc => "rename the file in composed characters (form NFC)",
        }
    }
}

impl From<PathError> for Problem {
    fn from(error: PathError) -> Self {
        Self::new(error.code(), error.to_string()).hint(error.hint())
    }
}

impl ArtifactPath {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The directories that contain the file, outermost first: `a`, `a/b` for `a/b/c`.
    pub(crate) fn ancestors(text: &str) -> impl Iterator<Item = &str> {
        text.match_indices('/').map(|(end, _)| &text[..end])
    }
}

impl FromStr for ArtifactPath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        Self::try_from(text.to_owned())
    }
}

impl TryFrom<String> for ArtifactPath {
    type Error = PathError;

    fn try_from(text: String) -> Result<Self, PathError> {
        check_text(&text)?;
        check_components(&text)?;
        if !is_nfc(&text) {
            return Err(PathError::NotNfc);
        }
        Ok(Self(text))
    }
}

impl From<ArtifactPath> for String {
    fn from(path: ArtifactPath) -> Self {
        path.0
    }
}

impl AsRef<str> for ArtifactPath {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ArtifactPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn check_text(text: &str) -> Result<(), PathError> {
    if text.is_empty() {
        return Err(PathError::Empty);
    }
    if text.len() > MAX_PATH_BYTES {
        return Err(PathError::TooLong);
    }
    if text.contains('\0') {
        return Err(PathError::Nul);
    }
    // Direction overrides are not `char::is_control`, but make a listing lie just the same.
    if text.contains(['\n', '\t']) || !crate::text::is_clean(text) {
        return Err(PathError::ControlCharacter);
    }
    if text.contains('\\') {
        return Err(PathError::Backslash);
    }
    if text.contains(['<', '>', ':', '"', '|', '?', '*']) {
        return Err(PathError::ReservedCharacter);
    }
    Ok(())
}

/// Names of devices on Windows, in any case and with any extension: [Naming Files, Paths, and
/// Namespaces](https://learn.microsoft.com/windows/win32/fileio/naming-a-file).
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];
/// These with a digit from 1 to 9, of which there are superscript ones.
const NUMBERED_DEVICES: [&str; 2] = ["com", "lpt"];

fn is_device(component: &str) -> bool {
    let stem = component.split('.').next().unwrap_or(component);
    let name = stem.trim_end_matches(' ').to_ascii_lowercase();
    let numbered = |device: &&str| {
        let mut rest = name.strip_prefix(*device).unwrap_or_default().chars();
        matches!(
            (rest.next(), rest.next()),
            (Some('1'..='9' | '¹' | '²' | '³'), None)
        )
    };
    DEVICES.contains(&name.as_str()) || NUMBERED_DEVICES.iter().any(numbered)
}

fn check_components(text: &str) -> Result<(), PathError> {
    if text.starts_with('/') {
        return Err(PathError::Absolute);
    }
    let defect = |component: &str| match component {
        "" => Some(PathError::EmptyComponent),
        "." => Some(PathError::DotComponent),
        ".." => Some(PathError::ParentComponent),
        _ if component.ends_with(['.', ' ']) => Some(PathError::TrailingDotOrSpace),
        _ if is_device(component) => Some(PathError::ReservedName),
        _ => None,
    };
    if let Some(error) = text.split('/').find_map(defect) {
        return Err(error);
    }
    if text.split('/').count() > MAX_PATH_DEPTH {
        return Err(PathError::TooDeep);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn good_paths_are_kept_as_they_are() {
        let longest = "x".repeat(MAX_PATH_BYTES);
        let deepest = vec!["d"; MAX_PATH_DEPTH].join("/");
        for good in [
            "a",
            "a/b.csv",
            ".hidden/x",
            "console/com10/lpt.txt",
            "a. b",
            "a b",
            "é",
            "日本/語",
            &longest,
            &deepest,
        ] {
            let path = good.parse::<ArtifactPath>();
            assert_eq!(path.as_ref().map(ArtifactPath::as_str), Ok(good));
        }
    }

    #[test]
    fn every_defect_has_its_code() {
        let long = "x".repeat(MAX_PATH_BYTES + 1);
        let deep = vec!["d"; MAX_PATH_DEPTH + 1].join("/");
        let cases = [
            ("", "path-empty"),
            (long.as_str(), "path-too-long"),
            ("a\0b", "path-nul"),
            ("a\nb", "path-control-character"),
            ("a\u{1b}[2J", "path-control-character"),
            ("a\u{85}", "path-control-character"),
            ("a\u{202e}vsc.exe", "path-control-character"),
            ("a\\b", "path-backslash"),
            ("C:\\x", "path-backslash"),
            ("C:x", "path-reserved-character"),
            ("a?", "path-reserved-character"),
            ("a.", "path-trailing-dot-or-space"),
            ("a /b", "path-trailing-dot-or-space"),
            ("...", "path-trailing-dot-or-space"),
            ("CON", "path-reserved-name"),
            ("a/nul.txt/b", "path-reserved-name"),
            ("com1", "path-reserved-name"),
            ("Lpt³.x.y", "path-reserved-name"),
            ("/etc/passwd", "path-absolute"),
            ("//x", "path-absolute"),
            ("a//b", "path-empty-component"),
            ("a/", "path-empty-component"),
            ("./a", "path-dot-component"),
            ("a/.", "path-dot-component"),
            ("../a", "path-parent-component"),
            ("a/../b", "path-parent-component"),
            (deep.as_str(), "path-too-deep"),
            ("e\u{301}", "path-not-nfc"),
            // The order of precedence.
            ("/\0\\", "path-nul"),
            ("/../x", "path-absolute"),
        ];
        for (text, code) in cases {
            let error = text.parse::<ArtifactPath>().err();
            assert_eq!(error.map(PathError::code), Some(code), "{text:?}");
        }
    }

    #[test]
    fn ancestors_are_the_directories() {
        let ancestors: Vec<_> = ArtifactPath::ancestors("a/b/c").collect();
        assert_eq!(ancestors, ["a", "a/b"]);
        assert_eq!(ArtifactPath::ancestors("a").count(), 0);
    }

    proptest! {
        #[test]
        fn no_accepted_path_leaves_its_root(text in "[./\\\\a\u{301}e]{0,12}") {
            if let Ok(path) = text.parse::<ArtifactPath>() {
                let mut depth = 0_i32;
                for component in path.as_str().split('/') {
                    depth += if component == ".." { -1 } else { 1 };
                    prop_assert!(depth > 0);
                }
            }
        }
    }
}

//! What a validator says of itself.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::text::{MAX_NAME_BYTES, MAX_SUMMARY_BYTES, is_clean, is_slug};

/// Most checks of one validator.
pub const MAX_CHECKS: usize = 256;
/// Most media types of one validator.
pub const MAX_MEDIA_TYPES: usize = 64;

/// A check that a validator can make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckSpec {
    /// A slug, unique within the validator.
    pub id: String,
    /// What it asks, in a sentence.
    pub summary: String,
}

/// What a validator is and asks: the answer of `describe`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValidatorManifest {
    /// For people; a validator is identified by the digest of its bytes.
    pub name: String,
    /// A semantic version.
    pub version: String,
    /// What it judges, in a sentence.
    pub summary: String,
    /// JSON Schema (draft 2020-12) of the parameters, as text; see [`crate::schema::ParamsSchema`].
    pub params_schema: String,
    /// Every check that the validator can make.
    pub checks: Vec<CheckSpec>,
    /// Media types of artifacts that it can read.
    pub media_types: Vec<String>,
}

/// Why an answer of `describe` is not a manifest. The validator's author is to blame, and the validator
/// cannot be published.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// A text is empty, too long, or has characters that deceive readers.
    #[error("`{member}` must have 1 to {max_bytes} bytes without control characters")]
    Text {
        /// Which member.
        member: &'static str,
        /// The limit.
        max_bytes: usize,
    },
    /// The version is not a semantic version.
    #[error("`version` is not a semantic version")]
    Version,
    /// There is no check, or there are more than [`MAX_CHECKS`].
    #[error("a validator declares 1 to {MAX_CHECKS} checks, not {0}")]
    CheckCount(usize),
    /// A check's id is not a slug.
    #[error("check {0} has an id that is not 1 to 64 characters of `a-z`, `0-9` and `-`")]
    CheckId(usize),
    /// Two checks have one id.
    #[error("the check id `{0}` occurs twice")]
    DuplicateCheck(String),
    /// A media type is malformed, or there are more than [`MAX_MEDIA_TYPES`].
    #[error("`media-types` must be at most {MAX_MEDIA_TYPES} texts of the form `type/subtype`")]
    MediaType,
}

/// Why an answer of `check-params` names no checks. The validator's author is to blame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AskedError {
    /// No check at all.
    #[error("the validator accepts the parameters and makes no check for them")]
    Nothing,
    /// Not in ascending byte order, each once.
    #[error("the validator lists the check `{0}` out of order, or twice")]
    Order(String),
    /// A check that `describe` does not declare.
    #[error("the validator lists the check `{0}`, which it does not declare")]
    Unknown(String),
}

impl AskedError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Nothing => "asks-for-nothing",
            Self::Order(_) => "asked-checks-order",
            Self::Unknown(_) => "asked-check-unknown",
        }
    }
}

impl ManifestError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Text { .. } => "manifest-text",
            Self::Version => "manifest-version",
            Self::CheckCount(_) => "manifest-check-count",
            Self::CheckId(_) => "manifest-check-id",
            Self::DuplicateCheck(_) => "manifest-duplicate-check",
            Self::MediaType => "manifest-media-type",
        }
    }
}

impl ValidatorManifest {
    /// Whether the manifest is well-formed. The parameter schema is compiled apart, by
    /// [`crate::schema::ParamsSchema::compile`].
    ///
    /// # Errors
    /// The first [`ManifestError`], in the order of the members.
    pub fn check(&self) -> Result<(), ManifestError> {
        check_text("name", &self.name, MAX_NAME_BYTES)?;
        check_text("version", &self.version, MAX_NAME_BYTES)?;
        if !is_semantic_version(&self.version) {
            return Err(ManifestError::Version);
        }
        check_text("summary", &self.summary, MAX_SUMMARY_BYTES)?;
        self.check_checks()?;
        let well_formed = self.media_types.iter().all(|text| is_media_type(text));
        if !well_formed || self.media_types.len() > MAX_MEDIA_TYPES {
            return Err(ManifestError::MediaType);
        }
        Ok(())
    }

    fn check_checks(&self) -> Result<(), ManifestError> {
        let count = self.checks.len();
        if !(1..=MAX_CHECKS).contains(&count) {
            return Err(ManifestError::CheckCount(count));
        }
        let mut seen = BTreeSet::new();
        for (index, check) in self.checks.iter().enumerate() {
            if !is_slug(&check.id) {
                return Err(ManifestError::CheckId(index));
            }
            if !seen.insert(&check.id) {
                return Err(ManifestError::DuplicateCheck(check.id.clone()));
            }
            check_text("checks.summary", &check.summary, MAX_SUMMARY_BYTES)?;
        }
        Ok(())
    }

    /// The checks that parameters ask for, from what `check-params` says.
    ///
    /// # Errors
    /// [`AskedError`]: the ids are not ascending, or not all declared, or there is none.
    pub fn asked(&self, ids: Vec<String>) -> Result<Vec<String>, AskedError> {
        if ids.is_empty() {
            return Err(AskedError::Nothing);
        }
        if let Some(pair) = ids.windows(2).find(|pair| pair[0] >= pair[1]) {
            return Err(AskedError::Order(pair[1].clone()));
        }
        let declared: BTreeSet<_> = self.checks.iter().map(|check| &check.id).collect();
        match ids.iter().find(|id| !declared.contains(id)) {
            Some(unknown) => Err(AskedError::Unknown(unknown.clone())),
            None => Ok(ids),
        }
    }
}

fn check_text(member: &'static str, text: &str, max_bytes: usize) -> Result<(), ManifestError> {
    if text.is_empty() || text.len() > max_bytes || !is_clean(text) {
        return Err(ManifestError::Text { member, max_bytes });
    }
    Ok(())
}

/// `MAJOR.MINOR.PATCH` with optional `-pre` and `+build`, as in Semantic Versioning 2.0.0 (leading zeros
/// of pre-release numbers are let pass: nobody orders these versions).
fn is_semantic_version(text: &str) -> bool {
    let (rest, build) = text.split_once('+').unwrap_or((text, "0"));
    let (core, pre) = rest.split_once('-').unwrap_or((rest, "0"));
    let numbers: Vec<_> = core.split('.').collect();
    numbers.len() == 3
        && numbers.iter().all(|number| is_version_number(number))
        && is_dotted(pre)
        && is_dotted(build)
}

fn is_version_number(text: &str) -> bool {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits && (text == "0" || !text.starts_with('0'))
}

fn is_dotted(text: &str) -> bool {
    text.split('.').all(|part| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    })
}

/// `type/subtype` of RFC 6838 names, without parameters.
fn is_media_type(text: &str) -> bool {
    let name = |part: &str| {
        (1..=127).contains(&part.len())
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
    };
    text.split_once('/')
        .is_some_and(|(kind, subtype)| name(kind) && name(subtype))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> ValidatorManifest {
        ValidatorManifest {
            name: "rows".to_owned(),
            version: "1.2.3".to_owned(),
            summary: "Counts rows.".to_owned(),
            params_schema: r#"{"type":"object"}"#.to_owned(),
            checks: vec![CheckSpec {
                id: "rows".to_owned(),
                summary: "Enough rows.".to_owned(),
            }],
            media_types: vec!["text/csv".to_owned()],
        }
    }

    fn code_after(change: impl FnOnce(&mut ValidatorManifest)) -> Option<&'static str> {
        let mut manifest = manifest();
        change(&mut manifest);
        manifest.check().err().map(|error| error.code())
    }

    #[test]
    fn a_good_manifest_is_accepted() {
        assert_eq!(manifest().check(), Ok(()));
    }

    #[test]
    fn every_defect_has_its_code() {
        let text = Some("manifest-text");
        assert_eq!(code_after(|m| m.name.clear()), text);
        assert_eq!(code_after(|m| m.name = "x".repeat(129)), text);
        assert_eq!(code_after(|m| m.summary = "\u{1b}[2J".to_owned()), text);
        assert_eq!(code_after(|m| m.checks[0].summary.clear()), text);
        let count = Some("manifest-check-count");
        assert_eq!(code_after(|m| m.checks.clear()), count);
        assert_eq!(
            code_after(|m| m.checks = vec![m.checks[0].clone(); 257]),
            count
        );
        let id = Some("manifest-check-id");
        assert_eq!(code_after(|m| m.checks[0].id = "No Slug".to_owned()), id);
        let twice = Some("manifest-duplicate-check");
        assert_eq!(code_after(|m| m.checks.push(m.checks[0].clone())), twice);
        let media = Some("manifest-media-type");
        assert_eq!(code_after(|m| m.media_types[0] = "csv".to_owned()), media);
        assert_eq!(
            code_after(|m| m.media_types = vec!["a/b".to_owned(); 65]),
            media
        );
    }

    #[test]
    fn versions() {
        for good in [
            "0.0.0",
            "1.2.3",
            "1.0.0-rc.1",
            "1.0.0+5",
            "10.20.30-a-b.c+d.e",
        ] {
            assert!(is_semantic_version(good), "{good}");
        }
        for bad in [
            "1", "1.2", "1.2.3.4", "01.2.3", "1.2.x", "1.2.3-", "1.2.3+", "v1.2.3", "1..3",
        ] {
            assert!(!is_semantic_version(bad), "{bad}");
        }
    }
}

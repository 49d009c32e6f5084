//! The list of what was delivered. Its digest identifies the submission.

use proofmark_core::canonical::{self, ParseError, ParseLimits};
use proofmark_core::uri::SUBMISSION_V1;
use proofmark_core::{Digest, MAX_SAFE_INTEGER, Problem};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::collide::{self, Collision};
use super::path::{ArtifactPath, MAX_PATH_BYTES, PathError};

/// Longest manifest in bytes: 64 MiB = 64 × 2^20, which is 100,000 artifacts at 670 bytes each, 540 of
/// them for the path.
pub const MAX_MANIFEST_BYTES: usize = 64 << 20;

/// One artifact of a submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Entry {
    /// Its name.
    pub path: ArtifactPath,
    /// SHA-256 of its content.
    pub digest: Digest,
    /// Size of its content in bytes.
    pub size_bytes: u64,
}

/// How much may be delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubmissionLimits {
    /// Number of artifacts.
    pub max_artifacts: usize,
    /// Bytes of one artifact.
    pub max_artifact_bytes: u64,
    /// Bytes of all artifacts together; never above 2^53 − 1, whatever is said here.
    pub max_total_bytes: u64,
}

impl Default for SubmissionLimits {
    /// 100,000 artifacts (a manifest of some 20 MiB) and 1 TiB = 2^40 bytes (half an hour of hashing).
    fn default() -> Self {
        Self {
            max_artifacts: 100_000,
            max_artifact_bytes: 1 << 40,
            max_total_bytes: 1 << 40,
        }
    }
}

/// Why a delivery is not a submission. The supplier is to blame; nothing is run and nothing recorded.
///
/// If several apply, the order is: count, size of each artifact by path, total, duplicates, collisions,
/// length of the manifest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubmissionError {
    /// Too many artifacts.
    #[error("the submission has {count} artifacts, of which {max} are allowed")]
    TooManyArtifacts {
        /// How many there are.
        count: usize,
        /// The limit.
        max: usize,
    },
    /// One artifact is too large.
    #[error("`{path}` has {size_bytes} bytes, of which {max_bytes} are allowed")]
    ArtifactTooLarge {
        /// Which one.
        path: ArtifactPath,
        /// Its size.
        size_bytes: u64,
        /// The limit.
        max_bytes: u64,
    },
    /// All together are too large.
    #[error("the submission has more than the {max_bytes} bytes that are allowed")]
    TotalTooLarge {
        /// The limit.
        max_bytes: u64,
    },
    /// One path twice.
    #[error("`{path}` occurs twice")]
    DuplicatePath {
        /// The path.
        path: ArtifactPath,
    },
    /// Two paths that differ in case only.
    #[error("`{first}` and `{second}` differ in case only")]
    CaseCollision {
        /// One of them.
        first: String,
        /// The other.
        second: String,
    },
    /// Two paths that differ in Unicode compatibility forms only.
    #[error("`{first}` and `{second}` differ only in characters that some systems take for equal")]
    UnicodeCollision {
        /// One of them.
        first: String,
        /// The other.
        second: String,
    },
    /// One path is a directory of the other.
    #[error("`{file}` is a file, but `{inside}` lies inside it")]
    FileAndDirectory {
        /// The file.
        file: String,
        /// The path that needs it to be a directory.
        inside: String,
    },
    /// The names together are too long: the canonical manifest is above [`MAX_MANIFEST_BYTES`].
    #[error("the manifest has {bytes} bytes, of which {MAX_MANIFEST_BYTES} are allowed")]
    ManifestTooLarge {
        /// Its canonical length.
        bytes: usize,
    },
    /// The text is not a manifest.
    #[error("the manifest is not a document of Proofmark")]
    Document(#[from] ParseError),
    /// The text is JSON, but not a manifest.
    #[error("the manifest is malformed: {0}")]
    Malformed(String),
    /// An artifact has a path that nothing may be delivered under.
    #[error("an artifact has a path that cannot be delivered: {error}")]
    Path {
        /// JSON Pointer to the path in the manifest.
        pointer: String,
        /// What is wrong with it.
        error: PathError,
    },
    /// A manifest of another kind or version.
    #[error("the member `schema` of the manifest is not `{SUBMISSION_V1}`")]
    Schema,
    /// The artifacts of a manifest are not in ascending byte order of their paths.
    #[error("the artifacts of the manifest are not sorted by path: `{path}` comes too late")]
    Unsorted {
        /// The first one out of place.
        path: ArtifactPath,
    },
}

impl SubmissionError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooManyArtifacts { .. } => "too-many-artifacts",
            Self::ArtifactTooLarge { .. } => "artifact-too-large",
            Self::TotalTooLarge { .. } => "submission-too-large",
            Self::DuplicatePath { .. } => "duplicate-path",
            Self::CaseCollision { .. } => "case-collision",
            Self::UnicodeCollision { .. } => "unicode-collision",
            Self::FileAndDirectory { .. } => "file-and-directory",
            Self::ManifestTooLarge { .. } => "manifest-too-large",
            Self::Document(error) => error.code(),
            Self::Malformed(_) => "manifest-malformed",
            Self::Path { error, .. } => error.code(),
            Self::Schema => "manifest-schema",
            Self::Unsorted { .. } => "manifest-unsorted",
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::TooManyArtifacts { .. } | Self::ManifestTooLarge { .. } => {
                "pack many small files into one"
            }
            Self::ArtifactTooLarge { .. } | Self::TotalTooLarge { .. } => {
                "deliver less, or compressed"
            }
            Self::DuplicatePath { .. }
            | Self::CaseCollision { .. }
            | Self::UnicodeCollision { .. }
            | Self::FileAndDirectory { .. } => "rename one of them",
            Self::Path { error, .. } => error.hint(),
            Self::Document(_) | Self::Malformed(_) | Self::Schema | Self::Unsorted { .. } => {
                "write the manifest with `proofmark submission manifest`"
            }
        }
    }
}

impl From<SubmissionError> for Problem {
    fn from(error: SubmissionError) -> Self {
        let problem = Self::new(error.code(), error.to_string()).hint(error.hint());
        match error {
            SubmissionError::Document(error) => error.into(),
            SubmissionError::Path { pointer, .. } => problem.at(pointer),
            _ => problem,
        }
    }
}

/// How a manifest is written.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ManifestDocument {
    schema: String,
    artifacts: Vec<Entry>,
}

/// A list of artifacts that is a submission: sorted, within limits, without collisions. Made only by
/// [`Manifest::build`] and [`Manifest::parse`]. A submission without artifacts is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    entries: Vec<Entry>,
    total_bytes: u64,
    canonical: Vec<u8>,
    digest: Digest,
}

impl Manifest {
    /// The manifest of `entries`, given in any order.
    ///
    /// # Errors
    /// The first [`SubmissionError`] in the order stated there.
    pub fn build(
        mut entries: Vec<Entry>,
        limits: &SubmissionLimits,
    ) -> Result<Self, SubmissionError> {
        if entries.len() > limits.max_artifacts {
            return Err(SubmissionError::TooManyArtifacts {
                count: entries.len(),
                max: limits.max_artifacts,
            });
        }
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        let total_bytes = total(&entries, limits)?;
        check_names(&entries.iter().map(|entry| &entry.path).collect::<Vec<_>>())?;
        let document = ManifestDocument {
            schema: SUBMISSION_V1.to_owned(),
            artifacts: entries,
        };
        // Sizes are below 2^53 by `total`; should the document change, this tells instead of panicking.
        let canonical = canonical::to_bytes(&document)
            .map_err(|error| SubmissionError::Malformed(error.to_string()))?;
        if canonical.len() > MAX_MANIFEST_BYTES {
            let bytes = canonical.len();
            return Err(SubmissionError::ManifestTooLarge { bytes });
        }
        Ok(Self {
            entries: document.artifacts,
            total_bytes,
            digest: Digest::of(&canonical),
            canonical,
        })
    }

    /// Reads a manifest. Spelling (white space, order of members) is free, the content is not: unknown
    /// members, duplicates and unsorted artifacts are refused.
    ///
    /// # Errors
    /// [`SubmissionError`], those of the text first.
    pub fn parse(bytes: &[u8], limits: &SubmissionLimits) -> Result<Self, SubmissionError> {
        let value = canonical::parse(bytes, parse_limits(limits))?;
        check_shape(&value)?;
        check_paths(&value)?;
        let document: ManifestDocument = serde_json::from_value(value)
            .map_err(|error| SubmissionError::Malformed(error.to_string()))?;
        if document.schema != SUBMISSION_V1 {
            return Err(SubmissionError::Schema);
        }
        let mut pairs = document.artifacts.windows(2);
        if let Some(pair) = pairs.find(|pair| pair[0].path > pair[1].path) {
            let path = pair[1].path.clone();
            return Err(SubmissionError::Unsorted { path });
        }
        Self::build(document.artifacts, limits)
    }

    /// The artifacts in ascending byte order of their paths.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The artifact at `path`.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Entry> {
        let found = self
            .entries
            .binary_search_by(|entry| entry.path.as_str().cmp(path));
        found.ok().and_then(|index| self.entries.get(index))
    }

    /// Bytes of all artifacts together.
    #[must_use]
    pub const fn total_bytes(&self) -> u64 {
        self.total_bytes
    }

    /// The canonical bytes, of which [`Manifest::digest`] is the digest.
    #[must_use]
    pub fn canonical_bytes(&self) -> &[u8] {
        &self.canonical
    }

    /// The identity of the submission.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }
}

fn parse_limits(limits: &SubmissionLimits) -> ParseLimits {
    // Beside its path an entry is about 130 bytes; twice that for white space. A character of a path
    // takes at most six bytes when escaped (`\u00e9`), where it takes at least one otherwise.
    let per_artifact = 256 + 6 * MAX_PATH_BYTES;
    let needed = limits.max_artifacts.saturating_mul(per_artifact);
    ParseLimits {
        max_bytes: needed.saturating_add(1 << 10).min(MAX_MANIFEST_BYTES),
        max_depth: 3,
    }
}

fn total(entries: &[Entry], limits: &SubmissionLimits) -> Result<u64, SubmissionError> {
    let too_large = |entry: &&Entry| entry.size_bytes > limits.max_artifact_bytes;
    if let Some(entry) = entries.iter().find(too_large) {
        return Err(SubmissionError::ArtifactTooLarge {
            path: entry.path.clone(),
            size_bytes: entry.size_bytes,
            max_bytes: limits.max_artifact_bytes,
        });
    }
    let max_bytes = limits.max_total_bytes.min(MAX_SAFE_INTEGER);
    let sum = entries
        .iter()
        .try_fold(0_u64, |sum, entry| sum.checked_add(entry.size_bytes));
    match sum {
        Some(total) if total <= max_bytes => Ok(total),
        _ => Err(SubmissionError::TotalTooLarge { max_bytes }),
    }
}

/// Whether paths, given in ascending byte order, may stand in one submission. [`Manifest::build`] looks
/// again; this is for whoever knows the names before the contents.
///
/// # Errors
/// [`SubmissionError`] for a path that occurs twice or collides with another.
pub fn check_names(sorted: &[&ArtifactPath]) -> Result<(), SubmissionError> {
    if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        let path = pair[0].clone();
        return Err(SubmissionError::DuplicatePath { path });
    }
    match collide::find(sorted) {
        None => Ok(()),
        Some((Collision::Case, first, second)) => {
            Err(SubmissionError::CaseCollision { first, second })
        }
        Some((Collision::Unicode, first, second)) => {
            Err(SubmissionError::UnicodeCollision { first, second })
        }
        Some((Collision::FileAndDirectory, file, inside)) => {
            Err(SubmissionError::FileAndDirectory { file, inside })
        }
    }
}

/// Objects where objects belong: the types would also be read from lists of their members, which no
/// other reader takes for a manifest.
fn check_shape(manifest: &Value) -> Result<(), SubmissionError> {
    let artifacts = manifest["artifacts"].as_array().into_iter().flatten();
    match manifest.is_object() && artifacts.into_iter().all(Value::is_object) {
        true => Ok(()),
        false => Err(SubmissionError::Malformed(
            "the manifest and each of its artifacts are objects".into(),
        )),
    }
}

/// A bad path keeps its own code and place, which deserialisation would flatten into a sentence.
fn check_paths(manifest: &Value) -> Result<(), SubmissionError> {
    let artifacts = manifest.get("artifacts").and_then(Value::as_array);
    for (index, artifact) in artifacts.into_iter().flatten().enumerate() {
        if let Some(path) = artifact.get("path").and_then(Value::as_str) {
            let pointer = format!("/artifacts/{index}/path");
            path.parse::<ArtifactPath>()
                .map_err(|error| SubmissionError::Path { pointer, error })?;
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "manifest_tests.rs"]
mod tests;

//! Criteria as they are frozen. The digest of their canonical bytes is the identity of "done".
//!
//! Nothing in the document depends on a machine: files are named by digest and size only, and every
//! limit is explicit, so a later change of defaults changes no contract.

use proofmark_core::canonical::{self, ParseError, ParseLimits};
use proofmark_core::{Digest, Ppm, Problem};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::limits::Limits;
use crate::submission::ArtifactPath;
use crate::{lint, schema};

/// The content of a criteria document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// [`proofmark_core::uri::CRITERIA_V1`].
    pub schema: String,
    /// For people.
    pub name: String,
    /// What is asked for, in a sentence or two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// The weighted score must be at least this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<Ppm>,
    /// In the order of the author.
    pub criteria: Vec<Criterion>,
}

/// One thing that is asked for, and who decides it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// A slug, unique within the document.
    pub name: String,
    /// What is asked for, in a sentence or two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Who decides.
    pub validator: LockedValidator,
    /// Accepted by the validator when the document was made.
    pub params: Map<String, Value>,
    /// The ids of the checks that the parameters ask for, in ascending byte order: every report has
    /// exactly these.
    pub checks: Vec<String>,
    /// The buyer's own files, in ascending byte order of their names.
    pub references: Vec<Reference>,
    /// Whether it must pass.
    pub required: bool,
    /// Its share in the weighted score.
    pub weight: u32,
    /// Of one run.
    pub limits: Limits,
}

/// A validator by its identity. Name and version are for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedValidator {
    /// SHA-256 of the component.
    pub digest: Digest,
    /// Size of the component in bytes.
    pub size_bytes: u64,
    /// As it describes itself.
    pub name: String,
    /// As it describes itself.
    pub version: String,
}

/// A file that belongs to the criteria.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// By which the validator opens it.
    pub name: ArtifactPath,
    /// SHA-256 of its content.
    pub digest: Digest,
    /// Size of its content in bytes.
    pub size_bytes: u64,
}

impl Criterion {
    /// The canonical bytes of the parameters: what the validator gets.
    ///
    /// # Errors
    /// Parameters outside the canonical profile; those of a [`Criteria`] are inside it.
    pub fn params_bytes(&self) -> Result<Vec<u8>, canonical::CanonicalError> {
        canonical::to_bytes(&self.params)
    }

    /// Bytes of all reference files together.
    #[must_use]
    pub fn reference_bytes(&self) -> u64 {
        let sizes = self.references.iter().map(|reference| reference.size_bytes);
        sizes.fold(0, u64::saturating_add)
    }
}

/// A criteria document that is in order. Made only by [`Criteria::parse`] and [`crate::lock()`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Criteria {
    document: Document,
    canonical: Vec<u8>,
    digest: Digest,
}

impl Criteria {
    /// Reads a document. Its spelling is free: a pretty-printed copy has the same digest.
    ///
    /// # Errors
    /// What is wrong with the text; else all violations of the schema; else all that
    /// [`lint::document`] finds.
    pub fn parse(bytes: &[u8]) -> Result<Self, Vec<Problem>> {
        let value = canonical::parse(bytes, ParseLimits::DOCUMENT)
            .map_err(|error| vec![Problem::from(error)])?;
        Self::from_value(value)
    }

    pub(crate) fn from_value(value: Value) -> Result<Self, Vec<Problem>> {
        let problems = schema::check_criteria(&value);
        if !problems.is_empty() {
            return Err(problems);
        }
        let canonical = canonical::to_bytes(&value).map_err(|error| vec![not_canonical(&error)])?;
        let max_bytes = ParseLimits::DOCUMENT.max_bytes;
        if canonical.len() > max_bytes {
            // Nobody could read it back.
            let bytes = canonical.len();
            return Err(vec![ParseError::TooLarge { bytes, max_bytes }.into()]);
        }
        let problems = reference_names(&value);
        if !problems.is_empty() {
            return Err(problems);
        }
        let document: Document =
            serde_json::from_value(value).map_err(|error| vec![schema::mismatch(&error)])?;
        let problems = lint::document(&document);
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Self {
            digest: Digest::of(&canonical),
            document,
            canonical,
        })
    }

    /// The content.
    #[must_use]
    pub const fn document(&self) -> &Document {
        &self.document
    }

    /// For people.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.document.name
    }

    /// The weighted score must be at least this.
    #[must_use]
    pub const fn threshold(&self) -> Option<Ppm> {
        self.document.threshold
    }

    /// In the order of the author.
    #[must_use]
    pub fn criteria(&self) -> &[Criterion] {
        &self.document.criteria
    }

    /// The bytes of the locked file, of which [`Criteria::digest`] is the digest.
    #[must_use]
    pub fn canonical_bytes(&self) -> &[u8] {
        &self.canonical
    }

    /// The identity of "done".
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }
}

/// A bad name keeps its own code and place, which deserialisation would flatten into a sentence.
fn reference_names(document: &Value) -> Vec<Problem> {
    let criteria = document["criteria"].as_array().into_iter().flatten();
    let names = criteria.enumerate().flat_map(|(at, criterion)| {
        let references = criterion["references"].as_array().into_iter().flatten();
        references.enumerate().map(move |(index, reference)| {
            let place = format!("/criteria/{at}/references/{index}/name");
            (place, reference["name"].as_str().unwrap_or_default())
        })
    });
    let refused = names.filter_map(|(place, name)| {
        let error = name.parse::<ArtifactPath>().err()?;
        Some(Problem::from(error).at(place))
    });
    refused.collect()
}

/// A value that has no canonical form, as a problem of the document.
pub(crate) fn not_canonical(error: &canonical::CanonicalError) -> Problem {
    let problem = Problem::new("not-canonical", error.to_string())
        .hint("use integers within 2^53 - 1, and leave absent members out");
    match error.pointer() {
        Some(pointer) => problem.at(pointer),
        None => problem,
    }
}

#[cfg(test)]
#[path = "document_tests.rs"]
pub(crate) mod tests;

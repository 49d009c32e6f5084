//! Which blobs a run needs. Whoever judges elsewhere gets these, and no others.

use proofmark_core::Digest;
use proofmark_criteria::document::Criteria;
use proofmark_criteria::submission::{Manifest, SubmissionLimits};

/// A blob and its length in bytes; of a component nobody says one.
pub type Need = (Digest, Option<u64>);

/// Components and references that criteria name; nothing for what are no criteria.
#[must_use]
pub fn of_criteria(criteria: &[u8]) -> Vec<Need> {
    let Ok(criteria) = Criteria::parse(criteria) else {
        return Vec::new();
    };
    let of_one = criteria.criteria().iter().flat_map(|criterion| {
        let references = criterion.references.iter();
        let references = references.map(|it| (it.digest, Some(it.size_bytes)));
        std::iter::once((criterion.validator.digest, None)).chain(references)
    });
    of_one.collect()
}

/// Files that a manifest lists; nothing for what is no manifest.
#[must_use]
pub fn of_submission(manifest: &[u8]) -> Vec<Need> {
    let Ok(manifest) = Manifest::parse(manifest, &SubmissionLimits::default()) else {
        return Vec::new();
    };
    let files = manifest.entries().iter();
    files.map(|it| (it.digest, Some(it.size_bytes))).collect()
}

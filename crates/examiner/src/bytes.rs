//! Criteria, validators and work, from the blobs. Whatever is read has its digest computed again.

use std::borrow::Cow;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use proofmark_blobs::Blobs;
use proofmark_core::Digest;
use proofmark_core::canonical::ParseLimits;
use proofmark_criteria::document::{Criteria, Reference};
use proofmark_criteria::submission::{MAX_MANIFEST_BYTES, Manifest, SubmissionLimits};
use proofmark_engine::files::{FileSet, Source};
use proofmark_engine::gate::MAX_COMPONENT_BYTES;
use proofmark_engine::intake::{self, Submission};
use proofmark_engine::judge;
use proofmark_engine::run::ArtifactListing;

use crate::ReadyMade;
use crate::run::RunError;

/// Where bytes are.
pub(crate) struct Bytes {
    pub(crate) blobs: Blobs,
    pub(crate) ready_made: ReadyMade,
}

impl Bytes {
    pub(crate) fn criteria(&self, digest: &Digest) -> Result<Criteria, RunError> {
        let bytes = self.document("criteria", digest, ParseLimits::DOCUMENT.max_bytes)?;
        Criteria::parse(&bytes).map_err(|_| RunError::NoCriteria(*digest))
    }

    /// The manifest, and the files that it lists.
    pub(crate) fn submission(&self, digest: &Digest) -> Result<Submission, RunError> {
        let limits = SubmissionLimits::default();
        let bytes = self.document("submission", digest, MAX_MANIFEST_BYTES)?;
        let manifest = Manifest::parse(&bytes, &limits).map_err(|error| RunError::NoManifest {
            digest: *digest,
            why: error.to_string(),
        })?;
        let mut files = Vec::with_capacity(manifest.entries().len());
        for entry in manifest.entries() {
            let missing = || RunError::Missing(format!("file {} ({})", entry.path, entry.digest));
            let path = self.blobs.find(&entry.digest).ok_or_else(missing)?;
            let (found, size_bytes, source) = whole(&path, &entry.digest)?;
            if found != entry.digest || size_bytes != entry.size_bytes {
                return Err(RunError::Missing(format!(
                    "the right bytes of {}",
                    entry.path
                )));
            }
            let listing = ArtifactListing {
                path: entry.path.to_string(),
                size_bytes,
                digest: entry.digest,
            };
            files.push((listing, source));
        }
        Ok(Submission {
            manifest,
            files: Arc::new(FileSet::new(files)),
        })
    }

    fn document(&self, what: &str, digest: &Digest, most: usize) -> Result<Vec<u8>, RunError> {
        let missing = || RunError::Missing(format!("{what} {digest}"));
        let path = self.blobs.find(digest).ok_or_else(missing)?;
        let short = fs::metadata(&path).is_ok_and(|it| it.len() <= most as u64);
        let bytes = short.then(|| fs::read(&path).ok()).flatten();
        let bytes = bytes.ok_or_else(missing)?;
        match Digest::of(&bytes) == *digest {
            true => Ok(bytes),
            false => Err(missing()),
        }
    }
}

fn whole(path: &Path, digest: &Digest) -> Result<(Digest, u64, Source), RunError> {
    let unreadable = |_| RunError::Missing(format!("blob {digest}, which cannot be read"));
    intake::file(path, &|_| {}).map_err(unreadable)
}

impl judge::Blobs for Bytes {
    fn validator(&self, digest: &Digest) -> Option<Cow<'_, [u8]>> {
        if let Some(component) = (self.ready_made)(digest) {
            return Some(Cow::Borrowed(component));
        }
        let path = self.blobs.find(digest)?;
        let bytes = intake::blob(&path, MAX_COMPONENT_BYTES).ok()?;
        (Digest::of(&bytes) == *digest).then_some(Cow::Owned(bytes))
    }

    fn reference(&self, reference: &Reference) -> Option<Source> {
        let path = self.blobs.find(&reference.digest)?;
        let (found, _, source) = intake::file(&path, &|_| {}).ok()?;
        (found == reference.digest).then_some(source)
    }
}

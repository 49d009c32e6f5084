//! Criteria, validators and work, from the blobs. Whatever is read has its digest computed again.

use std::borrow::Cow;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use proofmark_blobs::Blobs;
use proofmark_core::Digest;
use proofmark_core::canonical::ParseLimits;
use proofmark_criteria::document::{Criteria, Reference};
use proofmark_criteria::submission::{Entry, MAX_MANIFEST_BYTES, Manifest, SubmissionLimits};
use proofmark_engine::files::{FileSet, Source};
use proofmark_engine::gate::MAX_COMPONENT_BYTES;
use proofmark_engine::intake::{self, Submission};
use proofmark_engine::judge;
use proofmark_engine::run::ArtifactListing;

use crate::ReadyMade;
use crate::known::{Known, Remembered};
use crate::run::RunError;

/// Where bytes are. Clones remember the same criteria.
#[derive(Clone)]
pub struct Bytes {
    blobs: Blobs,
    ready_made: ReadyMade,
    remembered: Arc<Remembered>,
}

impl Bytes {
    /// Blobs, and components that need not be among them.
    #[must_use]
    pub fn new(blobs: Blobs, ready_made: ReadyMade) -> Self {
        Self {
            blobs,
            ready_made,
            remembered: Arc::default(),
        }
    }

    /// Criteria, read once. What was found is the document of this digest, so it stays that.
    pub(crate) fn known(&self, digest: &Digest) -> Result<Arc<Known>, RunError> {
        self.remembered.find(digest, || self.criteria(digest))
    }

    fn criteria(&self, digest: &Digest) -> Result<Criteria, RunError> {
        let bytes = self.document("criteria", digest, ParseLimits::DOCUMENT.max_bytes)?;
        let criteria = Criteria::parse(&bytes).map_err(|_| RunError::NoCriteria(*digest))?;
        canonical("criteria", digest, criteria.digest())?;
        Ok(criteria)
    }

    /// The manifest, and the files that it lists.
    pub(crate) fn submission(&self, digest: &Digest) -> Result<Submission, RunError> {
        let limits = SubmissionLimits::default();
        let bytes = self.document("submission", digest, MAX_MANIFEST_BYTES)?;
        let no_manifest = |why| RunError::NoManifest {
            digest: *digest,
            why,
        };
        let manifest = Manifest::parse(&bytes, &limits);
        let manifest = manifest.map_err(|error| no_manifest(error.to_string()))?;
        canonical("manifest", digest, manifest.digest())?;
        let mut files = Vec::with_capacity(manifest.entries().len());
        for entry in manifest.entries() {
            let missing = || RunError::Missing(format!("file {} ({})", entry.path, entry.digest));
            let path = self.blobs.find(&entry.digest).ok_or_else(missing)?;
            let (found, size_bytes, source) = whole(&path, &entry.digest)?;
            if found != entry.digest {
                let what = format!("the right bytes of {}", entry.path);
                return Err(RunError::Missing(what));
            }
            // Whatever may still come, these bytes stay as long as they are.
            if size_bytes != entry.size_bytes {
                let Entry { path, .. } = entry;
                let why = format!("{path} has {size_bytes} bytes, not {}", entry.size_bytes);
                return Err(no_manifest(why));
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

/// Whether the digest that was asked for is the one by which verdicts name the document.
fn canonical(what: &'static str, asked: &Digest, canonical: Digest) -> Result<(), RunError> {
    match canonical == *asked {
        true => Ok(()),
        false => Err(RunError::Spelling {
            what,
            asked: *asked,
            canonical,
        }),
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

#[cfg(test)]
mod tests {
    use proofmark_blobs::OwnerName;
    use tempfile::TempDir;

    use super::*;

    const WORK: &[u8] = b"the answer";

    fn place() -> (TempDir, Bytes) {
        let directory = TempDir::new().expect("a directory");
        let blobs = Blobs::open(directory.path()).expect("it opens");
        let bytes = Bytes::new(blobs, |_| None);
        (directory, bytes)
    }

    fn put(bytes: &Bytes, blob: &[u8]) -> Digest {
        let (owner, digest) = (OwnerName::new("ann").expect("a name"), Digest::of(blob));
        let upload = bytes.blobs.begin(&owner, digest, blob.len() as u64, 0);
        let mut upload = upload.expect("it begins");
        upload.write(blob).expect("it is taken");
        upload.finish(false).expect("it is whole");
        digest
    }

    fn manifest(size_bytes: u64) -> Manifest {
        let entry = Entry {
            path: "answer.txt".parse().expect("a path"),
            digest: Digest::of(WORK),
            size_bytes,
        };
        let manifest = Manifest::build(vec![entry], &SubmissionLimits::default());
        manifest.expect("a submission")
    }

    fn spaced(document: &[u8]) -> Vec<u8> {
        [document, b"\n"].concat()
    }

    #[test]
    fn what_no_verdict_can_name_is_told_at_once() {
        let (_directory, bytes) = place();
        put(&bytes, WORK);
        let good = manifest(WORK.len() as u64);
        let digest = put(&bytes, good.canonical_bytes());
        assert!(bytes.submission(&digest).is_ok());
        let digest = put(&bytes, &spaced(good.canonical_bytes()));
        let found = bytes.submission(&digest).err();
        assert!(
            matches!(found, Some(RunError::Spelling { what: "manifest", asked, canonical })
                if asked == digest && canonical == good.digest()),
            "{found:?}"
        );
        let criteria = include_bytes!("../../../examples/quotations/criteria.json");
        let digest = put(&bytes, &spaced(criteria));
        let found = bytes.criteria(&digest).err();
        assert!(
            matches!(
                found,
                Some(RunError::Spelling {
                    what: "criteria",
                    ..
                })
            ),
            "{found:?}"
        );
    }

    /// What is missing may come; a length stays false.
    #[test]
    fn a_false_length_is_not_waited_for() {
        let (_directory, bytes) = place();
        let digest = put(&bytes, manifest(3).canonical_bytes());
        let before = bytes.submission(&digest).err();
        assert!(matches!(before, Some(RunError::Missing(_))), "{before:?}");
        put(&bytes, WORK);
        let after = bytes.submission(&digest).err();
        assert!(
            matches!(&after, Some(RunError::NoManifest { why, .. })
                if why == "answer.txt has 10 bytes, not 3"),
            "{after:?}"
        );
    }
}

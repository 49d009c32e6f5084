//! Criteria that were read before, and the references that were found and hashed for them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use proofmark_core::Digest;
use proofmark_criteria::document::{Criteria, Reference};
use proofmark_engine::files::Source;
use proofmark_engine::judge;

use crate::bytes::Bytes;
use crate::run::RunError;

/// So many criteria documents are remembered, each with its references.
const REMEMBERED: usize = 64;

/// Criteria by their digest: to read a document and check all of it takes longer than a short run.
#[derive(Debug, Default)]
pub(crate) struct Remembered(Mutex<BTreeMap<Digest, Arc<Known>>>);

/// A criteria document, and the references that were found and hashed for it.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) criteria: Criteria,
    references: Mutex<BTreeMap<Digest, Source>>,
}

impl Remembered {
    pub(crate) fn find(
        &self,
        digest: &Digest,
        read: impl FnOnce() -> Result<Criteria, RunError>,
    ) -> Result<Arc<Known>, RunError> {
        let all = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all().get(digest) {
            return Ok(Arc::clone(known));
        }
        let known = Arc::new(Known {
            criteria: read()?,
            references: Mutex::default(),
        });
        let mut all = all();
        if all.len() >= REMEMBERED {
            all.clear();
        }
        all.insert(*digest, Arc::clone(&known));
        Ok(known)
    }
}

/// Where a run by known criteria finds bytes.
pub(crate) struct Found<'b> {
    pub(crate) bytes: &'b Bytes,
    pub(crate) known: &'b Known,
}

impl judge::Blobs for Found<'_> {
    fn validator(&self, digest: &Digest) -> Option<Cow<'_, [u8]>> {
        self.bytes.validator(digest)
    }

    /// A file that has changed since it was hashed is noticed when it is opened.
    fn reference(&self, reference: &Reference) -> Option<Source> {
        let known = || {
            let references = self.known.references.lock();
            references.unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(source) = known().get(&reference.digest) {
            return Some(source.clone());
        }
        let source = self.bytes.reference(reference)?;
        known().insert(reference.digest, source.clone());
        Some(source)
    }
}

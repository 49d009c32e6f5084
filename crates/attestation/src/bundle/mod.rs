//! Bundles: everything that a stranger needs to check an outcome offline, in one JSON file.
//!
//! A bundle is not authenticated as a whole. Each part of it is bound by a signature or by a digest inside
//! one; a part that is not would not be let in. The format is closed (unknown members are refused), so that
//! no byte of it is without meaning. Its specification is `docs/spec/bundle-v1.md`.

mod wire;

use proofmark_core::Digest;
use proofmark_dsse::{Envelope, EnvelopeError};
use proofmark_keys::KeyId;
use proofmark_tlog::TlogProof;
use serde::{Deserialize, Serialize};

/// Longest bundle in bytes: 4 MiB. Envelope and receipts are at most 9 × 256 KiB; the rest is for documents.
pub const MAX_BUNDLE_BYTES: usize = 4 << 20;

/// Longest document that is put into a bundle, in bytes: 512 KiB. Three of them in base64 are 2 MiB. What is
/// longer is found by its digest elsewhere.
pub const MAX_DOCUMENT_BYTES: usize = 512 << 10;

/// Most receipts of one bundle.
pub const MAX_RECEIPTS: usize = 8;

/// Media type of a bundle.
pub const MEDIA_TYPE: &str = "application/vnd.proofmark.bundle.v1+json";

/// Evidence about one outcome: a claim until [`crate::verify()`] has tried it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// Holds the outcome.
    pub envelope: Envelope,
    /// Hold run receipts with the outcome as their subject.
    pub receipts: Vec<Envelope>,
    /// That the envelope was logged.
    pub log: Option<LogEvidence>,
    /// Documents that the outcome names by digest.
    pub documents: Vec<BundleDocument>,
}

/// That an envelope was logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEvidence {
    /// Whose signatures the leaf commits to, ascending; more may have been added since.
    pub signers: Vec<KeyId>,
    /// From the leaf to a checkpoint.
    pub proof: TlogProof,
}

/// A document that travels along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleDocument {
    /// Which it is.
    pub role: DocumentRole,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// Which document it is, and by which digest it is bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DocumentRole {
    /// The criteria document: `predicate.criteria.digest`.
    Criteria,
    /// The verdict record: `predicate.execution.record`.
    Record,
    /// The submission's manifest: the first subject.
    Submission,
}

impl DocumentRole {
    /// The name as in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Criteria => "criteria",
            Self::Record => "record",
            Self::Submission => "submission",
        }
    }
}

/// Bytes that are no bundle. Whoever made them is to blame.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// More than [`MAX_BUNDLE_BYTES`].
    #[error("a bundle has at most {MAX_BUNDLE_BYTES} bytes")]
    TooLarge,
    /// A member occurs twice in one object.
    #[error("a member of the bundle occurs twice")]
    DuplicateName(#[source] serde_json::Error),
    /// Not JSON, or members are missing, unknown or of the wrong type.
    #[error("this is not a bundle")]
    Malformed(#[source] serde_json::Error),
    /// A bundle of another version.
    #[error("the bundle has another schema than this version reads")]
    Version,
    /// Its envelope, or that of a receipt, is none.
    #[error("{0} is not a DSSE envelope")]
    Envelope(&'static str, #[source] EnvelopeError),
    /// A `keyid` that is no key id: nobody would be bound to it, so any text could stand there.
    #[error("a signature stands under something that is no key id")]
    KeyId,
    /// More receipts than [`MAX_RECEIPTS`].
    #[error("a bundle has at most {MAX_RECEIPTS} receipts")]
    TooManyReceipts,
    /// A document has another digest than stands beside it, is too long, not base64, or there twice.
    #[error("document `{role}` {1}", role = .0.as_str())]
    Document(DocumentRole, &'static str),
    /// The evidence of logging cannot be read.
    #[error("the log proof {0}")]
    Log(String),
}

impl Bundle {
    /// A bundle of an envelope alone.
    #[must_use]
    pub const fn of(envelope: Envelope) -> Self {
        Self {
            envelope,
            receipts: Vec::new(),
            log: None,
            documents: Vec::new(),
        }
    }

    /// The document in this role.
    #[must_use]
    pub fn document(&self, role: DocumentRole) -> Option<&[u8]> {
        let found = self.documents.iter().find(|document| document.role == role);
        found.map(|document| document.content.as_slice())
    }

    /// Adds or replaces a document. One that is longer than [`MAX_DOCUMENT_BYTES`] is left out.
    pub fn attach(&mut self, role: DocumentRole, content: &[u8]) {
        self.documents.retain(|document| document.role != role);
        if content.len() <= MAX_DOCUMENT_BYTES {
            let content = content.to_vec();
            self.documents.push(BundleDocument { role, content });
            self.documents.sort_by_key(|document| document.role);
        }
    }

    /// The identity of what is attested.
    #[must_use]
    pub fn statement_digest(&self) -> Digest {
        self.envelope.payload_digest()
    }
}

//! Keys as a policy knows them, and when they count.

use proofmark_core::Timestamp;
use proofmark_keys::{KeyId, PublicKey};
use proofmark_tlog::NoteKey;

use crate::Revocation;

/// What a key may sign. One key has one role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Policies.
    Root,
    /// Outcomes.
    Outcome,
    /// Run receipts.
    Receipt,
}

impl Role {
    /// All, in the order of the specification.
    pub const ALL: [Self; 3] = [Self::Root, Self::Outcome, Self::Receipt];

    /// Its name in the document.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Outcome => "outcome",
            Self::Receipt => "receipt",
        }
    }
}

/// Whose signatures are how many enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleRule {
    /// Ids of listed keys, ascending.
    pub keys: Vec<KeyId>,
    /// So many distinct keys must have signed; from 1, and no more than there are.
    pub threshold: u32,
    /// Whether they must be keys of distinct operators.
    pub distinct_operators: bool,
}

/// From when until when something counts. Both ends are inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// First moment.
    pub valid_from: Timestamp,
    /// Last moment; without one there is no end.
    pub valid_until: Option<Timestamp>,
}

impl Window {
    /// Whether `at` is inside.
    #[must_use]
    pub fn contains(&self, at: Timestamp) -> bool {
        at >= self.valid_from && !self.has_ended(at)
    }

    fn has_ended(&self, at: Timestamp) -> bool {
        self.valid_until.is_some_and(|until| at > until)
    }

    /// No moment is inside.
    pub(crate) fn is_empty(&self) -> bool {
        self.has_ended(self.valid_from)
    }
}

/// What a policy says of a key's signature that was made by a certain moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It counts.
    Good,
    /// It was made before the key counted.
    NotYetValid,
    /// Nothing shows that it was made while the key still counted.
    Expired,
    /// Nothing shows that it was made before the key was revoked.
    Revoked,
}

/// The one rule for keys of signers and of witnesses: see [`TrustedKey::standing`].
fn standing(window: &Window, revoked: Option<Revocation>, evidence_at: Timestamp) -> Standing {
    if evidence_at < window.valid_from {
        Standing::NotYetValid
    } else if revoked.is_some_and(|revoked| evidence_at >= revoked.effective_at) {
        Standing::Revoked
    } else if window.has_ended(evidence_at) {
        Standing::Expired
    } else {
        Standing::Good
    }
}

/// A key that a policy lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedKey {
    /// The key.
    pub key: PublicKey,
    /// Who holds it.
    pub operator: String,
    /// The engine that signs with it, as a URI.
    pub engine: Option<String>,
    /// When it counts.
    pub window: Window,
    /// Set when it no longer counts.
    pub revoked: Option<Revocation>,
}

impl TrustedKey {
    /// Whether a signature of this key counts that certainly existed at `evidence_at`: an upper bound of the
    /// moment of signing, such as the time of enough witnesses, or the reader's own clock where there is
    /// no evidence. A time that only the signer claims is no such bound: a thief claims what he likes.
    ///
    /// A signature of a revoked key counts if it certainly existed *before* the revocation took effect,
    /// whatever the reason. One of a key whose window ended counts if it existed at the window's last
    /// moment. Revocation is reported before the window's end.
    #[must_use]
    pub fn standing(&self, evidence_at: Timestamp) -> Standing {
        standing(&self.window, self.revoked, evidence_at)
    }
}

/// A log that a policy lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedLog {
    /// Signs its checkpoints; its name is their origin.
    pub key: NoteKey,
    /// When it counts.
    pub window: Window,
}

/// A witness that a policy lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedWitness {
    /// Makes its cosignatures.
    pub key: NoteKey,
    /// Who runs it. Witnesses of one operator count once.
    pub operator: String,
    /// When it counts.
    pub window: Window,
    /// Set when it no longer counts.
    pub revoked: Option<Revocation>,
}

impl TrustedWitness {
    /// As [`TrustedKey::standing`]; for a cosignature, whose time only the witness claims, `evidence_at` is
    /// again an upper bound and not that time.
    #[must_use]
    pub fn standing(&self, evidence_at: Timestamp) -> Standing {
        standing(&self.window, self.revoked, evidence_at)
    }
}

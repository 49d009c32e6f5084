//! What the settlement knows by itself. Nothing of it comes from the bundle.

use std::num::NonZeroU32;

use proofmark_core::{Digest, Timestamp};
use proofmark_criteria::{Criteria, Manifest};

use crate::bundle::Bundle;
use crate::statement::binding::{Binding, Nonce, Term};

/// The settlement's own knowledge of an order, and the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The settlement's clock.
    pub now: Timestamp,
    /// What the outcome must be bound to.
    pub expected: Expected,
    /// The digest of the submission's manifest.
    pub submission: Option<Digest>,
    /// The digest of the contract's criteria.
    pub criteria: Option<Digest>,
    /// The engine profile of the contract: an older one will not do.
    pub profile: Option<Digest>,
    /// When the nonce was issued: nothing about it can be older.
    pub ordered_at: Option<Timestamp>,
    /// When the outcome must have existed.
    pub deadline: Option<Timestamp>,
}

/// What the outcome must be bound to. Only a complete one settles anything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expected {
    /// This settlement domain.
    pub audience: Option<Term>,
    /// The contract's name.
    pub contract: Option<Term>,
    /// The digest of its signed terms.
    pub contract_digest: Option<Digest>,
    /// The deliverable.
    pub deliverable: Option<Term>,
    /// The attempt.
    pub attempt: Option<NonZeroU32>,
    /// The nonce that was issued.
    pub nonce: Option<Nonce>,
}

/// Documents and other bundles at hand. They are checked against the outcome, not trusted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Evidence<'a> {
    /// The criteria document.
    pub criteria: Option<&'a Criteria>,
    /// The submission's manifest, made from the work itself.
    pub submission: Option<&'a Manifest>,
    /// Other bundles that are known, in which a conflict may show.
    pub known: &'a [Bundle],
}

impl Facts {
    /// Nothing but the time: the outcome is verified, and settles nothing.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self {
            now,
            expected: Expected::default(),
            submission: None,
            criteria: None,
            profile: None,
            ordered_at: None,
            deadline: None,
        }
    }
}

/// What is stated and what is at hand are not the same. Whoever stated it is to blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the facts say {what} {stated}, and what is at hand is {found}")]
pub struct FactsContradict {
    /// Which of the documents.
    pub what: &'static str,
    /// Its digest in the facts.
    pub stated: Digest,
    /// That of the document at hand.
    pub found: Digest,
}

impl Facts {
    /// With the digests of the documents at hand, which state what they are.
    ///
    /// # Errors
    /// [`FactsContradict`].
    pub fn with_documents(mut self, evidence: &Evidence<'_>) -> Result<Self, FactsContradict> {
        let criteria = evidence.criteria.map(Criteria::digest);
        let submission = evidence.submission.map(Manifest::digest);
        for (what, fact, found) in [
            ("criteria", &mut self.criteria, criteria),
            ("submission", &mut self.submission, submission),
        ] {
            match (*fact, found) {
                (Some(stated), Some(found)) if stated != found => {
                    return Err(FactsContradict {
                        what,
                        stated,
                        found,
                    });
                }
                (stated, found) => *fact = stated.or(found),
            }
        }
        Ok(self)
    }
}

impl Expected {
    /// Whether nothing is expected.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether every part is stated.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.audience.is_some()
            && self.contract.is_some()
            && self.contract_digest.is_some()
            && self.deliverable.is_some()
            && self.attempt.is_some()
            && self.nonce.is_some()
    }
}

impl From<&Binding> for Expected {
    fn from(binding: &Binding) -> Self {
        Self {
            audience: Some(binding.audience.clone()),
            contract: Some(binding.contract.id.clone()),
            contract_digest: Some(binding.contract.digest.0),
            deliverable: Some(binding.deliverable.clone()),
            attempt: Some(binding.attempt),
            nonce: Some(binding.nonce),
        }
    }
}

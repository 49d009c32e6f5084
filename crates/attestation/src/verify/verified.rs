//! The proof.

use std::collections::BTreeSet;

use proofmark_core::{Digest, Timestamp};
use proofmark_criteria::Verdict;
use proofmark_keys::KeyId;
use proofmark_tlog::KeyName;
use proofmark_trust::TrustPolicy;

use super::facts::Facts;
use super::logged::LogFindings;
use crate::statement::ValidatedOutcome;
use crate::statement::binding::Binding;

/// An outcome that was verified under a policy. Only [`crate::verify()`] makes one, so whoever holds one has
/// the proof in hand; what pays money takes it by value.
#[derive(Debug, PartialEq, Eq)]
pub struct VerifiedOutcome {
    outcome: ValidatedOutcome,
    settles: bool,
    signers: Vec<KeyId>,
    operators: BTreeSet<String>,
    logged: Option<Logged>,
    existed_by: Timestamp,
    ordered_at: Option<Timestamp>,
    policy_version: u64,
    policy_digest: Digest,
}

/// Where an envelope was logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// In which log.
    pub origin: KeyName,
    /// Which leaf, counted from 0.
    pub index: u64,
    /// Leaves in the state of the log that proves it.
    pub size: u64,
}

/// The policy under which everything holds, and whether the settlement knew it: by a pin, or as one that follows from the
/// policy it remembered.
#[derive(Clone, Copy)]
pub(super) struct Trusted<'a> {
    pub(super) policy: &'a TrustPolicy,
    pub(super) known: bool,
}

impl VerifiedOutcome {
    pub(super) fn new(
        outcome: ValidatedOutcome,
        signers: Vec<KeyId>,
        findings: LogFindings,
        trusted: Trusted<'_>,
        facts: &Facts,
    ) -> Self {
        let Trusted { policy, known } = trusted;
        let operators = signers.iter().filter_map(|id| policy.key(id));
        let complete =
            facts.expected.is_complete() && facts.submission.is_some() && facts.criteria.is_some();
        Self {
            settles: complete && known && outcome.predicate().binding.is_some(),
            operators: operators.map(|key| key.operator.clone()).collect(),
            signers,
            logged: findings.logged,
            existed_by: findings.existed_by,
            // Only a nonce that was compared ties the outcome to the moment at which it was issued.
            ordered_at: facts.ordered_at.filter(|_| facts.expected.nonce.is_some()),
            policy_version: policy.version(),
            policy_digest: policy.digest(),
            outcome,
        }
    }

    /// The verdict. A fail is as verified as a pass.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        self.outcome.verdict()
    }

    /// What is attested.
    #[must_use]
    pub const fn outcome(&self) -> &ValidatedOutcome {
        &self.outcome
    }

    /// The one order that this outcome settles: present only if audience, contract, deliverable, attempt,
    /// nonce, submission and criteria were all stated by the settlement, and all held, under a policy that it knew by a pin
    /// or remembered.
    #[must_use]
    pub fn settles(&self) -> Option<&Binding> {
        self.outcome
            .predicate()
            .binding
            .as_ref()
            .filter(|_| self.settles)
    }

    /// The keys whose signatures count, ascending.
    #[must_use]
    pub fn signers(&self) -> &[KeyId] {
        &self.signers
    }

    /// Who holds them.
    #[must_use]
    pub const fn operators(&self) -> &BTreeSet<String> {
        &self.operators
    }

    /// Where it was logged, if that was asked about.
    #[must_use]
    pub const fn logged(&self) -> Option<&Logged> {
        self.logged.as_ref()
    }

    /// By then it certainly existed: the witnesses' time, or the settlement's own where there is none.
    #[must_use]
    pub const fn existed_by(&self) -> Timestamp {
        self.existed_by
    }

    /// Before then it cannot have existed: the nonce was not issued yet.
    #[must_use]
    pub const fn existed_since(&self) -> Option<Timestamp> {
        self.ordered_at
    }

    /// Version and digest of the policy under which all this holds.
    #[must_use]
    pub const fn policy(&self) -> (u64, Digest) {
        (self.policy_version, self.policy_digest)
    }
}

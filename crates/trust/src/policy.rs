//! Policies in order, and policies in force.

use std::collections::BTreeMap;
use std::ops::Deref;

use proofmark_core::{Digest, Problem, Timestamp};
use proofmark_dsse::Envelope;
use proofmark_keys::KeyId;

use crate::{
    PAYLOAD_TYPE, PolicyDocument, Role, RoleRule, TimeRules, TrustedKey, TrustedLog,
    TrustedWitness, Window, check,
};

/// A policy that contradicts nothing. Anybody can make one: it says what its author wants, and verifies
/// nothing. [`TrustPolicy`] does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    pub(crate) document: PolicyDocument,
    pub(crate) payload: Vec<u8>,
    pub(crate) digest: Digest,
    pub(crate) keys: BTreeMap<KeyId, TrustedKey>,
    pub(crate) roles: BTreeMap<Role, RoleRule>,
    pub(crate) profiles: Vec<AllowedProfile>,
    pub(crate) transparency: Transparency,
}

/// An engine profile under which an outcome counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedProfile {
    /// Of the profile.
    pub digest: Digest,
    /// For people.
    pub name: String,
    /// When it counts.
    pub window: Window,
}

/// Which logs and witnesses count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transparency {
    /// Whether an outcome that is in no log is refused.
    pub required: bool,
    /// One of them is enough.
    pub logs: Vec<TrustedLog>,
    /// In the order of the document.
    pub witnesses: Vec<TrustedWitness>,
    /// Witnesses of so many distinct operators must have cosigned.
    pub quorum: u32,
}

impl Policy {
    /// Reads the document of an author. Its spelling is free: a pretty-printed copy has the same digest.
    ///
    /// # Errors
    /// Everything that is wrong with it, as far as it can be seen at once.
    pub fn parse(text: &[u8]) -> Result<Self, Vec<Problem>> {
        Self::check(check::parse(text).map_err(|problem| vec![problem])?)
    }

    /// Checks a document.
    ///
    /// # Errors
    /// Everything that it contradicts.
    pub fn check(document: PolicyDocument) -> Result<Self, Vec<Problem>> {
        check::policy(document)
    }

    /// The members as they are written.
    #[must_use]
    pub const fn document(&self) -> &PolicyDocument {
        &self.document
    }

    /// The canonical bytes: what the root signs.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// An envelope that nobody has signed yet.
    #[must_use]
    pub fn envelope(&self) -> Envelope {
        Envelope::unsigned(PAYLOAD_TYPE, self.payload.clone())
    }

    /// From 1; a change makes it larger.
    #[must_use]
    pub const fn version(&self) -> u64 {
        self.document.version
    }

    /// Of the payload: the identity of the policy, whoever signed it.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// When the root says that it issued this version.
    #[must_use]
    pub const fn issued_at(&self) -> Timestamp {
        self.document.issued_at
    }

    /// The last moment at which it is believed.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.document.expires_at
    }

    /// The settlement domain for which it is meant; `None` where it is meant for all.
    #[must_use]
    pub fn audience(&self) -> Option<&str> {
        self.document.audience.as_deref()
    }

    /// All keys, ascending by id, also those without a role.
    pub fn keys(&self) -> impl Iterator<Item = &TrustedKey> {
        self.keys.values()
    }

    /// A listed key, whatever its role and standing.
    #[must_use]
    pub fn key(&self, id: &KeyId) -> Option<&TrustedKey> {
        self.keys.get(id)
    }

    /// Whose signatures are how many enough; `None` where nobody has the role.
    #[must_use]
    pub fn role(&self, role: Role) -> Option<&RoleRule> {
        self.roles.get(&role)
    }

    /// The role of a key.
    #[must_use]
    pub fn role_of(&self, id: &KeyId) -> Option<Role> {
        let holds = |rule: &RoleRule| rule.keys.binary_search(id).is_ok();
        let mut roles = self.roles.iter();
        roles.find(|(_, rule)| holds(rule)).map(|(role, _)| *role)
    }

    /// The keys of a role, ascending by id, whatever their standing; none where nobody has the role.
    pub fn keys_of(&self, role: Role) -> impl Iterator<Item = &TrustedKey> {
        let ids = self
            .roles
            .get(&role)
            .into_iter()
            .flat_map(|rule| &rule.keys);
        ids.filter_map(|id| self.keys.get(id))
    }

    /// The engine profiles under which an outcome counts.
    #[must_use]
    pub fn profiles(&self) -> &[AllowedProfile] {
        &self.profiles
    }

    /// The profile with this digest, whether or not its window is open.
    #[must_use]
    pub fn profile(&self, digest: &Digest) -> Option<&AllowedProfile> {
        self.profiles
            .iter()
            .find(|profile| profile.digest == *digest)
    }

    /// Which logs and witnesses count.
    #[must_use]
    pub const fn transparency(&self) -> &Transparency {
        &self.transparency
    }

    /// How old evidence may be.
    #[must_use]
    pub const fn time(&self) -> &TimeRules {
        &self.document.time
    }
}

/// A policy that its root signed, that follows from what its reader knew before, and that was in force when
/// it was accepted. Made only by [`crate::accept`] and [`crate::accept_chain`]. Reads like a [`Policy`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustPolicy(Policy);

impl TrustPolicy {
    /// For `accept` alone.
    pub(crate) const fn accepted(policy: Policy) -> Self {
        Self(policy)
    }
}

impl Deref for TrustPolicy {
    type Target = Policy;

    fn deref(&self) -> &Policy {
        &self.0
    }
}

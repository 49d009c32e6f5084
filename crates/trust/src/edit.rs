//! Changing a policy: what becomes of the document, without a clock and without keys that sign.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proofmark_core::{Digest, Problem, Timestamp, uri};
use proofmark_keys::{KeyId, PublicKey};
use proofmark_tlog::NoteKey;

use crate::{
    KeyEntry, LogEntry, Policy, PolicyDocument, ProfileEntry, Revocation, Role, RoleEntries,
    RoleEntry, TimeRules, TransparencyEntry, Window, WitnessEntry,
};

/// Age up to which an outcome counts unless the author says otherwise: 30 days, in seconds.
pub const DEFAULT_MAX_AGE_SECONDS: u64 = 30 * 86_400;
/// Difference between clocks that is allowed unless the author says otherwise: 5 minutes, in seconds.
pub const DEFAULT_CLOCK_SKEW_SECONDS: u64 = 300;

/// A policy while it is written. May contradict itself until [`Revision::finish`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    document: PolicyDocument,
}

/// What was to be changed is not there. Whoever asked for it is to blame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// No key and no witness of the policy has this id.
    #[error("the policy lists no key {0}")]
    UnknownKey(KeyId),
    /// Nothing of the policy is called that.
    #[error("the policy lists no {0}")]
    Unlisted(String),
    /// The key is revoked already, from earlier on or as compromised: what was refused would count again.
    #[error(
        "key {key} is revoked from {since} on already, and this would let more count than that"
    )]
    WeakerRevocation {
        /// The key.
        key: KeyId,
        /// From when on it is revoked now.
        since: Timestamp,
    },
    /// Nobody has the role yet.
    #[error("nobody has the role `{}`", .0.name())]
    EmptyRole(Role),
}

impl EditError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownKey(_) => "policy-unknown-key",
            Self::Unlisted(_) => "policy-unlisted",
            Self::WeakerRevocation { .. } => "policy-weaker-revocation",
            Self::EmptyRole(_) => "policy-empty-role",
        }
    }
}

/// Something with a window that a policy lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listed {
    /// A key or a witness, by the id of its key.
    Key(KeyId),
    /// A log.
    Log(Box<NoteKey>),
    /// An engine profile, by its name.
    Profile(String),
}

impl fmt::Display for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(id) => write!(f, "key {id}"),
            Self::Log(key) => write!(f, "log {key}"),
            Self::Profile(name) => write!(f, "profile {name}"),
        }
    }
}

/// A key, whose it is, and when it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    /// The key.
    pub key: PublicKey,
    /// Who holds it; a slug.
    pub operator: String,
    /// The engine that signs with it, as a URI.
    pub engine: Option<String>,
    /// When it counts.
    pub window: Window,
}

impl Revision {
    /// Version 1: nobody is trusted yet, not even a root, whose threshold is 1.
    #[must_use]
    pub fn first(issued_at: Timestamp, expires_at: Timestamp) -> Self {
        let document = PolicyDocument {
            schema: uri::TRUST_POLICY_V1.to_owned(),
            version: 1,
            issued_at,
            expires_at,
            audience: None,
            keys: Vec::new(),
            roles: RoleEntries {
                root: RoleEntry::empty(),
                outcome: None,
                receipt: None,
            },
            profiles: Vec::new(),
            transparency: TransparencyEntry {
                required: false,
                logs: Vec::new(),
                witnesses: Vec::new(),
                quorum: 0,
            },
            time: TimeRules {
                max_age_seconds: DEFAULT_MAX_AGE_SECONDS,
                max_clock_skew_seconds: DEFAULT_CLOCK_SKEW_SECONDS,
            },
        };
        Self { document }
    }

    /// The next version of a policy that somebody may have signed already.
    #[must_use]
    pub fn next(policy: &Policy, issued_at: Timestamp) -> Self {
        let mut revision = Self::again(policy, issued_at);
        // A policy at the last safe integer is refused when it is finished, and so is its successor.
        revision.document.version = policy.version().saturating_add(1);
        revision
    }

    /// The same version of a policy that nobody has signed yet.
    #[must_use]
    pub fn again(policy: &Policy, issued_at: Timestamp) -> Self {
        let mut document = policy.document().clone();
        document.issued_at = issued_at;
        Self { document }
    }

    /// For which settlement domain it is meant.
    pub fn set_audience(&mut self, audience: Option<String>) {
        self.document.audience = audience;
    }

    /// Until when it is believed.
    pub fn set_expiry(&mut self, expires_at: Timestamp) {
        self.document.expires_at = expires_at;
    }

    /// How old evidence may be.
    pub fn set_time(&mut self, time: TimeRules) {
        self.document.time = time;
    }

    /// How old evidence may be.
    #[must_use]
    pub const fn time(&self) -> TimeRules {
        self.document.time
    }

    /// Gives a key a role. A role that nobody had begins with a threshold of 1, whatever the operators.
    pub fn add_key(&mut self, role: Role, key: NewKey) {
        let id = key.key.id();
        let role = self.document.roles.get_or_begin(role);
        insert(&mut role.keys, id, |other| *other);
        let entry = KeyEntry {
            public_key: STANDARD.encode(key.key.as_bytes()),
            key_id: id,
            operator: key.operator,
            engine: key.engine,
            valid_from: key.window.valid_from,
            valid_until: key.window.valid_until,
            revoked: None,
        };
        insert(&mut self.document.keys, entry, |other| other.key_id);
    }

    /// How many signatures of a role are enough, and whether of distinct operators.
    ///
    /// # Errors
    /// [`EditError::EmptyRole`].
    pub fn set_threshold(
        &mut self,
        role: Role,
        threshold: u32,
        distinct_operators: bool,
    ) -> Result<(), EditError> {
        let entry = self
            .document
            .roles
            .get_mut(role)
            .ok_or(EditError::EmptyRole(role))?;
        entry.threshold = threshold;
        entry.distinct_operators = distinct_operators;
        Ok(())
    }

    /// Revokes a key or a witness. It stays listed, and keeps its role: what it signed before still counts. A
    /// key that is revoked already can be revoked from earlier on, or as compromised after all, and nothing else.
    ///
    /// # Errors
    /// [`EditError::UnknownKey`], [`EditError::WeakerRevocation`].
    pub fn revoke(&mut self, key: KeyId, revocation: Revocation) -> Result<(), EditError> {
        let revoked = self.revocation(key)?;
        if let Some(since) = revoked.filter(|since| revocation.is_weaker_than(since)) {
            let since = since.effective_at;
            return Err(EditError::WeakerRevocation { key, since });
        }
        *revoked = Some(revocation);
        Ok(())
    }

    /// Takes back what a revocation said, and says this instead: the correction of a mistake, after which what
    /// was refused may count again.
    ///
    /// # Errors
    /// [`EditError::UnknownKey`].
    pub fn correct_revocation(
        &mut self,
        key: KeyId,
        revocation: Revocation,
    ) -> Result<(), EditError> {
        *self.revocation(key)? = Some(revocation);
        Ok(())
    }

    /// What is said of a key or a witness.
    fn revocation(&mut self, key: KeyId) -> Result<&mut Option<Revocation>, EditError> {
        let keys = self.document.keys.iter_mut();
        let mut keys = keys
            .filter(|entry| entry.key_id == key)
            .map(|entry| &mut entry.revoked);
        let witnesses = self.document.transparency.witnesses.iter_mut();
        let mut witnesses = witnesses
            .filter(|entry| is_key(&entry.key, key))
            .map(|entry| &mut entry.revoked);
        let revoked = keys.next().or_else(|| witnesses.next());
        revoked.ok_or(EditError::UnknownKey(key))
    }

    /// Ends the window of something that is listed: nothing of it counts that is not proven to be older. A stolen
    /// key is rather revoked.
    ///
    /// # Errors
    /// [`EditError`].
    pub fn end(&mut self, what: &Listed, at: Timestamp) -> Result<(), EditError> {
        let transparency = &mut self.document.transparency;
        let ends = match what {
            Listed::Key(id) => {
                let mut keys = self.document.keys.iter_mut();
                let mut witnesses = transparency.witnesses.iter_mut();
                let key = keys.find(|entry| entry.key_id == *id);
                let key = key.map(|entry| &mut entry.valid_until);
                let mut witness = || witnesses.find(|entry| is_key(&entry.key, *id));
                key.or_else(|| Some(&mut witness()?.valid_until))
            }
            Listed::Log(key) => {
                let mut logs = transparency.logs.iter_mut();
                let log = logs.find(|entry| entry.key == key.to_string());
                log.map(|entry| &mut entry.valid_until)
            }
            Listed::Profile(name) => {
                let mut profiles = self.document.profiles.iter_mut();
                let profile = profiles.find(|entry| entry.name == *name);
                profile.map(|entry| &mut entry.valid_until)
            }
        };
        *ends.ok_or_else(|| EditError::Unlisted(what.to_string()))? = Some(at);
        Ok(())
    }

    /// Takes a role away from a key, which stays listed. What it signed in this role no longer counts at all. With
    /// its last key the role goes, but for the root's.
    ///
    /// # Errors
    /// [`EditError`].
    pub fn retire(&mut self, role: Role, key: KeyId) -> Result<(), EditError> {
        let entry = self
            .document
            .roles
            .get_mut(role)
            .ok_or(EditError::EmptyRole(role))?;
        let at = entry
            .keys
            .binary_search(&key)
            .map_err(|_| EditError::UnknownKey(key))?;
        entry.keys.remove(at);
        let roles = &mut self.document.roles;
        for optional in [&mut roles.outcome, &mut roles.receipt] {
            optional.take_if(|role| role.keys.is_empty());
        }
        Ok(())
    }

    /// Allows an engine profile.
    pub fn add_profile(&mut self, digest: Digest, name: String, window: Window) {
        self.document.profiles.push(ProfileEntry {
            digest,
            name,
            valid_from: window.valid_from,
            valid_until: window.valid_until,
        });
    }

    /// Accepts a log.
    pub fn add_log(&mut self, key: &NoteKey, window: Window) {
        self.document.transparency.logs.push(LogEntry {
            key: key.to_string(),
            valid_from: window.valid_from,
            valid_until: window.valid_until,
        });
    }

    /// Accepts a witness.
    pub fn add_witness(&mut self, key: &NoteKey, operator: String, window: Window) {
        self.document.transparency.witnesses.push(WitnessEntry {
            key: key.to_string(),
            operator,
            valid_from: window.valid_from,
            valid_until: window.valid_until,
            revoked: None,
        });
    }

    /// Whether outcomes must be in a log, and how many operators must have witnessed it.
    pub fn set_transparency(&mut self, required: bool, quorum: u32) {
        self.document.transparency.required = required;
        self.document.transparency.quorum = quorum;
    }

    /// The members as they stand.
    #[must_use]
    pub const fn document(&self) -> &PolicyDocument {
        &self.document
    }

    /// The policy, for its root to sign.
    ///
    /// # Errors
    /// Everything that it contradicts.
    pub fn finish(self) -> Result<Policy, Vec<Problem>> {
        Policy::check(self.document)
    }
}

fn is_key(vkey: &str, id: KeyId) -> bool {
    vkey.parse::<NoteKey>()
        .is_ok_and(|key| key.public().id() == id)
}

/// Keeps the list ascending. A second item of one key stays beside the first, for the check to report.
fn insert<T>(list: &mut Vec<T>, item: T, key: impl Fn(&T) -> KeyId) {
    let at = list.partition_point(|other| key(other) < key(&item));
    list.insert(at, item);
}

impl RoleEntry {
    const fn empty() -> Self {
        Self {
            keys: Vec::new(),
            threshold: 1,
            distinct_operators: false,
        }
    }
}

impl RoleEntries {
    fn get_or_begin(&mut self, role: Role) -> &mut RoleEntry {
        match role {
            Role::Root => &mut self.root,
            Role::Outcome => self.outcome.get_or_insert_with(RoleEntry::empty),
            Role::Receipt => self.receipt.get_or_insert_with(RoleEntry::empty),
        }
    }

    const fn get_mut(&mut self, role: Role) -> Option<&mut RoleEntry> {
        match role {
            Role::Root => Some(&mut self.root),
            Role::Outcome => self.outcome.as_mut(),
            Role::Receipt => self.receipt.as_mut(),
        }
    }
}

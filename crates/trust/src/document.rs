//! The members of a policy as they are written. What is signed is the format, so these types are it.

use proofmark_core::{Digest, Timestamp};
use proofmark_keys::KeyId;
use serde::{Deserialize, Serialize};

use crate::Role;

/// The content of a trust policy (`docs/spec/trust-policy-v1.md`). No other member is allowed anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PolicyDocument {
    /// [`proofmark_core::uri::TRUST_POLICY_V1`].
    pub schema: String,
    /// From 1; a change makes it larger.
    pub version: u64,
    /// When the root says that it issued this version.
    pub issued_at: Timestamp,
    /// The last moment at which the policy is believed: bounds how long a reader can be kept on an old one.
    pub expires_at: Timestamp,
    /// The settlement domain for which it is meant; absent where it is meant for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// Every key that has or ever had a role, ascending by id.
    pub keys: Vec<KeyEntry>,
    /// Who may sign what.
    pub roles: RoleEntries,
    /// The engine profiles under which an outcome counts.
    pub profiles: Vec<ProfileEntry>,
    /// Which logs and witnesses count.
    pub transparency: TransparencyEntry,
    /// How old evidence may be.
    pub time: TimeRules,
}

/// One key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeyEntry {
    /// The 32 bytes in standard base64 with padding.
    pub public_key: String,
    /// The id of that key, written so that people and roles can name it.
    pub key_id: KeyId,
    /// Who holds it; a slug.
    pub operator: String,
    /// The engine that signs with it, as a URI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
    /// First moment at which it counts.
    pub valid_from: Timestamp,
    /// Last moment at which it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
    /// Set when it no longer counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Revocation>,
}

/// A key no longer counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Revocation {
    /// What is not proven to be older does not count. Of a compromised key: the earliest moment at which a
    /// thief may have had it.
    pub effective_at: Timestamp,
    /// For people; the rule is the same for all.
    pub reason: Reason,
}

impl Revocation {
    /// Whether something counts under this revocation that `other` refuses, or a theft is no longer told of.
    #[must_use]
    pub fn is_weaker_than(&self, other: &Self) -> bool {
        let untold = other.reason == Reason::Compromised && self.reason != Reason::Compromised;
        self.effective_at > other.effective_at || untold
    }
}

/// Why a key no longer counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Reason {
    /// Somebody else may hold it.
    Compromised,
    /// Another key took its place.
    Superseded,
    /// Its operator no longer signs.
    Ceased,
}

/// Who may sign what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoleEntries {
    /// Signs policies.
    pub root: RoleEntry,
    /// Signs outcomes; absent where nobody may yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<RoleEntry>,
    /// Signs run receipts; absent where receipts do not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<RoleEntry>,
}

impl RoleEntries {
    /// The rule of `role`.
    #[must_use]
    pub const fn get(&self, role: Role) -> Option<&RoleEntry> {
        match role {
            Role::Root => Some(&self.root),
            Role::Outcome => self.outcome.as_ref(),
            Role::Receipt => self.receipt.as_ref(),
        }
    }
}

/// Whose signatures are how many enough.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoleEntry {
    /// Ids of listed keys, ascending.
    pub keys: Vec<KeyId>,
    /// So many distinct keys must have signed.
    pub threshold: u32,
    /// Whether they must be keys of distinct operators.
    pub distinct_operators: bool,
}

/// An engine profile under which an outcome counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProfileEntry {
    /// Of the profile.
    pub digest: Digest,
    /// For people.
    pub name: String,
    /// First moment at which it counts.
    pub valid_from: Timestamp,
    /// Last moment at which it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
}

/// Which logs and witnesses count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TransparencyEntry {
    /// Whether an outcome that is in no log is refused.
    pub required: bool,
    /// Logs; one of them is enough.
    pub logs: Vec<LogEntry>,
    /// Witnesses of the logs.
    pub witnesses: Vec<WitnessEntry>,
    /// Witnesses of so many distinct operators must have cosigned.
    pub quorum: u32,
}

/// A transparency log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LogEntry {
    /// C2SP vkey of type 0x01; its name is the origin of the log's checkpoints.
    pub key: String,
    /// First moment at which it counts.
    pub valid_from: Timestamp,
    /// Last moment at which it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
}

/// A witness.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WitnessEntry {
    /// C2SP vkey of type 0x04.
    pub key: String,
    /// Who runs it; a slug. Witnesses of one operator count once.
    pub operator: String,
    /// First moment at which it counts.
    pub valid_from: Timestamp,
    /// Last moment at which it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
    /// Set when it no longer counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Revocation>,
}

/// How old evidence may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TimeRules {
    /// An outcome older than this is refused, in seconds.
    pub max_age_seconds: u64,
    /// So far into the future a time may lie, in seconds, because clocks differ.
    pub max_clock_skew_seconds: u64,
}

//! Trust policies: whose signatures count, from when until when, how many of them, and what else must be
//! there before a signed outcome is believed.
//!
//! In scope: reading, checking, accepting, changing, signing and exporting the policy document
//! (`docs/spec/trust-policy-v1.md`). Out of scope: applying a policy to an outcome
//! (`proofmark-attestation`), and where the highest version seen is kept (whoever calls [`accept`]).
//!
//! | type | what it is |
//! |---|---|
//! | [`PolicyDocument`] | the members as they are written |
//! | [`Policy`] | a document that contradicts nothing; anybody can make one, so it is evidence of nothing |
//! | [`TrustPolicy`] | a policy that its root signed and that is in force; only [`accept`] makes one |
//!
//! No I/O, and time comes in as an argument.

mod accept;
mod check;
mod document;
mod edit;
pub mod export;
mod key;
mod lint;
mod policy;
mod sign;
mod weaker;

pub use accept::{PolicyError, Root, accept, accept_chain, recall};
pub use check::{
    MAX_CLOCK_SKEW_SECONDS, MAX_KEYS, MAX_LOGS, MAX_OPERATOR_BYTES, MAX_PAYLOAD_BYTES,
    MAX_PROFILES, MAX_TEXT_BYTES, MAX_WITNESSES,
};
pub use document::{
    KeyEntry, LogEntry, PolicyDocument, ProfileEntry, Reason, Revocation, RoleEntries, RoleEntry,
    TimeRules, TransparencyEntry, WitnessEntry,
};
pub use edit::{
    DEFAULT_CLOCK_SKEW_SECONDS, DEFAULT_MAX_AGE_SECONDS, EditError, Listed, NewKey, Revision,
};
pub use key::{Role, RoleRule, Standing, TrustedKey, TrustedLog, TrustedWitness, Window};
pub use lint::lint;
pub use policy::{AllowedProfile, Policy, Transparency, TrustPolicy};
pub use sign::{PolicySignError, Progress, progress, sign};
pub use weaker::weaker;

/// `payloadType` of the envelope of a policy.
pub const PAYLOAD_TYPE: &str = "application/vnd.proofmark.trust-policy.v1+json";

//! What "done" means, what was delivered, and how the one is judged by the other.
//!
//! | Module | Holds |
//! |---|---|
//! | [`draft`] | criteria as people write them (TOML or JSON) |
//! | [`document`] | criteria as they are frozen; their digest is the identity of "done" |
//! | [`mod@lock`] | from the one to the other |
//! | [`lint`] | rules that a schema cannot say |
//! | [`trial`] | what criteria show when they are tried on nothing |
//! | [`schema`] | the published JSON Schemas and those of validators |
//! | [`limits`] | the deterministic limits of one run |
//! | [`submission`] | paths, and the manifest whose digest identifies a delivery |
//! | [`report`] | what a validator is and says: manifest, checks, findings |
//! | [`fault`] | a run without a report, and who must act |
//! | [`verdict`] | the roll-up |
//! | [`record`] | the bytes that two engines must agree on |
//! | [`text`] | untrusted text made safe to show |
//!
//! Out of scope: running validators (`proofmark-engine`), files (`proofmark-cli`), signatures. Pure: no
//! I/O, clock, randomness, unordered collection or floating-point number.

pub mod document;
pub mod draft;
pub mod fault;
pub mod limits;
pub mod lint;
pub mod lock;
pub mod record;
pub mod report;
pub mod schema;
pub mod submission;
pub mod text;
pub mod trial;
pub mod verdict;

pub use document::{Criteria, Criterion};
pub use draft::Draft;
pub use fault::{Fault, FaultCode, HostFaultCode, Owner};
pub use limits::{Limits, LimitsOverride};
pub use lock::lock;
pub use record::VerdictRecord;
pub use report::{Check, Finding, Report, ValidatorManifest};
pub use submission::{ArtifactPath, Manifest};
pub use verdict::Verdict;

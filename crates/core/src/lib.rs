//! The vocabulary that every other crate speaks: digests, canonical JSON, parts per million, and the
//! shape in which a bad document is reported.
//!
//! In scope: small value types and the one strict JSON profile in which everything that is hashed or
//! signed is written. Out of scope: what the documents mean (`proofmark-criteria`), running validators
//! (`proofmark-engine`), files and terminals (`proofmark-cli`).
//!
//! No I/O, clock, randomness, unordered collection or floating-point number: two machines that call a
//! function of this crate with equal arguments get equal answers.

pub mod canonical;
mod chain;
mod digest;
pub mod integer;
pub mod pointer;
mod ppm;
mod problem;
mod timestamp;
pub mod uri;

pub use chain::chain;
pub use digest::{Digest, DigestError, Digester};
pub use integer::MAX_SAFE_INTEGER;
pub use ppm::{Ppm, PpmError};
pub use problem::Problem;
pub use timestamp::{Timestamp, TimestampError};
pub use uri::URI_PREFIX;

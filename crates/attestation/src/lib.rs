//! Evidence that a stranger can check: signed statements about outcomes, bundles, and their verification.
//!
//! In scope: what is said and signed ([`statement`]), what travels with it ([`bundle`]), when it is believed
//! ([`mod@verify`]), and the same in the formats of others ([`export`], [`projection`]). Out of scope: running
//! validators (`proofmark-engine`), where keys and logs lie (`proofmark-keystore`, `proofmark-log`), who is
//! trusted (`proofmark-trust`), and what follows for money (the market).
//!
//! No I/O, clock or randomness; builds for `wasm32-unknown-unknown`, so that a browser verifies with the
//! same code.

pub mod bundle;
pub mod export;
mod leaf;
pub mod projection;
pub mod statement;
pub mod verify;

pub use bundle::Bundle;
pub use leaf::leaf;
pub use verify::{Verification, VerifiedOutcome, verify};

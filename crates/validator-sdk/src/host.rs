//! The one place that knows where bytes come from: the engine (`wasm`), or memory (`native`, for unit
//! tests). Both offer the same few functions.

#[cfg(target_arch = "wasm32")]
mod wasm;
#[cfg(target_arch = "wasm32")]
pub(crate) use wasm::{Handle, enumerate, log, open};

#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod native;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use native::{Handle, enumerate, log, open};

#[cfg(all(feature = "program", not(target_arch = "wasm32")))]
pub(crate) use native::program;
#[cfg(all(feature = "program", target_arch = "wasm32"))]
pub(crate) use wasm::program;

use std::fmt;

/// Whose file it is. Decides who is to blame when it cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The delivered work: the supplier's.
    Submission,
    /// A reference file of the criteria: the buyer's.
    Reference,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Submission => "artifact",
            Self::Reference => "reference file",
        })
    }
}

/// The most that one host call moves (the contract's limit).
pub(crate) const HOST_CALL_MAX_BYTES: u32 = 1 << 20;
/// The most entries in one page of a listing (the contract's limit).
pub(crate) const PAGE_MAX_ENTRIES: u32 = 1_000;

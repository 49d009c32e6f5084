//! What was delivered: named files and the manifest that identifies them.
//!
//! Names are the attack surface here. A name that means another file on another system (`..`, a
//! backslash, a device of Windows, `README` beside `readme`) lets the market and the supplier judge different work under one
//! digest, so every such name is refused, each with its own code.

mod collide;
mod manifest;
mod path;

pub use manifest::{
    Entry, MAX_MANIFEST_BYTES, Manifest, SubmissionError, SubmissionLimits, check_names,
};
pub use path::{ArtifactPath, MAX_PATH_BYTES, MAX_PATH_DEPTH, PathError};

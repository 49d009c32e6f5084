//! Builds Rust validators into WebAssembly components, and the verifier for browsers into a module, so that the
//! bytes depend on nothing but the sources, the lock file and the compiler: a validator is identified by the digest
//! of its bytes.
//!
//! **In scope:** finding or adding the target, a clean environment, path remapping, the linker argument
//! for initial memory, finding the artifacts. **Out of scope:** judging what was built
//! (`proofmark-engine` inspects components), and other languages than Rust.
//!
//! # What makes the bytes the same everywhere
//! - Flags, profiles, wrappers and targets that the caller's environment or configuration names do not
//!   reach the build (`environment`). A build script inherits many of them.
//! - `--remap-path-prefix` for the workspace, the target directory, `CARGO_HOME` and the sources of the
//!   standard library (`flags`): panic messages name files.
//! - Each package is built by its own `cargo` call: Cargo unifies the features of what it builds
//!   together, so the bytes of one validator would otherwise depend on its neighbours.
//! - `--locked` where there is a lock file.
//! - The profile `guest` where the workspace has one, else `release`.
//!
//! What remains: the compiler's version (pin it in `rust-toolchain.toml`); path dependencies, which must
//! lie within the workspace; and profiles or linkers that a `.cargo/config.toml` names.

mod build;
mod environment;
mod error;
mod flags;
mod messages;
mod metadata;
mod toolchain;

pub use build::{Component, GuestBuild, Progress};
pub use error::BuildError;
pub use flags::DEFAULT_INITIAL_MEMORY_BYTES;
pub use toolchain::{MODULE_TARGET, TARGET};

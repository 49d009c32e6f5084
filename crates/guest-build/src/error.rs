//! Why a guest could not be built, and what to do about it.

use std::io;
use std::path::PathBuf;

/// Why a guest could not be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A program could not be started.
    #[error("cannot run `{program}`")]
    Start {
        /// What was to be run.
        program: String,
        /// Why not.
        source: io::Error,
    },
    /// The target is missing, and adding it did not work.
    #[error("the Rust target {target} is missing and could not be added: {reason}")]
    TargetMissing {
        /// Which one.
        target: &'static str,
        /// What `rustup` said.
        reason: String,
    },
    /// The compiler does not say what it is.
    #[error("`rustc` gave no usable answer: {answer}")]
    Compiler {
        /// What it said instead.
        answer: String,
    },
    /// `cargo metadata` failed.
    #[error("cannot read the package at {manifest}: {reason}")]
    Metadata {
        /// The manifest asked for.
        manifest: PathBuf,
        /// What Cargo said.
        reason: String,
    },
    /// There is no such package in the workspace.
    #[error("there is no package `{package}` in the workspace of {manifest}")]
    UnknownPackage {
        /// The package asked for.
        package: String,
        /// The manifest asked for.
        manifest: PathBuf,
    },
    /// The target exists and is not a `cdylib`, so no component comes out of it.
    #[error("{target} of package `{package}` is not a cdylib")]
    NotACdylib {
        /// The package.
        package: String,
        /// For people: `the library` or `example x`.
        target: String,
    },
    /// The compiler or the linker failed.
    #[error("building `{package}` for {target} failed:\n{messages}")]
    Failed {
        /// The package.
        package: String,
        /// For which target.
        target: &'static str,
        /// The end of what Cargo said; empty if that went to the terminal.
        messages: String,
    },
    /// Cargo succeeded and did not report the artifact.
    #[error("Cargo built `{package}` and reported no component for {target}")]
    NoArtifact {
        /// The package.
        package: String,
        /// For people.
        target: String,
    },
    /// A file could not be read.
    #[error("cannot read {path}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl BuildError {
    /// What the reader can do, where there is something.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Start { program, .. } => {
                format!("install Rust from https://rustup.rs, so that `{program}` is on the PATH")
            }
            Self::TargetMissing { target, .. } => format!(
                "run `rustup target add {target}`; without rustup, install your distribution's \
                 standard library for {target}"
            ),
            Self::UnknownPackage { .. } => {
                "`cargo metadata --no-deps` lists the packages; add it to `[workspace] members`"
                    .to_owned()
            }
            Self::NotACdylib { target, .. } => format!(
                "give {target} `crate-type = [\"cdylib\"]` in Cargo.toml (a library that is also \
                 tested: `[\"cdylib\", \"rlib\"]`)"
            ),
            _ => return None,
        })
    }
}

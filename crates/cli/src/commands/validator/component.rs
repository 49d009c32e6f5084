//! From a crate to a component, through `proofmark-guest-build`.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use proofmark_core::Digest;
use proofmark_guest_build::{BuildError, GuestBuild, Progress};

use crate::failure::{Exit, Failure, chain};
use crate::printer::{FAINT, Printer, paint};

/// Below the target directory of the crate's workspace, apart from what `cargo build` makes.
const GUESTS: &str = "target/guests";

/// A component that was built or read.
pub(super) struct Component {
    /// Package or file name, without an ending.
    pub(super) name: String,
    /// The component.
    pub(super) bytes: Vec<u8>,
}

impl Component {
    /// SHA-256: the validator's identity.
    pub(super) fn digest(&self) -> Digest {
        Digest::of(&self.bytes)
    }
}

/// See that there is a crate in this directory.
///
/// # Errors
/// When there is none.
pub(super) fn require_crate(directory: &Path) -> Result<(), Failure> {
    if !directory.is_dir() {
        let message = format!("there is no directory {}", directory.display());
        return Err(Failure::input(
            "directory-missing",
            message,
            "pass the directory of a validator crate",
        ));
    }
    if manifest(directory).is_file() {
        return Ok(());
    }
    let message = format!("there is no Cargo.toml in {}", directory.display());
    let hint =
        "pass the directory of a validator crate, or start one with `proofmark validator new`";
    Err(Failure::input("crate-missing", message, hint))
}

fn manifest(directory: &Path) -> PathBuf {
    directory.join("Cargo.toml")
}

/// Build the crate in `directory`; what it does goes to standard error.
///
/// # Errors
/// When there is no crate, or it does not become a component.
pub(super) fn build(directory: &Path, printer: &Printer) -> Result<Component, Failure> {
    require_crate(directory)?;
    printer.note(paint(
        FAINT,
        format!("building {} for wasm32-wasip2 …", directory.display()),
    ));
    compile(directory).map_err(|error| failure(&error).about(directory.display()))
}

fn compile(directory: &Path) -> Result<Component, BuildError> {
    let manifest = manifest(directory);
    // The workspace is known only afterwards, and the target directory belongs to it.
    let root = GuestBuild::new(&manifest, directory)?
        .workspace_root()
        .to_owned();
    let build = GuestBuild::new(&manifest, &root.join(GUESTS))?.progress(progress());
    let built = build.library(None)?;
    Ok(Component {
        bytes: built.read()?,
        name: built.name,
    })
}

/// Cargo's own words while it works, for people; for programs only if it fails.
fn progress() -> Progress {
    match std::io::stderr().is_terminal() {
        true => Progress::Inherited,
        false => Progress::Captured,
    }
}

fn failure(error: &BuildError) -> Failure {
    let hint = error.hint().unwrap_or_else(|| hint(error).to_owned());
    let mut failure = Failure::input(code(error), message(error), hint);
    if is_environment(error) {
        failure.exit = Exit::Unavailable;
    }
    failure
}

/// What went wrong; of Cargo's own words only those from the first error on, because little of them is
/// shown, or from the first warning if it names no error.
fn message(error: &BuildError) -> String {
    let BuildError::Failed {
        package, messages, ..
    } = error
    else {
        return chain(error).trim_end().to_owned();
    };
    let lines: Vec<_> = messages.trim_end().lines().collect();
    let first = |word| lines.iter().position(|line| line.starts_with(word));
    let complaints = first("error").or_else(|| first("warning"));
    let complaints = complaints.map_or(&[][..], |first| &lines[first..]);
    match complaints.is_empty() {
        // They were on the terminal already.
        true => format!("`{package}` does not build"),
        false => format!("`{package}` does not build:\n{}", complaints.join("\n")),
    }
}

fn code(error: &BuildError) -> &'static str {
    match error {
        BuildError::Start { .. } => "rust-missing",
        BuildError::TargetMissing { .. } => "target-missing",
        BuildError::Compiler { .. } => "compiler-unusable",
        BuildError::Metadata { .. } => "crate-unreadable",
        BuildError::UnknownPackage { .. } => "package-unknown",
        BuildError::NotACdylib { .. } => "not-a-cdylib",
        BuildError::NoArtifact { .. } => "no-component",
        BuildError::Read { .. } => "unreadable",
        _ => "build-failed",
    }
}

/// The tools are to blame, not the crate.
fn is_environment(error: &BuildError) -> bool {
    matches!(
        error,
        BuildError::Start { .. } | BuildError::TargetMissing { .. } | BuildError::Compiler { .. }
    )
}

fn hint(error: &BuildError) -> &'static str {
    match error {
        BuildError::Compiler { .. } => "check that `rustc -vV` works in the crate's directory",
        BuildError::Metadata { .. } => {
            "mend Cargo.toml; `cargo metadata` in the crate's directory says the same"
        }
        BuildError::NoArtifact { .. } => {
            "give the library `crate-type = [\"cdylib\"]` in Cargo.toml"
        }
        BuildError::Read { .. } => "check the path and its permissions",
        _ => {
            "mend what the compiler names; a lock file that is out of date is renewed by `cargo update --workspace`"
        }
    }
}

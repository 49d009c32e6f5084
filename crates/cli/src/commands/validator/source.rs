//! What an argument names: a crate, a component, or a ready-made validator; and where its fixtures are.

use std::path::{Path, PathBuf};

use proofmark_engine::gate::MAX_COMPONENT_BYTES;
use proofmark_engine::intake::{self, IntakeError};
use proofmark_validators::{READY_MADE, ready_made};

use super::component::{self, Component};
use crate::blobs::folder_of;
use crate::failure::{Failure, chain};
use crate::printer::Printer;

const FIXTURES: &str = "fixtures";

/// What an argument names. A ready-made name goes before a path: a directory of that name, whoever put it
/// there, would be built, and with it its build scripts run. It is meant by `./name`.
pub(super) enum Source {
    /// A directory with a crate.
    Crate(PathBuf),
    /// A file.
    File(PathBuf),
    /// One that is built in.
    ReadyMade(&'static proofmark_validators::ReadyMade),
}

impl Source {
    /// See what an argument names.
    ///
    /// # Errors
    /// When it names nothing.
    pub(super) fn of(argument: &str) -> Result<Self, Failure> {
        if let Some(validator) = ready_made(argument) {
            return Ok(Self::ReadyMade(validator));
        }
        let path = Path::new(argument);
        if path.is_dir() {
            component::require_crate(path)?;
            return Ok(Self::Crate(path.to_owned()));
        }
        if path.exists() {
            return Ok(Self::File(path.to_owned()));
        }
        let names: Vec<_> = READY_MADE.iter().map(|validator| validator.name).collect();
        let message = format!("there is no crate, component or ready-made validator `{argument}`");
        let hint = format!(
            "pass the directory of a crate, a .wasm file, or one of {}",
            names.join(", ")
        );
        Err(Failure::input("validator-not-found", message, hint))
    }

    /// The component, built first if need be.
    ///
    /// # Errors
    /// When it cannot be built or read.
    pub(super) fn component(&self, printer: &Printer) -> Result<Component, Failure> {
        match self {
            Self::Crate(directory) => component::build(directory, printer),
            Self::File(path) => {
                let name = path
                    .file_stem()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned();
                Ok(Component {
                    name,
                    bytes: read(path)?,
                })
            }
            Self::ReadyMade(validator) => Ok(Component {
                name: validator.name.to_owned(),
                bytes: validator.component.to_vec(),
            }),
        }
    }

    /// Where the fixtures are: as said, or in the crate, beside the file, or in `validators/<name>` of
    /// the directory we are in or of one above it.
    ///
    /// # Errors
    /// When there are none.
    pub(super) fn fixtures(&self, said: Option<&Path>) -> Result<PathBuf, Failure> {
        let expected = match (said, self) {
            (Some(said), _) => said.to_owned(),
            (None, Self::Crate(directory)) => directory.join(FIXTURES),
            (None, Self::File(path)) => folder_of(path).join(FIXTURES),
            (None, Self::ReadyMade(validator)) => return repository_fixtures(validator.name),
        };
        if expected.is_dir() {
            return Ok(expected);
        }
        let message = format!("there are no fixtures at {}", expected.display());
        Err(Failure::input(
            "fixtures-missing",
            message,
            "make them there, or name their directory with --fixtures",
        ))
    }
}

/// Fixtures are not built in: they are in the repository.
fn repository_fixtures(name: &str) -> Result<PathBuf, Failure> {
    let below = Path::new("validators").join(name).join(FIXTURES);
    let here = std::env::current_dir().unwrap_or_default();
    let found = here
        .ancestors()
        .map(|directory| directory.join(&below))
        .find(|path| path.is_dir());
    found.ok_or_else(|| {
        let message = format!("`{name}` is built in, its fixtures are not");
        let hint = format!(
            "name them with --fixtures, or run this inside the repository, where they are in {}",
            below.display()
        );
        Failure::input("fixtures-missing", message, hint)
    })
}

/// A component. What is no regular file, or too large, is not read.
fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    intake::bytes(path, MAX_COMPONENT_BYTES).map_err(|error| {
        let hint = match &error {
            IntakeError::Unreadable { .. } => "check the path and its permissions",
            IntakeError::TooLarge { .. } => "leave out data and debug information",
            _ => "pass the directory of a crate, or a .wasm file",
        };
        Failure::input("unreadable", chain(&error), hint)
    })
}

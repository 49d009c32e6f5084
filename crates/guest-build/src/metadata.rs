//! What `cargo metadata` says of a workspace.

use crate::environment;
use crate::error::BuildError;
use serde::Deserialize;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[derive(Deserialize)]
pub(crate) struct Metadata {
    pub(crate) workspace_root: PathBuf,
    pub(crate) packages: Vec<Package>,
}

#[derive(Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) manifest_path: PathBuf,
    pub(crate) targets: Vec<Target>,
}

/// A target of a package, as `cargo metadata` and the messages of a build describe it.
#[derive(Deserialize)]
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) kind: Vec<String>,
    pub(crate) crate_types: Vec<String>,
}

impl Target {
    pub(crate) fn is_example(&self) -> bool {
        self.kind.iter().any(|kind| kind == "example")
    }

    pub(crate) fn is_cdylib(&self) -> bool {
        self.crate_types.iter().any(|kind| kind == "cdylib")
    }

    /// A library of any type.
    pub(crate) fn is_lib(&self) -> bool {
        let lib = ["lib", "rlib", "dylib", "cdylib", "staticlib"];
        self.kind.iter().any(|kind| lib.contains(&kind.as_str()))
    }

    /// For messages.
    pub(crate) fn title(&self) -> String {
        match self.is_example() {
            true => format!("example `{}`", self.name),
            false => "the library".to_owned(),
        }
    }
}

impl Metadata {
    /// Reads the workspace that `manifest` belongs to.
    pub(crate) fn read(manifest: &Path) -> Result<Self, BuildError> {
        let failed = |reason| BuildError::Metadata {
            manifest: manifest.to_owned(),
            reason,
        };
        let program = environment::cargo();
        let mut command = Command::new(&program);
        environment::clean(&mut command);
        command.args([
            "metadata",
            "--no-deps",
            "--format-version",
            "1",
            "--manifest-path",
        ]);
        let output = command.arg(manifest).output();
        let output = output.map_err(|source| BuildError::Start { program, source })?;
        if !output.status.success() {
            return Err(failed(String::from_utf8_lossy(&output.stderr).into_owned()));
        }
        serde_json::from_slice(&output.stdout).map_err(|error| failed(error.to_string()))
    }

    /// The named package; without a name, the one that the manifest itself describes.
    pub(crate) fn package(
        &self,
        name: Option<&str>,
        manifest: &Path,
    ) -> Result<&Package, BuildError> {
        let wanted = |package: &&Package| match name {
            Some(name) => package.name == name,
            None => same_file(&package.manifest_path, manifest),
        };
        self.packages
            .iter()
            .find(wanted)
            .ok_or_else(|| BuildError::UnknownPackage {
                package: name.unwrap_or("(of this manifest)").to_owned(),
                manifest: manifest.to_owned(),
            })
    }

    /// `guest` where the workspace defines it, else `release`.
    pub(crate) fn profile(&self) -> &'static str {
        let root = fs::read_to_string(self.workspace_root.join("Cargo.toml")).unwrap_or_default();
        match root.lines().any(|line| line.trim() == "[profile.guest]") {
            true => "guest",
            false => "release",
        }
    }

    pub(crate) fn has_lock_file(&self) -> bool {
        self.workspace_root.join("Cargo.lock").is_file()
    }
}

fn same_file(left: &Path, right: &Path) -> bool {
    matches!((left.canonicalize(), right.canonicalize()), (Ok(left), Ok(right)) if left == right)
}

//! One build of one package.

use crate::environment;
use crate::error::BuildError;
use crate::flags::{self, DEFAULT_INITIAL_MEMORY_BYTES};
use crate::messages::{self, Artifact};
use crate::metadata::{Metadata, Package, Target};
use crate::toolchain::{MODULE_TARGET, TARGET, Toolchain};
use std::fs;
use std::path::{self, Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// How much of Cargo's messages an error carries.
const MESSAGES_MAX_BYTES: usize = 16 << 10;

/// Where Cargo's progress and diagnostics go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Into the error, if there is one.
    Captured,
    /// To this process's standard error.
    Inherited,
}

/// A component that was built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// The name of the target: of the library's package, or of the example.
    pub name: String,
    /// Where Cargo put it; the next build may replace it.
    pub path: PathBuf,
}

impl Component {
    /// Its bytes.
    pub fn read(&self) -> Result<Vec<u8>, BuildError> {
        fs::read(&self.path).map_err(|source| BuildError::Read {
            path: self.path.clone(),
            source,
        })
    }
}

/// Builds guests of one workspace.
pub struct GuestBuild {
    manifest: PathBuf,
    target_dir: PathBuf,
    metadata: Metadata,
    toolchain: Toolchain,
    flags: Vec<String>,
    /// Instead of that of guests.
    profile: Option<&'static str>,
    progress: Progress,
}

impl GuestBuild {
    /// Prepares builds for the workspace of the package or workspace manifest `manifest`, into a target
    /// directory of their own. Adds the target to the toolchain if that is missing.
    pub fn new(manifest: &Path, target_dir: &Path) -> Result<Self, BuildError> {
        let flags = flags::initial_memory(DEFAULT_INITIAL_MEMORY_BYTES);
        Self::of(manifest, target_dir, TARGET, flags)
    }

    /// Prepares builds of modules that no host serves, such as one for browsers, as [`GuestBuild::new`] does those of
    /// guests. `flags` are for the compiler: those of `.cargo/config.toml` do not reach the build.
    pub fn module(
        manifest: &Path,
        target_dir: &Path,
        profile: &'static str,
        flags: &[&str],
    ) -> Result<Self, BuildError> {
        let flags = flags.iter().map(|flag| (*flag).to_owned()).collect();
        let build = Self::of(manifest, target_dir, MODULE_TARGET, flags)?;
        Ok(Self {
            profile: Some(profile),
            ..build
        })
    }

    fn of(
        manifest: &Path,
        target_dir: &Path,
        target: &'static str,
        flags: Vec<String>,
    ) -> Result<Self, BuildError> {
        let metadata = Metadata::read(manifest)?;
        // Cargo runs in the workspace's root, so a relative path would mean another place there.
        let target_dir = path::absolute(target_dir).map_err(|source| BuildError::Read {
            path: target_dir.to_owned(),
            source,
        })?;
        let toolchain = Toolchain::in_dir(&metadata.workspace_root, target)?;
        toolchain.ensure_target(&metadata.workspace_root)?;
        Ok(Self {
            manifest: manifest.to_owned(),
            target_dir,
            metadata,
            toolchain,
            flags,
            profile: None,
            progress: Progress::Captured,
        })
    }

    /// The memory that guests start with, instead of [`DEFAULT_INITIAL_MEMORY_BYTES`]; a multiple of
    /// 64 KiB.
    pub fn initial_memory(mut self, bytes: u32) -> Self {
        self.flags = flags::initial_memory(bytes);
        self
    }

    /// Where Cargo's progress and diagnostics go; captured, if nothing is said.
    pub fn progress(mut self, progress: Progress) -> Self {
        self.progress = progress;
        self
    }

    /// The root of the workspace.
    pub fn workspace_root(&self) -> &Path {
        &self.metadata.workspace_root
    }

    /// Builds the library of a package; without a name, of the package that the manifest describes.
    pub fn library(&self, package: Option<&str>) -> Result<Component, BuildError> {
        let package = self.metadata.package(package, &self.manifest)?;
        let library = package.targets.iter().find(|target| target.is_lib());
        require_cdylib(package, library)?;
        let built = self.run(package, &["--lib"])?;
        let artifact = built.iter().find(|artifact| artifact.target.is_lib());
        let path = artifact.and_then(Artifact::component).cloned();
        let path = path.ok_or_else(|| no_artifact(package, "the library"))?;
        Ok(Component {
            name: package.name.clone(),
            path,
        })
    }

    /// Builds every example of a package, in the order of their names. Each must be a `cdylib`.
    pub fn examples(&self, package: &str) -> Result<Vec<Component>, BuildError> {
        let package = self.metadata.package(Some(package), &self.manifest)?;
        let mut examples: Vec<&Target> = package
            .targets
            .iter()
            .filter(|target| target.is_example())
            .collect();
        if examples.is_empty() {
            return Ok(Vec::new());
        }
        examples.sort_by(|left, right| left.name.cmp(&right.name));
        examples
            .iter()
            .try_for_each(|example| require_cdylib(package, Some(example)))?;
        let built = self.run(package, &["--examples"])?;
        examples
            .iter()
            .map(|example| component(package, example, &built))
            .collect()
    }

    /// Runs Cargo and returns what it made of this package.
    fn run(&self, package: &Package, selection: &[&str]) -> Result<Vec<Artifact>, BuildError> {
        let output = self.command(package, selection).output();
        let program = environment::cargo();
        let output = output.map_err(|source| BuildError::Start { program, source })?;
        if !output.status.success() {
            return Err(failed(package, self.toolchain.target, &output));
        }
        let mut built = messages::artifacts(&output.stdout);
        built.retain(|artifact| artifact.manifest_path == package.manifest_path);
        Ok(built)
    }

    fn command(&self, package: &Package, selection: &[&str]) -> Command {
        let mut command = Command::new(environment::cargo());
        environment::clean(&mut command);
        let root = &self.metadata.workspace_root;
        let flags = flags::encoded(root, &self.target_dir, &self.toolchain, &self.flags);
        command
            .current_dir(root)
            .env("CARGO_ENCODED_RUSTFLAGS", flags)
            .env("CARGO_INCREMENTAL", "0")
            // Empty: no wrapper, whatever a configuration file says. (Not so for workspace members: even
            // an empty RUSTC_WORKSPACE_WRAPPER becomes part of the hashes in symbol names.)
            .env("RUSTC_WRAPPER", "")
            .args([
                "build",
                "--message-format=json-render-diagnostics",
                "--target",
                self.toolchain.target,
            ])
            .args([
                "--profile",
                self.profile.unwrap_or_else(|| self.metadata.profile()),
                "--package",
                &package.name,
            ])
            .args(selection)
            .arg("--manifest-path")
            .arg(&package.manifest_path)
            .arg("--target-dir")
            .arg(&self.target_dir)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(match self.progress {
                Progress::Captured => Stdio::piped(),
                Progress::Inherited => Stdio::inherit(),
            });
        if self.metadata.has_lock_file() {
            command.arg("--locked");
        }
        command
    }
}

fn component(
    package: &Package,
    example: &Target,
    built: &[Artifact],
) -> Result<Component, BuildError> {
    let is_it =
        |artifact: &&Artifact| artifact.target.is_example() && artifact.target.name == example.name;
    let path = built
        .iter()
        .find(is_it)
        .and_then(Artifact::component)
        .cloned();
    let path = path.ok_or_else(|| no_artifact(package, &example.title()))?;
    Ok(Component {
        name: example.name.clone(),
        path,
    })
}

fn require_cdylib(package: &Package, target: Option<&Target>) -> Result<(), BuildError> {
    if target.is_some_and(Target::is_cdylib) {
        return Ok(());
    }
    Err(BuildError::NotACdylib {
        package: package.name.clone(),
        target: target.map_or("the library".to_owned(), Target::title),
    })
}

fn no_artifact(package: &Package, target: &str) -> BuildError {
    BuildError::NoArtifact {
        package: package.name.clone(),
        target: target.to_owned(),
    }
}

fn failed(package: &Package, target: &'static str, output: &Output) -> BuildError {
    let start = output.stderr.len().saturating_sub(MESSAGES_MAX_BYTES);
    let messages = String::from_utf8_lossy(&output.stderr[start..]).into_owned();
    BuildError::Failed {
        package: package.name.clone(),
        target,
        messages,
    }
}

//! The compiler: what it is, and whether it can build guests.

use crate::environment;
use crate::error::BuildError;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What guests are built for.
pub const TARGET: &str = "wasm32-wasip2";
/// What modules without a host are built for.
pub const MODULE_TARGET: &str = "wasm32-unknown-unknown";

/// What the flags need to know of a compiler.
pub(crate) struct Toolchain {
    pub(crate) target: &'static str,
    pub(crate) sysroot: PathBuf,
    pub(crate) commit_hash: String,
}

impl Toolchain {
    /// Asks the compiler that builds in `dir` (a `rust-toolchain.toml` may choose another).
    pub(crate) fn in_dir(dir: &Path, target: &'static str) -> Result<Self, BuildError> {
        let sysroot = PathBuf::from(ask(dir, &["--print", "sysroot"])?.trim());
        let version = ask(dir, &["-vV"])?;
        let hash = version
            .lines()
            .find_map(|line| line.strip_prefix("commit-hash: "));
        let hash = hash.ok_or_else(|| BuildError::Compiler {
            answer: version.clone(),
        })?;
        Ok(Self {
            target,
            sysroot,
            commit_hash: hash.trim().to_owned(),
        })
    }

    /// Adds the target through rustup if the compiler has no standard library for it.
    pub(crate) fn ensure_target(&self, dir: &Path) -> Result<(), BuildError> {
        if self.has_target() {
            return Ok(());
        }
        let output = Command::new("rustup")
            .args(["target", "add", self.target])
            .current_dir(dir)
            .output();
        let reason = match output {
            Err(error) => format!("rustup: {error}"),
            Ok(output) if output.status.success() && self.has_target() => return Ok(()),
            Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        };
        let target = self.target;
        Err(BuildError::TargetMissing { target, reason })
    }

    fn has_target(&self) -> bool {
        self.sysroot
            .join("lib/rustlib")
            .join(self.target)
            .join("lib")
            .is_dir()
    }
}

fn ask(dir: &Path, arguments: &[&str]) -> Result<String, BuildError> {
    let program = environment::rustc();
    let output = Command::new(&program)
        .args(arguments)
        .current_dir(dir)
        .output();
    match output.map_err(|source| BuildError::Start { program, source })? {
        Output { status, stdout, .. } if status.success() => {
            Ok(String::from_utf8_lossy(&stdout).into_owned())
        }
        output => {
            let answer = String::from_utf8_lossy(&output.stderr).into_owned();
            Err(BuildError::Compiler { answer })
        }
    }
}

//! The binary under test in a world of its own: no terminal, no colour, no home, a private cache.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use proofmark_tests::setup::root;
use serde_json::Value;
use tempfile::TempDir;

/// Compiled code that the tests share, so that each validator is compiled once. Private to the tests.
pub(crate) const WARM_CACHE: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/warm-cache");

/// What a call came to.
pub(crate) struct Ran {
    /// Exit status.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl Ran {
    /// Standard output as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }

    /// Code and pointer of every problem, from the JSON form of a failure.
    pub(crate) fn problems(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let json = self.json();
        let problems = json["error"]["problems"]
            .as_array()
            .unwrap_or_else(|| panic!("no failure: {json:#}"));
        problems
            .iter()
            .map(|problem| (text(&problem["code"]), text(&problem["pointer"])))
            .collect()
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("the product prints UTF-8");
        let err = text(output.stderr);
        // Whether this machine has Landlock is not what these tests are about; `isolation.rs` is.
        let weaker = |line: &&str| !line.starts_with("warning: isolation is weaker here");
        let err = err.split_inclusive('\n').filter(weaker).collect();
        Self {
            code: output.status.code().expect("it was not killed"),
            out: text(output.stdout),
            err,
        }
    }
}

/// The product, called by its own name, in the root of the repository.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_proofmark-under-test"));
    command
        .arg0("proofmark")
        .env_clear()
        .env("NO_COLOR", "1")
        .current_dir(root())
        .stdin(Stdio::null());
    command
}

/// The product with arguments, in `folder`. It uses [`WARM_CACHE`] unless told otherwise.
pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = program();
    command.current_dir(folder).args(arguments);
    if !arguments
        .iter()
        .any(|argument| argument.ends_with("-cache") || *argument == "--cache")
    {
        command.args(["--cache", WARM_CACHE]);
    }
    command
}

/// Run the product in `folder`.
pub(crate) fn run_in(folder: &Path, arguments: &[&str]) -> Ran {
    command(folder, arguments)
        .output()
        .expect("the binary starts")
        .into()
}

/// A fresh folder with these files.
pub(crate) fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary directory");
    for (name, content) in files {
        put(folder.path(), name, content);
    }
    folder
}

/// Write a file, and the folders it needs.
pub(crate) fn put(folder: &Path, name: &str, content: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("it is below the folder"))
        .expect("a folder can be made");
    fs::write(&path, content).expect("a file can be written");
    path
}

//! What `cargo build --message-format=json` reports.

use crate::metadata::Target;
use serde::Deserialize;
use std::path::PathBuf;

/// One artifact of a build.
#[derive(Deserialize)]
pub(crate) struct Artifact {
    pub(crate) manifest_path: PathBuf,
    pub(crate) target: Target,
    pub(crate) filenames: Vec<PathBuf>,
}

#[derive(Deserialize)]
struct Reason {
    reason: String,
}

/// All artifacts among the lines of a build's output; other messages are skipped.
pub(crate) fn artifacts(stdout: &[u8]) -> Vec<Artifact> {
    let lines = stdout.split(|byte| *byte == b'\n');
    lines
        .filter(|line| is_artifact(line))
        .filter_map(|line| serde_json::from_slice(line).ok())
        .collect()
}

fn is_artifact(line: &[u8]) -> bool {
    serde_json::from_slice::<Reason>(line)
        .is_ok_and(|message| message.reason == "compiler-artifact")
}

impl Artifact {
    /// The component among its files.
    pub(crate) fn component(&self) -> Option<&PathBuf> {
        self.filenames
            .iter()
            .find(|file| file.extension().is_some_and(|end| end == "wasm"))
    }
}

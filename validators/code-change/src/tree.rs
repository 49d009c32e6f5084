//! A tree of files, and its digest.

use crate::names;
use proofmark_validator_sdk::{Artifact, ReadError, Refusal, reference};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The most files of a base.
pub const MAX_FILES: usize = 10_000;

/// The largest file that a change may touch, before and after: 4 MiB = 4 × 2^20.
pub const MAX_FILE_BYTES: u64 = 4 << 20;

/// Says that a list of files is that of a submission, whose digest a tree's is.
const SCHEMA: &str = "https://proofmark.example/submission/v1";

/// What is known of a file without its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct File {
    /// SHA-256 of its content.
    pub digest: [u8; 32],
    /// Size of its content.
    pub size_bytes: u64,
}

impl File {
    /// Of this content.
    pub fn of(content: &[u8]) -> Self {
        Self {
            digest: Sha256::digest(content).into(),
            size_bytes: content.len() as u64,
        }
    }
}

/// The files of a tree by their paths.
pub type Files = BTreeMap<String, File>;

/// The tree that a change is made to: the reference files below one folder.
#[derive(Debug)]
pub struct Tree {
    folder: String,
    files: Files,
}

impl Tree {
    /// The reference files whose names begin with `folder`, which ends with a slash. The rest of a name is the path.
    ///
    /// # Errors
    /// Where there is no such file, or there are more than [`MAX_FILES`], or paths that would not be the same everywhere:
    /// the buyer has to change that.
    pub fn of_references(folder: &str) -> Result<Self, Refusal> {
        let wrong = |why: &str| {
            Err(Refusal::InvalidParams(format!(
                "the base `{folder}`: {why}"
            )))
        };
        let mut files = Files::new();
        for entry in reference::list() {
            let Some(path) = entry.path.strip_prefix(folder) else {
                continue;
            };
            if let Some(defect) = names::defect(path) {
                return wrong(&format!("the path `{path}` cannot be judged: {defect}"));
            }
            let file = File {
                digest: *entry.digest.as_bytes(),
                size_bytes: entry.size,
            };
            files.insert(path.to_owned(), file);
            if files.len() > MAX_FILES {
                return wrong(&format!("it has more than {MAX_FILES} files"));
            }
        }
        if files.is_empty() {
            return wrong("no reference file is named so");
        }
        if let Some((one, other)) = names::collision(files.keys().map(String::as_str)) {
            return wrong(&format!(
                "`{one}` and `{other}` are one file on some systems"
            ));
        }
        let folder = folder.to_owned();
        Ok(Self { folder, files })
    }

    /// Its files.
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// The content of one of its files.
    ///
    /// # Errors
    /// Where there is no such file, or it is larger than [`MAX_FILE_BYTES`].
    pub fn content(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        let file = reference::open(&format!("{}{path}", self.folder));
        file.and_then(|mut file: Artifact| file.read_all(MAX_FILE_BYTES))
    }
}

/// What identifies a tree: the digest that it would have as a submission, written `sha256:<hex>`. It is the SHA-256 of
///
/// ```json
/// {"artifacts":[{"digest":"sha256:<hex>","path":"<path>","sizeBytes":<size>},…],"schema":"https://proofmark.example/submission/v1"}
/// ```
///
/// with the files in ascending byte order of their paths. No character of a path needs to be escaped in JSON.
pub fn digest(files: &Files) -> String {
    let mut hasher = Sha256::new();
    hasher.update(b"{\"artifacts\":[");
    for (at, (path, file)) in files.iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        let (digest, size) = (written(&file.digest), file.size_bytes);
        hasher.update(comma);
        hasher.update(format!(
            "{{\"digest\":\"{digest}\",\"path\":\"{path}\",\"sizeBytes\":{size}}}"
        ));
    }
    hasher.update(format!("],\"schema\":\"{SCHEMA}\"}}"));
    written(&hasher.finalize())
}

fn written(digest: &[u8]) -> String {
    let mut text = "sha256:".to_owned();
    for byte in digest {
        // Into a string nothing fails to be written.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

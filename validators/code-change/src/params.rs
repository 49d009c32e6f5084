//! What the buyer asks for. `params.schema.json` describes the same for people and tools.

use crate::pattern::{self, Pattern};
use crate::sections::MAX_CHANGES;
use crate::tree::MAX_FILE_BYTES;
use proofmark_validator_sdk::{Problem, problem};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The longest diff: 4 MiB = 4 × 2^20.
pub(crate) const MAX_DIFF_BYTES: u64 = 4 << 20;
/// The most patterns of one list.
const MAX_PATTERNS: usize = 50;
/// The most forbidden texts, and the longest.
const MAX_TEXTS: usize = 32;
const MAX_TEXT_BYTES: usize = 100;

/// All parameters.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Params {
    /// Path of the diff in the submission.
    pub path: String,
    /// The folder among the reference files that is the base.
    pub base: String,
    /// The digest that the base must have.
    pub base_digest: Option<String>,
    /// The digest that the resulting tree must have.
    pub tree_digest: Option<String>,
    /// What may be changed; everything if nothing is said.
    pub allowed: Option<Vec<String>>,
    /// What may not be changed, although it is allowed.
    pub forbidden: Vec<String>,
    /// Files to which lines may only be added.
    pub append_only: Vec<String>,
    /// By pattern, how many new lines its files need.
    pub required: BTreeMap<String, u64>,
    /// Whether files may be deleted.
    pub deletions: bool,
    /// Whether files may get another path.
    pub renames: bool,
    /// Whether files may be executable.
    pub executables: bool,
    /// Whether added lines are searched for secrets.
    pub secrets: bool,
    /// What no added line may contain.
    pub forbidden_text: Vec<String>,
    /// The most files that are changed.
    pub files_max: u64,
    /// The most lines that are added.
    pub added_lines_max: u64,
    /// The most lines that are removed.
    pub removed_lines_max: u64,
    /// The longest diff.
    pub bytes_max: u64,
    /// The longest added line.
    pub line_bytes_max: u64,
    /// The largest file that is written.
    pub file_bytes_max: u64,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            path: "change.diff".to_owned(),
            base: "base/".to_owned(),
            base_digest: None,
            tree_digest: None,
            allowed: None,
            forbidden: Vec::new(),
            append_only: Vec::new(),
            required: BTreeMap::new(),
            deletions: false,
            renames: false,
            executables: false,
            secrets: true,
            forbidden_text: Vec::new(),
            files_max: MAX_CHANGES as u64,
            added_lines_max: MAX_DIFF_BYTES,
            removed_lines_max: MAX_DIFF_BYTES,
            bytes_max: MAX_DIFF_BYTES,
            line_bytes_max: MAX_DIFF_BYTES,
            file_bytes_max: MAX_FILE_BYTES,
        }
    }
}

impl Params {
    /// What the schema cannot say.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if !self.base.ends_with('/') {
            problems.push(problem("/base", "a folder ends with a slash"));
        }
        let digests = [
            ("/base_digest", &self.base_digest),
            ("/tree_digest", &self.tree_digest),
        ];
        for (pointer, digest) in digests {
            if digest.as_deref().is_some_and(|digest| !is_digest(digest)) {
                problems.push(problem(
                    pointer,
                    "a digest is written `sha256:<64 hex digits>`",
                ));
            }
        }
        self.problems_of_patterns(&mut problems);
        self.problems_of_texts(&mut problems);
        self.problems_of_limits(&mut problems);
        problems
    }

    fn problems_of_patterns(&self, problems: &mut Vec<Problem>) {
        let of = |list: &[String]| list.to_vec();
        let allowed = self.allowed.as_deref();
        if allowed.is_some_and(<[String]>::is_empty) {
            problems.push(problem("/allowed", "nothing could be changed"));
        }
        for (pointer, patterns) in [
            ("/allowed", of(allowed.unwrap_or_default())),
            ("/forbidden", of(&self.forbidden)),
            ("/append_only", of(&self.append_only)),
            ("/required", self.required.keys().cloned().collect()),
        ] {
            if patterns.len() > MAX_PATTERNS {
                problems.push(problem(
                    pointer,
                    format!("more than {MAX_PATTERNS} patterns"),
                ));
            }
            for text in patterns.iter().filter(|text| Pattern::new(text).is_none()) {
                let most = pattern::MAX_BYTES;
                let message = format!(
                    "`{text}` is no pattern: a path such as `src/lib.rs`, `tests/` or `src/**/*.rs`, of at most {most} bytes"
                );
                problems.push(problem(pointer, message));
            }
        }
        if self.required.values().any(|lines| *lines == 0) {
            problems.push(problem(
                "/required",
                "at least one new line must be asked for",
            ));
        }
    }

    fn problems_of_texts(&self, problems: &mut Vec<Problem>) {
        let pointer = "/forbidden_text";
        if self.forbidden_text.len() > MAX_TEXTS {
            problems.push(problem(pointer, format!("more than {MAX_TEXTS} texts")));
        }
        let wrong =
            |text: &&String| text.is_empty() || text.len() > MAX_TEXT_BYTES || text.contains('\n');
        if self.forbidden_text.iter().any(|text| wrong(&text)) {
            let message = format!("a text is within one line, and has 1 to {MAX_TEXT_BYTES} bytes");
            problems.push(problem(pointer, message));
        }
    }

    fn problems_of_limits(&self, problems: &mut Vec<Problem>) {
        for (pointer, limit, most) in [
            ("/files_max", self.files_max, MAX_CHANGES as u64),
            ("/added_lines_max", self.added_lines_max, MAX_DIFF_BYTES),
            ("/removed_lines_max", self.removed_lines_max, MAX_DIFF_BYTES),
            ("/bytes_max", self.bytes_max, MAX_DIFF_BYTES),
            ("/line_bytes_max", self.line_bytes_max, MAX_DIFF_BYTES),
            ("/file_bytes_max", self.file_bytes_max, MAX_FILE_BYTES),
        ] {
            if limit > most {
                problems.push(problem(pointer, format!("at most {most}")));
            }
        }
        if self.files_max == 0 || self.bytes_max == 0 {
            problems.push(problem("", "nothing could be changed within the limits"));
        }
    }
}

fn is_digest(text: &str) -> bool {
    let digits = text.strip_prefix("sha256:").unwrap_or_default().as_bytes();
    digits.len() == 64
        && digits
            .iter()
            .all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'))
}

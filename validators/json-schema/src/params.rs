//! What the buyer chooses.

use crate::Check;
use proofmark_validator_sdk::{MAX_RECORD_BYTES, Problem, problem, submission};
use serde::Deserialize;

/// The parameters; `params.schema.json` describes them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    artifact: Option<String>,
    artifacts: Option<Vec<String>>,
    artifacts_ending: Option<String>,
    /// How documents lie in an artifact.
    #[serde(default)]
    pub(crate) format: Format,
    /// Name of the reference file that holds the schema.
    #[serde(default = "default_schema")]
    pub(crate) schema: String,
    /// Whether `format` of the schema is asserted.
    #[serde(default)]
    pub(crate) assert_formats: bool,
    min_documents: Option<u64>,
    pub(crate) max_documents: Option<u64>,
    /// The largest document that is judged.
    #[serde(default = "default_max_document_bytes")]
    pub(crate) max_document_bytes: u64,
    /// Where the value is that no two documents share; the whole document at the empty pointer.
    pub(crate) unique_by: Option<String>,
    /// How much the schema may cost on the documents.
    #[serde(default = "default_steps_per_byte")]
    pub(crate) steps_per_byte: u64,
    others: Option<Others>,
}

/// What becomes of artifacts that are not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Others {
    /// They belong to other criteria, or to nobody.
    Ignore,
    /// Each is a finding.
    Refuse,
}

/// How documents lie in an artifact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Format {
    /// One document per artifact.
    #[default]
    Json,
    /// One document per line.
    JsonLines,
}

fn default_schema() -> String {
    "schema.json".to_owned()
}

/// 1 MiB: the longest line that a host call moves. A parsed document takes several times its text.
fn default_max_document_bytes() -> u64 {
    1 << 20
}

/// A step costs up to 250 units of fuel, of which there are 1000 for each byte.
fn default_steps_per_byte() -> u64 {
    4
}

impl Params {
    /// What the schema of the parameters cannot say.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let sources = [
            self.artifact.is_some(),
            self.artifacts.is_some(),
            self.artifacts_ending.is_some(),
        ];
        if sources.iter().filter(|given| **given).count() != 1 {
            let message = "give exactly one of `artifact`, `artifacts` and `artifacts_ending`";
            problems.push(problem("", message));
        }
        if self
            .max_documents
            .is_some_and(|max| max < self.min_documents())
        {
            problems.push(problem("/max_documents", "less than `min_documents`"));
        }
        if self.format == Format::JsonLines && self.max_document_bytes > MAX_RECORD_BYTES {
            let message = format!("lines are read up to {MAX_RECORD_BYTES} bytes");
            problems.push(problem("/max_document_bytes", message));
        }
        if self.unique_by.as_deref().is_some_and(|at| !is_pointer(at)) {
            problems.push(problem("/unique_by", "not a JSON Pointer"));
        }
        problems
    }

    /// Whether every artifact must be read. If the supplier chooses the names, then yes: a name must
    /// not decide whether a document is judged.
    pub(crate) fn refuses_others(&self) -> bool {
        let by_name = self.artifacts_ending.is_some();
        self.others
            .map_or(by_name, |others| others == Others::Refuse)
    }

    /// The number of documents only if there is a bound on it: one is needed anyway.
    pub(crate) fn asks_for(&self, check: Check) -> bool {
        match check {
            Check::Documents => true,
            Check::Unique => self.unique_by.is_some(),
            Check::Count => self.min_documents.is_some() || self.max_documents.is_some(),
        }
    }

    /// The fewest documents; one, unless fewer are allowed by name.
    pub(crate) fn min_documents(&self) -> u64 {
        self.min_documents.unwrap_or(1)
    }

    /// Whether an artifact is one of those to read.
    pub(crate) fn reads(&self, path: &str) -> bool {
        let ending = self.artifacts_ending.as_deref();
        let mut named = self.artifact.iter().chain(self.artifacts.iter().flatten());
        ending.is_some_and(|ending| path.ends_with(ending)) || named.any(|name| name == path)
    }

    /// The paths to read, in order.
    pub(crate) fn paths(&self) -> Vec<String> {
        let ending = self.artifacts_ending.as_deref();
        let listed = ending.into_iter().flat_map(|ending| {
            submission::list()
                .map(|entry| entry.path)
                .filter(move |path| path.ends_with(ending))
        });
        let named = self
            .artifact
            .iter()
            .chain(self.artifacts.iter().flatten())
            .cloned();
        named.chain(listed).collect()
    }
}

/// RFC 6901: empty, or `/` before each token, in which `~` is followed by 0 or 1.
fn is_pointer(text: &str) -> bool {
    let escapes = |rest: &str| rest.starts_with(['0', '1']);
    (text.is_empty() || text.starts_with('/')) && text.split('~').skip(1).all(escapes)
}

//! What the buyer asks for. `params.schema.json` describes the same for people and tools.

use proofmark_validator_sdk::{Problem, problem};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// All parameters.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Paths of the texts in the submission.
    #[serde(default = "default_texts")]
    pub texts: Vec<String>,
    /// How they are written.
    #[serde(default)]
    pub format: Format,
    /// Reference file by source id.
    pub sources: BTreeMap<String, String>,
    /// Inline quotations of fewer words are not quotations.
    #[serde(default = "default_min_words")]
    pub min_words: usize,
    /// How far from an inline quotation its citation may stand, in bytes of the text.
    #[serde(default = "default_citation_reach")]
    pub citation_reach: usize,
    /// What a quotation without a citation is.
    #[serde(default)]
    pub uncited: Uncited,
    /// How text and source are made comparable.
    #[serde(default)]
    pub normalisation: Normalisation,
    /// How quotations with omissions are read.
    #[serde(default)]
    pub ellipsis: Ellipsis,
    /// Bracketed words that cite nothing.
    #[serde(default = "default_remarks")]
    pub remarks: BTreeSet<String>,
    /// What links are that look like citations.
    #[serde(default)]
    pub links: Links,
    /// The fewest verified quotations of different passages.
    #[serde(default = "default_min_quotations")]
    pub min_quotations: u64,
}

/// How a text is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// By the end of the path: `.md` and `.markdown` are Markdown, anything else is plain.
    #[default]
    Auto,
    /// Code, comments, links and escapes are known.
    Markdown,
    /// Everything is text.
    Plain,
}

/// What a quotation without a citation is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Uncited {
    /// A finding.
    #[default]
    Fail,
    /// Right, if it occurs in any source.
    Search,
    /// Not looked at.
    Ignore,
}

/// What a link is whose text looks like a citation key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Links {
    /// A citation.
    #[default]
    Judge,
    /// A link.
    Ignore,
}

/// How text and source are made comparable, beyond what always holds.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Normalisation {
    /// What becomes of hyphens.
    pub hyphens: Hyphens,
    /// Upper and lower case are the same.
    pub fold_case: bool,
    /// `*` and `_` are left out.
    pub ignore_emphasis: bool,
}

impl Default for Normalisation {
    fn default() -> Self {
        Self {
            hyphens: Hyphens::Ignore,
            fold_case: false,
            ignore_emphasis: true,
        }
    }
}

/// What becomes of hyphens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hyphens {
    /// They stay.
    Keep,
    /// One at the end of a line, between letters of which the second is lower-case, is left out.
    JoinLineEnds,
    /// Each single one between two letters is left out.
    Ignore,
}

/// How quotations with omissions are read.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ellipsis {
    /// How much an ellipsis may leave out, in bytes of normalised text.
    pub max_gap_bytes: u64,
    /// The fewest words of a part.
    pub min_part_words: usize,
    /// The most parts.
    pub max_parts: usize,
}

impl Default for Ellipsis {
    fn default() -> Self {
        Self {
            max_gap_bytes: 120,
            min_part_words: 4,
            max_parts: 3,
        }
    }
}

fn default_texts() -> Vec<String> {
    vec!["text.md".to_owned()]
}

fn default_min_words() -> usize {
    4
}

fn default_citation_reach() -> usize {
    160
}

fn default_remarks() -> BTreeSet<String> {
    ["sic", "laughter", "applause", "inaudible", "crosstalk"]
        .map(str::to_owned)
        .into()
}

fn default_min_quotations() -> u64 {
    1
}

impl Params {
    /// Whether a text is Markdown.
    pub(crate) fn is_markdown(&self, path: &str) -> bool {
        match self.format {
            Format::Auto => [".md", ".markdown"].iter().any(|end| path.ends_with(end)),
            Format::Markdown => true,
            Format::Plain => false,
        }
    }

    /// What the schema cannot say.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.texts.is_empty() {
            problems.push(problem("/texts", "there must be a text to judge"));
        }
        if self.texts.iter().collect::<BTreeSet<_>>().len() < self.texts.len() {
            problems.push(problem("/texts", "a text is named twice"));
        }
        if self.sources.is_empty() {
            problems.push(problem("/sources", "there must be a source to quote from"));
        }
        for id in self
            .sources
            .keys()
            .filter(|id| !crate::text::is_source_id(id))
        {
            let message = "a source id is a letter or digit, then letters, digits and `_ . : / -`";
            problems.push(problem(format!("/sources/{}", escaped(id)), message));
        }
        for remark in &self.remarks {
            if remark.is_empty() || *remark != remark.to_lowercase() {
                problems.push(problem("/remarks", "a remark is a word in lower case"));
            } else if self.sources.contains_key(remark) {
                problems.push(problem("/remarks", "a remark has the name of a source"));
            }
        }
        if self.min_quotations == 0 {
            let message = "must be at least 1: without a quotation nothing would be shown";
            problems.push(problem("/min_quotations", message));
        }
        problems
    }
}

/// A token of a JSON Pointer.
fn escaped(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contradictions_point_at_their_place() {
        for (json, pointer) in [
            (r#"{"sources":{"a":"a.txt"}}"#, None),
            (r#"{"sources":{}}"#, Some("/sources")),
            (
                r#"{"sources":{"two words":"a.txt"}}"#,
                Some("/sources/two words"),
            ),
            (r#"{"sources":{"a":"a.txt"},"texts":[]}"#, Some("/texts")),
            (
                r#"{"sources":{"a":"a.txt"},"texts":["t","t"]}"#,
                Some("/texts"),
            ),
            (
                r#"{"sources":{"a":"a.txt"},"remarks":["Sic"]}"#,
                Some("/remarks"),
            ),
            (
                r#"{"sources":{"a":"a.txt"},"remarks":["a"]}"#,
                Some("/remarks"),
            ),
            (
                r#"{"sources":{"a":"a.txt"},"min_quotations":0}"#,
                Some("/min_quotations"),
            ),
        ] {
            let params: Params = serde_json::from_str(json).expect("parameters");
            let pointers: Vec<_> = params.problems().into_iter().map(|it| it.pointer).collect();
            assert_eq!(
                pointers,
                Vec::from_iter(pointer.map(str::to_owned)),
                "{json}"
            );
        }
    }
}

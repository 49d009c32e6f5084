//! A change of code as a unified diff: whether it applies to the buyer's tree, exactly, and keeps to what was agreed. See `README.md`.
//!
//! Validators that look at what comes of a change use [`apply`]: it gives the files of the resulting [`Tree`].

mod application;
mod apply;
mod change;
mod content;
mod defect;
mod hunks;
mod hygiene;
mod judge;
mod lines;
mod literals;
mod names;
mod params;
mod patch;
mod pattern;
mod quoted;
mod said;
mod scope;
mod secrets;
mod sections;
mod tree;

pub use application::Unapplied;
pub use apply::{Changed, MAX_PATHS_BYTES, MAX_WRITTEN_BYTES, apply};
pub use defect::Defect;
pub use params::Params;
pub use sections::MAX_CHANGES;
pub use tree::{File, Files, MAX_FILE_BYTES, MAX_FILES, Tree, digest};

use params::MAX_DIFF_BYTES;
use proofmark_validator_sdk::{
    Finding, Problem, ReadErrorKind, Refusal, ReportBuilder, Severity, Validator, checks, export,
    submission,
};

checks! {
    /// What this validator reports.
    pub enum Check {
        /// Every hunk fits, at its very place.
        Applies = "applies": "Every change applies to the base exactly, and the resulting tree is one everywhere.",
        /// Only what may be changed is.
        Paths = "paths": "Only files that may be changed are changed, deleted or renamed.",
        /// No more than was agreed.
        Size = "size": "The change is within its limits.",
        /// Nothing that must not be in code.
        Hygiene = "hygiene": "Added lines have no conflict markers, secrets, unseen characters or forbidden texts, and nothing stands outside of the hunks.",
        /// What belongs to it is there.
        Required = "required": "Everything that has to be changed has new lines.",
        /// The tree that was asked for.
        Result = "result": "The resulting tree is the expected one.",
    }
}

/// The validator.
pub struct CodeChange;

impl Validator for CodeChange {
    type Params = Params;
    type Check = Check;
    const NAME: &'static str = "code-change";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "A unified diff applies exactly to the buyer's tree, and keeps to the agreed paths, size and form.";

    fn params_schema() -> &'static str {
        include_str!("../params.schema.json")
    }

    fn media_types() -> &'static [&'static str] {
        &["text/x-diff"]
    }

    fn check_params(params: &Params) -> Vec<Problem> {
        params.problems()
    }

    fn asked_for(params: &Params) -> Vec<Check> {
        let mut asked = vec![Check::Applies, Check::Paths, Check::Size, Check::Hygiene];
        asked.extend((!params.required.is_empty()).then_some(Check::Required));
        asked.extend(params.tree_digest.is_some().then_some(Check::Result));
        asked
    }

    fn evaluate(params: Params, report: &mut ReportBuilder<Check>) -> Result<(), Refusal> {
        let tree = Tree::of_references(&params.base)?;
        if let Some(asked) = &params.base_digest {
            let found = digest(tree.files());
            if *asked != found {
                let why = format!("the base `{}` is {found}, not {asked}", params.base);
                return Err(Refusal::InvalidParams(why));
            }
        }
        match read(&params.path) {
            Ok(diff) => judge::judge(&params, &diff, &tree, report)?,
            Err(finding) => report.fail_untouched(&finding),
        }
        Ok(())
    }
}

/// The diff.
fn read(path: &str) -> Result<Vec<u8>, Box<Finding>> {
    let file = submission::open(path);
    let read = file.and_then(|mut file| file.read_all(MAX_DIFF_BYTES));
    read.map_err(|error| {
        let (code, message) = match error.kind {
            ReadErrorKind::TooLarge { .. } => ("too-many-bytes", error.to_string()),
            _ => ("diff-missing", "There is no diff.".to_owned()),
        };
        let finding = Finding::new(code, message).at_file(path);
        Box::new(finding.severity(Severity::Critical))
    })
}

export!(CodeChange);

#[cfg(test)]
mod tests;

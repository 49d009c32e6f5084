//! Which files are changed: what may be, and what has to be.

use crate::change::Change;
use crate::content::Counts;
use crate::defect::Defect;
use crate::params::Params;
use crate::pattern::Pattern;
use proofmark_validator_sdk::{CheckBuilder, Finding, excerpt};

/// A change with what was counted in it.
pub(crate) type Counted<'c, 'd> = (&'c Change<'d>, &'c Counts);

fn patterns<'t>(texts: impl IntoIterator<Item = &'t String>) -> Vec<Pattern> {
    // Those that are none were refused before.
    texts
        .into_iter()
        .filter_map(|text| Pattern::new(text))
        .collect()
}

fn any(patterns: &[Pattern], path: &str) -> bool {
    let components: Vec<&str> = path.split('/').collect();
    patterns.iter().any(|pattern| pattern.matches(&components))
}

/// What the parameters say of paths.
pub(crate) struct Scope<'p> {
    params: &'p Params,
    allowed: Option<Vec<Pattern>>,
    /// Compared by key: where case does not matter, another spelling is the same file.
    forbidden: Vec<Pattern>,
    append_only: Vec<Pattern>,
}

impl<'p> Scope<'p> {
    pub(crate) fn new(params: &'p Params) -> Self {
        let forbidden = patterns(&params.forbidden);
        Self {
            params,
            allowed: params.allowed.as_ref().map(patterns),
            forbidden: forbidden.iter().map(Pattern::keyed).collect(),
            append_only: patterns(&params.append_only),
        }
    }

    /// Whether the file may be changed as it is.
    pub(crate) fn judge(&self, change: &Change<'_>, counts: &Counts, check: &mut CheckBuilder) {
        let before = check.findings_total();
        let path = &self.params.path;
        let mut tell = |code, message: &str, name: &str| {
            let defect = Defect::new(code, change.line, message);
            let finding: Finding = defect.actual(excerpt(name.as_bytes(), 200)).finding(path);
            check.finding(finding);
        };
        for name in change.paths() {
            if self
                .allowed
                .as_ref()
                .is_some_and(|allowed| !any(allowed, name))
            {
                tell(
                    "path-not-allowed",
                    "This file is none of those that may be changed.",
                    name,
                );
            }
            if any(&self.forbidden, &crate::names::key(name)) {
                tell("path-forbidden", "This file may not be changed.", name);
            }
        }
        let old = change.old.as_deref().unwrap_or_default();
        if change.new.is_none() && !self.params.deletions {
            tell("deletion-not-allowed", "No file may be deleted.", old);
        }
        if change.is_rename() && !self.params.renames {
            tell("rename-not-allowed", "No file may get another path.", old);
        }
        let loses = counts.removed > 0 || change.old != change.new;
        if change.old.is_some() && loses && any(&self.append_only, old) {
            tell("append-only", "To this file lines may only be added.", old);
        }
        let clean = check.findings_total() == before;
        check.examine(clean);
    }
}

/// Whether each pattern has as many new lines as are asked for.
pub(crate) fn required(params: &Params, changes: &[Counted<'_, '_>], check: &mut CheckBuilder) {
    for (text, least) in &params.required {
        let pattern = patterns([text]);
        let files = changes.iter().filter(|(change, _)| {
            let new = change.new.as_deref();
            new.is_some_and(|path| any(&pattern, path))
        });
        let lines: u64 = files.map(|(_, counts)| counts.new_lines).sum();
        check.examine(lines >= *least);
        if lines < *least {
            let message =
                format!("What `{text}` stands for does not have the new lines that it needs.");
            let finding = Finding::new("required-missing", message).at_file(&params.path);
            check.finding(finding.expected(format!("at least {least}")).actual(lines));
        }
    }
    let (matched, examined) = (check.matched(), check.examined());
    check.summary(format!(
        "required changes that are there: {matched} of {examined}"
    ));
}

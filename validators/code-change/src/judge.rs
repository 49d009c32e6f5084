//! The checks, one after the other.

use crate::Check;
use crate::application::{After, Application, Unapplied};
use crate::apply;
use crate::change::{self, Change};
use crate::content::{self, Counts, Removed};
use crate::defect::Defect;
use crate::hygiene::Hygiene;
use crate::params::Params;
use crate::scope::{self, Scope};
use crate::sections::{self, Sections};
use crate::tree::{self, Tree};
use proofmark_validator_sdk::{Finding, Refusal, ReportBuilder, Severity};

/// Judges everything.
pub(crate) fn judge(
    params: &Params,
    diff: &[u8],
    tree: &Tree,
    report: &mut ReportBuilder<Check>,
) -> Result<(), Refusal> {
    let read = sections::read(diff);
    if read.sections.is_empty() {
        let finding = Finding::new("diff-empty", "The diff changes no file.");
        let finding = finding.at_file(&params.path).severity(Severity::Critical);
        report.fail_untouched(&finding);
        return Ok(());
    }
    let changes: Vec<_> = read.sections.iter().map(change::read).collect();
    if let Err(defect) = apply::paths_fit(changes.iter().flatten()) {
        let finding = defect.finding(&params.path).severity(Severity::Critical);
        report.fail_untouched(&finding);
        return Ok(());
    }
    let whole = apply::whole(diff, &read);
    let applied = applies(params, whole, &changes, tree, report)?;
    result(params, applied.digest.as_deref(), report);
    let counts = contents(params, &read, &changes, report);
    let files = read.sections.len() as u64;
    let size = report.check(Check::Size);
    content::size(
        params,
        diff.len() as u64,
        files,
        applied.largest,
        &counts,
        size,
    );
    paths(params, &changes, &counts, report);
    for check in [
        Check::Applies,
        Check::Paths,
        Check::Size,
        Check::Hygiene,
        Check::Required,
    ] {
        let check = report.check(check);
        check.score_by_ratio();
        // Also what is of no single file, such as two paths that collide.
        if check.matched() < check.examined() || check.findings_total() > 0 {
            check.decide(false);
        }
    }
    Ok(())
}

type Changes<'d> = [Result<Change<'d>, Defect>];

/// What came of applying.
#[derive(Default)]
struct Applied {
    /// Of the resulting tree; nothing if there is none.
    digest: Option<String>,
    /// The size of the largest file that was written, and the line of its change.
    largest: Option<(u64, u64)>,
}

fn applies(
    params: &Params,
    whole: Result<(), Defect>,
    changes: &Changes<'_>,
    tree: &Tree,
    report: &mut ReportBuilder<Check>,
) -> Result<Applied, Refusal> {
    let check = report.check(Check::Applies);
    let mut application = Application::new(tree, params.executables);
    let mut applied = Applied::default();
    for change in changes {
        let made = match change {
            Ok(change) => application.make(change).map(|after| (after, change.line)),
            Err(defect) => Err(Unapplied::Defect(defect.clone())),
        };
        check.examine(made.is_ok());
        match made {
            Ok((After::Written(content), line)) => {
                applied.largest = applied.largest.max(Some((content.len() as u64, line)));
            }
            Ok(_) => {}
            Err(Unapplied::Defect(defect)) => drop(check.finding(defect.finding(&params.path))),
            Err(Unapplied::Refusal(refusal)) => return Err(refusal),
        }
    }
    let (matched, examined) = (check.matched(), check.examined());
    let all = whole.and_then(|()| application.finish());
    let summary = match (&all, matched == examined) {
        (Ok(files), true) => {
            let digest = tree::digest(files);
            let said =
                format!("changes that apply: {matched} of {examined}; resulting tree: {digest}");
            applied.digest = Some(digest);
            said
        }
        _ => format!("changes that apply: {matched} of {examined}; there is no resulting tree"),
    };
    if let Err(defect) = all {
        check.finding(defect.finding(&params.path));
    }
    check.summary(summary);
    Ok(applied)
}

fn result(params: &Params, digest: Option<&str>, report: &mut ReportBuilder<Check>) {
    let Some(asked) = params.tree_digest.as_deref() else {
        return;
    };
    let check = report.check(Check::Result);
    check.examine(digest == Some(asked)).score_by_ratio();
    let finding = match digest {
        Some(digest) if digest == asked => return,
        Some(digest) => {
            Finding::new("result-differs", "The resulting tree is another one.").actual(digest)
        }
        None => Finding::new("result-none", "There is no resulting tree."),
    };
    check.finding(finding.at_file(&params.path).expected(asked));
}

/// Looks at every line, and counts; nothing of a change that cannot be read.
fn contents(
    params: &Params,
    read: &Sections<'_>,
    changes: &Changes<'_>,
    report: &mut ReportBuilder<Check>,
) -> Vec<Counts> {
    let check = report.check(Check::Hygiene);
    for line in read.before {
        content::outside(&params.path, line.number, check);
    }
    let mut removed = Removed::new();
    if !params.required.is_empty() {
        for change in changes.iter().flatten() {
            // Its defect is told by `applies`.
            let _ = content::removed(change, &mut removed);
        }
    }
    let hygiene = Hygiene::new(params);
    let counts = changes.iter().map(|change| match change {
        Ok(change) => content::look(change, &removed, &hygiene, &params.path, check),
        Err(defect) => {
            check.examine(false);
            check.finding(defect.finding(&params.path));
            Counts::default()
        }
    });
    let counts = counts.collect();
    let (matched, examined) = (check.matched(), check.examined());
    check.summary(format!(
        "files with nothing objectionable in added lines: {matched} of {examined}"
    ));
    counts
}

fn paths(
    params: &Params,
    changes: &Changes<'_>,
    counts: &[Counts],
    report: &mut ReportBuilder<Check>,
) {
    let check = report.check(Check::Paths);
    let scope = Scope::new(params);
    let mut counted = Vec::with_capacity(changes.len());
    for (change, counts) in changes.iter().zip(counts) {
        match change {
            Ok(change) => {
                scope.judge(change, counts, check);
                counted.push((change, counts));
            }
            Err(defect) => {
                check.examine(false);
                check.finding(defect.finding(&params.path));
            }
        }
    }
    let (matched, examined) = (check.matched(), check.examined());
    check.summary(format!(
        "files that may be changed as they are: {matched} of {examined}"
    ));
    scope::required(params, &counted, report.check(Check::Required));
}

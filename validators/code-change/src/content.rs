//! The lines of a change, whether or not it can be applied.

use crate::change::Change;
use crate::defect::Defect;
use crate::hunks::{self, Event, Sign};
use crate::hygiene::Hygiene;
use crate::params::Params;
use proofmark_validator_sdk::{CheckBuilder, Finding, Severity};
use std::collections::BTreeSet;

/// What was counted in the change of one file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) added: u64,
    pub(crate) removed: u64,
    /// Added lines that are not blank, and whose text is removed nowhere in the diff.
    pub(crate) new_lines: u64,
    /// The longest added line, and its number.
    pub(crate) longest: (u64, u64),
}

/// Texts of removed lines, without the white space around them.
pub(crate) type Removed<'d> = BTreeSet<&'d [u8]>;

/// Collects what a change removes. Up to its first defect: then it is not applied anyway.
pub(crate) fn removed<'d>(change: &Change<'d>, texts: &mut Removed<'d>) -> Result<(), Defect> {
    hunks::walk(change.hunks, |event| {
        if let Event::Line(line) = event
            && line.sign == Sign::Removed
        {
            texts.insert(line.text.trim_ascii());
        }
        Ok(())
    })
}

/// Counts lines, and tells what is wrong with those that are added; whether nothing is.
pub(crate) fn look(
    change: &Change<'_>,
    removed: &Removed<'_>,
    hygiene: &Hygiene<'_>,
    path: &str,
    check: &mut CheckBuilder,
) -> Counts {
    let (mut counts, mut clean) = (Counts::default(), true);
    let whole = hunks::walk(change.hunks, |event| {
        match event {
            Event::Outside(line) => {
                clean = false;
                outside(path, line.number, check);
            }
            Event::Line(line) if line.sign == Sign::Removed => counts.removed += 1,
            Event::Line(line) if line.sign == Sign::Added => {
                counts.added += 1;
                let text = line.text.trim_ascii();
                let is_new = !text.is_empty() && !removed.contains(text);
                counts.new_lines += u64::from(is_new);
                let length = line.text.len() as u64;
                if length > counts.longest.0 {
                    counts.longest = (length, line.number);
                }
                clean &= hygiene.line(line.number, line.text, check);
            }
            _ => {}
        }
        Ok(())
    });
    // What follows was not looked at.
    if let Err(defect) = whole {
        clean = false;
        check.finding(defect.finding(path));
    }
    check.examine(clean);
    counts
}

/// A line that no reader of diffs applies.
pub(crate) fn outside(path: &str, number: u64, check: &mut CheckBuilder) {
    check.finding_of(Severity::Major, || {
        crate::apply::outside(number).finding(path)
    });
}

/// How large the change is.
pub(crate) fn size(
    params: &Params,
    bytes: u64,
    files: u64,
    largest: Option<(u64, u64)>,
    counts: &[Counts],
    check: &mut CheckBuilder,
) {
    let added: u64 = counts.iter().map(|it| it.added).sum();
    let removed: u64 = counts.iter().map(|it| it.removed).sum();
    let (longest, at) = counts.iter().map(|it| it.longest).max().unwrap_or_default();
    let (file, file_at) = largest.unwrap_or_default();
    for (code, what, is, most, line) in [
        (
            "too-many-files",
            "files are changed",
            files,
            params.files_max,
            0,
        ),
        (
            "too-many-added-lines",
            "lines are added",
            added,
            params.added_lines_max,
            0,
        ),
        (
            "too-many-removed-lines",
            "lines are removed",
            removed,
            params.removed_lines_max,
            0,
        ),
        (
            "too-many-bytes",
            "bytes are in the diff",
            bytes,
            params.bytes_max,
            0,
        ),
        (
            "line-too-long",
            "bytes are in an added line",
            longest,
            params.line_bytes_max,
            at,
        ),
        (
            "file-too-large",
            "bytes are in a resulting file",
            file,
            params.file_bytes_max,
            file_at,
        ),
    ] {
        check.examine(is <= most);
        if is > most {
            let finding = Finding::new(code, format!("More {what} than may be."));
            let finding = match line {
                0 => finding.at_file(&params.path),
                line => finding.at_line(&params.path, line),
            };
            check.finding(finding.expected(format!("at most {most}")).actual(is));
        }
    }
    check.summary(format!(
        "files: {files}; lines added: {added}, removed: {removed}; bytes: {bytes}"
    ));
}

//! Rules about criteria that a schema cannot say.
//!
//! Every rule is an error: criteria that nobody can fail, or whose weights do nothing, are mistakes that
//! cost money later.

use std::collections::BTreeMap;

use proofmark_core::{Ppm, Problem, pointer};
use serde::Serialize;

use crate::document::{Criterion, Document};
use crate::draft::{CriterionDraft, Draft};
use crate::limits::Limits;
use crate::submission::ArtifactPath;
use crate::text::is_clean;

/// Largest canonical parameters of one criterion in bytes: 256 KiB = 256 × 2^10. What is larger belongs
/// into a reference file.
pub const MAX_PARAMS_BYTES: usize = 256 << 10;
/// Largest sum of all weights: that of one, so that a weight never has to be scaled down.
pub const MAX_WEIGHT_SUM: u64 = u32::MAX as u64;
/// Largest sum of [`Limits::report_bytes`] over all criteria: 64 MiB = 64 × 2^20, so that every record
/// stays below [`crate::record::MAX_RECORD_BYTES`].
pub const MAX_REPORT_BYTES_SUM: u64 = 64 << 20;

/// What is wrong with a draft, all of it, in the order of the document.
#[must_use]
pub fn draft(draft: &Draft) -> Vec<Problem> {
    let mut problems = Vec::new();
    texts("", &draft.name, draft.summary.as_deref(), &mut problems);
    limits(
        "/limits",
        &draft.limits.apply(Limits::default()),
        &mut problems,
    );
    for (index, criterion) in draft.criteria.iter().enumerate() {
        draft_criterion(&place(index), criterion, &mut problems);
    }
    let base = draft.limits.apply(Limits::default());
    let outlines = draft.criteria.iter().map(|criterion| Outline {
        name: &criterion.name,
        required: criterion.required,
        weight: criterion.weight,
        report_bytes: criterion.limits.apply(base).report_bytes,
    });
    roll_up(
        draft.threshold,
        &outlines.collect::<Vec<_>>(),
        &mut problems,
    );
    problems
}

fn draft_criterion(place: &str, criterion: &CriterionDraft, problems: &mut Vec<Problem>) {
    texts(place, "", criterion.summary.as_deref(), problems);
    let over_defaults = criterion.limits.apply(Limits::default());
    limits(&pointer::join(place, "limits"), &over_defaults, problems);
    params(place, &criterion.params, problems);
    let references = pointer::join(place, "references");
    for name in criterion.references.keys() {
        if let Err(error) = name.parse::<ArtifactPath>() {
            problems.push(Problem::from(error).at(pointer::join(&references, name)));
        }
    }
}

/// What is wrong with a locked document beyond its schema, all of it, in the order of the document.
#[must_use]
pub fn document(document: &Document) -> Vec<Problem> {
    let mut problems = Vec::new();
    texts(
        "",
        &document.name,
        document.summary.as_deref(),
        &mut problems,
    );
    for (index, criterion) in document.criteria.iter().enumerate() {
        locked_criterion(&place(index), criterion, &mut problems);
    }
    let outlines = document.criteria.iter().map(|criterion| Outline {
        name: &criterion.name,
        required: criterion.required,
        weight: criterion.weight,
        report_bytes: criterion.limits.report_bytes,
    });
    roll_up(
        document.threshold,
        &outlines.collect::<Vec<_>>(),
        &mut problems,
    );
    problems
}

fn locked_criterion(place: &str, criterion: &Criterion, problems: &mut Vec<Problem>) {
    texts(place, "", criterion.summary.as_deref(), problems);
    let validator = pointer::join(place, "validator");
    for (member, said) in [
        ("name", &criterion.validator.name),
        ("version", &criterion.validator.version),
    ] {
        text(&pointer::join(&validator, member), said, problems);
    }
    params(place, &criterion.params, problems);
    if !ascending(&criterion.checks) {
        let checks = pointer::join(place, "checks");
        problems.push(unsorted("checks-not-sorted", "check ids").at(checks));
    }
    let names: Vec<_> = criterion
        .references
        .iter()
        .map(|reference| &reference.name)
        .collect();
    if !ascending(&names) {
        let references = pointer::join(place, "references");
        problems.push(unsorted("references-not-sorted", "reference names").at(references));
    }
    limits(&pointer::join(place, "limits"), &criterion.limits, problems);
}

fn place(index: usize) -> String {
    pointer::join("/criteria", index)
}

fn texts(place: &str, name: &str, summary: Option<&str>, problems: &mut Vec<Problem>) {
    for (member, said) in [("name", name), ("summary", summary.unwrap_or_default())] {
        text(&pointer::join(place, member), said, problems);
    }
}

fn text(place: &str, text: &str, problems: &mut Vec<Problem>) {
    if !is_clean(text) {
        problems.push(
            Problem::new(
                "text-deceives",
                "the text has control or direction characters",
            )
            .at(place)
            .hint("remove them: they can make a terminal or page show something else"),
        );
    }
}

fn limits(place: &str, limits: &Limits, problems: &mut Vec<Problem>) {
    for row in limits.rows() {
        let (code, message) = if row.value > row.max {
            (
                "limit-above-maximum",
                format!("`{}` is at most {}", row.name, row.max),
            )
        } else if row.value < row.min {
            (
                "limit-below-minimum",
                format!("`{}` is at least {}", row.name, row.min),
            )
        } else {
            continue;
        };
        let hint = "leave the limit out to take its default";
        problems.push(
            Problem::new(code, message)
                .at(pointer::join(place, row.name))
                .hint(hint),
        );
    }
}

fn params(place: &str, params: &impl Serialize, problems: &mut Vec<Problem>) {
    // What has no canonical form is reported elsewhere.
    let bytes = proofmark_core::canonical::to_bytes(params).unwrap_or_default();
    if bytes.len() > MAX_PARAMS_BYTES {
        let size = bytes.len();
        problems.push(
            Problem::new(
                "params-too-large",
                format!(
                    "the parameters have {size} bytes, of which {MAX_PARAMS_BYTES} are allowed"
                ),
            )
            .at(pointer::join(place, "params"))
            .hint("move tables and long texts into a reference file"),
        );
    }
}

fn ascending<T: Ord>(items: &[T]) -> bool {
    items.windows(2).all(|pair| pair[0] < pair[1])
}

fn unsorted(code: &'static str, what: &str) -> Problem {
    Problem::new(
        code,
        format!("the {what} are not in ascending byte order, each once"),
    )
    .hint("make the document with `proofmark criteria lock`")
}

/// What the roll-up knows of a criterion in either form.
struct Outline<'c> {
    name: &'c str,
    required: bool,
    weight: u32,
    report_bytes: u32,
}

fn roll_up(threshold: Option<Ppm>, criteria: &[Outline<'_>], problems: &mut Vec<Problem>) {
    if criteria.is_empty() {
        problems.push(
            Problem::new("no-criteria", "nothing is asked for")
                .at("/criteria")
                .hint("add a criterion (`[[criteria]]` in TOML)"),
        );
        return;
    }
    duplicates(criteria, problems);
    effects(threshold, criteria, problems);
    sums(criteria, problems);
    threshold_rules(threshold, criteria, problems);
}

fn duplicates(criteria: &[Outline<'_>], problems: &mut Vec<Problem>) {
    let mut first = BTreeMap::new();
    for (index, criterion) in criteria.iter().enumerate() {
        if let Some(earlier) = first.get(criterion.name) {
            let message = format!("criterion {earlier} has the same name");
            problems.push(
                Problem::new("criterion-name-duplicate", message)
                    .at(pointer::join(&place(index), "name"))
                    .hint("give each criterion a name of its own"),
            );
        } else {
            first.insert(criterion.name, index);
        }
    }
}

fn effects(threshold: Option<Ppm>, criteria: &[Outline<'_>], problems: &mut Vec<Problem>) {
    for (index, criterion) in criteria.iter().enumerate() {
        if !criterion.required && criterion.weight == 0 {
            problems.push(
                Problem::new(
                    "criterion-without-effect",
                    "the criterion is neither required nor weighted, so nothing depends on it",
                )
                .at(place(index))
                .hint("set `required = true`, or give it a `weight`"),
            );
        }
        if criterion.weight > 0 && threshold.is_none() {
            problems.push(
                Problem::new(
                    "weight-without-threshold",
                    "the weight has no effect without a threshold",
                )
                .at(pointer::join(&place(index), "weight"))
                .hint("set `threshold` at the top of the document, or remove the weight"),
            );
        }
    }
}

fn sums(criteria: &[Outline<'_>], problems: &mut Vec<Problem>) {
    let weights: u64 = criteria
        .iter()
        .map(|criterion| u64::from(criterion.weight))
        .sum();
    if weights > MAX_WEIGHT_SUM {
        problems.push(
            Problem::new(
                "weight-sum-too-large",
                format!("the weights sum to more than {MAX_WEIGHT_SUM}"),
            )
            .at("/criteria")
            .hint("divide all weights by a common factor"),
        );
    }
    let reports: u64 = criteria
        .iter()
        .map(|criterion| u64::from(criterion.report_bytes))
        .sum();
    if reports > MAX_REPORT_BYTES_SUM {
        problems.push(
            Problem::new(
                "report-limits-too-large",
                format!("the reports together may have more than {MAX_REPORT_BYTES_SUM} bytes"),
            )
            .at("/criteria")
            .hint("lower `report_bytes` in the limits"),
        );
    }
}

fn threshold_rules(threshold: Option<Ppm>, criteria: &[Outline<'_>], problems: &mut Vec<Problem>) {
    let Some(threshold) = threshold else {
        return;
    };
    if criteria.iter().all(|criterion| criterion.weight == 0) {
        problems.push(
            Problem::new(
                "threshold-without-weight",
                "no criterion is weighted, so there is no score",
            )
            .at("/threshold")
            .hint("give a criterion a `weight`, or remove the threshold"),
        );
    }
    if threshold == Ppm::ZERO {
        problems.push(
            Problem::new(
                "threshold-zero",
                "every score is at least 0, so the threshold asks nothing",
            )
            .at("/threshold")
            .hint("set it to what must be reached, in parts per million"),
        );
    }
}

#[cfg(test)]
#[path = "lint_tests.rs"]
mod tests;

//! `proofmark criteria show`

use std::fmt::Write;
use std::path::Path;

use proofmark_criteria::document::{Criteria, Criterion};
use serde_json::json;

use crate::commands::Outcome;
use crate::commands::check::read_criteria;
use crate::failure::Exit;
use crate::printer::Printer;
use crate::render::foreign::{message, one_line, within};
use crate::render::number::{grouped, percent};

pub(super) fn run(file: &Path, printer: &Printer) -> Outcome {
    let criteria = read_criteria(file)?;
    printer.data(
        || text(&criteria),
        || json!({ "digest": criteria.digest(), "document": criteria.document() }),
    );
    Ok(Exit::Done)
}

fn text(criteria: &Criteria) -> String {
    let mut out = format!("{}\n{}\n", one_line(criteria.name()), criteria.digest());
    if let Some(summary) = &criteria.document().summary {
        line(&mut out, message(summary));
    }
    if let Some(threshold) = criteria.threshold() {
        line(
            &mut out,
            format!(
                "passes with every required criterion, and a score of {}",
                percent(threshold)
            ),
        );
    } else {
        line(&mut out, "passes with every required criterion");
    }
    for criterion in criteria.criteria() {
        out.push_str(&part(criterion));
    }
    out
}

fn line(out: &mut String, text: impl std::fmt::Display) {
    writeln!(out, "{text}").expect("writing to a string cannot fail");
}

fn part(criterion: &Criterion) -> String {
    let mut out = String::new();
    let role = match criterion.required {
        true => "required",
        false => "not required",
    };
    let name = one_line(&criterion.name);
    line(
        &mut out,
        format!("\n{name} ({role}, weight {})", criterion.weight),
    );
    if let Some(summary) = &criterion.summary {
        line(&mut out, format!("  {}", message(summary)));
    }
    for (word, text) in rows(criterion) {
        line(&mut out, format!("  {word:<10} {text}"));
    }
    out
}

/// What a criterion is made of, a line each.
fn rows(criterion: &Criterion) -> Vec<(&'static str, String)> {
    let validator = &criterion.validator;
    let said = one_line(&format!("{} {}", validator.name, validator.version));
    let mut rows = vec![
        ("validator", format!("{said} {}", validator.digest)),
        ("checks", one_line(&criterion.checks.join(", "))),
    ];
    rows.extend(criterion.references.iter().map(|reference| {
        let size = grouped(reference.size_bytes);
        let name = one_line(reference.name.as_str());
        (
            "reference",
            format!("{name} {} ({size} bytes)", reference.digest),
        )
    }));
    let params = serde_json::Value::Object(criterion.params.clone()).to_string();
    rows.push(("params", within(&params, usize::MAX)));
    let limits = criterion.limits.rows();
    let limits = limits
        .iter()
        .map(|row| format!("{} {}", row.name, grouped(row.value)));
    rows.push(("limits", limits.collect::<Vec<_>>().join(", ")));
    rows
}

//! `proofmark criteria show`

use std::fmt::Write;
use std::path::Path;

use proofmark_criteria::document::{Criteria, Criterion};
use serde_json::json;

use crate::commands::Outcome;
use crate::commands::check::read_criteria;
use crate::failure::Exit;
use crate::printer::Printer;
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
    let mut out = format!("{}\n{}\n", criteria.name(), criteria.digest());
    if let Some(summary) = &criteria.document().summary {
        line(&mut out, summary);
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
    let role = if criterion.required {
        "required"
    } else {
        "not required"
    };
    line(
        &mut out,
        format!("\n{} ({role}, weight {})", criterion.name, criterion.weight),
    );
    if let Some(summary) = &criterion.summary {
        line(&mut out, format!("  {summary}"));
    }
    let validator = &criterion.validator;
    line(
        &mut out,
        format!(
            "  validator  {} {} {}",
            validator.name, validator.version, validator.digest
        ),
    );
    line(
        &mut out,
        format!("  checks     {}", validator.checks.join(", ")),
    );
    for reference in &criterion.references {
        line(
            &mut out,
            format!(
                "  reference  {} {} ({} bytes)",
                reference.name,
                reference.digest,
                grouped(reference.size_bytes)
            ),
        );
    }
    line(
        &mut out,
        format!(
            "  params     {}",
            serde_json::Value::Object(criterion.params.clone())
        ),
    );
    let limits = criterion
        .limits
        .rows()
        .iter()
        .map(|row| format!("{} {}", row.name, grouped(row.value)))
        .collect::<Vec<_>>();
    line(&mut out, format!("  limits     {}", limits.join(", ")));
    out
}

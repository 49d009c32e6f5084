//! Accuracy, per-class figures and macro F1 against their minimums.

use crate::counts::Counts;
use crate::params::Params;
use crate::table::{Answer, Table};
use proofmark_validator_sdk::{CheckBuilder, Finding, Place, Refusal, Severity, percent};

/// The share of correct predictions.
pub(crate) fn accuracy(min: u32, counts: &Counts, check: &mut CheckBuilder) {
    check.count(counts.total, counts.correct).score_by_ratio();
    let actual = proofmark_validator_sdk::ratio_ppm(counts.correct, counts.total);
    check.summary(format!(
        "accuracy {}: {} of {} (asked: {})",
        percent(actual),
        counts.correct,
        counts.total,
        percent(min)
    ));
    check.decide(actual >= min);
    if actual < min {
        check.finding(too_low("accuracy-too-low", "The accuracy", min, actual));
    }
}

/// Lists wrong predictions. Minor: each of them alone is allowed.
pub(crate) fn mistakes(artifact: &str, table: &Table, check: &mut CheckBuilder) {
    for item in &table.items {
        let right = Answer::Class(item.class);
        let Some(wrong) = item.predicted.as_ref().filter(|one| one.answer != right) else {
            continue;
        };
        check.finding_of(Severity::Minor, || {
            let message = format!("The prediction for `{}` is wrong.", item.id);
            let place = Place::file(artifact).line(wrong.at.line);
            Finding::new("prediction-wrong", message)
                .at(place.record(wrong.at.record))
                .expected(table.label(right))
                .actual(table.label(wrong.answer))
        });
    }
}

/// Precision, recall and F1 of the classes of the reference.
pub(crate) fn per_class(
    params: &Params,
    table: &Table,
    counts: &Counts,
    check: &mut CheckBuilder,
) -> Result<(), Refusal> {
    known_classes(params, table)?;
    let classes = table
        .labels
        .names
        .iter()
        .zip(&counts.classes)
        .take(table.reference_classes);
    for (label, class) in classes {
        let min = params.minimums(label);
        let asked = [
            (
                "precision-too-low",
                "precision",
                min.min_precision_ppm,
                class.precision_ppm(),
            ),
            (
                "recall-too-low",
                "recall",
                min.min_recall_ppm,
                class.recall_ppm(),
            ),
            ("f1-too-low", "F1", min.min_f1_ppm, class.f1_ppm()),
        ];
        for (code, name, min, actual) in asked {
            let Some(min) = min else { continue };
            check.examine(actual >= min);
            if actual < min {
                check.finding_of(Severity::Major, || {
                    let what = format!("The {name} of the class `{label}`");
                    too_low(code, &what, min, actual)
                });
            }
        }
    }
    check.score_by_ratio();
    let (matched, examined) = (check.matched(), check.examined());
    check.summary(format!(
        "minimums of classes reached: {matched} of {examined}"
    ));
    Ok(())
}

fn known_classes(params: &Params, table: &Table) -> Result<(), Refusal> {
    let known = |class: &&String| table.reference_class(class).is_some();
    match params.per_class.keys().find(|class| !known(class)) {
        None => Ok(()),
        Some(class) => Err(Refusal::InvalidParams(format!(
            "`per_class` names the class `{class}`, which no row of the reference has"
        ))),
    }
}

/// The mean of F1 over all classes.
pub(crate) fn macro_f1(min: u32, counts: &Counts, check: &mut CheckBuilder) {
    let actual = counts.macro_f1_ppm();
    check.examine(actual >= min).score_ppm(actual);
    let classes = counts.macro_classes();
    check.summary(format!(
        "macro F1 {} over {classes} classes (asked: {})",
        percent(actual),
        percent(min)
    ));
    if actual < min {
        check.finding(too_low("macro-f1-too-low", "Macro F1", min, actual));
    }
}

/// A figure below its minimum.
pub(crate) fn too_low(code: &'static str, what: &str, min: u32, actual: u32) -> Finding {
    Finding::new(code, format!("{what} is below the minimum."))
        .expected(format!("at least {} ({min} ppm)", percent(min)))
        .actual(format!("{} ({actual} ppm)", percent(actual)))
}

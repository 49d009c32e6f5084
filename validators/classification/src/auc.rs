//! The area under the ROC curve, exactly: the share of pairs of a positive and another item in which
//! the positive one has the higher score, a tie counting half.

use crate::decimal::Decimal;
use crate::labels::Class;
use crate::params::Auc;
use crate::table::{Item, Score, Table};
use crate::thresholds::too_low;
use proofmark_validator_sdk::{
    CheckBuilder, Finding, Place, Refusal, Severity, percent, ratio_ppm_u128,
};

/// Judges the scores in this artifact.
pub(crate) fn judge(
    auc: &Auc,
    artifact: &str,
    table: &Table,
    check: &mut CheckBuilder,
) -> Result<(), Refusal> {
    let positive = positive_class(auc, table).map_err(Refusal::InvalidParams)?;
    let mut scored = Vec::with_capacity(table.items.len());
    for item in &table.items {
        let score = item
            .predicted
            .as_ref()
            .map_or(Score::Missing, |one| one.score);
        check.examine(matches!(score, Score::Value(_)));
        match score {
            Score::Value(value) => scored.push((value, item.class == positive)),
            Score::Missing => {
                check.finding_of(Severity::Major, || missing(artifact, item));
            }
            Score::Invalid => {
                check.finding_of(Severity::Major, || invalid(artifact, item, table));
            }
        }
    }
    conclude(auc, area_ppm(&mut scored), check);
    Ok(())
}

fn positive_class(auc: &Auc, table: &Table) -> Result<Class, String> {
    let positive = &auc.positive;
    match table.reference_class(positive) {
        None => Err(format!(
            "`auc` names the positive class `{positive}`, which no row has"
        )),
        Some(_) if table.reference_classes < 2 => Err(
            "the reference has only the positive class, so `auc` has nothing to compare".to_owned(),
        ),
        Some(class) => Ok(class),
    }
}

fn conclude(auc: &Auc, area: Option<u32>, check: &mut CheckBuilder) {
    let area = area.unwrap_or(0);
    let asked = percent(auc.min_ppm);
    check
        .score_ppm(area)
        .summary(format!("AUC {} (asked: {asked})", percent(area)));
    if area < auc.min_ppm {
        check.finding(too_low(
            "auc-too-low",
            "The area under the ROC curve",
            auc.min_ppm,
            area,
        ));
    }
}

fn missing(artifact: &str, item: &Item) -> Finding {
    let message = format!("There is no score for the id `{}`.", item.id);
    Finding::new("score-missing", message).at(place(artifact, item))
}

fn invalid(artifact: &str, item: &Item, table: &Table) -> Finding {
    let message = format!(
        "The score for the id `{}` is not a decimal number.",
        item.id
    );
    let finding = Finding::new("score-invalid", message)
        .at(place(artifact, item))
        .expected("at most 36 digits, for example 0.97 or 3.1e-5");
    let record = item.predicted.as_ref().map_or(0, |one| one.at.record);
    let text = table.invalid_score(record);
    text.into_iter().fold(finding, Finding::actual)
}

/// The row of the prediction, if there is one.
fn place(artifact: &str, item: &Item) -> Place {
    let file = Place::file(artifact);
    match &item.predicted {
        Some(one) => file.line(one.at.line).record(one.at.record),
        None => file,
    }
}

/// `None` unless there is an item of both kinds.
fn area_ppm(scored: &mut [(Decimal, bool)]) -> Option<u32> {
    scored.sort_unstable();
    let positives = scored.iter().filter(|(_, positive)| *positive).count() as u128;
    let negatives = scored.len() as u128 - positives;
    let pairs = positives * negatives;
    (pairs > 0).then(|| ratio_ppm_u128(twice_won(scored), 2 * pairs))
}

/// Twice the number of pairs that are won, ties counting half; `scored` ascends.
fn twice_won(scored: &[(Decimal, bool)]) -> u128 {
    let mut won = 0;
    let mut negatives_below = 0;
    for ties in scored.chunk_by(|left, right| left.0 == right.0) {
        let positives = ties.iter().filter(|(_, positive)| *positive).count() as u128;
        let negatives = ties.len() as u128 - positives;
        won += 2 * positives * negatives_below + positives * negatives;
        negatives_below += negatives;
    }
    won
}

#[cfg(test)]
mod tests {
    use super::{Decimal, area_ppm};

    fn area(scores: &[(&str, bool)]) -> Option<u32> {
        let parsed = scores
            .iter()
            .map(|(text, positive)| (Decimal::parse(text), *positive));
        let mut scored: Vec<_> = parsed
            .map(|(score, positive)| (score.expect("a decimal"), positive))
            .collect();
        area_ppm(&mut scored)
    }

    #[test]
    fn pairs_are_counted_and_ties_count_half() {
        assert_eq!(area(&[("0.1", false), ("0.9", true)]), Some(1_000_000));
        assert_eq!(area(&[("0.9", false), ("0.1", true)]), Some(0));
        assert_eq!(area(&[("0.5", false), ("0.50", true)]), Some(500_000));
        // The example of scikit-learn's documentation: 0.75.
        let four = [
            ("0.1", false),
            ("0.4", false),
            ("0.35", true),
            ("0.8", true),
        ];
        assert_eq!(area(&four), Some(750_000));
    }

    #[test]
    fn one_kind_alone_has_no_area() {
        assert_eq!(area(&[("0.1", true)]), None);
        assert_eq!(area(&[]), None);
    }
}

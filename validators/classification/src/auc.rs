//! The area under the ROC curve, exactly: the share of pairs of a positive and another item in which
//! the positive one has the higher score, a tie counting half.

use crate::decimal::Decimal;
use crate::params::{Auc, Params};
use crate::table::{Prediction, Table};
use crate::thresholds::too_low;
use proofmark_validator_sdk::{
    CheckBuilder, Finding, Place, Refusal, excerpt, percent, ratio_ppm_u128,
};

/// How much of a score that is none a finding shows.
const MAX_SCORE_BYTES: usize = 64;

/// Judges the scores.
pub(crate) fn judge(
    params: &Params,
    table: &Table,
    check: &mut CheckBuilder,
) -> Result<(), Refusal> {
    let Some(auc) = &params.auc else {
        return Ok(());
    };
    let positive = table
        .class(&auc.positive)
        .filter(|class| *class < table.reference_classes);
    let positive = positive.ok_or_else(|| {
        let message = "names the positive class";
        Refusal::InvalidParams(format!(
            "`auc` {message} `{}`, which no row has",
            auc.positive
        ))
    })?;
    if table.reference_classes < 2 {
        let message = "the reference has only the positive class, so `auc` has nothing to compare";
        return Err(Refusal::InvalidParams(message.to_owned()));
    }
    let mut scored = Vec::with_capacity(table.items.len());
    for (id, item) in &table.items {
        let score = score(params, id, item.predicted.as_ref(), check);
        check.examine(score.is_some());
        scored.extend(score.map(|score| (score, item.class == positive)));
    }
    conclude(auc, area_ppm(&mut scored), check);
    Ok(())
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

fn score(
    params: &Params,
    id: &str,
    predicted: Option<&Prediction>,
    check: &mut CheckBuilder,
) -> Option<Decimal> {
    let file = Place::file(&params.predictions.artifact);
    let missing = |place| {
        Finding::new(
            "score-missing",
            format!("There is no score for the id `{id}`."),
        )
        .at(place)
    };
    let Some(predicted) = predicted else {
        check.finding(missing(file));
        return None;
    };
    let place = file.line(predicted.line).record(predicted.record);
    if predicted.score.is_empty() {
        check.finding(missing(place));
        return None;
    }
    let score = Decimal::parse(&predicted.score);
    if score.is_none() {
        let message = format!("The score for the id `{id}` is not a decimal number.");
        let actual = excerpt(predicted.score.as_bytes(), MAX_SCORE_BYTES);
        let finding = Finding::new("score-invalid", message)
            .at(place)
            .actual(actual);
        check.finding(finding.expected("at most 36 digits, for example 0.97 or 3.1e-5"));
    }
    score
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

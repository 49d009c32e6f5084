//! `benchmark`: a score from a JSON artifact, or the mean of a column. Both are the supplier's own words.

use crate::decimal::{Decimal, Rounding};
use crate::json_number;
use crate::params::Benchmark;
use crate::tally::Tally;
use proofmark_validator_sdk::{
    CheckBuilder, Finding, Place, ReadErrorKind, Refusal, excerpt, submission,
};

/// A benchmark result is a small document.
const MAX_ARTIFACT_BYTES: u64 = 1 << 20;

/// Judges the score at `pointer` in the artifact at `path`.
pub(crate) fn judge_artifact(
    asked: &Benchmark,
    path: &str,
    pointer: &str,
    check: &mut CheckBuilder,
) -> Result<(), Refusal> {
    let place = Place::file(path).pointer(pointer);
    match score_in_artifact(asked, path, pointer)? {
        Ok(score) => judge_score(asked, score, 1, place, check),
        Err(finding) => {
            check
                .finding(finding.at(place))
                .summary("there is no score");
        }
    }
    Ok(())
}

/// Judges the mean of the scores of all requests, of which there is at least one.
pub(crate) fn judge_column(path: &str, asked: &Benchmark, tally: &Tally, check: &mut CheckBuilder) {
    let count = i128::try_from(tally.requests.all).unwrap_or(i128::MAX); // below 2^22
    judge_score(
        asked,
        tally.score_sum,
        count.max(1),
        Place::file(path),
        check,
    );
}

/// The mean is `sum / count`; it is compared exactly and shown rounded down.
fn judge_score(asked: &Benchmark, sum: i128, count: i128, place: Place, check: &mut CheckBuilder) {
    let holds = sum >= i128::from(asked.min) * count;
    let score = written(sum.div_euclid(count), asked.decimals);
    let least = written(asked.min.into(), asked.decimals);
    check.examine(holds).summary(format!(
        "the score is {score}; at least {least} is asked for"
    ));
    if !holds {
        let finding = Finding::new("benchmark-low", format!("The score {score} is too low."))
            .at(place)
            .expected(format!("at least {least}"))
            .actual(score);
        check.finding(finding);
    }
}

fn score_in_artifact(
    asked: &Benchmark,
    path: &str,
    pointer: &str,
) -> Result<Result<i128, Box<Finding>>, Refusal> {
    let mut artifact = match submission::open(path) {
        Ok(artifact) => artifact,
        Err(error) if error.is_not_found() => {
            let message = "The benchmark result was not delivered.";
            return Ok(Err(missing(message, "nothing")));
        }
        Err(error) => return Err(error.into()),
    };
    let document = match artifact.read_text(MAX_ARTIFACT_BYTES) {
        Ok(document) => document,
        Err(error) => match error.kind {
            ReadErrorKind::TooLarge { .. } | ReadErrorKind::NotUtf8 { .. } => {
                let message = "The benchmark result cannot be read.";
                return Ok(Err(invalid(message, &error.to_string())));
            }
            _ => return Err(error.into()),
        },
    };
    Ok(score_in_document(asked, &document, pointer))
}

fn score_in_document(
    asked: &Benchmark,
    document: &str,
    pointer: &str,
) -> Result<i128, Box<Finding>> {
    let document = document.strip_prefix('\u{feff}').unwrap_or(document);
    let number = match json_number::at(document, pointer) {
        Ok(Some(number)) => number,
        Ok(None) => {
            return Err(missing(
                "The document has no value at the pointer.",
                "nothing",
            ));
        }
        Err(error) => return Err(invalid("The benchmark result is not JSON.", &error)),
    };
    let number_in_range = |decimal: Decimal| {
        let scale = i64::MIN..=asked.max;
        decimal.scaled(asked.decimals, Rounding::Down, scale)
    };
    let score = Decimal::parse(number.as_bytes()).and_then(number_in_range);
    score.map(i128::from).ok_or_else(|| {
        let finding = invalid("The score is not a number in range.", &number);
        Box::new(finding.expected(format!(
            "a number of at most {}",
            written(asked.max.into(), asked.decimals)
        )))
    })
}

fn missing(message: &str, actual: &str) -> Box<Finding> {
    let finding = Finding::new("benchmark-missing", message);
    Box::new(finding.expected("a score").actual(actual))
}

fn invalid(message: &str, actual: &str) -> Box<Finding> {
    let actual = excerpt(actual.as_bytes(), 200);
    let finding = Finding::new("benchmark-invalid", message);
    Box::new(finding.expected("a JSON number").actual(actual))
}

/// A scaled integer as a decimal number.
fn written(scaled: i128, decimals: u32) -> String {
    let sign = if scaled < 0 { "-" } else { "" };
    let unit = 10_u128.pow(decimals.min(18));
    let magnitude = scaled.unsigned_abs();
    match decimals {
        0 => format!("{sign}{magnitude}"),
        _ => {
            let width = decimals.min(18) as usize;
            format!("{sign}{}.{:0width$}", magnitude / unit, magnitude % unit)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::ScoreSource;

    fn score(document: &str) -> Result<i128, String> {
        let from = ScoreSource::Column {
            name: String::new(),
        };
        let asked = Benchmark {
            from,
            decimals: 2,
            min: 0,
            max: 100,
        };
        score_in_document(&asked, document, "/a/0").map_err(|finding| finding.code().to_owned())
    }

    #[test]
    fn scores_are_cut_off_downwards() {
        assert_eq!(score(r#"{"a":[0.879]}"#), Ok(87));
        assert_eq!(score(r#"{"a":[-0.871]}"#), Ok(-88));
        assert_eq!(score(r#"{"a":[]}"#), Err("benchmark-missing".into()));
        assert_eq!(score(r#"{"a":[true]}"#), Err("benchmark-invalid".into()));
        assert_eq!(score("\u{feff}{\"a\":[\"0.5\"]}"), Ok(50));
        assert_eq!(score("{"), Err("benchmark-invalid".into()));
    }

    #[test]
    fn a_score_above_the_scale_is_none() {
        assert_eq!(score(r#"{"a":[1.00]}"#), Ok(100));
        assert_eq!(score(r#"{"a":[1.001]}"#), Err("benchmark-invalid".into()));
        assert_eq!(score(r#"{"a":[1.01]}"#), Err("benchmark-invalid".into()));
        assert_eq!(score(r#"{"a":[999]}"#), Err("benchmark-invalid".into()));
    }

    #[test]
    fn scaled_integers_are_written_with_their_places() {
        assert_eq!(written(-5, 2), "-0.05");
        assert_eq!(written(1_234, 3), "1.234");
        assert_eq!(written(7, 0), "7");
    }
}

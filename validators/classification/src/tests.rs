//! Fixtures and details.

use crate::Classification;
use proofmark_validator_sdk::testing::{Fixture, assert_fixtures};
use proofmark_validator_sdk::{Refusal, Report, Status};
use std::path::Path;

const LABELS: &str = "id,label\n1,cat\n2,cat\n3,dog\n4,dog\n";
const ACCURACY: &str = r#"{"predictions":{"artifact":"p.csv"},"min_accuracy_ppm":750000}"#;

fn judge(params: &str, labels: &str, predictions: &str) -> Result<Report, Refusal> {
    Fixture::new()
        .submission("p.csv", predictions)
        .reference("labels.csv", labels)
        .evaluate::<Classification>(params)
}

#[test]
fn fixtures_do_what_they_promise_and_cover_every_code() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let codes = assert_fixtures::<Classification>(&fixtures);
    let all = [
        "accuracy-too-low",
        "artifact-missing",
        "auc-too-low",
        "column-missing",
        "f1-too-low",
        "id-duplicate",
        "id-extra",
        "id-missing",
        "label-unknown",
        "macro-f1-too-low",
        "precision-too-low",
        "prediction-wrong",
        "recall-too-low",
        "row-malformed",
        "score-invalid",
        "score-missing",
    ];
    assert_eq!(codes.iter().map(String::as_str).collect::<Vec<_>>(), all);
}

#[test]
fn a_threshold_that_is_met_exactly_is_met() {
    let report = judge(ACCURACY, LABELS, "id,label\n4,dog\n3,cat\n2,cat\n1,cat\n");
    let check = &report.expect("a report").checks[1];
    assert_eq!((check.status, check.score), (Status::Pass, Some(750_000)));
    assert_eq!((check.examined, check.matched), (4, 3));
}

#[test]
fn a_missing_prediction_counts_as_wrong_and_the_first_of_two_counts() {
    let predictions = "id,label\n1,dog\n1,cat\n2,cat\n3,dog\n";
    let report = judge(ACCURACY, LABELS, predictions).expect("a report");
    assert_eq!(report.checks[0].status, Status::Fail);
    assert_eq!(
        (report.checks[0].examined, report.checks[0].matched),
        (4, 2)
    );
    assert_eq!(
        (report.checks[1].examined, report.checks[1].matched),
        (4, 2)
    );
}

#[test]
fn only_what_is_asked_for_is_judged() {
    let report = judge(ACCURACY, LABELS, LABELS).expect("a report");
    let ids: Vec<_> = report.checks.iter().map(|check| &*check.id).collect();
    assert_eq!(ids, ["coverage", "accuracy"]);
}

#[test]
fn a_reference_that_makes_no_sense_is_the_buyers_mistake() {
    let twice = "id,label\n1,cat\n1,dog\n";
    for labels in [twice, "id,label\n", "id\n1\n", "id,label\n1\n"] {
        let refusal = judge(ACCURACY, labels, LABELS).expect_err("a refusal");
        assert!(
            matches!(refusal, Refusal::InvalidParams(_)),
            "{labels}: {refusal:?}"
        );
    }
}

#[test]
fn classes_that_the_reference_lacks_are_the_buyers_mistake() {
    for asked in [
        r#""per_class":{"bird":{"min_f1_ppm":1}}"#,
        r#""auc":{"positive":"bird","min_ppm":1}"#,
    ] {
        let params = format!(r#"{{"predictions":{{"artifact":"p.csv","score":"s"}},{asked}}}"#);
        let refusal = judge(&params, LABELS, "id,label,s\n1,bird,1\n").expect_err("a refusal");
        assert!(
            matches!(refusal, Refusal::InvalidParams(_)),
            "{asked}: {refusal:?}"
        );
    }
}

#[test]
fn auc_without_a_score_column_is_a_problem_of_the_parameters() {
    let params = r#"{"predictions":{"artifact":"p.csv"},"auc":{"positive":"cat","min_ppm":1}}"#;
    let refusal = judge(params, LABELS, LABELS).expect_err("a refusal");
    let message = "/predictions/score: `auc` needs the column of the scores".to_owned();
    assert_eq!(refusal, Refusal::InvalidParams(message));
}

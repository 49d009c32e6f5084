//! Fixtures and details.

use crate::Classification;
use crate::predictions::MAX_MALFORMED_ROWS;
use proofmark_validator_sdk::testing::{Fixture, assert_fixtures};
use proofmark_validator_sdk::{Refusal, Report, Status, Validator as _};
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
        "column-duplicate",
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
        "too-many-abstentions",
        "too-many-malformed",
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

/// Status of coverage, its findings' codes, and the other check's counts.
fn judged(params: &str, predictions: impl AsRef<[u8]>) -> (Status, Vec<String>, u64) {
    let report = Fixture::new()
        .submission("p", predictions)
        .reference("labels.csv", LABELS)
        .evaluate::<Classification>(params)
        .expect("a report");
    let codes = report.checks[0].findings.iter();
    let codes = codes.map(|finding| finding.code.clone()).collect();
    (report.checks[0].status, codes, report.checks[1].matched)
}

const CSV: &str = r#"{"predictions":{"artifact":"p"},"min_accuracy_ppm":750000}"#;
const JSON: &str =
    r#"{"predictions":{"artifact":"p","format":"json-lines"},"min_accuracy_ppm":750000}"#;

#[test]
fn a_byte_order_mark_and_blank_lines_are_no_rows() {
    let csv = "\u{feff}\n  \n id , label \n\n1,cat\n \t\n2,cat\r\n3,dog\n4,dog\n\r\n";
    assert_eq!(judged(CSV, csv), (Status::Pass, vec![], 4));
    let row = |id: u32, label| format!("{{\"id\":{id},\"label\":\"{label}\"}}\n");
    let rows = [
        row(1, "cat"),
        row(2, "cat"),
        " \n".into(),
        row(3, "dog"),
        row(4, "dog"),
    ];
    let marked = format!("\u{feff}{}", rows.concat());
    assert_eq!(judged(JSON, marked), (Status::Pass, vec![], 4));
    let inside = format!("{}\u{feff}{}", row(1, "cat"), row(2, "cat"));
    assert_eq!(judged(JSON, inside).1[0], "row-malformed");
}

#[test]
fn a_row_that_cannot_be_read_is_found_in_its_line_and_column() {
    let report = Fixture::new()
        .submission("p", "\n{\"id\":1,\"label\":\"cat\",}\n")
        .reference("labels.csv", LABELS)
        .evaluate::<Classification>(JSON)
        .expect("a report");
    let finding = &report.checks[0].findings[0];
    assert_eq!(
        finding.message,
        "The row cannot be read: trailing comma (column 23)."
    );
    assert_eq!(
        finding.location.as_ref().and_then(|place| place.line),
        Some(2)
    );
}

#[test]
fn null_is_no_label_of_a_reference() {
    let params = r#"{"predictions":{"artifact":"p.csv"},"min_accuracy_ppm":1,
        "reference":{"format":"json-lines"}}"#;
    let labels = "{\"id\":1,\"label\":\"cat\"}\n{\"id\":2,\"label\":null}\n";
    let message = "the reference file `labels.csv`: line 2: no `label`".to_owned();
    let refusal = judge(params, labels, LABELS).expect_err("a refusal");
    assert_eq!(refusal, Refusal::InvalidParams(message));
}

#[test]
fn a_prediction_that_does_not_count_changes_no_figure() {
    let params = r#"{"predictions":{"artifact":"p.csv"},"min_macro_f1_ppm":1000000}"#;
    let predictions = format!("{LABELS}4,zebra\n5,zebra\nx\n");
    let report = judge(params, LABELS, &predictions).expect("a report");
    assert_eq!(report.checks[1].score, Some(1_000_000));
    assert_eq!(report.checks[0].status, Status::Fail);
}

#[test]
fn labels_that_the_reference_lacks_lower_macro_f1() {
    let macro_f1 = |more: &str, predictions: &str| {
        let params =
            format!(r#"{{"predictions":{{"artifact":"p.csv"}},"min_macro_f1_ppm":1{more}}}"#);
        judge(&params, LABELS, predictions)
            .expect("a report")
            .checks[1]
            .score
    };
    let one = "id,label\n1,cat\n2,cat\n3,dog\n4,owl\n";
    let two = "id,label\n1,owl\n2,cat\n3,dog\n4,bat\n";
    // (1 + 2/3 + 0) / 3, and (2/3 + 2/3 + 0) / 3: all that is unknown is one class.
    assert_eq!(macro_f1("", one), Some(555_555));
    assert_eq!(macro_f1("", two), Some(444_444));
    // Allowed ones are classes of their own, once they are predicted: (2/3 + 2/3) / 4.
    let allowed = r#","other_labels":["owl","bat","elk"]"#;
    assert_eq!(macro_f1(allowed, two), Some(333_333));
    // An abstention is no class: (1 + 2/3) / 2.
    let abstention = r#","abstention":{"label":"owl","max_ppm":250000}"#;
    assert_eq!(macro_f1(abstention, one), Some(833_333));
}

#[test]
fn a_share_of_abstentions_that_is_met_exactly_is_met() {
    let status = |max_ppm: u32| {
        let params = format!(
            r#"{{"predictions":{{"artifact":"p"}},"min_accuracy_ppm":1,
            "abstention":{{"label":"?","max_ppm":{max_ppm}}}}}"#
        );
        judged(&params, "id,label\n1,cat\n2,cat\n3,dog\n4,?\n").0
    };
    assert_eq!(status(250_000), Status::Pass);
    assert_eq!(status(249_999), Status::Fail);
}

#[test]
fn after_too_many_broken_rows_nothing_is_read() {
    let broken = |count: u64| "x\n".repeat(usize::try_from(count).expect("a count"));
    let rows = &LABELS["id,label\n".len()..];
    let at_most = format!("id,label\n{}{rows}", broken(MAX_MALFORMED_ROWS));
    assert_eq!(judged(CSV, at_most).2, 4);
    let more = format!("id,label\n{}{rows}", broken(MAX_MALFORMED_ROWS + 1));
    let (status, codes, correct) = judged(CSV, more);
    assert_eq!((status, correct), (Status::Fail, 0));
    assert!(
        codes.iter().any(|code| code == "too-many-malformed"),
        "{codes:?}"
    );
}

#[test]
fn parameters_that_ask_for_nothing_or_contradict_themselves_are_refused() {
    let problems = |params: &str| {
        let params: crate::Params = serde_json::from_str(params).expect("parameters");
        let problems = Classification::check_params(&params).into_iter();
        problems.map(|problem| problem.pointer).collect::<Vec<_>>()
    };
    assert_eq!(problems(r#"{"predictions":{"artifact":"p"}}"#), [""]);
    for (more, pointer) in [
        (
            r#""predictions":{"artifact":"p","id":"a","label":"a"}"#,
            "/predictions/label",
        ),
        (
            r#""predictions":{"artifact":"p","score":"id"}"#,
            "/predictions/score",
        ),
        (
            r#""predictions":{"artifact":"p"},"reference":{"id":"a","label":"a"}"#,
            "/reference/label",
        ),
        (
            r#""predictions":{"artifact":"p"},"abstention":{"label":" ?","max_ppm":1}"#,
            "/abstention/label",
        ),
        (
            r#""predictions":{"artifact":"p"},"other_labels":[""]"#,
            "/other_labels",
        ),
    ] {
        let params = format!(r#"{{"min_accuracy_ppm":1,{more}}}"#);
        assert_eq!(problems(&params), [pointer], "{params}");
    }
}

#[test]
fn a_flood_is_counted_and_not_kept() {
    let flood = "9,a\n1,b\n".repeat(50_000);
    let report = judge(ACCURACY, LABELS, &format!("{LABELS}{flood}")).expect("a report");
    let coverage = &report.checks[0];
    assert_eq!(
        (coverage.findings_total, coverage.findings.len()),
        (100_000, 100)
    );
    assert_eq!(report.checks[1].matched, 4);
}

#[test]
fn a_reference_that_leaves_no_memory_for_a_submission_is_the_buyers_mistake() {
    let id = "i".repeat(100_000);
    let rows = (0..1_200).map(|row| format!("{id}{row},cat\n"));
    let labels = format!("id,label\n{}", rows.collect::<String>());
    let refusal = judge(ACCURACY, &labels, LABELS).expect_err("a refusal");
    let message = "the reference file `labels.csv`: line 1006: no memory for more than 1004 ids";
    assert_eq!(refusal, Refusal::InvalidParams(message.to_owned()));
}

#[test]
fn a_score_is_judged_however_long_it_is() {
    let params =
        r#"{"predictions":{"artifact":"p","score":"s"},"auc":{"positive":"dog","min_ppm":1}}"#;
    let zeroes = "0".repeat(100_000);
    let rows = format!(
        "id,label,s\n1,cat,0.{zeroes}1\n2,cat,{zeroes}\n3,dog,{zeroes}9\n4,dog,x{zeroes}\n"
    );
    let report = Fixture::new()
        .submission("p", rows)
        .reference("labels.csv", LABELS)
        .evaluate::<Classification>(params)
        .expect("a report");
    let auc = &report.checks[1];
    assert_eq!(
        (auc.status, auc.examined, auc.matched, auc.score),
        (Status::Fail, 4, 3, Some(1_000_000))
    );
    assert_eq!(auc.findings[0].code, "score-invalid");
    assert!(
        auc.findings[0]
            .actual
            .as_ref()
            .is_some_and(|text| text.len() <= 64)
    );
}

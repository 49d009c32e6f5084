//! Every fixture does what it promises, and together they show every finding code.

use proofmark_validator_sdk::testing::{Fixture, assert_fixtures};
use proofmark_validator_sdk::{Status, validator};
use proofmark_validator_service_level::ServiceLevel;
use std::collections::BTreeSet;
use std::path::Path;

/// Every code that README.md documents.
fn documented_codes() -> BTreeSet<String> {
    let readme = include_str!("../README.md");
    let (_, table) = readme.split_once("## Finding codes").expect("the section");
    let rows = table
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    rows.map(|(code, _)| code.to_owned()).collect()
}

#[test]
fn fixtures_do_what_they_promise_and_cover_every_code() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    assert_eq!(
        assert_fixtures::<ServiceLevel>(&fixtures),
        documented_codes()
    );
}

#[test]
fn the_empty_submission_never_passes() {
    for params in [
        r#"{"error_rate":{"max_ppm":999999}}"#,
        r#"{"uptime":{"window_s":1,"min_success_ppm":1,"min_up_ppm":1,"empty_window":"up"}}"#,
        r#"{"throughput":{"min_requests_per_1000_s":1}}"#,
    ] {
        let report = Fixture::new()
            .evaluate::<ServiceLevel>(params)
            .expect("a report");
        let failed = report
            .checks
            .iter()
            .filter(|check| check.status == Status::Fail);
        assert_eq!(failed.count(), 2, "{report:#?}");
    }
}

#[test]
fn parameters_that_ask_for_nothing_are_a_problem() {
    assert!(validator::check_params::<ServiceLevel>("{}").is_err());
    let misspelt = r#"{"error_rate":{"max_ppm":1},"latenzy":{}}"#;
    assert!(validator::check_params::<ServiceLevel>(misspelt).is_err());
}

#[test]
fn the_schema_is_json() {
    let manifest = validator::describe::<ServiceLevel>();
    serde_json::from_str::<serde_json::Value>(&manifest.params_schema).expect("JSON");
}

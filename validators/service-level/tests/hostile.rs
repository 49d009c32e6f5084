//! Telemetry that is made to cost much. The fuel of each is measured in README.md; here it is enough
//! that there is a report, and that it fails.

use proofmark_validator_sdk::bindings::proofmark::validator::types::Check;
use proofmark_validator_sdk::testing::Fixture;
use proofmark_validator_sdk::{Report, Status};
use proofmark_validator_service_level::ServiceLevel;

const ERROR_RATE: &str = r#"{"error_rate":{"max_ppm":0}}"#;

fn judged(telemetry: &str, params: &str) -> Report {
    let fixture = Fixture::new().submission("telemetry.csv", telemetry);
    fixture.evaluate::<ServiceLevel>(params).expect("a report")
}

fn check<'a>(report: &'a Report, id: &str) -> &'a Check {
    let mut checks = report.checks.iter();
    checks.find(|check| check.id == id).expect("a check")
}

fn codes(report: &Report) -> Vec<&str> {
    let findings = report.checks.iter().flat_map(|check| &check.findings);
    findings.map(|finding| finding.code.as_str()).collect()
}

/// Splitting a record anew for each of its lines takes some 10^11 steps here.
#[test]
fn quoted_fields_of_many_lines_are_split_once() {
    let record = format!("\"{}\",1,500\n", "\n".repeat(65_000));
    let telemetry = format!("start,duration,status\n{}", record.repeat(50));
    let report = judged(&telemetry, ERROR_RATE);
    assert_eq!(check(&report, "well-formed").status, Status::Fail);
    assert_eq!(check(&report, "well-formed").examined, 50);
}

/// Each in a window of its own, and not in their order.
#[test]
fn many_windows_take_the_memory_of_many_records() {
    let uptime = r#"{"uptime":{"window_s":1,"min_success_ppm":1,"min_up_ppm":1000000,
        "empty_window":"down"},"max_gap_s":1,"min_period_s":100000}"#;
    let mut telemetry = "start,duration,status\n".to_owned();
    for window in 0..100_000 {
        let second = window * 7_919 % 100_003;
        telemetry.push_str(&format!("{second}000000,1,500\n"));
    }
    let report = judged(&telemetry, uptime);
    assert_eq!(check(&report, "uptime").status, Status::Fail);
    assert_eq!(check(&report, "uptime").findings_total, 100_001);
    assert!(codes(&report).contains(&"gap-too-long"));
}

#[test]
fn a_file_of_broken_records_is_not_read_to_its_end() {
    let telemetry = format!("start,duration,status\n{}", "x\n".repeat(1_000_000));
    let report = judged(&telemetry, ERROR_RATE);
    assert_eq!(check(&report, "error-rate").status, Status::Fail);
    assert_eq!(check(&report, "well-formed").examined, 1_001);
    assert!(codes(&report).contains(&"too-many-broken"));
}

#[test]
fn more_records_than_are_judged_fail_every_check() {
    let telemetry = format!("start,duration,status\n{}", "1,1,200\n".repeat(4_000_001));
    let report = judged(&telemetry, ERROR_RATE);
    for id in ["well-formed", "error-rate"] {
        assert_eq!(check(&report, id).status, Status::Fail);
    }
    assert!(codes(&report).contains(&"too-many-records"));
}

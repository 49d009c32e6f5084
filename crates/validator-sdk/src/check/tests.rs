use super::{CheckBuilder, DEFAULT_FINDINGS_KEPT, Finding, Severity, Status};
use crate::bindings::proofmark::validator::types;

fn judged(judge: impl Fn(&mut CheckBuilder)) -> types::Check {
    let mut check = CheckBuilder::new();
    judge(&mut check);
    check.finish("id")
}

fn finding(code: &'static str, severity: Severity) -> Finding {
    Finding::new(code, "x").severity(severity)
}

#[test]
fn a_check_that_looked_at_nothing_has_shown_nothing() {
    let check = judged(|_| ());
    assert_eq!(check.status, Status::Inconclusive);
    assert_eq!(check.summary, "nothing was there to examine");
}

#[test]
fn findings_of_severity_major_fail_and_milder_ones_do_not() {
    for (severity, status) in [
        (Severity::Info, Status::Pass),
        (Severity::Minor, Status::Pass),
        (Severity::Major, Status::Fail),
        (Severity::Critical, Status::Fail),
    ] {
        let check = judged(|check| {
            check.examine(true).finding(finding("a", severity));
        });
        assert_eq!(check.status, status, "{severity:?}");
    }
}

#[test]
fn an_item_that_does_not_match_must_be_explained() {
    let unexplained = judged(|check| {
        check.count(10, 9);
    });
    assert_eq!(unexplained.status, Status::Fail);
    let explained = judged(|check| {
        check.count(10, 9).finding(finding("a", Severity::Minor));
    });
    assert_eq!(explained.status, Status::Pass);
    let decided = judged(|check| {
        check.count(10, 9).decide(true);
    });
    assert_eq!(decided.status, Status::Pass);
}

#[test]
fn a_mild_finding_about_nothing_shows_nothing() {
    let check = judged(|check| {
        check.finding(finding("a", Severity::Info));
    });
    assert_eq!(check.status, Status::Inconclusive);
}

#[test]
fn a_finding_that_is_not_kept_is_not_written() {
    let check = judged(|check| {
        check.keep_findings(1);
        check.finding_of(Severity::Minor, || finding("kept", Severity::Info));
        check.finding_of(Severity::Minor, || panic!("nobody will read it"));
        check.finding_of(Severity::Major, || finding("worse", Severity::Info));
    });
    assert_eq!(
        (check.findings[0].code.as_str(), check.findings_total),
        ("worse", 3)
    );
    assert_eq!(check.findings[0].severity, Severity::Major);
    let check = judged(|check| {
        check.keep_findings(0);
        check.finding(finding("a", Severity::Critical));
    });
    assert!(check.findings.is_empty() && check.status == Status::Fail);
}

#[test]
fn an_explicit_status_wins_whatever_the_order() {
    let check = judged(|check| {
        check
            .inconclusive("why")
            .finding(finding("a", Severity::Critical));
    });
    assert_eq!(
        (check.status, check.summary.as_str()),
        (Status::Inconclusive, "why")
    );
}

#[test]
fn counters_count_and_never_match_more_than_they_examined() {
    let check = judged(|check| {
        check
            .examine(true)
            .examine(false)
            .count(10, 12)
            .score_by_ratio();
    });
    assert_eq!((check.examined, check.matched), (12, 11));
    assert_eq!(check.score, Some(916_666));
    assert_eq!(check.summary, "11 of 12 as asked");
    let check = judged(|check| {
        check.score_ppm(2_000_000);
    });
    assert_eq!(check.score, Some(1_000_000));
}

#[test]
fn the_worst_findings_are_kept_and_the_earlier_of_equals() {
    let check = judged(|check| {
        check.keep_findings(3);
        for code in ["a", "b", "c", "d"] {
            check.finding(finding(code, Severity::Minor));
        }
        check
            .finding(finding("e", Severity::Critical))
            .finding(finding("f", Severity::Major));
        assert!(check.keeps(Severity::Major) && !check.keeps(Severity::Minor));
        check.count_findings(Severity::Minor, 4);
    });
    let codes: Vec<&str> = check
        .findings
        .iter()
        .map(|finding| finding.code.as_str())
        .collect();
    assert_eq!(codes, ["e", "f", "a"]);
    assert_eq!((check.findings_total, check.status), (10, Status::Fail));
}

#[test]
fn a_flood_of_findings_is_bounded_and_counted() {
    let check = judged(|check| {
        for _ in 0..10_000 {
            check.finding(finding("a", Severity::Major));
        }
    });
    assert_eq!(check.findings.len(), DEFAULT_FINDINGS_KEPT);
    assert_eq!(check.findings_total, 10_000);
}

#[test]
fn findings_that_are_only_counted_fail_a_check_too() {
    let check = judged(|check| {
        check.examine(true).count_findings(Severity::Critical, 0);
    });
    assert_eq!(check.status, Status::Pass);
    let check = judged(|check| {
        check.examine(true).count_findings(Severity::Critical, 1);
    });
    assert_eq!(check.status, Status::Fail);
}

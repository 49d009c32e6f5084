use super::*;
use crate::fault::FaultCode;
use crate::limits::Limits;

pub(crate) fn check(id: &str, status: Status) -> Check {
    Check {
        id: id.to_owned(),
        status,
        score: None,
        examined: 10,
        matched: 9,
        summary: "9 of 10 rows".to_owned(),
        findings: Vec::new(),
        findings_total: 0,
    }
}

pub(crate) fn finding(code: &str) -> Finding {
    Finding {
        code: code.to_owned(),
        severity: Severity::Major,
        message: "row 3 is missing".to_owned(),
        location: Some(Location {
            artifact: "rows.csv".to_owned(),
            range: Some(ByteRange { offset: 10, len: 5 }),
            line: Some(4),
            record_number: Some(3),
            pointer: None,
        }),
        expected: Some("a row".to_owned()),
        actual: None,
    }
}

fn declared() -> Vec<String> {
    vec!["b".to_owned(), "a".to_owned()]
}

fn assemble(raw: Vec<Check>) -> Result<Report, InvalidReport> {
    Report::assemble(&declared(), raw, &Limits::default())
}

/// Two good checks, of which the first is changed.
fn after(change: impl FnOnce(&mut Check)) -> Result<Report, InvalidReport> {
    let mut first = check("a", Status::Pass);
    first.findings = vec![finding("row-missing")];
    first.findings_total = 1;
    change(&mut first);
    assemble(vec![first, check("b", Status::Pass)])
}

fn place(check: &mut Check) -> &mut Location {
    check.findings[0]
        .location
        .as_mut()
        .expect("the fixture has a location")
}

#[test]
fn checks_come_in_the_declared_order() -> Result<(), InvalidReport> {
    let report = after(|_| {})?;
    let ids: Vec<_> = report
        .checks()
        .iter()
        .map(|check| check.id.as_str())
        .collect();
    assert_eq!(ids, ["b", "a"]);
    Ok(())
}

#[test]
fn every_defect_has_its_code() {
    const BEYOND: u64 = 1 << 53;
    let cases: Vec<(&str, Result<Report, InvalidReport>)> = vec![
        ("check-missing", assemble(vec![check("a", Status::Pass)])),
        ("check-missing", assemble(Vec::new())),
        ("check-unknown", after(|c| c.id = "c".to_owned())),
        ("check-duplicate", after(|c| c.id = "b".to_owned())),
        ("matched-beyond-examined", after(|c| c.matched = 11)),
        ("findings-total-too-small", after(|c| c.findings_total = 0)),
        (
            "finding-code-not-a-slug",
            after(|c| c.findings[0].code = "A b".to_owned()),
        ),
        ("integer-too-large", after(|c| c.examined = BEYOND)),
        ("integer-too-large", after(|c| c.findings_total = BEYOND)),
        ("integer-too-large", after(|c| place(c).line = Some(BEYOND))),
        (
            "integer-too-large",
            after(|c| place(c).record_number = Some(BEYOND)),
        ),
        (
            "integer-too-large",
            after(|c| {
                place(c).range = Some(ByteRange {
                    offset: u64::MAX,
                    len: 1,
                });
            }),
        ),
        ("position-zero", after(|c| place(c).line = Some(0))),
        ("position-zero", after(|c| place(c).record_number = Some(0))),
        (
            "report-too-large",
            after(|c| c.summary = "x".repeat(1 << 20)),
        ),
        (
            "score-out-of-range",
            score(Some(1_000_001)).map(|_| unreachable!("no such score")),
        ),
    ];
    for (code, result) in cases {
        assert_eq!(result.err().map(|error| error.code()), Some(code));
    }
}

#[test]
fn the_worst_findings_come_first_and_stay() -> Result<(), InvalidReport> {
    let report = after(|c| {
        let of = |severity| Finding {
            severity,
            ..finding("x")
        };
        c.findings = vec![of(Severity::Minor); 100];
        c.findings
            .extend([of(Severity::Major), of(Severity::Critical)]);
        c.findings_total = 102;
    })?;
    let findings = &report.checks()[1].findings;
    let worst: Vec<_> = findings
        .iter()
        .take(3)
        .map(|finding| finding.severity)
        .collect();
    assert_eq!(
        worst,
        [Severity::Critical, Severity::Major, Severity::Minor]
    );
    assert_eq!(findings.len(), 100);
    Ok(())
}

#[test]
fn findings_beyond_the_limit_are_left_out_from_the_end() -> Result<(), InvalidReport> {
    let report = after(|c| {
        c.findings = (0..250).map(|at| finding(&format!("x{at}"))).collect();
        c.findings_total = 1_000;
    })?;
    let check = &report.checks()[1];
    assert_eq!((check.findings.len(), check.findings_total), (100, 1_000));
    assert_eq!(
        (&*check.findings[0].code, &*check.findings[99].code),
        ("x0", "x99")
    );
    Ok(())
}

#[test]
fn only_size_is_a_report_limit() {
    let large = InvalidReport::TooLarge {
        size_bytes: 2,
        max_bytes: 1,
    };
    assert_eq!(large.fault_code(), FaultCode::ReportLimit);
    let score = InvalidReport::Score(1_000_001);
    assert_eq!(score.fault_code(), FaultCode::InvalidReport);
}

#[test]
fn an_unknown_id_is_shown_harmlessly() {
    let hostile = after(|c| c.id = "\u{1b}[2J".repeat(1_000));
    match hostile {
        Err(InvalidReport::UnknownCheck(id)) => {
            assert!(id.len() <= 64 && !id.contains('\u{1b}'), "{id:?}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn texts_are_cleaned_and_cut() -> Result<(), InvalidReport> {
    let report = after(|c| {
        c.summary = "\u{1b}[31m".to_owned();
        c.findings[0].message = "m".repeat(3_000);
        c.findings[0].actual = Some("\u{202e}x".to_owned());
        place(c).artifact = "p".repeat(2_000);
        place(c).pointer = Some("/\u{7}".to_owned());
    })?;
    let check = &report.checks()[1];
    assert_eq!(check.summary, "\u{fffd}[31m");
    let finding = &check.findings[0];
    assert_eq!(finding.message.len(), 2_048);
    assert_eq!(finding.actual.as_deref(), Some("\u{fffd}x"));
    let location = finding.location.as_ref();
    assert_eq!(location.map(|place| place.artifact.len()), Some(1_024));
    assert_eq!(
        location.and_then(|place| place.pointer.as_deref()),
        Some("/\u{fffd}")
    );
    Ok(())
}

#[test]
fn size_counts_every_text() {
    let mut one = check("id", Status::Pass);
    one.summary = "12345".to_owned();
    assert_eq!(size_bytes(std::slice::from_ref(&one)), 256 + 2 + 5);
    one.findings = vec![finding("code")];
    let finding_bytes = 256 + 4 + 16 + 8 + 5;
    assert_eq!(size_bytes(&[one]), 256 + 7 + finding_bytes);
}

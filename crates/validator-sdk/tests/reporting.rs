//! Reports: what the contract gets, and what cannot be forgotten.

use proofmark_validator_sdk::testing::Fixture;
use proofmark_validator_sdk::validator::{check_params, describe};
use proofmark_validator_sdk::{
    CheckId as _, Finding, MAX_REPORT_BYTES, MAX_TEXT_BYTES, Place, Problem, Refusal, Report,
    ReportBuilder, Status, Validator, checks, excerpt, is_code, log, percent, problem, ratio_ppm,
    ratio_ppm_u128, shorten,
};
use serde::Deserialize;

checks! {
    /// Two checks.
    pub enum Check {
        /// The first.
        First = "first": "The first.",
        /// The second.
        Second = "second-2": "The second.",
    }
}

/// What the test wants the validator to do.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    act: String,
}

struct Puppet;

impl Validator for Puppet {
    type Params = Params;
    type Check = Check;
    const NAME: &'static str = "puppet";
    const VERSION: &'static str = "1.2.3";
    const SUMMARY: &'static str = "Does what it is told.";

    fn params_schema() -> &'static str {
        "{}"
    }

    fn check_params(params: &Params) -> Vec<Problem> {
        match params.act.as_str() {
            "problem" => vec![problem("/act", "not like that")],
            _ => Vec::new(),
        }
    }

    fn asked_for(params: &Params) -> Vec<Check> {
        match params.act.as_str() {
            "nothing" => Vec::new(),
            "second-only" => vec![Check::Second],
            _ => Check::ALL.to_vec(),
        }
    }

    fn evaluate(params: Params, report: &mut ReportBuilder<Check>) -> Result<(), Refusal> {
        match params.act.as_str() {
            "forget" => {
                report.check(Check::First).examine(true);
            }
            "bad-code" => {
                report
                    .check(Check::First)
                    .finding(Finding::new("Bad Code", "x"));
                report.check(Check::Second).examine(true);
            }
            "second-only" => {
                assert!(report.asks_for(Check::Second) && !report.asks_for(Check::First));
                report.check(Check::First).examine(true);
                report.inconclusive_untouched("who knows");
            }
            "flood" => {
                let text = "x".repeat(MAX_TEXT_BYTES);
                for _ in 0..1_000 {
                    let finding = Finding::new("long", &text).expected(&text).actual(&text);
                    report.check(Check::First).finding(finding.clone());
                    report
                        .check(Check::Second)
                        .finding(finding.at_pointer(&text, &text));
                }
            }
            "second-first" => {
                report.check(Check::Second).examine(true);
                report.fail_untouched(&Finding::new("absent", "It is not there."));
                log!(Warn, "{} checks", 2);
            }
            _ => report.inconclusive_untouched("who knows"),
        }
        Ok(())
    }
}

fn act(name: &str) -> Result<Report, Refusal> {
    Fixture::new().evaluate::<Puppet>(&format!(r#"{{"act":"{name}"}}"#))
}

#[test]
fn the_manifest_declares_every_check() {
    let manifest = describe::<Puppet>();
    let ids: Vec<&str> = manifest
        .checks
        .iter()
        .map(|check| check.id.as_str())
        .collect();
    assert_eq!(ids, ["first", "second-2"]);
    assert_eq!(
        (manifest.name.as_str(), manifest.version.as_str()),
        ("puppet", "1.2.3")
    );
}

#[test]
fn a_check_that_is_forgotten_refuses_the_whole_report() {
    let message = "the check `second-2` was asked for and not reported".to_owned();
    assert_eq!(act("forget"), Err(Refusal::Internal(message)));
}

#[test]
fn a_code_that_the_contract_forbids_is_the_authors_mistake() {
    assert!(matches!(act("bad-code"), Err(Refusal::Internal(_))));
}

#[test]
fn checks_come_in_the_order_of_declaration() {
    let report = act("second-first").expect("a report");
    let checks: Vec<_> = report
        .checks
        .iter()
        .map(|check| (&*check.id, check.status))
        .collect();
    assert_eq!(
        checks,
        [("first", Status::Fail), ("second-2", Status::Pass)]
    );
    assert_eq!(report.checks[0].summary, "It is not there.");
}

#[test]
fn what_nobody_asked_for_is_not_reported() {
    let report = act("second-only").expect("a report");
    let ids: Vec<_> = report.checks.iter().map(|check| &*check.id).collect();
    assert_eq!(ids, ["second-2"]);
    assert!(matches!(act("nothing"), Err(Refusal::InvalidParams(_))));
}

/// Counted as the contract does: 256 for each check and finding, and all texts.
fn size_bytes(report: &Report) -> usize {
    let findings = report.checks.iter().flat_map(|check| &check.findings);
    let texts = findings.map(|finding| {
        let place = finding.location.as_ref();
        let place = place.map_or(0, |at| {
            at.artifact.len() + at.pointer.as_ref().map_or(0, String::len)
        });
        let evidence = [&finding.expected, &finding.actual];
        let evidence: usize = evidence.into_iter().flatten().map(String::len).sum();
        256 + finding.code.len() + finding.message.len() + place + evidence
    });
    let checks = report.checks.iter();
    let checks = checks.map(|check| 256 + check.id.len() + check.summary.len());
    texts.sum::<usize>() + checks.sum::<usize>()
}

#[test]
fn a_flood_of_long_findings_fits_into_the_smallest_report_limit() {
    let report = act("flood").expect("a report");
    assert!(size_bytes(&report) <= MAX_REPORT_BYTES);
    for check in &report.checks {
        assert!(check.findings.len() > 40, "{}", check.findings.len());
        assert_eq!((check.findings_total, check.status), (1_000, Status::Fail));
    }
}

#[test]
fn what_could_not_be_decided_is_inconclusive() {
    let report = act("anything").expect("a report");
    assert!(
        report
            .checks
            .iter()
            .all(|check| check.status == Status::Inconclusive)
    );
}

#[test]
fn parameters_are_typed_and_checked() {
    assert!(check_params::<Puppet>(r#"{"act":"x"}"#).is_ok());
    let asked = check_params::<Puppet>(r#"{"act":"second-only"}"#);
    assert_eq!(asked.as_deref(), Ok(&["second-2".to_owned()][..]));
    let problems = check_params::<Puppet>(r#"{"act":"nothing"}"#).expect_err("a problem");
    assert_eq!(problems, [problem("", "the parameters ask for nothing")]);
    let problems = check_params::<Puppet>(r#"{"act":"problem"}"#).expect_err("a problem");
    assert_eq!(problems, [problem("/act", "not like that")]);
    assert!(check_params::<Puppet>(r#"{"act":"x","more":1}"#).is_err());
    let refusal = Refusal::InvalidParams("/act: not like that".to_owned());
    assert_eq!(act("problem"), Err(refusal));
}

#[test]
fn what_is_logged_is_seen_by_the_host() {
    use proofmark_validator_sdk::validator::evaluate;
    let (_, log) = Fixture::new().run(|| evaluate::<Puppet>(r#"{"act":"second-first"}"#));
    assert_eq!(log, [(log::Level::Warn, "2 checks".to_owned())]);
}

#[test]
fn texts_are_cut_at_characters_and_control_characters_are_visible() {
    assert_eq!(shorten("ääää", 5), "ä…");
    assert_eq!(shorten("ää", 4), "ää");
    assert_eq!(excerpt(b"a\x1b[31m\n\xff", 100), "a\\u{1b}[31m\\n\u{fffd}");
    assert!(excerpt(&[b'x'; 1_000], 10).len() <= 10);
    assert!(is_code("row-missing") && !is_code("") && !is_code("Row") && !is_code(&"x".repeat(65)));
}

#[test]
fn no_text_of_a_finding_is_too_long() {
    let long = "x".repeat(5_000);
    let finding = Finding::new("a", &long).expected(&long).actual(&long);
    let printed = format!("{:?}", finding.at(Place::file("f").pointer(&long)));
    assert!(printed.len() < 4 * MAX_TEXT_BYTES, "{}", printed.len());
}

#[test]
fn ratios_are_exact_and_round_down() {
    assert_eq!(ratio_ppm(1, 3), 333_333);
    assert_eq!(ratio_ppm(2, 3), 666_666);
    assert_eq!(
        (ratio_ppm(0, 0), ratio_ppm(5, 5), ratio_ppm(6, 5)),
        (0, 1_000_000, 1_000_000)
    );
    assert_eq!(ratio_ppm(u64::MAX - 1, u64::MAX), 999_999);
    assert_eq!(ratio_ppm_u128(u128::MAX / 2, u128::MAX), 499_999);
    assert_eq!(
        (percent(987_654), percent(500_000)),
        ("98.7654%".to_owned(), "50%".to_owned())
    );
}

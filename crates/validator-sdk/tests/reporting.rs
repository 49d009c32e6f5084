//! Reports: what the contract gets, and what cannot be forgotten.

use proofmark_validator_sdk::testing::Fixture;
use proofmark_validator_sdk::validator::{check_params, describe};
use proofmark_validator_sdk::{
    Finding, MAX_TEXT_BYTES, Place, Problem, Refusal, Report, ReportBuilder, Status, Validator,
    checks, excerpt, is_code, log, percent, problem, ratio_ppm, ratio_ppm_u128, shorten,
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
    let message = "the check `second-2` was declared and not reported".to_owned();
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

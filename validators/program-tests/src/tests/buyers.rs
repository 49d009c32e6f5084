//! What only the buyer can mend is the buyer's fault, whatever was delivered.

use super::{CASES, ProgramTests, interpreter, judge, module, source};
use proofmark_validator_sdk::testing::{Fixture, interpret_programs_with};
use proofmark_validator_sdk::{Refusal, validator};

fn refused(cases: &str, params: &str) -> String {
    interpret_programs_with(interpreter::load);
    let judged = Fixture::new()
        .reference("cases.jsonl", cases)
        .evaluate::<ProgramTests>(params);
    match judged {
        Err(Refusal::InvalidParams(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn cases_that_are_none_are_told_by_their_line() {
    for (cases, why) in [
        ("", "there is no case"),
        ("\n \n", "there is no case"),
        (r#"{"stdin": "1"}"#, "line 1: missing field `stdout`"),
        (
            "{\"stdout\": \"\"}\n{\"stdout\": \"\", \"stdnin\": \"\"}",
            "line 2: unknown field",
        ),
    ] {
        assert!(refused(cases, "{}").contains(why), "{cases}");
    }
}

/// Whether the fuel is enough is known before anything of the submission is touched: here there is none.
#[test]
fn fuel_that_may_not_be_enough_is_refused_before_anything_runs() {
    let params = r#"{"fuel_per_case": 500000000}"#;
    assert!(refused(CASES, params).contains("raise limits.fuel"));
    let params = r#"{"program_bytes_max": 4194304}"#;
    assert!(refused(CASES, params).contains("raise limits.fuel"));
    let good = module(&source("sum"));
    assert!(judge(&good, r#"{"fuel_per_case": 100000000}"#).is_ok());
}

#[test]
fn memory_that_may_not_be_enough_is_refused_before_anything_runs() {
    for params in [
        r#"{"memory_bytes": 120000000}"#,
        r#"{"memory_bytes": 100000000, "output_bytes": 4194304, "fuel_per_case": 1}"#,
    ] {
        assert!(refused(CASES, params).contains("raise limits.memory_bytes"));
    }
}

#[test]
fn closed_cases_are_not_those_that_are_shown() {
    let same = validator::check_params::<ProgramTests>(r#"{"closed_cases": "cases.jsonl"}"#);
    let problems = same.expect_err("a problem");
    assert_eq!(problems[0].pointer, "/closed_cases");
}

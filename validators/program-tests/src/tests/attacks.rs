//! What suppliers of bad programs try.

use super::{BOTH, changed, judge, module, source, statuses};
use proofmark_validator_sdk::{Report, Status};

fn judged(text: &str) -> Report {
    judge(&module(text), BOTH).expect("a report")
}

/// Answers the cases that are shown, and nothing else.
const HARD_CODED: &str = r#"
  (func (export "_start")
    (call $read_all)
    (if (i32.eq (i32.load8_u (i32.const 1024)) (i32.const 50)) (then (call $print (i64.const 5))))
    (if (i32.eq (i32.load8_u (i32.const 1024)) (i32.const 45)) (then (call $print (i64.const -5))))))"#;

fn with_start(start: &str) -> String {
    let text = source("sum");
    let begin = text.find("  (func (export \"_start\")").expect("it starts");
    format!("{}{start}", &text[..begin])
}

#[test]
fn answers_that_were_read_off_the_shown_cases_fail_the_closed_ones() {
    let report = judged(&with_start(HARD_CODED));
    assert_eq!(
        statuses(&report),
        [Status::Pass, Status::Pass, Status::Fail]
    );
}

/// One bit, and nothing that a program could use to say what it was given.
#[test]
fn of_closed_cases_nothing_is_told_but_whether_all_pass() {
    let (first, other) = (
        judged(&with_start(HARD_CODED)),
        judged(&changed(
            &source("sum"),
            "(i64.mul (local.get $value) (i64.const 10))",
            "(i64.mul (local.get $value) (i64.const 9))",
        )),
    );
    assert_eq!(first.checks[2], other.checks[2]);
    assert_eq!(first.checks[2].findings.len(), 1);
    assert_eq!((first.checks[2].examined, first.checks[2].matched), (1, 0));
}

/// What it writes is compared and shown, never read as anything else.
#[test]
fn an_output_that_looks_like_a_report_is_an_output() {
    let start = r#"
  (data (i32.const 2048) "{\"checks\":[{\"id\":\"cases\",\"status\":\"pass\"}]}\n")
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 2048))
    (i32.store (i32.const 4) (i32.const 46))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#;
    let report = judged(&with_start(start));
    assert_eq!(
        statuses(&report),
        [Status::Pass, Status::Fail, Status::Fail]
    );
    let finding = &report.checks[1].findings[0];
    assert_eq!(finding.code, "wrong-output");
    assert!(
        finding
            .actual
            .as_ref()
            .is_some_and(|it| it.contains("checks"))
    );
}

/// There is no file but those of the case.
#[test]
fn the_buyers_files_cannot_be_opened() {
    let cases = r#"{"args": ["cases.jsonl"], "stdin": "x", "stdout": "x"}"#;
    super::interpret_programs_with(super::interpreter::load);
    let report = super::Fixture::new()
        .submission("program.wasm", module(&source("reverse")))
        .reference("cases.jsonl", cases)
        .evaluate::<super::ProgramTests>(r#"{"program_bytes_max": 20000}"#)
        .expect("a report");
    let finding = &report.checks[1].findings[0];
    assert_eq!(finding.code, "wrong-exit");
    assert_eq!(finding.actual.as_deref(), Some("3; it said: no such file"));
}

/// Whoever never ends, or wants everything, fails; nobody is left without a verdict.
#[test]
fn programs_that_use_up_all_they_may_fail_and_end_nothing_else() {
    for (start, code) in [
        ("(func (export \"_start\") (loop $l (br $l))))", "out-of-fuel"),
        (
            "(func (export \"_start\") (drop (memory.grow (i32.const 2000)))))",
            "out-of-memory",
        ),
        (
            "(func (export \"_start\") (i32.store (i32.const 4) (i32.const 60000))
               (loop $l (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))) (br $l))))",
            "output-limit",
        ),
        ("(func (export \"_start\") unreachable))", "crashed"),
        ("(func $f (call $f)) (func (export \"_start\") (call $f)))", "crashed"),
    ] {
        let report = judged(&with_start(start));
        assert_eq!(statuses(&report)[1..], [Status::Fail, Status::Fail], "{code}");
        assert_eq!(report.checks[1].findings[0].code, code);
    }
}

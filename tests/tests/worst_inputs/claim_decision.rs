//! Decisions that take most.

use std::fmt::Write as _;

use super::super::Input;

const RULES: &str = r#"{"policy":"p","currency":"EUR","from":"2026-01-01","to":"2026-12-31","file_within_days":99,"decide_within_days":9,
"deductible":1,"limit":1000000000,"categories":{"c":{"covered":true,"clause":"1","coinsurance_ppm":1}},
"clauses":{"unknown-category":"2","outside-period":"3","filed-late":"4","deductible":"5","policy-limit":"6"}}"#;

/// The most lines that a claim may have.
const LINES: usize = 1_000;

fn list(count: usize, item: impl Fn(usize) -> String) -> String {
    let items: Vec<_> = (0..count).map(item).collect();
    items.join(",")
}

fn claim() -> String {
    let line =
        |at| format!(r#"{{"line":"{at:0>200}","category":"c","date":"2026-02-02","claimed":7}}"#);
    let lines = list(LINES, line);
    format!(r#"{{"claim":"k","policy":"p","filed_on":"2026-03-03","lines":[{lines}]}}"#)
}

fn decision(lines: &str) -> String {
    let sums = r#"{"claimed":1,"allowed":2,"deductible":3,"coinsurance":4,"paid":5}"#;
    format!(
        r#"{{"claim":"x","policy":"x","currency":"x","decided_on":"2020-01-01","lines":[{lines}],"totals":{sums}}}"#
    )
}

fn line(name: &str, lists: &str) -> String {
    format!(
        r#"{{"line":"{name}","decision":"denied","claimed":8,"allowed":9,"deductible":9,"coinsurance":9,"paid":9,{lists}}}"#
    )
}

fn on(name: &'static str, decision: String) -> Input {
    Input {
        name,
        params: "{}".to_owned(),
        submission: vec![("decision.json", decision.into_bytes())],
        reference: vec![("claim.json", claim()), ("rules.json", RULES.to_owned())],
    }
}

pub(crate) fn inputs() -> Vec<Input> {
    const LISTS: &str = r#""reasons":["filed-late","policy-limit"],"clauses":["9"]"#;
    let wrong = |at| line(&format!("{at:0>200}"), LISTS);
    let mut clauses = String::new();
    for at in 0..90_000 {
        write!(clauses, r#""{at:x}","#).expect("text can be written");
    }
    let many = format!(r#""reasons":[],"clauses":[{clauses}"x"]"#);
    vec![
        on("everything is wrong", decision(&list(LINES, wrong))),
        on(
            "one line again and again",
            decision(&list(LINES, |_| wrong(7))),
        ),
        on(
            "lines of no claim",
            decision(&list(LINES, |at| line(&format!("x{at}"), LISTS))),
        ),
        on(
            "more lines than there may be",
            decision(&list(20_000, |at| line(&format!("{at}"), LISTS))),
        ),
        on(
            "one line with many clauses",
            decision(&line(&format!("{:0>200}", 7), &many)),
        ),
        on("brackets", "[".repeat(1 << 20)),
        on(
            "one long text",
            format!("\"{}\"", "\\u00e9".repeat(170_000)),
        ),
        on(
            "a long name of nothing",
            format!("{{\"{}\":1}}", "x".repeat(1 << 20)),
        ),
        on(
            "many names of nothing",
            format!("{{{}}}", list(90_000, |at| format!("\"{at:x}\":1"))),
        ),
        on(
            "values without names",
            format!(
                "[\"k\",\"p\",\"EUR\",\"2026-03-03\",[{}]]",
                list(9_000, |_| "[1]".to_owned())
            ),
        ),
        on("longer than it may be", " ".repeat((4 << 20) + 1)),
    ]
}

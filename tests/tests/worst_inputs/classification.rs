//! Predictions and references that take most.

use super::super::Input;

const MANY: u64 = 100_000;
const ALL: &str = r#""min_accuracy_ppm":950000,"every_class":{"min_precision_ppm":950000,"min_f1_ppm":950000},"min_macro_f1_ppm":950000,"show_mistakes":true"#;

/// CSV or, if the predictions begin as such, JSON Lines; with an AUC if they have a score.
fn on(name: &'static str, predictions: String, labels: String) -> Input {
    let format = match predictions.starts_with('{') {
        true => r#","format":"json-lines""#,
        false => "",
    };
    let (score, auc) = match predictions.starts_with("id,label,score") {
        true => (
            r#","score":"score""#,
            r#","auc":{"positive":"c","min_ppm":950000}"#,
        ),
        false => ("", ""),
    };
    Input {
        name,
        params: format!(
            r#"{{"predictions":{{"artifact":"predictions"{format}{score}}},{ALL}{auc}}}"#
        ),
        submission: vec![("predictions", predictions.into_bytes())],
        reference: vec![("labels.csv", labels)],
    }
}

fn table(header: &str, row: impl Fn(u64) -> String, count: u64) -> String {
    let rows = (0..count).map(|at| row(at) + "\n");
    format!("{header}\n{}", rows.collect::<String>())
}

/// Every number below [`MANY`] once, in no order.
fn mixed(at: u64) -> u64 {
    at * 61_803 % MANY
}

fn labels(count: u64, id: impl Fn(u64) -> String) -> String {
    let class = |at: u64| ["c", "d"][at as usize % 2];
    table("id,label", |at| format!("{},{}", id(at), class(at)), count)
}

pub(crate) fn inputs() -> Vec<Input> {
    let two = || labels(2, |at| (at + 1).to_string());
    let many = || labels(MANY, |at| at.to_string());
    let long = "0".repeat(990);
    let scored = |row: &dyn Fn(u64) -> String| table("id,label,score", row, MANY);
    vec![
        on(
            "rows that cannot be read",
            table("id,label", |_| "x".into(), 1_000_000),
            two(),
        ),
        on(
            "blank lines",
            table("id,label", |_| String::new(), 1_000_000),
            two(),
        ),
        on(
            "ids that are not in the reference",
            table("id,label", |_| "9,d".into(), 500_000),
            labels(MANY, |at| (at + 10).to_string()),
        ),
        on(
            "one id again and again",
            table("id,label", |_| "1,d".into(), 500_000),
            two(),
        ),
        on(
            "one id, ever new labels of 500 bytes",
            table("id,label", |at| format!("1,{at:0500}"), MANY),
            two(),
        ),
        on(
            "unknown labels of 500 bytes",
            table("id,label", |at| format!("{0},{0:0500}", mixed(at)), MANY),
            many(),
        ),
        on(
            "long ids that differ at their ends",
            table("id,label", |_| format!("{long}9999,d"), 10_000),
            labels(10_000, |at| format!("{long}{at:04}")),
        ),
        on(
            "empty columns",
            format!(
                "id,label{0}\n{1}{1}{1}",
                ",".repeat(1_000_000),
                format!("1,d{}\n", ",".repeat(1_000_000))
            ),
            two(),
        ),
        on(
            "escapes",
            format!("{{\"id\":1,\"label\":\"{}\"}}\n", "\\n".repeat(500_000)).repeat(3),
            two(),
        ),
        on(
            "members of JSON",
            format!("{{\"id\":1,\"label\":1{}}}\n", ",\"\":1".repeat(200_000)).repeat(3),
            two(),
        ),
        on(
            "JSON, nested",
            format!(
                "{{\"id\":1,\"label\":1,\"x\":{}{}}}\n",
                "[".repeat(500_000),
                "]".repeat(500_000)
            )
            .repeat(3),
            two(),
        ),
        on(
            "short scores, mixed",
            scored(&|at| format!("{},d,{}", mixed(at), at % 10)),
            many(),
        ),
        on(
            "scores of 36 digits",
            scored(&|at| format!("{},d,1{:035}", mixed(at), at)),
            many(),
        ),
        on(
            "scores of 900 KB",
            table(
                "id,label,score",
                |_| format!("1,d,0.{}", "0".repeat(900_000)),
                3,
            ),
            two(),
        ),
        on(
            "scores that are none",
            scored(&|at| format!("{},?,-", mixed(at))),
            many(),
        ),
        on(
            "100,000 classes",
            table("id,label", |at| format!("{0},c{1}", mixed(at), at), MANY),
            table("id,label", |at| format!("{at},c{at}"), MANY),
        ),
        on(
            "half of 100,000 right",
            table("id,label", |at| format!("{},d", mixed(at)), MANY),
            many(),
        ),
    ]
}

//! Telemetry that takes most.

use super::super::Input;

/// Every demand that reads telemetry, none of which the records here meet.
const ALL: &str = r#""latency":{"over":"all","limits":[{"percentile_ppm":990000,"max_us":0}]},"error_rate":{"max_ppm":1},"throughput":{"min_requests_per_1000_s":9007199254740991},"uptime":{"window_s":1,"min_success_ppm":999999,"min_up_ppm":999999,"empty_window":"skip"}"#;

fn on(name: &'static str, telemetry: String, columns: &str) -> Input {
    let format = if telemetry.starts_with('{') {
        "jsonl"
    } else {
        "csv"
    };
    Input {
        name,
        params: format!(r#"{{"telemetry":"t","format":"{format}","columns":{{{columns}}},{ALL}}}"#),
        submission: vec![("t", telemetry.into_bytes())],
        reference: vec![],
    }
}

fn table(header: &str, row: impl Fn(usize) -> String, count: usize) -> String {
    let rows = (0..count).map(|at| row(at) + "\n");
    format!("{header}\n{}", rows.collect::<String>())
}

fn benchmark(name: &'static str, document: String, pointer: &str) -> Input {
    Input {
        name,
        params: format!(
            r#"{{"benchmark":{{"from":{{"artifact":{{"path":"b","pointer":"{pointer}"}}}},"decimals":3,"min":870,"max":1000}}}}"#
        ),
        submission: vec![("b", document.into_bytes())],
        reference: vec![],
    }
}

pub(crate) fn inputs() -> Vec<Input> {
    const HEADER: &str = "start,duration,status";
    const WITH_ID: &str = "start,duration,status,id";
    const ID: &str = r#""id":"id""#;
    let mixed = |at: usize, of: usize| at * 61_803 % of;
    let row = |at: usize| format!("{},{},500", mixed(at, 900_000), at % 7);
    vec![
        on("records", table(HEADER, row, 900_000), ""),
        on(
            "records with short ids",
            table(WITH_ID, |at| format!("{},{at:x}", row(at)), 900_000),
            ID,
        ),
        on(
            "records with long ids",
            table(WITH_ID, |at| format!("{},{at:040}", row(at)), 500_000),
            ID,
        ),
        on(
            "one id again and again",
            table(WITH_ID, |at| format!("{},7", row(at)), 900_000),
            ID,
        ),
        on(
            "each in a window of its own",
            table(
                HEADER,
                |at| format!("{}000000,1,500", mixed(at, 900_000)),
                900_000,
            ),
            "",
        ),
        on(
            "rows that cannot be read",
            table(HEADER, |_| "x".into(), 1_000_000),
            "",
        ),
        on(
            "blank lines",
            table(HEADER, |_| String::new(), 2_000_000),
            "",
        ),
        on(
            "shortest records",
            table(HEADER, |_| "0,0,0".into(), 1_000_000),
            "",
        ),
        on(
            "more records than are judged",
            table(HEADER, |_| "0,0,0".into(), 4_000_001),
            "",
        ),
        on(
            "a quote of many lines",
            format!("{HEADER}\n0,0,500\n\"{}", "\n".repeat(1_000_000)),
            "",
        ),
        on(
            "many columns",
            format!(
                "{HEADER}{}\n{}",
                ",a".repeat(100_000),
                table("0,0,500", |_| format!("0,0,500{}", ",1".repeat(100_000)), 9)
            ),
            "",
        ),
        on(
            "long numbers",
            table(HEADER, |_| format!("0,{}1,500", "0".repeat(50_000)), 40),
            "",
        ),
        on(
            "JSON Lines",
            (0..300_000)
                .map(|at| {
                    format!(
                        "{{\"start\":{},\"duration\":1,\"status\":500}}\n",
                        mixed(at, 300_000)
                    )
                })
                .collect(),
            "",
        ),
        on(
            "JSON Lines with short names",
            (0..300_000)
                .map(|at| {
                    format!(
                        "{{\"a\":{},\"b\":1,\"c\":500,\"d\":{at}}}\n",
                        mixed(at, 300_000)
                    )
                })
                .collect(),
            r#""start":"a","duration":"b","status":"c","id":"d""#,
        ),
        on(
            "members of JSON",
            format!(
                "{{\"start\":0,\"duration\":1,\"status\":500{}}}\n",
                ",\"\":1".repeat(150_000)
            )
            .repeat(3),
            "",
        ),
        benchmark(
            "a benchmark of a megabyte",
            format!("{{\"a\":[{}1]}}", "[],".repeat(340_000)),
            "/a/340000",
        ),
        benchmark(
            "the same, eight steps down",
            format!(
                "{}{}1]{}",
                "[".repeat(8),
                "0,".repeat(500_000),
                "]".repeat(7)
            ),
            "/0/0/0/0/0/0/0/500000",
        ),
    ]
}

//! Exports that take most. Whoever can make events come must not be able to hide one among them, whoever delivers must not be
//! able to deliver what nobody can decide.

use std::fmt::Write as _;

use super::super::Input;

/// As many rules as there may be, each with as many conditions, all about one type.
fn params(deliverer: &str) -> String {
    let list = |count: usize, item: &dyn Fn(usize) -> String| {
        let items: Vec<_> = (0..count).map(item).collect();
        items.join(",")
    };
    let fields = list(4, &|at| format!(r#""f{at}":{{"text":100}}"#));
    let short = list(32, &|at| format!(r#""{at}":{{"number":{{}}}}"#));
    let fulfilled = list(4, &|at| format!(r#""f{at}":{{"same_as":"f{at}"}}"#));
    let forbidden = list(15, &|_| {
        format!(r#"{{"type":"n","where":{{{fulfilled}}},"at_most":99999}}"#)
    });
    let each = format!(r#"{{"type":"n","where":{{{fulfilled}}}}}"#);
    let required = list(16, &|_| {
        format!(r#"{{"type":"n","where":{{{fulfilled}}},"after_each":{each},"within_seconds":9}}"#)
    });
    format!(
        r#"{{"subject":"s","delivered_by":"{deliverer}","events":{{"n":{{{fields}}},"m":{{{short}}},"b":{{}},"x":{{}}}},
        "anchor":{{"type":"n"}},"window":{{"from":"2026-01-01T00:00:00Z","seconds":86400}},
        "forbidden":[{{"type":"x"}},{forbidden}],"required":[{required}]}}"#
    )
}

const HEADER: &str = r#"{"format":"later-events/v1","subject":"s","from":"2026-01-01T00:00:00Z","until":"2026-01-05T00:00:00Z","made_at":"2026-01-05T00:00:00Z","complete":true,"events":9007199254740991,"digest":""}"#;

fn event(id: &str, kind: &str, rest: &str) -> String {
    format!(r#"{{"id":"{id}","at":"2026-01-01T00:00:00Z","subject":"s","type":"{kind}"{rest}}}"#)
}

fn full(value: &str) -> String {
    (0..4).fold(String::new(), |mut rest, at| {
        write!(rest, r#","f{at}":"{value}""#).expect("text can be written");
        rest
    })
}

fn export(lines: impl IntoIterator<Item = String>, last: &str) -> String {
    let mut export = format!("{HEADER}\n{}\n", event("anchor", "n", &full("v")));
    for line in lines {
        export.push_str(&line);
        export.push('\n');
    }
    export + last
}

/// The oracle delivers, and what may not happen stands at the end.
fn hidden(name: &'static str, lines: impl IntoIterator<Item = String>) -> Input {
    Input {
        name,
        params: params("oracle"),
        submission: vec![(
            "events.jsonl",
            export(lines, &event("x", "x", "")).into_bytes(),
        )],
        reference: Vec::new(),
    }
}

/// The supplier delivers what is no export.
fn supplied(name: &'static str, export: String) -> Input {
    Input {
        name,
        params: params("supplier"),
        submission: vec![("events.jsonl", export.into_bytes())],
        reference: Vec::new(),
    }
}

pub(crate) fn inputs() -> Vec<Input> {
    let fulfilled = full("v");
    let some = |count: usize| 0..count;
    vec![
        hidden(
            "events that every rule is about",
            some(30_000).map(|at| event(&format!("{at:x}"), "n", &fulfilled)),
        ),
        hidden(
            "short events",
            some(150_000).map(|at| event(&format!("{at:x}"), "b", "")),
        ),
        hidden(
            "events with the longest ids",
            some(110_000).map(|at| event(&format!("{at:0>100}"), "b", "")),
        ),
        hidden(
            "one event again and again",
            some(150_000).map(|_| event("y", "b", "")),
        ),
        hidden("empty lines", some(2_000_000).map(|_| String::new())),
        hidden("empty objects", some(1_000_000).map(|_| "{}".to_owned())),
        hidden("brackets", some(400).map(|_| "[".repeat(16 << 10))),
        hidden("one endless line", some(1).map(|_| "x".repeat(6 << 20))),
        hidden(
            "many members",
            some(500).map(|_| {
                let members = some(2_000).fold(String::new(), |mut members, at| {
                    write!(members, r#","{at:x}":0"#).expect("text can be written");
                    members
                });
                event("z", "b", &members)
            }),
        ),
        hidden(
            "many short fields",
            some(20_000).map(|event_at| {
                let fields = some(32).fold(String::new(), |mut fields, at| {
                    write!(fields, r#","{at}":0"#).expect("text can be written");
                    fields
                });
                event(&format!("{event_at:x}"), "m", &fields)
            }),
        ),
        hidden(
            "escapes",
            some(400).map(|at| event(&format!("{at}"), "n", &full(&"\\u00e9".repeat(300)))),
        ),
        hidden(
            "nested values",
            some(300).map(|at| {
                let nested = format!(r#","f":{}{}"#, "[".repeat(8_000), "]".repeat(8_000));
                event(&format!("{at}"), "n", &nested)
            }),
        ),
        hidden(
            "types that nobody knows",
            some(100_000).map(|at| event(&format!("{at:x}"), &format!("{at:x}"), "")),
        ),
        supplied("no header", "{}\n".repeat(700_000)),
        supplied("no line", "[".repeat(4 << 20)),
        supplied(
            "another subject",
            HEADER.replace(r#""s""#, r#""t""#) + &"\n{}".repeat(500_000),
        ),
        supplied(
            "events that cannot be read",
            export(some(400_000).map(|_| "7".to_owned()), ""),
        ),
    ]
}

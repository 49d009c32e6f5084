//! Fixtures and details.

use crate::LaterEvents;
use proofmark_mutation::{File, mutants};
use proofmark_validator_sdk::testing::{Fixture, assert_fixtures};
use proofmark_validator_sdk::{Refusal, Report, Status};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};

mod lasting;
mod reading;

use Status::{Fail, Inconclusive, Pass};

const EXPORT: &str = "events.jsonl";

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn read(case: &str, name: &str) -> String {
    std::fs::read_to_string(fixtures().join(case).join(name)).expect("a file")
}

fn judge(params: &str, export: impl AsRef<[u8]>) -> Result<Report, Refusal> {
    let fixture = Fixture::new().submission(EXPORT, export);
    fixture.evaluate::<LaterEvents>(params)
}

fn passes(report: &Report) -> bool {
    report.checks.iter().all(|it| it.status == Status::Pass)
}

/// The same events under a header that fits them.
fn sealed(export: &[u8]) -> Vec<u8> {
    let end = export
        .iter()
        .position(|it| *it == b'\n')
        .map_or(0, |it| it + 1);
    let (first, body) = export.split_at(end);
    let Ok(mut header) = serde_json::from_slice::<Value>(first) else {
        return export.to_vec();
    };
    let digest = Sha256::digest(body);
    let digest: String = digest.iter().map(|it| format!("{it:02x}")).collect();
    header["digest"] = json!(format!("sha256:{digest}"));
    header["events"] = json!(
        body.split(|it| *it == b'\n')
            .filter(|it| !it.is_empty())
            .count()
    );
    [header.to_string().as_bytes(), b"\n", body].concat()
}

#[test]
fn fixtures_do_what_they_promise_and_cover_every_code() {
    let codes = assert_fixtures::<LaterEvents>(&fixtures());
    let all = [
        "anchor-missing",
        "event-malformed",
        "export-altered",
        "export-incomplete",
        "export-missing",
        "forbidden-event",
        "forbidden-uncertain",
        "header-malformed",
        "id-duplicate",
        "other-subject",
        "out-of-order",
        "outside-export",
        "required-missing",
        "too-many-events",
        "type-unknown",
        "unanswered",
        "window-not-covered",
    ];
    assert_eq!(codes.iter().map(String::as_str).collect::<Vec<_>>(), all);
}

/// The digest notices every change. So that nothing hides behind it, each mutant is given a header that fits: as if the
/// oracle's system had said so.
#[test]
fn mistakes_are_noticed_without_the_digest_too() {
    let (mut made, mut survivors) = (0, Vec::new());
    for case in [
        "accept/ticket",
        "accept/pull-request",
        "accept/claim",
        "accept/edges",
    ] {
        let export = read(case, "submission/events.jsonl").into_bytes();
        let params = read(case, "params.json");
        let files = [File {
            path: EXPORT,
            bytes: &export,
        }];
        for mutant in mutants(&files, 200) {
            let bytes = mutant.bytes.map(|it| sealed(&it)).unwrap_or_default();
            made += 1;
            if bytes != export && passes(&judge(&params, bytes).expect("a report")) {
                survivors.push(format!(
                    "{case} {} {} {}",
                    mutant.operator, mutant.place, mutant.is
                ));
            }
        }
    }
    let killed = made - survivors.len();
    println!("{killed} of {made}");
    assert!(
        killed * 100 >= made * 85,
        "{killed} of {made}\n{}",
        survivors.join("\n")
    );
}

/// Parameters with which a test can say what it needs: `x` is forbidden, the anchor is `a`, two days are looked at.
fn small() -> Value {
    json!({
        "subject": "s",
        "events": {"a": {"v": {"hex": 1}}, "x": {"v": {"hex": 1}}, "n": {"n": {"number": {"at_least": 0, "at_most": 9}}}},
        "anchor": {"type": "a"},
        "window": {"from": "2026-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z", "seconds": 172_800},
        "forbidden": [{"type": "x"}],
    })
}

/// An export of five days; each event is its id, day and hour, type, and what else it says.
fn export(events: &[(&str, &str, &str, &str)]) -> String {
    let mut lines = r#"{"format":"later-events/v1","subject":"s","from":"2026-01-01T00:00:00Z","until":"2026-01-05T00:00:00Z","made_at":"2026-01-05T00:00:00Z","complete":true,"events":0,"digest":""}"#.to_owned();
    for (id, at, kind, rest) in events {
        lines += &format!(
            r#"{}{{"id":"{id}","at":"2026-01-{at}:00:00Z","subject":"s","type":"{kind}",{rest}}}"#,
            '\n'
        );
    }
    String::from_utf8(sealed((lines + "\n").as_bytes())).expect("text")
}

fn of(params: &Value, export: impl AsRef<[u8]>) -> Vec<Status> {
    let report = judge(&params.to_string(), export).expect("a report");
    report.checks.iter().map(|check| check.status).collect()
}

const ANCHOR: (&str, &str, &str, &str) = ("1", "01T12", "a", r#""v":"1""#);

#[test]
fn rules_that_nothing_could_break_or_keep_are_refused() {
    for (pointer, value, why) in [
        ("/forbidden", json!([]), "nothing is forbidden or required"),
        ("/forbidden/0/type", json!("X"), "`events` has no type `X`"),
        (
            "/forbidden/0/where",
            json!({"w": {"equals": "1"}}),
            "no field of that name",
        ),
        (
            "/forbidden/0/where",
            json!({"v": {"equals": "A"}}),
            "no event says",
        ),
        (
            "/forbidden/0/where",
            json!({"v": {"one_of": ["1", 1]}}),
            "no event says",
        ),
        (
            "/forbidden/0/where",
            json!({"v": {"one_of": []}}),
            "the list is empty",
        ),
        (
            "/forbidden/0/where",
            json!({"v": {}}),
            "a condition says one thing",
        ),
        (
            "/forbidden/0/where",
            json!({"v": {"equals": "1", "same_as": "v"}}),
            "a condition says one thing",
        ),
        (
            "/forbidden/0/where",
            json!({"v": {"at_most": 1}}),
            "within these bounds",
        ),
        (
            "/forbidden/0",
            json!({"type": "n", "where": {"n": {"at_most": "-0.1"}}}),
            "within these bounds",
        ),
        (
            "/forbidden/0",
            json!({"type": "n", "where": {"n": {"same_as": "v"}}}),
            "of another form",
        ),
        (
            "/forbidden/0/where",
            json!({"v": {"same_as": "w"}}),
            "the anchor has no field",
        ),
        (
            "/anchor/where",
            json!({"v": {"same_as": "v"}}),
            "there is no anchor",
        ),
        (
            "/events/a/v",
            json!({"one_of": []}),
            "no value is of this form",
        ),
        (
            "/events/a",
            json!({"id": {"hex": 1}}),
            "every event has this member",
        ),
        (
            "/window/until",
            json!("2026-01-01T00:00:00Z"),
            "before it begins",
        ),
        ("/window/until", json!("2026-01-02"), "a time is written as"),
        ("/anchor", Value::Null, "counted from an anchor"),
        (
            "/window",
            json!({"from": "2026-01-01T00:00:00Z"}),
            "it has no end",
        ),
        (
            "/required",
            json!([{"type": "n", "within_seconds": 172_801}]),
            "longer than the window",
        ),
        (
            "/required",
            json!([{"type": "n", "at_least": 2, "after_each": {"type": "x"}}]),
            "two rules",
        ),
        ("/subjects", json!("s"), "unknown field"),
    ] {
        let mut params = small();
        params["anchor"]["where"] = json!({});
        params["forbidden"][0]["where"] = json!({});
        match params.pointer_mut(pointer) {
            Some(place) => *place = value,
            None => params[&pointer[1..]] = value,
        }
        let refusal = judge(&params.to_string(), "").expect_err(pointer);
        let said = refusal.to_string();
        assert!(
            matches!(refusal, Refusal::InvalidParams(_)) && said.contains(why),
            "{pointer}: {said}"
        );
    }
}

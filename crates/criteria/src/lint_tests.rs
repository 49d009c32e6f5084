use proofmark_core::Digest;
use serde_json::{Map, json};

use super::*;
use crate::draft::{ReferenceSource, ValidatorSource};
use crate::limits::LimitsOverride;

fn criterion(name: &str, required: bool, weight: u32) -> CriterionDraft {
    CriterionDraft {
        name: name.to_owned(),
        summary: None,
        validator: ValidatorSource::Builtin("rows".to_owned()),
        params: Map::new(),
        references: BTreeMap::new(),
        required,
        weight,
        limits: LimitsOverride::default(),
    }
}

fn good() -> Draft {
    Draft {
        name: "x".to_owned(),
        summary: None,
        threshold: Ppm::new(500_000).ok(),
        limits: LimitsOverride::default(),
        criteria: vec![criterion("a", true, 0), criterion("b", false, 1)],
    }
}

type Found = Vec<(&'static str, String)>;

/// Code and pointer of everything that is wrong after a change.
fn after(change: impl FnOnce(&mut Draft)) -> Found {
    let mut changed = good();
    change(&mut changed);
    let problems = draft(&changed).into_iter();
    problems
        .inspect(|problem| assert!(problem.hint.is_some(), "{problem} has no hint"))
        .map(|problem| (problem.code, problem.pointer.unwrap_or_default()))
        .collect()
}

#[test]
fn a_good_draft_has_no_problem() {
    assert_eq!(after(|_| {}), []);
}

#[test]
fn every_rule_has_its_code_and_place() {
    let cases: Vec<(Found, &str, &str)> = vec![
        (after(|d| d.criteria.clear()), "no-criteria", "/criteria"),
        (
            after(|d| d.criteria[1].name = "a".to_owned()),
            "criterion-name-duplicate",
            "/criteria/1/name",
        ),
        (
            after(|d| d.criteria.push(criterion("c", false, 0))),
            "criterion-without-effect",
            "/criteria/2",
        ),
        (
            after(|d| d.threshold = None),
            "weight-without-threshold",
            "/criteria/1/weight",
        ),
        (
            after(|d| d.criteria[1] = criterion("b", true, 0)),
            "threshold-without-weight",
            "/threshold",
        ),
        (
            after(|d| d.threshold = Some(Ppm::ZERO)),
            "threshold-zero",
            "/threshold",
        ),
        (
            after(|d| d.criteria[0].weight = u32::MAX),
            "weight-sum-too-large",
            "/criteria",
        ),
        (
            after(|d| d.limits.fuel = Some(1 << 53)),
            "limit-above-maximum",
            "/limits/fuel",
        ),
        (
            after(|d| d.criteria[1].limits.open_artifacts = Some(0)),
            "limit-below-minimum",
            "/criteria/1/limits/open_artifacts",
        ),
        (
            after(|d| {
                d.limits.report_bytes = Some(4 << 20);
                let names = (0..16).map(|index| format!("c{index}"));
                d.criteria
                    .extend(names.map(|name| criterion(&name, true, 0)));
            }),
            "report-limits-too-large",
            "/criteria",
        ),
        (
            after(|d| d.summary = Some("a\u{1b}[2J".to_owned())),
            "text-deceives",
            "/summary",
        ),
        (
            after(|d| d.criteria[0].summary = Some("\u{2066}".to_owned())),
            "text-deceives",
            "/criteria/0/summary",
        ),
        (
            after(|d| {
                let long = "x".repeat(MAX_PARAMS_BYTES);
                d.criteria[0].params.insert("x".to_owned(), json!(long));
            }),
            "params-too-large",
            "/criteria/0/params",
        ),
        (
            after(|d| {
                let source = ReferenceSource::Digest(Digest::of(b""));
                d.criteria[0].references.insert("../x".to_owned(), source);
            }),
            "path-parent-component",
            "/criteria/0/references/..~1x",
        ),
    ];
    for (found, code, pointer) in cases {
        assert_eq!(found, [(code, pointer.to_owned())]);
    }
}

#[test]
fn all_problems_are_told_at_once() {
    let found = after(|d| {
        d.name = "\0".to_owned();
        d.threshold = None;
        d.criteria[0].required = false;
    });
    let codes: Vec<_> = found.iter().map(|(code, _)| *code).collect();
    assert_eq!(
        codes,
        [
            "text-deceives",
            "criterion-without-effect",
            "weight-without-threshold"
        ]
    );
}

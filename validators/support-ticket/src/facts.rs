//! The check `facts`: what the agent states.

use crate::case::Case;
use crate::params::{Fact, Facts};
use crate::phrase::Rules;
use crate::stated::{Found, Statements};
use proofmark_validator_sdk::CheckBuilder;
use std::collections::BTreeMap;

pub(crate) fn judge(case: &Case<'_>, facts: &Facts, check: &mut CheckBuilder) {
    let statements = Statements::new(facts.required.iter().map(|it| &it.any_of[..]));
    let statements = statements.negated_by(&facts.negations, facts.negation_reach);
    let statements = statements.in_sentences(facts.min_sentence_words, facts.max_per_sentence);
    let found = statements.found(case);
    let contradicted = contradictions(case, facts, check);
    for (at, fact) in facts.required.iter().enumerate() {
        let of = found.get(&at);
        let stated = of.is_some_and(|it| !it.stated.is_empty());
        check.examine(stated && !contradicted.contains_key(&at));
        if !stated {
            missing(case, fact, of, check);
        }
    }
}

/// The contradicted facts, and in which message first.
fn contradictions(
    case: &Case<'_>,
    facts: &Facts,
    check: &mut CheckBuilder,
) -> BTreeMap<usize, usize> {
    let rules = facts.required.iter();
    let rules = Rules::new(rules.map(|it| (&it.contradicted_by[..], &it.except[..])));
    let mut contradicted = BTreeMap::new();
    for later in case.suppliers() {
        for (at, hit) in rules.broken(&later.letters) {
            contradicted.entry(at).or_insert(later.number);
            let text = format!("This contradicts the fact `{}`.", facts.required[at].id);
            let finding = case.finding("fact-contradicted", &text, later.text());
            check.finding(finding.actual(later.shown(&hit)));
        }
    }
    contradicted
}

fn missing(case: &Case<'_>, fact: &Fact, found: Option<&Found>, check: &mut CheckBuilder) {
    let doubt = found.and_then(|it| it.doubts.first_key_value());
    let finding = match doubt {
        None => {
            let text = format!("No agent states the fact `{}`.", fact.id);
            case.finding("fact-missing", &text, "/messages")
        }
        Some((doubt, number)) => {
            let text = format!(
                "The fact `{}` stands here, {}: that does not state it.",
                fact.id,
                doubt.as_str()
            );
            case.finding("fact-unstated", &text, format!("/messages/{number}/text"))
        }
    };
    check.finding(finding.expected(fact.any_of.join(" | ")));
}

//! The check `policy`: what must not be said, what has to be; `tone` says how.

use crate::case::Case;
use crate::params::{Disclosure, Policy, Whose};
use crate::phrase::Rules;
use crate::stated::{Found, Statements};
use crate::text::letters::Letters;
use crate::ticket::Author;
use crate::tone;
use proofmark_validator_sdk::CheckBuilder;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) fn judge(case: &Case<'_>, policy: &Policy, check: &mut CheckBuilder) {
    forbidden(case, policy, check);
    disclosures(case, policy, check);
    tone::judge(case, &policy.tone, check);
}

fn forbidden(case: &Case<'_>, policy: &Policy, check: &mut CheckBuilder) {
    let rules = policy.forbidden.iter();
    let rules = Rules::new(rules.map(|it| (&it.any_of[..], &it.except[..])));
    let mut broken = BTreeSet::new();
    let mut look = |text: &str, letters: &Letters, pointer: &dyn Fn() -> String| {
        for (at, hit) in rules.broken(letters) {
            broken.insert(at);
            let why = format!("The policy forbids `{}`.", policy.forbidden[at].id);
            let finding = case.finding("forbidden-phrase", &why, pointer());
            check.finding(finding.actual(letters.shown(&hit, text)));
        }
    };
    for later in case.suppliers() {
        look(&later.message.text, &later.letters, &|| later.text());
        for (at, citation) in later.message.citations.iter().enumerate() {
            // What an article says is the buyer's.
            if later.cited[at].is_none() {
                let pointer = || format!("/messages/{}/citations/{at}/quote", later.number);
                look(&citation.quote, &Letters::of(&citation.quote), &pointer);
            }
        }
    }
    let rules = policy.forbidden.len();
    check.count(rules as u64, (rules - broken.len()) as u64);
}

fn disclosures(case: &Case<'_>, policy: &Policy, check: &mut CheckBuilder) {
    let disclosures = &policy.disclosures;
    let mut found = Statements::new(disclosures.iter().map(|it| &it.any_of[..])).found(case);
    let asked = asked_for(case, disclosures);
    for (at, disclosure) in disclosures.iter().enumerate() {
        let of = found.remove(&at).unwrap_or_default();
        let kept = !asked.contains(&at) || is_made(case, disclosure, &of);
        check.examine(kept);
        if !kept {
            let first = if disclosure.in_first_message {
                "In its first message the"
            } else {
                "The"
            };
            let text = format!(
                "{first} agent does not say what has to be disclosed: `{}`.",
                disclosure.id
            );
            let finding = case.finding("disclosure-missing", &text, "/messages");
            check.finding(finding.expected(disclosure.any_of.join(" | ")));
        }
    }
}

fn is_made(case: &Case<'_>, disclosure: &Disclosure, found: &Found) -> bool {
    let first = case.agents().next().map(|it| it.number);
    match disclosure.in_first_message {
        true => first.is_some_and(|it| found.stated.contains(&it)),
        false => !found.stated.is_empty(),
    }
}

/// The disclosures that have to be made: without a condition, or with one that occurs.
fn asked_for(case: &Case<'_>, disclosures: &[Disclosure]) -> BTreeSet<usize> {
    let always = disclosures
        .iter()
        .enumerate()
        .filter(|(_, it)| it.when.is_empty());
    let mut asked: BTreeSet<usize> = always.map(|(at, _)| at).collect();
    if asked.len() == disclosures.len() {
        return asked;
    }
    let rules = Rules::new(disclosures.iter().map(|it| (&it.when[..], &[][..])));
    let mut look = |letters: &Letters, whose: Whose| {
        let occur = rules.broken(letters).into_keys();
        asked.extend(occur.filter(|at| {
            let asked = disclosures[*at].when_from;
            asked == Whose::Anyone || asked == whose
        }));
    };
    let later = case.suppliers().map(|it| (it.number, &it.letters));
    let later: BTreeMap<usize, &Letters> = later.collect();
    for (number, message) in case.export.messages.iter().enumerate() {
        let customers = message.from == Author::Customer;
        match later.get(&number) {
            Some(letters) => look(letters, Whose::Supplier),
            None if customers => look(&Letters::of(&message.text), Whose::Customer),
            // What was handed over and is nobody's of them.
            None => look(&Letters::of(&message.text), Whose::Anyone),
        }
    }
    asked
}

//! What is wrong with parameters beyond what their schema can say.

use super::{Params, Policy, Tone};
use crate::phrase;
use crate::text::spoken::Spoken;
use proofmark_validator_sdk::{Problem, problem};
use std::collections::BTreeSet;

impl Params {
    /// All problems.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        self.lists_of_phrases(&mut |pointer, phrases, spoken| {
            for (number, text) in phrases.iter().enumerate() {
                let none = match spoken {
                    true => Spoken::phrase(text).is_empty(),
                    false => phrase::letters(text).0.is_empty(),
                };
                if none {
                    let pointer = format!("{pointer}/{number}");
                    problems.push(problem(pointer, "the phrase has no word"));
                }
            }
        });
        self.names(&mut problems);
        self.citing(&mut problems);
        if self.policy.as_ref().is_some_and(Policy::asks_for_nothing) {
            problems.push(problem("/policy", "the policy asks for nothing"));
        }
        problems
    }

    /// Each list of phrases, with whether it is looked for in what is spoken.
    fn lists_of_phrases(&self, each: &mut dyn FnMut(String, &[String], bool)) {
        let facts = self.facts.as_ref();
        for (at, fact) in facts.iter().flat_map(|it| &it.required).enumerate() {
            let pointer = format!("/facts/required/{at}");
            each(format!("{pointer}/any_of"), &fact.any_of, true);
            each(
                format!("{pointer}/contradicted_by"),
                &fact.contradicted_by,
                false,
            );
            each(format!("{pointer}/except"), &fact.except, false);
        }
        if let Some(facts) = facts {
            each("/facts/negations".to_owned(), &facts.negations, true);
        }
        let policy = self.policy.as_ref();
        for (at, rule) in policy.iter().flat_map(|it| &it.forbidden).enumerate() {
            let pointer = format!("/policy/forbidden/{at}");
            each(format!("{pointer}/any_of"), &rule.any_of, false);
            each(format!("{pointer}/except"), &rule.except, false);
        }
        for (at, rule) in policy.iter().flat_map(|it| &it.disclosures).enumerate() {
            let pointer = format!("/policy/disclosures/{at}");
            each(format!("{pointer}/any_of"), &rule.any_of, true);
            each(format!("{pointer}/when"), &rule.when, false);
        }
        if let Some(policy) = policy {
            let banned = &policy.tone.banned_words;
            each("/policy/tone/banned_words".to_owned(), banned, false);
        }
        if let Some(rule) = &self.no_takeover {
            each(
                "/no_takeover/announced_by".to_owned(),
                &rule.announced_by,
                false,
            );
        }
    }

    /// Two things of one name could not be told apart in a finding.
    fn names(&self, problems: &mut Vec<Problem>) {
        let (facts, policy) = (self.facts.iter(), self.policy.iter());
        let lists: [(&str, Vec<&str>); 3] = [
            (
                "/facts/required",
                facts
                    .flat_map(|it| &it.required)
                    .map(|it| it.id.as_str())
                    .collect(),
            ),
            (
                "/policy/forbidden",
                policy
                    .clone()
                    .flat_map(|it| &it.forbidden)
                    .map(|it| it.id.as_str())
                    .collect(),
            ),
            (
                "/policy/disclosures",
                policy
                    .flat_map(|it| &it.disclosures)
                    .map(|it| it.id.as_str())
                    .collect(),
            ),
        ];
        for (pointer, names) in lists {
            let distinct: BTreeSet<_> = names.iter().collect();
            if distinct.len() < names.len() {
                problems.push(problem(pointer, "two of them have one id"));
            }
        }
    }

    fn citing(&self, problems: &mut Vec<Problem>) {
        let Some(citations) = &self.citations else {
            return;
        };
        if self.articles.is_empty() {
            problems.push(problem("/articles", "there is no article to be cited"));
        }
        for (at, article) in citations.articles.iter().enumerate() {
            if !self.articles.contains_key(article) {
                let pointer = format!("/citations/articles/{at}");
                problems.push(problem(pointer, "there is no such article"));
            }
        }
    }
}

impl Policy {
    fn asks_for_nothing(&self) -> bool {
        let Tone {
            banned_words,
            max_exclamation_marks,
            max_shouted_words,
            acronyms: _,
            min_words,
            max_words,
            max_messages,
        } = &self.tone;
        let limits = [
            max_exclamation_marks,
            max_shouted_words,
            min_words,
            max_words,
            max_messages,
        ];
        let lists =
            self.forbidden.is_empty() && self.disclosures.is_empty() && banned_words.is_empty();
        lists && limits.iter().all(|it| it.is_none())
    }
}

//! How an agent writes: words that are not used, marks, capital letters, lengths.

use crate::case::{Case, Later};
use crate::characters::is_letter;
use crate::params::Tone;
use crate::phrase::Rules;
use proofmark_validator_sdk::CheckBuilder;
use std::collections::BTreeSet;

/// Shorter words in capital letters are no shouting.
const MIN_SHOUTED: usize = 4;

pub(crate) fn judge(case: &Case<'_>, tone: &Tone, check: &mut CheckBuilder) {
    let banned = Rules::new([(&tone.banned_words[..], &[][..])]);
    let acronyms = tone.acronyms.iter().map(|it| it.to_uppercase()).collect();
    for later in case.agents() {
        if !tone.banned_words.is_empty() {
            let hit = banned.broken(&later.letters).into_values().next();
            check.examine(hit.is_none());
            if let Some(hit) = hit {
                let text = "The message has a word that is not used.";
                let finding = case.finding("banned-word", text, later.text());
                check.finding(finding.actual(later.shown(&hit)));
            }
        }
        for limit in limits(later, tone, &acronyms) {
            limit.judge(case, later, check);
        }
    }
    if let Some(most) = tone.max_messages {
        let messages = case.agents().count();
        check.examine(messages <= most);
        if messages > most {
            let text = "The agent writes more messages than it may.";
            let finding = case.finding("too-many-messages", text, "/messages");
            check.finding(finding.expected(format!("at most {most}")).actual(messages));
        }
    }
}

/// Something of a message that is counted.
struct Limit {
    code: &'static str,
    what: &'static str,
    count: usize,
    least: usize,
    most: usize,
}

impl Limit {
    fn judge(&self, case: &Case<'_>, later: &Later<'_>, check: &mut CheckBuilder) {
        let kept = (self.least..=self.most).contains(&self.count);
        check.examine(kept);
        if !kept {
            let bound = if self.count < self.least {
                ("at least", self.least)
            } else {
                ("at most", self.most)
            };
            let text = format!("The message has {} {}.", self.count, self.what);
            let finding = case.finding(self.code, &text, later.text());
            check.finding(
                finding
                    .expected(format!("{} {}", bound.0, bound.1))
                    .actual(self.count),
            );
        }
    }
}

/// What is asked for, counted.
fn limits(later: &Later<'_>, tone: &Tone, acronyms: &BTreeSet<String>) -> Vec<Limit> {
    let text = &later.message.text;
    let mut limits = Vec::new();
    let mut limit = |code, what, count, least: Option<usize>, most: Option<usize>| {
        let (least, most) = (least.unwrap_or(0), most.unwrap_or(usize::MAX));
        limits.push(Limit {
            code,
            what,
            count,
            least,
            most,
        });
    };
    if tone.max_exclamation_marks.is_some() {
        limit(
            "exclamation-marks",
            "exclamation marks",
            exclamations(text),
            None,
            tone.max_exclamation_marks,
        );
    }
    if tone.max_shouted_words.is_some() {
        limit(
            "shouting",
            "words in capital letters",
            shouted(text, acronyms),
            None,
            tone.max_shouted_words,
        );
    }
    if tone.max_words.is_some() {
        // Not those that are spoken: what is quoted has a length as well.
        limit(
            "message-too-long",
            "words",
            later.letters.words.len(),
            None,
            tone.max_words,
        );
    }
    if tone.min_words.is_some() {
        limit(
            "message-too-short",
            "words of its own",
            later.spoken.words.len(),
            tone.min_words,
            None,
        );
    }
    limits
}

fn exclamations(text: &str) -> usize {
    let weight = |it: char| match it {
        '!' | '！' | '❗' | '❕' | '⁉' | '⁈' | '﹗' => 1,
        '‼' => 2,
        _ => 0,
    };
    text.chars().map(weight).sum()
}

fn shouted(text: &str, acronyms: &BTreeSet<String>) -> usize {
    let words = text.split(|it: char| !is_letter(it));
    let shouted = words.filter(|word| {
        let letters = word.chars().filter(|it| it.is_alphabetic()).count();
        letters >= MIN_SHOUTED
            && word.chars().any(char::is_uppercase)
            && !word.chars().any(char::is_lowercase)
            && !acronyms.contains(*word)
    });
    shouted.count()
}

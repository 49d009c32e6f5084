//! The shortest story of a season that breaks something.

use std::collections::BTreeSet;

use super::{Outcome, Plan, play};

/// So many seasons are played at most to shorten one.
const MAX_TRIES: u32 = 600;

/// Leaves out mischief, RFQs, parties and single commands, as long as the same still breaks, and tells what remains:
/// the breaks, then the commands, of which only the last lead to them.
#[must_use]
pub fn tale(plan: &Plan) -> String {
    let Some(outcome) = broken(plan) else {
        return format!("seed {} breaks nothing", plan.seed);
    };
    let mut search = Search {
        kind: kind(&outcome),
        plan: plan.clone(),
        outcome,
        tries: 0,
    };
    search.shorten();
    search.told()
}

/// What a break is about, without names and numbers.
fn kind(outcome: &Outcome) -> String {
    let first = outcome.breaks.first().map_or("", String::as_str);
    let words = first.split(|letter: char| !letter.is_ascii_alphabetic());
    let plain =
        words.filter(|word| word.len() > 2 && !word.bytes().all(|it| it.is_ascii_hexdigit()));
    plain.take(6).collect::<Vec<_>>().join(" ")
}

/// The shortest plan up to now that breaks what the first one broke.
struct Search {
    kind: String,
    plan: Plan,
    outcome: Outcome,
    tries: u32,
}

impl Search {
    /// Again and again, because what is left out makes room for more.
    fn shorten(&mut self) {
        self.try_with(|plan| plan.mischief = false);
        loop {
            let before = self.plan.clone();
            self.drop_rfqs();
            self.drop_parties();
            self.drop_commands();
            let same = before.without == self.plan.without && before.silent == self.plan.silent;
            if same || self.tries >= MAX_TRIES {
                return;
            }
        }
    }

    fn drop_rfqs(&mut self) {
        for number in 0..self.plan.rfqs {
            if !self.plan.without.contains(&number) {
                self.try_with(|plan| {
                    plan.without.insert(number);
                });
            }
        }
    }

    fn drop_parties(&mut self) {
        let parties: BTreeSet<_> = self.outcome.senders.iter().cloned().collect();
        for party in parties.difference(&self.plan.silent.clone()) {
            self.try_with(|plan| {
                plan.silent.insert(party.clone());
            });
        }
    }

    /// Halves first, then ever smaller parts.
    fn drop_commands(&mut self) {
        let mut size = self.outcome.senders.len() / 2;
        while size > 0 && self.tries < MAX_TRIES {
            let mut from = 0;
            while from < self.outcome.senders.len() && self.tries < MAX_TRIES {
                let part = from..from + size;
                self.try_with(|plan| plan.unsent.extend(part.clone()));
                from += size;
            }
            size /= 2;
        }
    }

    fn try_with(&mut self, shorter: impl Fn(&mut Plan)) {
        if self.tries >= MAX_TRIES {
            return;
        }
        self.tries += 1;
        let mut plan = self.plan.clone();
        shorter(&mut plan);
        match broken(&plan) {
            Some(outcome)
                if kind(&outcome) == self.kind && outcome.told.len() <= self.outcome.told.len() =>
            {
                (self.plan, self.outcome) = (plan, outcome);
            }
            _ => {}
        }
    }

    fn told(&self) -> String {
        let left: Vec<_> = (0..self.plan.rfqs)
            .filter(|number| !self.plan.without.contains(number))
            .collect();
        let mut text = format!(
            "seed {}, RFQs {left:?}, mischief {}, {} parties silent, {} commands not sent\n",
            self.plan.seed,
            self.plan.mischief,
            self.plan.silent.len(),
            self.plan.unsent.len(),
        );
        for what in &self.outcome.breaks {
            text.push_str(&format!("  broken: {what}\n"));
        }
        let breaks = self.outcome.breaks.iter();
        let about: Vec<_> = breaks.flat_map(|what| names(what)).collect();
        let last = self.outcome.told.len().saturating_sub(5);
        for (at, line) in self.outcome.told.iter().enumerate() {
            let short = self.outcome.told.len() <= 40;
            if short || at >= last || about.iter().any(|name| line.contains(name)) {
                text.push_str(&format!("  {line}\n"));
            }
        }
        text
    }
}

fn broken(plan: &Plan) -> Option<Outcome> {
    let outcome = play(plan);
    (!outcome.breaks.is_empty()).then_some(outcome)
}

/// The digits of RFQs and contracts that a break names: only commands about these are told, and the last few, unless
/// all of them are few.
fn names(what: &str) -> Vec<String> {
    let words = what.split(|letter: char| !letter.is_ascii_hexdigit());
    words
        .filter(|word| word.len() == 32)
        .map(str::to_owned)
        .collect()
}

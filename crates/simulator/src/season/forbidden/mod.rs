//! What the market must refuse, each for its own reason: attacks, and what is only wrong.
//!
//! | file | what |
//! |---|---|
//! | `senders` | commands that somebody else should have sent, or at another time |
//! | `papers` | terms, policies and proofs that are none |
//! | `money` | money out of nothing |
//! | `bids` | bids that may not be made, and sealed ones that are changed |
//! | `contracts` | verdicts, reviews and claims that do not belong here |

mod bids;
mod contracts;
mod money;
mod papers;
mod senders;

use proofmark_market::{Action, Code};

use super::Season;
use crate::stage::{Actor, Message};

/// Attacks that must have been tried, and refused, at least once.
pub(super) const DEFEATED: &[&str] = &[
    "signing what another should have sent",
    "the id of an obeyed command for another one",
    "registering somebody else's key",
    "a command before the last one",
    "terms beside which others are named",
    "a fraud proof that proves nothing",
    "a policy that nobody signed",
    "two engines of one operator as two",
    "the buyer as a judge",
    "the buyer as a bidder",
    "whoever states facts as a bidder",
    "money from a party that is no rail",
    "fees taken by whoever is not the operator",
    "bids of all kinds under a price that the second sets",
    "a withdrawal that never was",
    "more out than there is",
    "a sealed bid, changed when it was revealed",
    "a sealed bid, revealed by somebody else",
    "a sealed bid, revealed too late",
    "a verdict of another contract",
    "a verdict that no engine signed",
    "a reviewer who withholds more than declared",
    "a claim above the price",
    "a supplier who accepts its own work",
];

/// What is tried, and why it must be refused.
struct Attempt {
    who: Actor,
    action: Action,
    attachment: Option<Vec<u8>>,
    code: Code,
    what: &'static str,
}

impl Attempt {
    fn new(what: &'static str, who: &Actor, action: Action, code: Code) -> Self {
        Self {
            who: who.clone(),
            action,
            attachment: None,
            code,
            what,
        }
    }

    fn beside(self, attachment: Vec<u8>) -> Self {
        Self {
            attachment: Some(attachment),
            ..self
        }
    }
}

impl Season {
    /// Somebody tries something; where the season is not in the state for it, nothing happens.
    pub(super) fn forbidden(&mut self) {
        let attempt = match self.chance.below(7) {
            0 => return self.forged(),
            1 => Some(self.bad_paper()),
            2 => Some(self.bad_terms()),
            3 => Some(self.bad_money()),
            4 => self.bad_bid(),
            5 => self.bad_reveal(),
            _ => self.bad_move(),
        };
        if let Some(attempt) = attempt {
            self.never(attempt);
        }
    }

    fn never(&mut self, attempt: Attempt) {
        let message = self
            .stage
            .write(&attempt.who, attempt.action, attempt.attachment);
        self.refuses(&message, attempt.code, attempt.what);
    }

    /// Delivers what must be refused for this reason and change nothing.
    pub(super) fn refuses(&mut self, message: &Message, code: Code, what: &str) {
        let before = (self.stage.market.head(), self.stage.market.sequence());
        let root = self.chance.percent(10).then(|| self.stage.market.root());
        match self.stage.deliver(message) {
            Err(rejection) if rejection.code == code => {
                self.seen.rejection(code);
                if DEFEATED.contains(&what) {
                    self.seen.mark(format!("defeated: {what}"));
                }
            }
            Err(rejection) => self.breaks.push(format!(
                "{what} is refused for {}, not for {code}: {rejection}",
                rejection.code
            )),
            Ok(_) => self.breaks.push(format!("{what} was obeyed")),
        }
        let same = before == (self.stage.market.head(), self.stage.market.sequence());
        if !same || root.is_some_and(|root| root != self.stage.market.root()) {
            let broken = format!("{what} was refused and changed something");
            self.breaks.push(broken);
        }
    }
}

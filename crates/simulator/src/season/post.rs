//! How a command travels.

use proofmark_market::contract::table::{self, StateName, Verb};
use proofmark_market::event::Event;
use proofmark_market::{Action, Code, ContractId, Receipt, Rejection, RfqId, Status};

use super::Season;
use crate::stage::{Actor, Message};

/// A command under way.
#[derive(Debug, Clone)]
pub(super) struct Letter {
    message: Message,
    about: Option<(ContractId, Verb)>,
    bids_on: Option<RfqId>,
    shown: String,
    due: u32,
}

impl Season {
    /// Signs a command and lets it travel, well or badly.
    pub(super) fn send(&mut self, who: &Actor, action: Action, attachment: Option<Vec<u8>>) {
        let about = match &action {
            Action::Contract { contract, verb } => Some((*contract, Verb::from(verb))),
            _ => None,
        };
        let bids_on = match &action {
            Action::PlaceBid { rfq, .. }
            | Action::CommitBid { rfq, .. }
            | Action::RevealBid { rfq, .. }
            | Action::WithdrawBid { rfq } => Some(*rfq),
            _ => None,
        };
        let shown = format!("{}: {action:?}", who.name());
        let message = self.stage.write(who, action, attachment);
        let letter = Letter {
            message,
            about,
            bids_on,
            shown,
            due: 0,
        };
        let fate = if self.mischief {
            self.chance.below(100)
        } else {
            99
        };
        let number = self.senders.len();
        self.senders.push(who.name().to_owned());
        if self.unsent.contains(&number) || self.silent.contains(who.name()) {
            return;
        }
        match fate {
            0..2 => self.seen.mark("a command was lost"),
            2..6 => {
                self.seen.mark("a command came late");
                let due = self.turns + 1 + u32::try_from(self.chance.below(40)).unwrap_or(1);
                self.late.push(Letter { due, ..letter });
            }
            6..10 => {
                let first = self.hand_over(&letter);
                self.hand_over_again(&letter, first.is_ok());
            }
            10..12 => {
                self.hand_over_damaged(&letter);
                let _ = self.hand_over(&letter);
            }
            _ => drop(self.hand_over(&letter)),
        }
    }

    /// Whatever was late and is due now.
    pub(super) fn post_due(&mut self) {
        let now = self.turns;
        let (due, late) = std::mem::take(&mut self.late)
            .into_iter()
            .partition(|letter| letter.due <= now);
        self.late = late;
        let due: Vec<Letter> = due;
        for letter in due {
            let _ = self.hand_over(&letter);
        }
    }

    fn state(&self, about: Option<(ContractId, Verb)>) -> Option<StateName> {
        let contract = self.stage.market.contract(&about?.0)?;
        Some(contract.state.name())
    }

    /// Whether the deadline for what is asked has passed, so that only a tick may follow.
    fn is_late(&self, letter: &Letter) -> bool {
        let market = &self.stage.market;
        let deadline = match (letter.about, letter.bids_on) {
            (Some((_, Verb::Tick)), _) => None,
            (Some((id, _)), _) => market.contract(&id).and_then(|it| it.state.deadline()),
            (None, Some(id)) => market.rfq(&id).and_then(|it| it.state.deadline()),
            (None, None) => None,
        };
        deadline.is_some_and(|deadline| self.stage.now > deadline)
    }

    fn hand_over(&mut self, letter: &Letter) -> Result<Receipt, Rejection> {
        let before = self.state(letter.about);
        let late = self.is_late(letter);
        let watched = self.chance.percent(2).then(|| self.stage.market.root());
        let answer = self.stage.deliver(&letter.message);
        let at = self.stage.now;
        match &answer {
            Ok(receipt) if receipt.status == Status::Obeyed => {
                self.told.push(format!("{at} {}", letter.shown));
                if late {
                    self.breaks.push(format!("{} came too late", letter.shown));
                }
                let after = self.state(letter.about);
                if let (Some((_, verb)), Some(before), Some(after)) = (letter.about, before, after)
                {
                    self.seen.step(before, verb, after);
                    let row = table::find(before, verb);
                    if row.is_none_or(|row| !row.to.contains(&after)) {
                        let shown = &letter.shown;
                        self.breaks
                            .push(format!("{shown} led from {before:?} to {after:?}"));
                    }
                }
                self.notice(receipt);
            }
            Ok(_) => self.seen.mark("a command came twice"),
            Err(rejection) => {
                self.told.push(format!(
                    "{at} {} (refused: {})",
                    letter.shown, rejection.code
                ));
                self.refused(rejection);
                if watched.is_some_and(|root| root != self.stage.market.root()) {
                    self.breaks
                        .push(format!("{} changed something", letter.shown));
                }
            }
        }
        answer
    }

    fn notice(&mut self, receipt: &Receipt) {
        for noted in &receipt.events {
            self.seen.event(&noted.event);
            match &noted.event {
                Event::ClawedBack { owed, .. } if !owed.is_zero() => {
                    self.seen.mark("a clawback left a debt");
                }
                Event::EngineStruck { .. } => self.seen.mark("an engine was struck off"),
                Event::ContractStarted { contract, .. } if contract.milestone.get() > 1 => {
                    self.seen.mark("a milestone followed another");
                }
                _ => {}
            }
        }
        self.after(receipt);
    }

    fn refused(&mut self, rejection: &Rejection) {
        self.seen.rejection(rejection.code);
        if rejection.code == Code::LedgerRefused {
            self.breaks.push(format!("{}: {rejection}", rejection.code));
        }
    }

    /// The same bytes again change nothing.
    fn hand_over_again(&mut self, letter: &Letter, obeyed: bool) {
        let before = (self.stage.market.head(), self.stage.market.sequence());
        let again = self.stage.deliver(&letter.message);
        let same = before == (self.stage.market.head(), self.stage.market.sequence());
        match again {
            Ok(receipt) if receipt.status == Status::Exists && same => {
                self.seen.mark("a command came twice");
            }
            Ok(_) if obeyed => self.breaks.push(format!("{} happened twice", letter.shown)),
            Ok(receipt) => self.notice(&receipt),
            Err(rejection) if obeyed => {
                let shown = &letter.shown;
                self.breaks
                    .push(format!("{shown} is not known again: {rejection}"));
            }
            Err(_) => {}
        }
    }

    /// One bit is another: nothing may come of it.
    fn hand_over_damaged(&mut self, letter: &Letter) {
        let mut message = letter.message.clone();
        let length = message.envelope.len() as u64;
        let at = usize::try_from(self.chance.below(length)).expect("an index");
        let bit = self.chance.below(8);
        message.envelope[at] ^= 1 << bit;
        match self.stage.deliver(&message) {
            Err(rejection) => {
                self.seen.mark("a corrupted command was refused");
                self.seen.rejection(rejection.code);
            }
            Ok(_) => self
                .breaks
                .push(format!("byte {at} of {} does not matter", letter.shown)),
        }
    }
}

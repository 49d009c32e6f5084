//! Events as sentences.

use proofmark_ledger::{Amount, Asset};

use crate::command::{Ground, Side};
use crate::contract::{Contract, Ending};
use crate::event::Event;
use crate::ids::PartyId;

/// An amount as people write it: `12.50 USD`.
#[must_use]
pub fn money(amount: Amount, asset: Asset) -> String {
    let scale = usize::from(asset.scale());
    let digits = format!("{:0width$}", amount.minor(), width = scale + 1);
    let (whole, part) = digits.split_at(digits.len() - scale);
    match part.is_empty() {
        true => format!("{whole} {}", asset.code()),
        false => format!("{whole}.{part} {}", asset.code()),
    }
}

struct Teller<'c>(&'c Contract);

/// What happened, as a sentence about this contract.
pub(super) fn of(event: &Event, contract: &Contract) -> String {
    Teller(contract).tell(event)
}

impl Teller<'_> {
    fn money(&self, amount: Amount) -> String {
        money(amount, self.0.asset())
    }

    fn who(&self, party: PartyId) -> String {
        match self.0.side(party) {
            Some(side) => side_name(side).to_owned(),
            None => format!("party {}", &party.to_string()[..8]),
        }
    }

    fn tell(&self, event: &Event) -> String {
        self.bidding(event)
            .or_else(|| self.working(event))
            .or_else(|| self.disputing(event))
            .unwrap_or_else(|| self.ending(event))
    }

    fn bidding(&self, event: &Event) -> Option<String> {
        let text = match event {
            Event::RfqPublished { reserved, .. } => format!(
                "The buyer published the RFQ; {} are put aside.",
                self.money(*reserved)
            ),
            Event::BidPlaced {
                supplier,
                price,
                bond,
                bonded,
            } => format!(
                "{} bid {} with a bond of {}{}.",
                capital(&self.who(*supplier)),
                self.money(*price),
                self.money(*bond),
                if *bonded { ", put up at once" } else { "" }
            ),
            Event::BidCommitted { supplier, .. } => {
                format!("{} made a sealed bid.", capital(&self.who(*supplier)))
            }
            Event::BidRevealed {
                supplier,
                price,
                bond,
            } => format!(
                "{} revealed a bid of {} with a bond of {}.",
                capital(&self.who(*supplier)),
                self.money(*price),
                self.money(*bond)
            ),
            Event::BidWithdrawn { supplier } => {
                format!("{} took its bid back.", capital(&self.who(*supplier)))
            }
            Event::BidDisplaced { supplier } => format!(
                "A better bid took the place of that of {}.",
                self.who(*supplier)
            ),
            Event::BiddingClosed { bids } => format!("Bidding closed with {}.", many(*bids, "bid")),
            Event::BidForfeited { supplier, amount } => format!(
                "{} lost its bid bond of {}.",
                capital(&self.who(*supplier)),
                self.money(*amount)
            ),
            Event::RfqAwarded {
                supplier, price, ..
            } => format!(
                "The rule chose {}, to be paid {}.",
                self.who(*supplier),
                self.money(*price)
            ),
            Event::ContractStarted {
                contract,
                price,
                bond,
                submit_by,
            } => format!(
                "Milestone {} began: {} in escrow, a bond of {}, to be delivered by {submit_by}.",
                contract.milestone,
                self.money(*price),
                self.money(*bond)
            ),
            _ => return None,
        };
        Some(text)
    }

    fn working(&self, event: &Event) -> Option<String> {
        let text = match event {
            Event::Submitted {
                run,
                submission,
                verify_by,
            } => format!(
                "The supplier submitted {submission} (run {run}), to be judged by {verify_by}."
            ),
            Event::VerdictPresented {
                run,
                verdict,
                engines,
                ..
            } => format!(
                "A verdict of run {run} with {} says {}.",
                many(*engines, "counting signature"),
                verdict.as_str()
            ),
            Event::HouseEngineCalled { run, verify_by } => format!(
                "Run {run} was not judged in time; the market's own engine has until {verify_by}."
            ),
            Event::Judged {
                run,
                verdict,
                attempts_left,
            } => format!(
                "Engines enough agree that run {run} is a {}; attempts left: {attempts_left}.",
                verdict.as_str()
            ),
            Event::NotJudged { run } => format!("Nobody knows what run {run} came to."),
            Event::Accepted => "The buyer accepted.".to_owned(),
            Event::Reviewed {
                withheld, ground, ..
            } => match ground {
                Some(ground) => format!(
                    "A reviewer accepted, and withheld {} because of {ground}.",
                    self.money(*withheld)
                ),
                None => "A reviewer accepted.".to_owned(),
            },
            Event::AcceptedBySilence => "Silence accepted.".to_owned(),
            Event::Paid {
                amount,
                finality_at,
            } => format!(
                "The supplier was paid {}; everything is final after {finality_at}.",
                self.money(*amount)
            ),
            _ => return None,
        };
        Some(text)
    }

    fn disputing(&self, event: &Event) -> Option<String> {
        let text = match event {
            Event::Challenged { by, ground, until } => format!(
                "{} says that {}; decided by {until}.",
                capital(&self.who(*by)),
                ground_name(*ground)
            ),
            Event::ConflictFound { until } => {
                format!(
                    "Two signed verdicts contradict each other; others run it again until {until}."
                )
            }
            Event::VerdictUpheld { verdict } => format!("The {} stands.", verdict.as_str()),
            Event::VerdictOverturned { verdict } => {
                format!("The verdict was wrong; it is {}.", verdict.as_str())
            }
            Event::Responded {
                side,
                offers_until,
                until,
            } => format!(
                "The {} put up its fee; offers can be changed until {offers_until}, then the arbiter rules by {until}.",
                side_name(*side)
            ),
            Event::Offered { side, to_buyer } => format!(
                "The {} would agree to {} for the buyer.",
                side_name(*side),
                self.money(*to_buyer)
            ),
            Event::Agreed { to_buyer } => {
                format!("Both agreed on {} for the buyer.", self.money(*to_buyer))
            }
            Event::Ruled {
                for_side, to_buyer, ..
            } => format!(
                "The arbiter took the offer of the {}: {} for the buyer.",
                side_name(*for_side),
                self.money(*to_buyer)
            ),
            Event::Unanswered { side, to_buyer } => format!(
                "The {} did not put up its fee, and lost: {} for the buyer.",
                side_name(*side),
                self.money(*to_buyer)
            ),
            Event::NotRuled => "The arbiter did not rule: the verdict stands.".to_owned(),
            _ => return None,
        };
        Some(text)
    }

    fn ending(&self, event: &Event) -> String {
        match event {
            Event::EvidenceStated { run, verify_by, .. } => format!(
                "An oracle stated facts against the outcome (run {run}), to be judged by {verify_by}."
            ),
            Event::EvidenceDismissed => "The facts change nothing.".to_owned(),
            Event::CureOpened { target, cure_by } => format!(
                "The facts undo the outcome: mended by {cure_by}, or {} go back to the buyer.",
                self.money(*target)
            ),
            Event::Cured => "It was mended.".to_owned(),
            Event::ClawedBack { paid, owed, .. } if owed.is_zero() => format!(
                "{} went back to the buyer; the supplier owes nothing.",
                self.money(*paid)
            ),
            Event::ClawedBack { paid, owed, .. } => format!(
                "{} went back to the buyer; the supplier still owes {}.",
                self.money(*paid),
                self.money(*owed)
            ),
            Event::Slashed { amount } => {
                format!("The supplier lost {} of its bond.", self.money(*amount))
            }
            Event::CancellationPaid { amount } => format!(
                "The buyer withdrew, and paid the supplier {} for it.",
                self.money(*amount)
            ),
            Event::Ended { ending } => format!("It ended: {}.", ending_name(*ending)),
            other => format!("{other:?}"),
        }
    }
}

const fn side_name(side: Side) -> &'static str {
    match side {
        Side::Buyer => "buyer",
        Side::Supplier => "supplier",
    }
}

const fn ground_name(ground: Ground) -> &'static str {
    match ground {
        Ground::VerdictWrong => "the verdict is wrong",
        Ground::ValidatorGamed => "the work only games the validator",
        Ground::EvidenceFalse => "the facts are not true",
        Ground::ReviewUnfounded => "the review is unfounded",
    }
}

const fn ending_name(ending: Ending) -> &'static str {
    match ending {
        Ending::Final => "final",
        Ending::Rejected => "rejected",
        Ending::Defaulted => "not delivered",
        Ending::Cancelled => "cancelled",
        Ending::Void => "void, everybody got back what was theirs",
        Ending::ClawedBack => "paid back",
    }
}

/// So many of something.
fn many(count: u32, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

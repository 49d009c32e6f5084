//! Bids that may not be made, and sealed ones that are changed.

use proofmark_core::Digest;
use proofmark_market::command::Bid;
use proofmark_market::rfq::{Rfq, RfqState};
use proofmark_market::terms::BidMode;
use proofmark_market::{Action, Code, RfqId};

use super::Attempt;
use crate::season::Season;
use crate::stage::{Actor, cents};

/// A bid, sealed or not.
fn bid(rfq: &Rfq, bid: Bid, sealed: bool) -> Action {
    match sealed {
        true => Action::CommitBid {
            rfq: rfq.id,
            commitment: Digest::of(b"sealed"),
        },
        false => Action::PlaceBid {
            rfq: rfq.id,
            bid,
            bonded: false,
        },
    }
}

fn tick_of_nothing() -> Attempt {
    let rfq = RfqId::of(&Digest::of(b"nowhere"));
    let (who, what) = (Actor::passer_by(), "a tick of nothing");
    Attempt::new(what, &who, Action::TickRfq { rfq }, Code::RfqUnknown)
}

impl Season {
    fn rfq_that(&self, wanted: impl Fn(&Rfq) -> bool) -> Option<Rfq> {
        let rfqs = self.rfqs.iter().filter_map(|id| self.stage.market.rfq(id));
        rfqs.filter(|rfq| wanted(rfq)).last().cloned()
    }

    pub(super) fn bad_bid(&mut self) -> Option<Attempt> {
        let now = self.stage.now;
        let open =
            |rfq: &Rfq| matches!(rfq.state, RfqState::Open { bids_until } if now <= bids_until);
        match self.rfq_that(open) {
            Some(rfq) => self.bad_bid_on(&rfq),
            None => Some(tick_of_nothing()),
        }
    }

    fn bad_bid_on(&mut self, rfq: &Rfq) -> Option<Attempt> {
        let passer_by = Actor::passer_by();
        let sealed = rfq.terms.award.bids == BidMode::Sealed;
        let least = rfq.terms.bonds.performance.minor();
        let good = self
            .stage
            .offer(rfq.terms.award.price_ceiling.minor(), least);
        let by =
            |who: &Actor, what, sealed, code| Attempt::new(what, who, bid(rfq, good, sealed), code);
        Some(match self.chance.below(6) {
            0 => by(
                &self.who(rfq.buyer),
                "the buyer as a bidder",
                sealed,
                Code::BidderHasOffice,
            ),
            1 if rfq.terms.warranty.is_some() => by(
                &Actor::new("oracle"),
                "whoever states facts as a bidder",
                sealed,
                Code::BidderHasOffice,
            ),
            2 => by(
                &passer_by,
                "a bid of the other kind",
                !sealed,
                Code::BidModeOther,
            ),
            3 => Attempt::new(
                "a bid that never was",
                &passer_by,
                Action::WithdrawBid { rfq: rfq.id },
                Code::BidUnknown,
            ),
            _ if !sealed => self.bad_offer(rfq, good),
            _ => return None,
        })
    }

    fn bad_offer(&mut self, rfq: &Rfq, good: Bid) -> Attempt {
        let least = rfq.terms.bonds.performance.minor();
        let (what, offer, code) = match self.chance.below(3) {
            0 if least > 0 => {
                let bond = cents(least - 1);
                let small = Bid { bond, ..good };
                ("a bond below the least", small, Code::BondTooSmall)
            }
            1 => {
                let firm_until = rfq.published_at;
                let loose = Bid { firm_until, ..good };
                ("a bid that is not firm", loose, Code::BidNotFirm)
            }
            _ => {
                let price = cents(rfq.terms.award.price_ceiling.minor() + 1);
                let high = Bid { price, ..good };
                ("a price above the ceiling", high, Code::PriceAboveCeiling)
            }
        };
        Attempt::new(what, &Actor::passer_by(), bid(rfq, offer, false), code)
    }

    /// Sealed bids are changed, copied and late.
    pub(super) fn bad_reveal(&mut self) -> Option<Attempt> {
        let revealing = |rfq: &Rfq| matches!(rfq.state, RfqState::Revealing { .. });
        let now = self.stage.now;
        let late = |rfq: &Rfq| rfq.state.deadline().is_some_and(|until| now > until);
        // A deadline that has passed and was not ticked is seldom, so it goes first.
        let overdue = self.rfq_that(|rfq| revealing(rfq) && late(rfq));
        let rfq = overdue.or_else(|| self.rfq_that(revealing))?;
        let mut hidden = rfq.bids.iter().filter(|(_, entry)| entry.bid.is_none());
        let known = hidden.find_map(|(who, _)| Some((*who, self.reveals.get(&(rfq.id, *who))?)));
        let (bidder, reveal) = known?;
        let (who, reveal) = (self.who(bidder), reveal.clone());
        if late(&rfq) {
            let what = "a sealed bid, revealed too late";
            return Some(Attempt::new(what, &who, reveal, Code::DeadlinePassed));
        }
        if self.chance.percent(50) {
            let what = "a sealed bid, revealed by somebody else";
            let thief = Actor::passer_by();
            return Some(Attempt::new(what, &thief, reveal, Code::BidUnknown));
        }
        let Action::RevealBid { rfq, mut bid, salt } = reveal else {
            return None;
        };
        bid.price = cents(bid.price.minor() + 1);
        let changed = Action::RevealBid { rfq, bid, salt };
        let what = "a sealed bid, changed when it was revealed";
        Some(Attempt::new(what, &who, changed, Code::CommitmentMismatch))
    }
}

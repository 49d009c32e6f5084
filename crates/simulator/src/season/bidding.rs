//! Buyers publish, suppliers bid, and some copy.

use proofmark_market::command::Bid;
use proofmark_market::rfq::{Rfq, RfqState};
use proofmark_market::terms::BidMode;
use proofmark_market::{Action, RfqId};

use super::cast::Temper;
use super::terms::{self, Size};
use super::{RECORDS, Season};
use crate::stage::{Actor, Stage, cents, payload_digest};

impl Season {
    /// A buyer publishes the RFQ of this number; one that is left out costs chance the same, so that the others stay
    /// as they are.
    pub(super) fn publish(&mut self, number: u32, left_out: bool) {
        // Where everybody takes the money away, records are made first, and used afterwards.
        let size = match self.cast.takers {
            true if number < RECORDS => Size::Large,
            true => Size::Trusting,
            false if self.chance.percent(20) => Size::Large,
            false => Size::Small,
        };
        let mut terms = terms::draw(&mut self.chance, size);
        if self.cast.takers {
            terms.outcome_class = "ticket".to_owned();
        }
        let own = self.chance.percent(8);
        let (mut buyer, _) = self.chance.pick(&self.cast.buyers).clone();
        if own {
            buyer = self.chance.pick(&self.cast.suppliers).0.clone();
            self.seen.mark("somebody bought from itself");
        }
        if left_out {
            return;
        }
        let action = Action::PublishRfq {
            terms: terms.digest(),
        };
        let message = self
            .stage
            .write(&buyer, action, Some(terms.canonical_bytes()));
        match self.stage.deliver(&message) {
            Ok(receipt) => {
                for noted in &receipt.events {
                    self.seen.event(&noted.event);
                }
                let rfq = RfqId::of(&payload_digest(&message));
                self.told.push(format!(
                    "{} {} published {rfq} (number {number})",
                    self.stage.now,
                    buyer.name()
                ));
                self.rfqs.push(rfq);
            }
            Err(rejection) => {
                self.seen.rejection(rejection.code);
                self.told
                    .push(format!("number {number} was refused: {rejection}"));
            }
        }
    }

    pub(super) fn bidding(&mut self, id: RfqId) {
        let Some(rfq) = self.stage.market.rfq(&id).cloned() else {
            return;
        };
        match rfq.state {
            RfqState::Open { .. } => self.open(&rfq),
            RfqState::Revealing { .. } => self.reveal(&rfq),
            _ => {}
        }
    }

    fn open(&mut self, rfq: &Rfq) {
        let fickle = self.cast.temper(rfq.buyer) == Temper::Fickle;
        match self.chance.below(100) {
            0..4 if fickle => {
                let buyer = self.who(rfq.buyer);
                self.send(&buyer, Action::CancelRfq { rfq: rfq.id }, None);
            }
            4..8 => {
                let supplier = self.chance.pick(&self.cast.suppliers).0.clone();
                self.send(&supplier, Action::WithdrawBid { rfq: rfq.id }, None);
            }
            8..12 => {
                self.seen.mark("a ring of identities bid");
                let identity = self.chance.pick(&self.cast.ring).clone();
                let bond = rfq.terms.bonds.performance.minor();
                let bid = self.stage.offer(1, bond);
                self.bid(rfq, &identity, bid);
            }
            12..18 => self.copy(rfq),
            _ => {
                let supplier = self.chance.pick(&self.cast.suppliers).0.clone();
                // A second bid is refused; that is seen often enough.
                if rfq.bids.contains_key(&supplier.id()) && self.chance.percent(90) {
                    return;
                }
                let bid = self.offer(rfq, &supplier);
                self.bid(rfq, &supplier, bid);
            }
        }
    }

    fn offer(&mut self, rfq: &Rfq, supplier: &Actor) -> Bid {
        let ceiling = rfq.terms.award.price_ceiling.minor();
        let price = self.chance.between(ceiling / 3, ceiling);
        let least = rfq.terms.bonds.performance.minor();
        let class = &rfq.terms.outcome_class;
        let standing = self
            .stage
            .market
            .standing(supplier.id(), class, self.stage.now);
        let bond = match self.chance.below(100) {
            // Whoever has a record needs no more than is at risk beyond it.
            _ if !standing.fees.is_zero() && self.chance.percent(80) => {
                let at_once = price - cents(price).share_up(rfq.terms.holdback).minor();
                least.max(at_once - standing.fees.minor())
            }
            0..10 => least,
            // Whoever has no record bonds it all.
            10..90 => least.max(price),
            _ => self.chance.between(least, least + price),
        };
        let mut bid = self.stage.offer(price, bond);
        if self.chance.percent(5) {
            // Firm for just long enough, so that a late tick finds it expired.
            bid.firm_until = rfq.published_at.plus_seconds(rfq.terms.firm_seconds());
        }
        bid
    }

    fn bid(&mut self, rfq: &Rfq, supplier: &Actor, bid: Bid) {
        if rfq.terms.award.bids == BidMode::Open {
            let full = rfq.bids.len() >= self.stage.market.rules().bids_max as usize;
            let bonded = full || self.chance.percent(25);
            let action = Action::PlaceBid {
                rfq: rfq.id,
                bid,
                bonded,
            };
            return self.send(supplier, action, None);
        }
        let salt = format!("{:016x}", self.chance.next()).repeat(4);
        let (commit, reveal) = Stage::seal(supplier, rfq.id, bid, &salt);
        if !rfq.bids.contains_key(&supplier.id()) {
            self.reveals.insert((rfq.id, supplier.id()), reveal);
        }
        self.send(supplier, commit, None);
    }

    /// Somebody commits to what another has committed to.
    fn copy(&mut self, rfq: &Rfq) {
        let Some((supplier, entry)) = rfq.bids.iter().next() else {
            return;
        };
        if entry.bid.is_some() {
            return;
        }
        self.seen.mark("a commitment was copied");
        let copier = self.chance.pick(&self.cast.suppliers).0.clone();
        let reveal = self.reveals.get(&(rfq.id, *supplier)).cloned();
        if let (false, Some(reveal)) = (rfq.bids.contains_key(&copier.id()), reveal) {
            let commitment = entry.commitment;
            self.reveals.insert((rfq.id, copier.id()), reveal);
            let commit = Action::CommitBid {
                rfq: rfq.id,
                commitment,
            };
            self.send(&copier, commit, None);
        }
    }

    fn reveal(&mut self, rfq: &Rfq) {
        if self.cast.temper(rfq.buyer) == Temper::Fickle && self.chance.percent(4) {
            let buyer = self.who(rfq.buyer);
            return self.send(&buyer, Action::CancelRfq { rfq: rfq.id }, None);
        }
        let bidders: Vec<_> = rfq.bids.keys().copied().collect();
        if bidders.is_empty() {
            return;
        }
        let bidder = *self.chance.pick(&bidders);
        if self.chance.percent(8) {
            // This one forgets, and whoever forgets once forgets always.
            self.seen.mark("a sealed bid was not revealed");
            self.reveals.remove(&(rfq.id, bidder));
        }
        let known = rfq
            .bids
            .get(&bidder)
            .is_some_and(|entry| entry.bid.is_some());
        if known && self.chance.percent(90) {
            return;
        }
        if let Some(reveal) = self.reveals.get(&(rfq.id, bidder)).cloned() {
            let who = self.who(bidder);
            self.send(&who, reveal, None);
        }
    }
}

//! From RFQ to award.

use std::collections::BTreeMap;
use std::rc::Rc;

use proofmark_core::canonical;
use serde_json::json;

use super::award::Win;
use super::money::{account, available, share_up, split};
use super::terms::Terms;
use super::wire::{self, Order, int, text, time};
use super::{Auditor, holds};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Open,
    Revealing,
    Awarded,
    Failed,
    Cancelled,
}

/// What a bid offers.
#[derive(Debug, Clone)]
pub(super) struct Offer {
    pub(super) price: i64,
    pub(super) bond: i64,
    pub(super) firm_until: i64,
}

/// A bid, or a commitment to one.
#[derive(Debug, Clone)]
pub(super) struct Bid {
    pub(super) sequence: i64,
    /// Of the command that made it; of a sealed bid, the commitment.
    pub(super) digest: String,
    /// Absent while it is sealed.
    pub(super) offer: Option<Offer>,
    /// Whether its whole bond is put up, so that it stays.
    pub(super) bonded: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Rfq {
    pub(super) name: String,
    pub(super) buyer: String,
    pub(super) terms: Rc<Terms>,
    pub(super) terms_digest: String,
    pub(super) state: State,
    pub(super) deadline: i64,
    published: i64,
    /// By supplier.
    pub(super) bids: BTreeMap<String, Bid>,
    /// Who won; then price and bond of each milestone.
    pub(super) winner: String,
    pub(super) prices: Vec<i64>,
    pub(super) bonds: Vec<i64>,
}

impl Rfq {
    pub(super) fn reserved(&self) -> String {
        account("reserved", &self.name, &self.terms.asset)
    }

    pub(super) fn bid_bond(&self, supplier: &str) -> String {
        let owner = format!("{}/{supplier}", self.name);
        account("bid_bond", &owner, &self.terms.asset)
    }

    pub(super) fn own(&self, party: &str) -> String {
        available(party, &self.terms.asset)
    }
}

impl Auditor {
    pub(super) fn publish(&mut self, order: &Order, attachment: &[u8]) -> Result<(), String> {
        let terms: Terms = wire::typed(&wire::json(attachment)?)?;
        let rfq = Rfq {
            name: format!("rfq_{}", &order.payload[..32]),
            buyer: order.sender.clone(),
            terms_digest: text(&order.action, "terms")?,
            state: State::Open,
            deadline: self.after(terms.windows.bidding_seconds),
            published: self.now,
            bids: BTreeMap::new(),
            winner: String::new(),
            prices: Vec::new(),
            bonds: Vec::new(),
            terms: Rc::new(terms),
        };
        let terms = &rfq.terms;
        let ceiling = terms.award.price_ceiling;
        let milestones = i64::try_from(terms.milestones.len()).map_err(|it| it.to_string())?;
        let most = ceiling
            + share_up(ceiling, terms.fees.market)
            + milestones
            + milestones * terms.verification_budget();
        self.money
            .post(&rfq.own(&rfq.buyer), &rfq.reserved(), most)?;
        self.rfqs.insert(rfq.name.clone(), rfq);
        Ok(())
    }

    /// The RFQ, if it is in this state and its deadline has not passed.
    fn rfq_in(&self, name: &str, states: &[State]) -> Result<Rfq, String> {
        let rfq = self.rfqs.get(name).ok_or("there is no such RFQ")?;
        holds(states.contains(&rfq.state), "the state of the RFQ forbids")?;
        holds(self.now <= rfq.deadline, "the deadline has passed")?;
        Ok(rfq.clone())
    }

    pub(super) fn place_bid(&mut self, order: &Order, name: &str) -> Result<(), String> {
        let rfq = self.rfq_in(name, &[State::Open])?;
        holds(rfq.terms.award.bids == "open", "bids are sealed")?;
        let offer = offer(&rfq, order)?;
        let digest = format!("sha256:{}", order.payload);
        let bonded = order.action["bonded"] == true;
        let full = rfq.bids.len() >= self.bids_max;
        holds(bonded || !full, "a full RFQ takes whole bonds only")?;
        let put_up = match bonded {
            true => offer.bond,
            false => rfq.terms.bonds.bid,
        };
        let bid = Bid {
            sequence: self.sequence,
            digest,
            offer: Some(offer),
            bonded,
        };
        self.enter_bid(rfq, &order.sender, bid, put_up)
    }

    pub(super) fn commit_bid(&mut self, order: &Order, name: &str) -> Result<(), String> {
        let rfq = self.rfq_in(name, &[State::Open])?;
        holds(rfq.terms.award.bids == "sealed", "bids are open")?;
        let commitment = text(&order.action, "commitment")?;
        let bid = Bid {
            sequence: self.sequence,
            digest: commitment,
            offer: None,
            bonded: false,
        };
        let put_up = rfq.terms.bonds.bid;
        self.enter_bid(rfq, &order.sender, bid, put_up)
    }

    /// supplier → bid bond: what it puts up.
    fn enter_bid(
        &mut self,
        mut rfq: Rfq,
        supplier: &str,
        bid: Bid,
        put_up: i64,
    ) -> Result<(), String> {
        let outside = [&rfq.buyer, &self.operator];
        let has_office = rfq.terms.has_office(supplier)
            || outside.iter().any(|it| *it == supplier)
            || self.engines.is_house(supplier)
            || self.engines.is_colleague(supplier, &rfq.terms.engines.keys);
        holds(!has_office, "who has an office cannot bid")?;
        let full = rfq.bids.len() >= self.bids_max;
        self.make_room(&mut rfq, full)?;
        self.money
            .post(&rfq.own(supplier), &rfq.bid_bond(supplier), put_up)?;
        let before = rfq.bids.insert(supplier.to_owned(), bid);
        holds(before.is_none(), "there is a bid of the supplier")?;
        self.rfqs.insert(rfq.name.clone(), rfq);
        Ok(())
    }

    /// bid bond → who gives way: rest.
    fn make_room(&mut self, rfq: &mut Rfq, full: bool) -> Result<(), String> {
        let gone = self.room.displaced.clone();
        holds(
            gone.len() == usize::from(full),
            "one gives way, if the RFQ is full",
        )?;
        for supplier in gone {
            let bid = rfq.bids.remove(&supplier).ok_or("who gives way has bid")?;
            let unbonded = rfq.bids.values().any(|bid| !bid.bonded);
            let open = rfq.terms.award.bids == "open";
            holds(
                !open || !bid.bonded || !unbonded,
                "who is bonded stays while others are not",
            )?;
            let (bond, own) = (rfq.bid_bond(&supplier), rfq.own(&supplier));
            self.money.rest(&bond, &own)?;
        }
        Ok(())
    }

    pub(super) fn reveal_bid(&mut self, order: &Order, name: &str) -> Result<(), String> {
        let mut rfq = self.rfq_in(name, &[State::Revealing])?;
        let sealed = json!({
            "rfq": name,
            "supplier": order.sender,
            "bid": order.action["bid"],
            "salt": order.action["salt"],
        });
        let digest = canonical::digest(&sealed).map_err(|error| error.to_string())?;
        let offer = offer(&rfq, order)?;
        let bid = rfq
            .bids
            .get_mut(&order.sender)
            .ok_or("nothing was sealed")?;
        holds(bid.digest == digest.to_string(), "another bid was sealed")?;
        holds(bid.offer.is_none(), "it was revealed before")?;
        bid.offer = Some(offer);
        self.rfqs.insert(rfq.name.clone(), rfq);
        Ok(())
    }

    /// bid bond → supplier: rest.
    pub(super) fn withdraw_bid(&mut self, sender: &str, name: &str) -> Result<(), String> {
        let mut rfq = self.rfq_in(name, &[State::Open])?;
        let bid = rfq
            .bids
            .remove(sender)
            .ok_or("there is no bid to withdraw")?;
        holds(!bid.bonded, "who is bound stays")?;
        self.money.rest(&rfq.bid_bond(sender), &rfq.own(sender))?;
        self.rfqs.insert(rfq.name.clone(), rfq);
        Ok(())
    }

    /// reserved → bidders, in equal parts; then as failed.
    pub(super) fn cancel_rfq(&mut self, sender: &str, name: &str) -> Result<(), String> {
        let rfq = self.rfq_in(name, &[State::Open, State::Revealing])?;
        holds(sender == rfq.buyer, "only the buyer may cancel")?;
        let bidders: Vec<_> = rfq.bids.keys().cloned().collect();
        if !bidders.is_empty() {
            let (from, asset) = (rfq.reserved(), &rfq.terms.asset);
            let penalty = rfq.terms.penalties.cancelled_rfq;
            let penalty = penalty.min(self.money.balance(&from));
            self.money.share_out(&from, &bidders, asset, penalty)?;
        }
        self.end_rfq(rfq, State::Cancelled)
    }

    /// reserved → buyer, bid bonds → suppliers.
    fn end_rfq(&mut self, mut rfq: Rfq, state: State) -> Result<(), String> {
        self.money.rest(&rfq.reserved(), &rfq.own(&rfq.buyer))?;
        self.return_bonds(&rfq, "")?;
        rfq.state = state;
        self.rfqs.insert(rfq.name.clone(), rfq);
        Ok(())
    }

    fn return_bonds(&mut self, rfq: &Rfq, winner: &str) -> Result<(), String> {
        for supplier in rfq.bids.keys().filter(|supplier| *supplier != winner) {
            self.money
                .rest(&rfq.bid_bond(supplier), &rfq.own(supplier))?;
        }
        Ok(())
    }

    pub(super) fn tick_rfq(&mut self, name: &str) -> Result<(), String> {
        let rfq = self.rfqs.get(name).ok_or("there is no such RFQ")?;
        let mut rfq = rfq.clone();
        let waits = matches!(rfq.state, State::Open | State::Revealing);
        holds(waits, "the RFQ has no deadline")?;
        holds(self.now > rfq.deadline, "the deadline is ahead")?;
        match (rfq.state, rfq.terms.windows.reveal_seconds) {
            (State::Open, _) if rfq.bids.is_empty() => self.end_rfq(rfq, State::Failed),
            (State::Open, Some(seconds)) => {
                rfq.state = State::Revealing;
                rfq.deadline = self.after(seconds);
                self.rfqs.insert(rfq.name.clone(), rfq);
                Ok(())
            }
            _ => self.award(rfq),
        }
    }

    /// Those who did not reveal, or cannot pay, lose their bid bonds; then the rule chooses.
    fn award(&mut self, rfq: Rfq) -> Result<(), String> {
        let pool = format!("pool/{}", rfq.terms.asset);
        let silent = rfq.bids.iter().filter(|(_, bid)| bid.offer.is_none());
        for (supplier, _) in silent {
            self.money.rest(&rfq.bid_bond(supplier), &pool)?;
        }
        let choice = self.choose(&rfq)?;
        for supplier in &choice.forfeited {
            self.money.rest(&rfq.bid_bond(supplier), &pool)?;
        }
        match choice.winner {
            None => self.end_rfq(rfq, State::Failed),
            Some(win) => self.engage(rfq, win),
        }
    }

    /// winner → its bid bond; other bid bonds → suppliers; reserved → buyer: all but Σ (P + F + V).
    fn engage(&mut self, mut rfq: Rfq, win: Win) -> Result<(), String> {
        let (supplier, terms) = (win.supplier, Rc::clone(&rfq.terms));
        let bid_bond = rfq.bid_bond(&supplier);
        let rest_of_bond = win.bond - self.money.balance(&bid_bond);
        self.money
            .post(&rfq.own(&supplier), &bid_bond, rest_of_bond)?;
        self.return_bonds(&rfq, &supplier)?;
        rfq.prices = split(win.price, &terms.shares());
        rfq.bonds = split(win.bond, &terms.shares());
        let cost =
            |price: &i64| price + share_up(*price, terms.fees.market) + terms.verification_budget();
        let needed: i64 = rfq.prices.iter().map(cost).sum();
        let spare = self.money.balance(&rfq.reserved()) - needed;
        self.money
            .post(&rfq.reserved(), &rfq.own(&rfq.buyer), spare)?;
        rfq.winner = supplier;
        rfq.state = State::Awarded;
        self.rfqs.insert(rfq.name.clone(), rfq.clone());
        self.begin(&rfq, 1)
    }
}

fn offer(rfq: &Rfq, order: &Order) -> Result<Offer, String> {
    let bid = &order.action["bid"];
    let offer = Offer {
        price: int(bid, "price")?,
        bond: int(bid, "bond")?,
        firm_until: time(&bid["firm_until"])?,
    };
    let windows = &rfq.terms.windows;
    let seconds =
        windows.bidding_seconds + windows.reveal_seconds.unwrap_or(0) + windows.award_seconds;
    let firm = rfq.published.saturating_add(seconds * super::SECOND);
    holds(
        offer.firm_until >= firm,
        "the bid is not firm for long enough",
    )?;
    let least = rfq.terms.bonds.performance;
    holds(offer.bond >= least, "the bond is too small")?;
    Ok(offer)
}

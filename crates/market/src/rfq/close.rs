//! The end of bidding, the award, and the milestones that follow from it.

use std::num::NonZeroU8;
use std::sync::Arc;

use proofmark_core::{Digest, Ppm};
use proofmark_ledger::{AccountKey as _, Amount};

use super::publish::release;
use super::{BidEntry, Engagement, Rfq, RfqState};
use crate::account::Account;
use crate::award::{Assessment, AwardTerms, Candidate, Ineligible, Win, assess, award};
use crate::change::{Change, Update};
use crate::command::Bid;
use crate::contract::{Active, Contract, Stakes, State};
use crate::event::{Event, Subject};
use crate::ids::{PartyId, RfqId};
use crate::market::Market;
use crate::money::Moves;
use crate::money::proof::Silence;
use crate::money::recipes;
use crate::rejection::Rejection;
use crate::reputation::{Standing, exposure_limit};
use crate::rules::Rules;
use crate::terms::Terms;

pub(super) fn tick(change: &mut Change<'_>, id: &RfqId) -> Result<(), Rejection> {
    let rfq = change.market.known_rfq(id)?;
    let deadline = rfq.state.deadline();
    let deadline = deadline.ok_or_else(|| rfq.forbids("a tick"))?;
    Silence::after(deadline, change.at)?;
    if matches!(rfq.state, RfqState::Open { .. }) {
        let bids = u32::try_from(rfq.bids.len()).unwrap_or(u32::MAX);
        change.note(Subject::Rfq(*id), Event::BiddingClosed { bids });
        let reveal = rfq.terms.windows.reveal_seconds;
        if let Some(seconds) = reveal.filter(|_| !rfq.bids.is_empty()) {
            let reveal_until = change.at.plus_seconds(seconds);
            change.update(Update::RfqState(*id, RfqState::Revealing { reveal_until }));
            return Ok(());
        }
    }
    close(change, rfq);
    Ok(())
}

/// Unrevealed bids lose their bond, the rule chooses among the others, and what was put aside goes where it belongs.
fn close(change: &mut Change<'_>, rfq: &Rfq) {
    let mut candidates = Vec::new();
    for (supplier, entry) in &rfq.bids {
        match entry.bid {
            Some(bid) => candidates.push(candidate(change, rfq, *supplier, entry, &bid)),
            None => {
                forfeit(change, rfq, *supplier);
                change.broke_word(*supplier, &rfq.terms, rfq.buyer, None);
            }
        }
    }
    let award = award(&award_terms(&rfq.terms), &candidates);
    for assessed in &award.basis.candidates {
        if matches!(assessed.assessment, Assessment::PassedOver { .. }) {
            forfeit(change, rfq, assessed.candidate.supplier);
        }
    }
    let Some(win) = award.winner else {
        release(change, rfq);
        change.note(
            Subject::Rfq(rfq.id),
            Event::RfqFailed {
                award: award.digest,
            },
        );
        let at = change.at;
        change.update(Update::Award(rfq.id, Box::new(award)));
        return change.update(Update::RfqState(rfq.id, RfqState::Failed { at }));
    };
    change.note(
        Subject::Rfq(rfq.id),
        Event::RfqAwarded {
            supplier: win.supplier,
            price: win.price,
            award: award.digest,
        },
    );
    change.update(Update::Award(rfq.id, Box::new(award)));
    engage(change, rfq, &win);
}

fn forfeit(change: &mut Change<'_>, rfq: &Rfq, supplier: PartyId) {
    let asset = rfq.terms.asset;
    let amount = change.moves.drain(
        Account::BidBond(rfq.id, supplier, asset),
        Account::Pool(asset),
    );
    change.note(
        Subject::Rfq(rfq.id),
        Event::BidForfeited { supplier, amount },
    );
}

/// What the rule follows, from the terms.
pub(super) fn award_terms(terms: &Terms) -> AwardTerms {
    let (rejected, to_buyer) = (terms.penalties.rejected, terms.penalties.to_buyer);
    let slash = u64::from(rejected.get()) * u64::from(to_buyer.get()) / 1_000_000;
    let slash = u32::try_from(slash)
        .ok()
        .and_then(|slash| Ppm::new(slash).ok());
    AwardTerms {
        rule: terms.award.rule,
        ceiling: terms.award.price_ceiling,
        total_ceiling: terms.award.total_ceiling,
        fee: terms.fees.market,
        holdback: terms.holdback,
        verification: terms.fees.verification,
        loss_fail: terms.losses.fail,
        loss_defect: terms.losses.defect,
        slash: slash.unwrap_or(Ppm::ZERO),
        qualification: terms.award.qualification.clone(),
    }
}

pub(super) fn candidate(
    change: &Change<'_>,
    rfq: &Rfq,
    supplier: PartyId,
    entry: &BidEntry,
    bid: &Bid,
) -> Candidate {
    let (market, at) = (change.market, change.at);
    let recorded = rfq.bids.get(&supplier);
    let here = recorded
        .and_then(|entry| rfq.exposed_by(entry))
        .unwrap_or(0);
    let available = Account::Available(supplier, rfq.terms.asset);
    let funds = market
        .ledger
        .balance(&available)
        .available(available.normal());
    let open = exposed(market, supplier, here);
    let limit = may_expose(market, supplier, entry.standing.fees);
    // It was within the limit when the bond was put up, and cannot be taken back since.
    let limit = match entry.bonded {
        true => limit.max(exposed(market, supplier, 0)),
        false => limit,
    };
    Candidate {
        bid: entry.commitment,
        supplier,
        price: bid.price,
        bond: bid.bond,
        sequence: entry.sequence,
        exposure_open: open,
        exposure_limit: limit,
        standing: entry.standing,
        funds_bond: entry.bonded || funds >= bid.bond.saturating_sub(rfq.terms.bonds.bid),
        // Who stays is bound until the award, whenever that comes.
        expired: !entry.bonded && at > bid.firm_until,
    }
}

/// The total price of a bid by the record of its supplier, if nothing else of it is open.
///
/// # Errors
/// [`Ineligible`] if it can never win.
pub fn competes(
    terms: &Terms,
    rules: &Rules,
    supplier: PartyId,
    standing: &Standing,
    bid: &Bid,
) -> Result<Amount, Ineligible> {
    let candidate = Candidate {
        bid: Digest::of(&[]),
        supplier,
        price: bid.price,
        bond: bid.bond,
        sequence: 0,
        exposure_open: Amount::ZERO,
        exposure_limit: exposure_limit(rules.exposure_per_fee_ppm, standing.fees),
        standing: *standing,
        funds_bond: true,
        expired: false,
    };
    assess(&award_terms(terms), &candidate)
}

/// What a supplier exposes, without its bid here.
fn exposed(market: &Market, supplier: PartyId, without: i128) -> Amount {
    let exposed = market.exposed.get(&supplier).copied().unwrap_or_default();
    let exposed = exposed - without;
    let exposed = i64::try_from(exposed).ok();
    let exposed = exposed.and_then(|minor| Amount::new(minor).ok());
    exposed.unwrap_or(Amount::MAX)
}

/// What a supplier's open contracts may expose. Nothing while it owes something after a clawback: else who has earned
/// the market fees once could take as much again and again.
fn may_expose(market: &Market, supplier: PartyId, fees: Amount) -> Amount {
    match market.debts.contains_key(&supplier) {
        true => Amount::ZERO,
        false => exposure_limit(market.rules.exposure_per_fee_ppm, fees),
    }
}

impl Rfq {
    /// What is exposed in this RFQ beside contracts, and by whom: milestones that have not begun, and before the award
    /// bids whose whole bond is put up. Else whoever holds a place could take its headroom elsewhere, and so leave.
    pub(crate) fn exposes(&self) -> Vec<(PartyId, i128)> {
        match &self.state {
            RfqState::Awarded(engagement) if engagement.goes_on => {
                let ahead = engagement.prices.iter().zip(&engagement.bonds);
                let ahead = ahead.skip(usize::from(engagement.begun));
                let exposes = ahead.map(|(price, bond)| self.exposes_at(*price, *bond));
                vec![(engagement.supplier, exposes.sum())]
            }
            RfqState::Open { .. } => {
                let bids = self.bids.iter();
                let exposes =
                    bids.filter_map(|(supplier, it)| Some((*supplier, self.exposed_by(it)?)));
                exposes.collect()
            }
            _ => Vec::new(),
        }
    }

    /// What a bid exposes whose whole bond is put up.
    pub(crate) fn exposed_by(&self, entry: &BidEntry) -> Option<i128> {
        let bid = entry.bid.filter(|_| entry.bonded)?;
        Some(self.exposes_at(bid.price, bid.bond))
    }

    fn exposes_at(&self, price: Amount, bond: Amount) -> i128 {
        let stakes = stakes(&self.terms, price, bond);
        i128::from(stakes.exposure().minor())
    }
}

/// The winner puts up the rest of its bond, the buyer gets back what the price leaves of the reservation, the losers
/// their bid bonds; and the first milestone begins.
fn engage(change: &mut Change<'_>, rfq: &Rfq, win: &Win) {
    let (terms, asset) = (&rfq.terms, rfq.terms.asset);
    let bond = rfq.bids.get(&win.supplier).and_then(|entry| entry.bid);
    let bond = bond.map_or(Amount::ZERO, |bid| bid.bond);
    let winner_bond = Account::BidBond(rfq.id, win.supplier, asset);
    let winner = Account::Available(win.supplier, asset);
    let rest = bond.saturating_sub(change.moves.left(&winner_bond));
    change.moves.pay(winner, winner_bond, rest);
    for supplier in rfq
        .bids
        .keys()
        .filter(|supplier| **supplier != win.supplier)
    {
        change.moves.drain(
            Account::BidBond(rfq.id, *supplier, asset),
            Account::Available(*supplier, asset),
        );
    }
    let shares: Vec<_> = terms
        .milestones
        .iter()
        .map(|milestone| u64::from(milestone.share.get()))
        .collect();
    let engagement = Engagement {
        supplier: win.supplier,
        prices: win.price.split(&shares),
        bonds: bond.split(&shares),
        begun: 0,
        goes_on: true,
    };
    let kept = engagement.prices.iter().fold(Amount::ZERO, |sum, price| {
        let stakes = stakes(terms, *price, Amount::ZERO);
        let one = [stakes.price, stakes.fee, stakes.verification];
        one.into_iter().fold(sum, |sum, part| {
            sum.checked_add(part).unwrap_or(Amount::MAX)
        })
    });
    let reserved = Account::Reserved(rfq.id, asset);
    let back = change.moves.left(&reserved).saturating_sub(kept);
    change
        .moves
        .pay(reserved, Account::Available(rfq.buyer, asset), back);
    begin(change, rfq, engagement);
}

fn stakes(terms: &Terms, price: Amount, bond: Amount) -> Stakes {
    Stakes {
        price,
        holdback: price.share_up(terms.holdback),
        fee: price.share_up(terms.fees.market),
        bond,
        verification: terms.verification_budget().unwrap_or(Amount::ZERO),
    }
}

/// The next milestone begins.
fn begin(change: &mut Change<'_>, rfq: &Rfq, mut engagement: Engagement) {
    let index = usize::from(engagement.begun);
    engagement.begun += 1;
    let milestone = NonZeroU8::new(engagement.begun).expect("one more than some is not nothing");
    let (price, bond) = (engagement.prices[index], engagement.bonds[index]);
    let seconds = rfq.terms.windows.delivery_seconds;
    let submit_by = change.at.plus_seconds(seconds);
    let contract = Contract {
        id: rfq.id.contract(milestone),
        terms: Arc::clone(&rfq.terms),
        terms_digest: rfq.terms_digest,
        buyer: rfq.buyer,
        supplier: engagement.supplier,
        stakes: stakes(&rfq.terms, price, bond),
        started_at: change.at,
        attempts: 0,
        evidence: 0,
        runs: 0,
        verdicts_passed: 0,
        failed: std::collections::BTreeSet::new(),
        silent: false,
        lost: Vec::new(),
        raised: std::collections::BTreeSet::new(),
        delivered_at: None,
        state: State::Active(Active { submit_by }),
    };
    recipes::begin(&mut change.moves, &contract);
    change.note(
        Subject::Rfq(rfq.id),
        Event::ContractStarted {
            contract: contract.id,
            price,
            bond,
            submit_by,
        },
    );
    change.put(contract);
    let state = RfqState::Awarded(engagement);
    change.update(Update::RfqState(rfq.id, state));
}

/// A milestone was paid: the one after it begins, if there is one.
pub(crate) fn begin_next(change: &mut Change<'_>, contract: &Contract) {
    let Some((rfq, engagement)) = engagement(change.market, contract) else {
        return;
    };
    if engagement.goes_on && usize::from(engagement.begun) < engagement.prices.len() {
        begin(change, rfq, engagement.clone());
    }
}

/// A milestone ended without being paid: those after it never begin, and everybody gets back what was put aside for
/// them.
pub(crate) fn over(change: &mut Change<'_>, contract: &Contract) {
    let Some((rfq, engagement)) = engagement(change.market, contract) else {
        return;
    };
    release_ahead(&mut change.moves, change.market, contract);
    let engagement = Engagement {
        goes_on: false,
        ..engagement.clone()
    };
    let state = RfqState::Awarded(engagement);
    change.update(Update::RfqState(rfq.id, state));
}

/// Everybody gets back what was put aside for the milestones after a contract's.
pub(crate) fn release_ahead(moves: &mut Moves<'_>, market: &Market, contract: &Contract) {
    let Some((rfq, engagement)) = engagement(market, contract) else {
        return;
    };
    let (asset, supplier) = (rfq.terms.asset, engagement.supplier);
    moves.drain(
        Account::Reserved(rfq.id, asset),
        Account::Available(rfq.buyer, asset),
    );
    moves.drain(
        Account::BidBond(rfq.id, supplier, asset),
        Account::Available(supplier, asset),
    );
}

fn engagement<'m>(market: &'m Market, contract: &Contract) -> Option<(&'m Rfq, &'m Engagement)> {
    let rfq = market.rfq(&contract.id.rfq)?;
    match &rfq.state {
        RfqState::Awarded(engagement) => Some((rfq, engagement)),
        _ => None,
    }
}

//! Where running the validators again decides nothing: offers first, then an arbiter takes one of the two last
//! offers, which keeps both moderate.

use std::collections::BTreeMap;

use proofmark_ledger::Amount;

use super::state::{Arbitrating, Provisional, State};
use super::work::in_time;
use super::{Contract, settle, warranty};
use crate::change::Change;
use crate::command::{ContractAction, Ground, Side};
use crate::event::Event;
use crate::money::proof::{Consent, Settlement, Silence};
use crate::money::recipes::{self, Undone};
use crate::rejection::{Code, Rejection};
use crate::rfq;
use crate::terms::Arbitration;

/// Who may raise a ground here, and the most that it can move.
fn effect(contract: &Contract, ground: Ground) -> Option<(Side, Amount)> {
    match (&contract.state, ground) {
        (State::Passed(_) | State::Provisional(_), Ground::ValidatorGamed) => {
            Some((Side::Buyer, contract.stakes.price))
        }
        (State::Provisional(it), Ground::ReviewUnfounded) if !it.withheld.is_zero() => {
            Some((Side::Supplier, it.withheld))
        }
        (State::Curing(it), Ground::EvidenceFalse) => Some((Side::Supplier, it.target)),
        _ => None,
    }
}

pub(crate) fn open(
    change: &mut Change<'_>,
    contract: &Contract,
    ground: Ground,
    claim: Option<Amount>,
) -> Result<(), Rejection> {
    let not_here = || Code::GroundNotHere.because(contract.state.name().as_str());
    let (claimant, at_most) = effect(contract, ground).ok_or_else(not_here)?;
    if contract.raised.contains(&ground) {
        return Err(Code::GroundNotHere.because("it was raised before"));
    }
    if contract.party(claimant) != change.sender {
        return Err(Code::ActorForbids.because("it is for the other side"));
    }
    let terms = arbitration(contract)?;
    let claim = claimed(claimant, claim, at_most)?;
    recipes::put_up(&mut change.moves, contract, change.sender, terms.fee);
    let until = change.at.plus_seconds(terms.respond_seconds);
    let by = change.sender;
    change.tell(contract, Event::Challenged { by, ground, until });
    let mut next = contract.clone();
    next.raised.insert(ground);
    next.state = State::Arbitrating(Arbitrating {
        ground,
        claimant,
        claim,
        at_most,
        responded: false,
        until,
        offers: BTreeMap::new(),
        over: Box::new(contract.state.clone()),
    });
    change.put(next);
    Ok(())
}

fn arbitration(contract: &Contract) -> Result<&Arbitration, Rejection> {
    let none = || Code::NoArbiter.because(contract.id.to_string());
    contract.terms.arbitration.as_ref().ok_or_else(none)
}

/// What the claimant wants the buyer to get: of a buyer something, of a supplier less than is at stake.
fn claimed(claimant: Side, claim: Option<Amount>, at_most: Amount) -> Result<Amount, Rejection> {
    let claim = match claimant {
        Side::Buyer => claim.unwrap_or(at_most),
        Side::Supplier => claim.unwrap_or(Amount::ZERO),
    };
    let moves_something = match claimant {
        Side::Buyer => !claim.is_zero() && claim <= at_most,
        Side::Supplier => claim < at_most,
    };
    match moves_something {
        true => Ok(claim),
        false => Err(Code::ClaimOutsideEffect.because(format!("{claim} of {at_most}"))),
    }
}

pub(crate) fn act(
    change: &mut Change<'_>,
    contract: &Contract,
    action: &ContractAction,
) -> Result<(), Rejection> {
    in_time(change, contract)?;
    let State::Arbitrating(it) = &contract.state else {
        return Err(Code::StateForbids.because(contract.state.name().as_str()));
    };
    let side = contract.side(change.sender);
    match (action, side) {
        (ContractAction::Respond, Some(side)) => respond(change, contract, it.clone(), side),
        (ContractAction::Offer { amount }, Some(side)) => {
            offer(change, contract, it.clone(), side, *amount)
        }
        (ContractAction::AcceptOffer, Some(side)) => agree(change, contract, it, side),
        (ContractAction::Rule { for_side, reasons }, _) => {
            rule(change, contract, it, *for_side, *reasons)
        }
        _ => Err(Code::ActorForbids.because("it is for the two sides")),
    }
}

fn respond(
    change: &mut Change<'_>,
    contract: &Contract,
    mut it: Arbitrating,
    side: Side,
) -> Result<(), Rejection> {
    if it.responded || side == it.claimant {
        return Err(Code::NothingToRespond.because(contract.id.to_string()));
    }
    let terms = arbitration(contract)?;
    recipes::put_up(&mut change.moves, contract, change.sender, terms.fee);
    it.responded = true;
    it.until = change.at.plus_seconds(terms.ruling_seconds);
    let until = it.until;
    change.tell(contract, Event::Responded { side, until });
    change.become_state(contract, State::Arbitrating(it));
    Ok(())
}

fn offer(
    change: &mut Change<'_>,
    contract: &Contract,
    mut it: Arbitrating,
    side: Side,
    to_buyer: Amount,
) -> Result<(), Rejection> {
    if to_buyer > it.at_most {
        return Err(Code::ClaimOutsideEffect.because(format!("{to_buyer} of {}", it.at_most)));
    }
    it.offers.insert(side, to_buyer);
    change.tell(contract, Event::Offered { side, to_buyer });
    change.become_state(contract, State::Arbitrating(it));
    Ok(())
}

fn agree(
    change: &mut Change<'_>,
    contract: &Contract,
    it: &Arbitrating,
    side: Side,
) -> Result<(), Rejection> {
    let none = || Code::NoOffer.because(contract.id.to_string());
    let to_buyer = *it.offers.get(&side.other()).ok_or_else(none)?;
    fees_back(change, contract);
    change.tell(contract, Event::Agreed { to_buyer });
    settle(change, contract, it, &Settlement::agreed(to_buyer));
    Ok(())
}

fn fees_back(change: &mut Change<'_>, contract: &Contract) {
    for party in [contract.buyer, contract.supplier] {
        recipes::give_back(&mut change.moves, contract, party);
    }
}

fn rule(
    change: &mut Change<'_>,
    contract: &Contract,
    it: &Arbitrating,
    for_side: Side,
    reasons: proofmark_core::Digest,
) -> Result<(), Rejection> {
    if !it.responded {
        return Err(Code::NotResponded.because(format!("until {}", it.until)));
    }
    let arbiter = arbitration(contract)?.arbiter;
    let to_buyer = last_offer(it, for_side);
    recipes::pay_arbiter(&mut change.moves, contract, arbiter, for_side.other());
    change.tell(
        contract,
        Event::Ruled {
            for_side,
            to_buyer,
            reasons,
        },
    );
    let mut contract = contract.clone();
    contract.lost = Some(for_side.other());
    settle(change, &contract, it, &Settlement::ruled(to_buyer));
    Ok(())
}

/// What a side last offered; without an offer, what it wants.
fn last_offer(it: &Arbitrating, side: Side) -> Amount {
    let wants = match side {
        _ if side == it.claimant => it.claim,
        Side::Buyer => it.at_most,
        Side::Supplier => Amount::ZERO,
    };
    it.offers.get(&side).copied().unwrap_or(wants)
}

/// A fee that is not put up in time loses; a ruling that does not come leaves the verdict as it stands.
pub(crate) fn lapse(
    change: &mut Change<'_>,
    contract: &Contract,
    it: Arbitrating,
    silence: Silence,
) {
    fees_back(change, contract);
    if !it.responded {
        let side = it.claimant.other();
        let settlement = Settlement::unanswered(silence, it.claim);
        let to_buyer = settlement.to_buyer();
        change.tell(contract, Event::Unanswered { side, to_buyer });
        let mut contract = contract.clone();
        contract.lost = Some(side);
        return settle(change, &contract, &it, &settlement);
    }
    change.tell(contract, Event::NotRuled);
    match *it.over {
        State::Passed(passed) => {
            let consent = Consent::silent(silence);
            settle::pay(change, contract, &passed.pass, consent, Amount::ZERO);
        }
        State::Curing(curing) => {
            let curing = warranty::again(change, contract, curing, false);
            change.become_state(contract, State::Curing(curing));
        }
        state => change.become_state(contract, state),
    }
}

/// What was agreed or ruled happens.
fn settle(change: &mut Change<'_>, contract: &Contract, it: &Arbitrating, settlement: &Settlement) {
    let to_buyer = settlement.to_buyer();
    match (&*it.over, it.ground) {
        (State::Provisional(provisional), Ground::ReviewUnfounded) => {
            let provisional = Provisional {
                withheld: to_buyer,
                ..provisional.clone()
            };
            change.become_state(contract, State::Provisional(provisional));
        }
        (State::Passed(passed), _) if to_buyer.is_zero() => {
            let consent = Consent::lost(settlement);
            settle::pay(change, contract, &passed.pass, consent, Amount::ZERO);
        }
        (State::Provisional(provisional), _) if to_buyer.is_zero() => {
            change.become_state(contract, State::Provisional(provisional.clone()));
        }
        (State::Curing(curing), _) if to_buyer.is_zero() => {
            warranty::dismiss(change, contract, curing.warranty.clone());
        }
        (over, _) => {
            if matches!(over, State::Passed(_)) {
                rfq::over(change, contract);
            }
            warranty::claw_back(change, contract, &Undone::Settled(settlement), to_buyer);
        }
    }
}

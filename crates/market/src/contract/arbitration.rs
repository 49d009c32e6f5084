//! Where running the validators again decides nothing: offers first, then an arbiter takes one of the two last
//! offers, which keeps both moderate.

use std::collections::BTreeMap;

use proofmark_ledger::Amount;

use super::state::{Arbitrating, Confirmed, Provisional, State};
use super::work::in_time;
use super::{Contract, settle, warranty};
use crate::change::Change;
use crate::command::{ContractAction, Ground, Side};
use crate::event::Event;
use crate::money::proof::{Consent, Settlement, Silence};
use crate::money::recipes::{self, Undone};
use crate::parties;
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
    parties::may_move(change, change.sender, contract.asset())?;
    recipes::put_up(&mut change.moves, contract, change.sender, terms.fee);
    let until = change.at.plus_seconds(terms.respond_seconds);
    let by = change.sender;
    change.tell(contract, Event::Challenged { by, ground, until });
    let over = match &contract.state {
        State::Provisional(it) => State::Provisional(it.stopped(change.at)),
        state => state.clone(),
    };
    let mut next = contract.clone();
    next.raised.insert(ground);
    next.state = State::Arbitrating(Arbitrating {
        ground,
        claimant,
        claim,
        at_most,
        offers_until: None,
        until,
        lent: BTreeMap::new(),
        offers: BTreeMap::new(),
        over: Box::new(over),
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
    // Signed for one case, a command does nothing in another: there is one for each ground.
    let about = |ground: Ground| match ground == it.ground {
        true => Ok(()),
        false => Err(Code::GroundOther.because(format!("it is {}", it.ground.as_str()))),
    };
    let side = || {
        let side = contract.side(change.sender);
        side.ok_or_else(|| Code::ActorForbids.because("it is for the two sides"))
    };
    match *action {
        ContractAction::Respond { ground } => {
            about(ground)?;
            let side = side()?;
            respond(change, contract, it.clone(), side)
        }
        ContractAction::Offer { ground, amount } => {
            about(ground)?;
            let side = side()?;
            offer(change, contract, it.clone(), side, amount)
        }
        ContractAction::AcceptOffer { ground, amount } => {
            about(ground)?;
            let side = side()?;
            agree(change, contract, it, side, amount)
        }
        ContractAction::Rule {
            ground,
            for_side,
            amount,
            reasons,
        } => {
            about(ground)?;
            rule(change, contract, it, (for_side, amount), reasons)
        }
        _ => Err(Code::StateForbids.because(contract.state.name().as_str())),
    }
}

fn respond(
    change: &mut Change<'_>,
    contract: &Contract,
    mut it: Arbitrating,
    side: Side,
) -> Result<(), Rejection> {
    if it.offers_until.is_some() || side == it.claimant {
        return Err(Code::NothingToRespond.because(contract.id.to_string()));
    }
    let terms = arbitration(contract)?;
    let lent = recipes::put_up_fee(&mut change.moves, contract, side, terms.fee);
    it.lent.insert(side, lent);
    let offers_until = change.at.plus_seconds(terms.offer_seconds);
    it.offers_until = Some(offers_until);
    it.until = offers_until.plus_seconds(terms.ruling_seconds);
    let until = it.until;
    change.tell(
        contract,
        Event::Responded {
            side,
            offers_until,
            until,
        },
    );
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
    if let Some(until) = it.offers_until.filter(|until| change.at > *until) {
        return Err(Code::DeadlinePassed.because(format!("offers were taken until {until}")));
    }
    if to_buyer > it.at_most {
        return Err(Code::ClaimOutsideEffect.because(format!("{to_buyer} of {}", it.at_most)));
    }
    it.offers.insert(side, to_buyer);
    change.tell(contract, Event::Offered { side, to_buyer });
    change.become_state(contract, State::Arbitrating(it));
    Ok(())
}

/// What is signed for is what happens: whoever changed its offer meanwhile has not bound the other side to it.
fn as_signed(offered: Amount, signed: Amount) -> Result<(), Rejection> {
    match offered == signed {
        true => Ok(()),
        false => Err(Code::OfferOther.because(format!("{offered}, not {signed}"))),
    }
}

fn agree(
    change: &mut Change<'_>,
    contract: &Contract,
    it: &Arbitrating,
    side: Side,
    signed: Amount,
) -> Result<(), Rejection> {
    let none = || Code::NoOffer.because(contract.id.to_string());
    let to_buyer = *it.offers.get(&side.other()).ok_or_else(none)?;
    as_signed(to_buyer, signed)?;
    fees_back(change, contract, it);
    change.tell(contract, Event::Agreed { to_buyer });
    settle(change, contract, it, &Settlement::agreed(to_buyer));
    Ok(())
}

fn fees_back(change: &mut Change<'_>, contract: &Contract, it: &Arbitrating) {
    for side in [Side::Buyer, Side::Supplier] {
        fee_back(change, contract, it, side);
    }
}

fn fee_back(change: &mut Change<'_>, contract: &Contract, it: &Arbitrating, side: Side) {
    let lent = it.lent.get(&side).copied().unwrap_or_default();
    recipes::give_fee_back(&mut change.moves, contract, side, lent);
}

fn rule(
    change: &mut Change<'_>,
    contract: &Contract,
    it: &Arbitrating,
    (for_side, signed): (Side, Amount),
    reasons: proofmark_core::Digest,
) -> Result<(), Rejection> {
    let not_yet = || Code::NotResponded.because(format!("until {}", it.until));
    let offers_until = it.offers_until.ok_or_else(not_yet)?;
    if change.at <= offers_until {
        return Err(Code::OffersOpen.because(format!("until {offers_until}")));
    }
    let arbiter = arbitration(contract)?.arbiter;
    let to_buyer = it.last_offer(for_side);
    as_signed(to_buyer, signed)?;
    recipes::pay_arbiter(&mut change.moves, contract, arbiter, for_side.other());
    fee_back(change, contract, it, for_side);
    change.tell(
        contract,
        Event::Ruled {
            for_side,
            to_buyer,
            reasons,
        },
    );
    let mut contract = contract.clone();
    contract.lost.push((it.ground, for_side.other()));
    settle(change, &contract, it, &Settlement::ruled(to_buyer));
    Ok(())
}

/// A fee that is not put up in time loses; a ruling that does not come leaves the verdict as it stands.
pub(crate) fn lapse(
    change: &mut Change<'_>,
    contract: &Contract,
    it: Arbitrating,
    silence: Silence,
) {
    fees_back(change, contract, &it);
    if it.offers_until.is_none() {
        let side = it.claimant.other();
        let settlement = Settlement::unanswered(silence, it.claim);
        let to_buyer = settlement.to_buyer();
        change.tell(contract, Event::Unanswered { side, to_buyer });
        let mut contract = contract.clone();
        contract.lost.push((it.ground, side));
        return settle(change, &contract, &it, &settlement);
    }
    change.tell(contract, Event::NotRuled);
    match *it.over {
        State::Passed(passed) => {
            let consent = Consent::silent(silence);
            settle::pay(change, contract, &passed.pass, consent, Amount::ZERO);
        }
        State::Curing(curing) => {
            let curing = warranty::again(change, contract, curing, Confirmed::No);
            change.become_state(contract, State::Curing(curing));
        }
        State::Provisional(provisional) => {
            let provisional = provisional.resumed(change.at);
            change.become_state(contract, State::Provisional(provisional));
        }
        _ => unreachable!("an arbiter is asked in these states only"),
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
            let provisional = provisional.resumed(change.at);
            change.become_state(contract, State::Provisional(provisional));
        }
        (State::Passed(passed), _) if to_buyer.is_zero() => {
            let consent = Consent::lost(settlement);
            settle::pay(change, contract, &passed.pass, consent, Amount::ZERO);
        }
        (State::Provisional(provisional), _) if to_buyer.is_zero() => {
            let provisional = provisional.clone().resumed(change.at);
            change.become_state(contract, State::Provisional(provisional));
        }
        (State::Curing(curing), _) if to_buyer.is_zero() => {
            warranty::dismiss(change, contract, curing.warranty.clone());
        }
        (over, _) => {
            if matches!(over, State::Passed(_)) {
                rfq::over(change, contract);
            }
            let withheld = match over {
                State::Provisional(it) => it.withheld,
                State::Curing(it) => it.warranty.withheld,
                _ => Amount::ZERO,
            };
            let amounts = (to_buyer, withheld);
            warranty::claw_back(change, contract, &Undone::Settled(settlement), amounts);
        }
    }
}

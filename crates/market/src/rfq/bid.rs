//! Bids: open, or committed to first and revealed later.

use proofmark_core::Digest;
use proofmark_ledger::Amount;

use super::{BidEntry, Rfq, RfqState};
use crate::account::Account;
use crate::change::{Change, Update};
use crate::command::{Bid, SealedBid};
use crate::event::{Event, Subject};
use crate::ids::RfqId;
use crate::rejection::{Code, Rejection};
use crate::terms::BidMode;

pub(super) fn place(change: &mut Change<'_>, id: &RfqId, bid: Bid) -> Result<(), Rejection> {
    let rfq = change.market.expect_rfq(id)?;
    may_bid(change, rfq, BidMode::Open)?;
    offer(rfq, &bid)?;
    let named = change.command;
    enter(change, rfq, named, Some(bid));
    change.note(
        Subject::Rfq(*id),
        Event::BidPlaced {
            supplier: change.sender,
            price: bid.price,
            bond: bid.bond,
        },
    );
    Ok(())
}

pub(super) fn commit(
    change: &mut Change<'_>,
    id: &RfqId,
    commitment: Digest,
) -> Result<(), Rejection> {
    let rfq = change.market.expect_rfq(id)?;
    may_bid(change, rfq, BidMode::Sealed)?;
    enter(change, rfq, commitment, None);
    change.note(
        Subject::Rfq(*id),
        Event::BidCommitted {
            supplier: change.sender,
            commitment,
        },
    );
    Ok(())
}

fn may_bid(change: &Change<'_>, rfq: &Rfq, mode: BidMode) -> Result<(), Rejection> {
    rfq.bids_until(change.at)?;
    if rfq.terms.award.bids != mode {
        return Err(Code::BidModeOther.because(rfq.id.to_string()));
    }
    let (sender, market) = (change.sender, change.market);
    let judges = sender == market.rules.house_engine || sender == market.operator.id();
    if judges || sender == rfq.buyer || rfq.terms.offices().any(|office| *office == sender) {
        return Err(Code::BidderHasOffice.because(sender.to_string()));
    }
    if rfq.bids.contains_key(&sender) {
        return Err(Code::BidExists.because(rfq.id.to_string()));
    }
    match rfq.bids.len() < market.rules.bids_max as usize {
        true => Ok(()),
        false => Err(Code::TooManyBids.because(format!("{} at most", market.rules.bids_max))),
    }
}

/// What an offer must be, whatever the others offer.
fn offer(rfq: &Rfq, bid: &Bid) -> Result<(), Rejection> {
    let ceiling = rfq.terms.award.price_ceiling;
    if bid.price > ceiling || bid.price == Amount::ZERO {
        return Err(Code::PriceAboveCeiling.because(format!("{} of {ceiling}", bid.price)));
    }
    let least = rfq.terms.bonds.performance;
    if bid.bond < least {
        return Err(Code::BondTooSmall.because(format!("{} of {least}", bid.bond)));
    }
    let firm = rfq.published_at.plus_seconds(rfq.terms.firm_seconds());
    match bid.firm_until >= firm {
        true => Ok(()),
        false => Err(Code::BidNotFirm.because(format!("it must be firm until {firm}"))),
    }
}

fn enter(change: &mut Change<'_>, rfq: &Rfq, commitment: Digest, bid: Option<Bid>) {
    let (supplier, asset) = (change.sender, rfq.terms.asset);
    change.moves.pay(
        Account::Available(supplier, asset),
        Account::BidBond(rfq.id, supplier, asset),
        rfq.terms.bonds.bid,
    );
    let entry = BidEntry {
        commitment,
        bid,
        sequence: change.market.sequence,
    };
    change.update(Update::Bid(rfq.id, supplier, Some(entry)));
}

fn own<'r>(change: &Change<'_>, rfq: &'r Rfq) -> Result<&'r BidEntry, Rejection> {
    let unknown = || Code::BidUnknown.because(rfq.id.to_string());
    rfq.bids.get(&change.sender).ok_or_else(unknown)
}

pub(super) fn reveal(
    change: &mut Change<'_>,
    id: &RfqId,
    bid: Bid,
    salt: &str,
) -> Result<(), Rejection> {
    let rfq = change.market.expect_rfq(id)?;
    let RfqState::Revealing { reveal_until } = rfq.state else {
        return Err(rfq.forbids("revealing"));
    };
    if change.at > reveal_until {
        let why = format!("bids were revealed until {reveal_until}");
        return Err(Code::DeadlinePassed.because(why));
    }
    let entry = own(change, rfq)?;
    if entry.bid.is_some() {
        return Err(Code::BidRevealed.because(rfq.id.to_string()));
    }
    let sealed = SealedBid {
        rfq: *id,
        supplier: change.sender,
        bid,
        salt,
    };
    let long = salt.len() == 64 && salt.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !long || sealed.commitment() != entry.commitment {
        return Err(Code::CommitmentMismatch.because(entry.commitment.to_string()));
    }
    offer(rfq, &bid)?;
    let entry = BidEntry {
        bid: Some(bid),
        ..*entry
    };
    change.update(Update::Bid(*id, change.sender, Some(entry)));
    change.promise(change.sender, &rfq.terms, true);
    change.note(
        Subject::Rfq(*id),
        Event::BidRevealed {
            supplier: change.sender,
            price: bid.price,
            bond: bid.bond,
        },
    );
    Ok(())
}

pub(super) fn withdraw(change: &mut Change<'_>, id: &RfqId) -> Result<(), Rejection> {
    let rfq = change.market.expect_rfq(id)?;
    rfq.bids_until(change.at)?;
    own(change, rfq)?;
    let (supplier, asset) = (change.sender, rfq.terms.asset);
    change.moves.drain(
        Account::BidBond(*id, supplier, asset),
        Account::Available(supplier, asset),
    );
    change.update(Update::Bid(*id, supplier, None));
    change.note(Subject::Rfq(*id), Event::BidWithdrawn { supplier });
    Ok(())
}

//! Bids: open, or committed to first and revealed later.

use std::cmp::Reverse;

use proofmark_core::{Digest, Timestamp};
use proofmark_ledger::Amount;

use super::close::{award_terms, candidate, competes};
use super::{BidEntry, Rfq, RfqState};
use crate::account::Account;
use crate::award::{Candidate, Ineligible, assess, worst};
use crate::change::{Change, Update};
use crate::command::{Bid, SealedBid};
use crate::event::{Event, Subject};
use crate::explain::money;
use crate::ids::{PartyId, RfqId};
use crate::parties::{affords, may_move};
use crate::rejection::{Code, Rejection};
use crate::terms::{BidMode, Terms};

pub(super) fn place(
    change: &mut Change<'_>,
    id: &RfqId,
    bid: Bid,
    bonded: bool,
) -> Result<(), Rejection> {
    let rfq = change.market.known_rfq(id)?;
    may_bid(change, rfq, BidMode::Open)?;
    offer(&rfq.terms, rfq.published_at, &bid)?;
    if is_full(change, rfq) && !bonded {
        let why = "it is full, and takes only bids whose whole bond is put up";
        return Err(Code::TooManyBids.because(why));
    }
    let entry = BidEntry {
        bonded,
        ..entry(change, rfq, change.command, Some(bid))
    };
    let found = by_its_record(change, rfq, &entry, &bid);
    let found = match bonded {
        true => found.and_then(|_| fits(change, rfq, &entry, &bid)),
        false => found,
    };
    if let Err(why) = found {
        let bond = bond_that_does(change, rfq, &entry, &bid);
        let bond = bond.map(|bond| money(bond, rfq.terms.asset));
        let bond = bond.map_or_else(String::new, |bond| {
            format!("; with a bond of {bond} it would compete now")
        });
        return Err(Code::BidIneligible.because(format!("{why}{bond}")));
    }
    let put_up = match bonded {
        true => bid.bond,
        false => rfq.terms.bonds.bid,
    };
    enter(change, rfq, entry, put_up)?;
    change.note(
        Subject::Rfq(*id),
        Event::BidPlaced {
            supplier: change.sender,
            price: bid.price,
            bond: bid.bond,
            bonded,
        },
    );
    Ok(())
}

pub(super) fn commit(
    change: &mut Change<'_>,
    id: &RfqId,
    commitment: Digest,
) -> Result<(), Rejection> {
    let rfq = change.market.known_rfq(id)?;
    may_bid(change, rfq, BidMode::Sealed)?;
    let entry = entry(change, rfq, commitment, None);
    enter(change, rfq, entry, rfq.terms.bonds.bid)?;
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
    let house = market.engine_operator(&sender) == Some(market.rules.house.as_str());
    // An operator that judges does not bid by another of its keys.
    let operator = |key: &PartyId| market.engine_operator(key);
    let own = |key: &PartyId| operator(key).is_some() && operator(key) == operator(&sender);
    let colleague = rfq.terms.engines.keys.iter().any(own);
    let judges = house || colleague || sender == market.operator.id();
    if judges || sender == rfq.buyer || rfq.terms.offices().any(|office| *office == sender) {
        return Err(Code::BidderHasOffice.because(sender.to_string()));
    }
    match rfq.bids.contains_key(&sender) {
        true => Err(Code::BidExists.because(rfq.id.to_string())),
        false => Ok(()),
    }
}

fn is_full(change: &Change<'_>, rfq: &Rfq) -> bool {
    rfq.bids.len() >= change.market.rules.bids_max as usize
}

/// Where an RFQ has as many bids as it takes, a better one displaces the worst: else whoever comes first with many
/// names could keep everybody else out.
fn make_room(change: &mut Change<'_>, rfq: &Rfq, entry: &BidEntry) -> Result<(), Rejection> {
    let worst = match entry.bid {
        Some(bid) => worst_open(change, rfq, entry, &bid),
        // Nobody knows what sealed bids offer, but everybody who has earned the market more.
        None => least_known(rfq.bids.iter())
            .filter(|(least, _)| entry.standing.fees > *least)
            .map(|(_, supplier)| supplier),
    };
    let Some(supplier) = worst else {
        let most = change.market.rules.bids_max;
        return Err(Code::TooManyBids.because(format!("{most} at most")));
    };
    give_back(change, rfq, supplier);
    change.update(Update::Bid(rfq.id, supplier, None));
    change.note(Subject::Rfq(rfq.id), Event::BidDisplaced { supplier });
    Ok(())
}

/// Who gives way to an open bid. Who has not put up its whole bond does first, and of them whoever has earned the market the
/// least: names that take their money away before the award keep nobody out. Else whose bid would win last, if it is
/// not the one that comes now.
fn worst_open(change: &Change<'_>, rfq: &Rfq, entry: &BidEntry, bid: &Bid) -> Option<PartyId> {
    let unbonded = rfq.bids.iter().filter(|(_, it)| !it.bonded);
    if let Some((_, supplier)) = least_known(unbonded) {
        return Some(supplier);
    }
    let bids = rfq.bids.iter();
    let known = bids.filter_map(|(supplier, entry)| Some((*supplier, *entry, entry.bid?)));
    let all: Vec<_> = known.chain([(change.sender, *entry, *bid)]).collect();
    let candidates: Vec<_> = all
        .iter()
        .map(|(supplier, entry, bid)| candidate(change, rfq, *supplier, entry, bid))
        .collect();
    let worst = worst(&award_terms(&rfq.terms), &candidates)?;
    Some(all[worst].0).filter(|supplier| *supplier != change.sender)
}

/// Whoever has earned the market the least, and how much; of equal ones the latest.
fn least_known<'b>(
    bids: impl Iterator<Item = (&'b PartyId, &'b BidEntry)>,
) -> Option<(Amount, PartyId)> {
    let least = bids.min_by_key(|(_, it)| (it.standing.fees, Reverse(it.sequence)));
    least.map(|(supplier, it)| (it.standing.fees, *supplier))
}

fn give_back(change: &mut Change<'_>, rfq: &Rfq, supplier: PartyId) {
    let asset = rfq.terms.asset;
    change.moves.drain(
        Account::BidBond(rfq.id, supplier, asset),
        Account::Available(supplier, asset),
    );
}

/// What an offer on terms that were published then must be, whatever the others offer.
///
/// # Errors
/// [`Rejection`] with what it is not.
pub fn offer(terms: &Terms, published_at: Timestamp, bid: &Bid) -> Result<(), Rejection> {
    let ceiling = terms.award.price_ceiling;
    let shown = |amount| money(amount, terms.asset);
    if bid.price > ceiling || bid.price == Amount::ZERO {
        let (price, most) = (shown(bid.price), shown(ceiling));
        return Err(Code::PriceAboveCeiling.because(format!("{price}, at most {most}")));
    }
    let least = terms.bonds.performance;
    if bid.bond < least {
        let (bond, least) = (shown(bid.bond), shown(least));
        return Err(Code::BondTooSmall.because(format!("{bond}, at least {least}")));
    }
    let firm = published_at.plus_seconds(terms.firm_seconds());
    match bid.firm_until >= firm {
        true => Ok(()),
        false => Err(Code::BidNotFirm.because(format!("it must be firm until {firm}"))),
    }
}

fn entry(change: &Change<'_>, rfq: &Rfq, commitment: Digest, bid: Option<Bid>) -> BidEntry {
    let class = &rfq.terms.outcome_class;
    BidEntry {
        commitment,
        bid,
        sequence: change.market.sequence,
        bonded: false,
        standing: change.market.standing(change.sender, class, change.at),
    }
}

/// A bid is judged by the record that its supplier had when it came, so it is known at once whether it could ever win.
/// Else a small promise, broken elsewhere, would be the way to leave for who does not like to win.
fn by_its_record(
    change: &Change<'_>,
    rfq: &Rfq,
    entry: &BidEntry,
    bid: &Bid,
) -> Result<Amount, Ineligible> {
    let (rules, supplier) = (&change.market.rules, change.sender);
    competes(&rfq.terms, rules, supplier, &entry.standing, bid)
}

/// Beside what else is open.
fn fits(change: &Change<'_>, rfq: &Rfq, entry: &BidEntry, bid: &Bid) -> Result<Amount, Ineligible> {
    let candidate = candidate(change, rfq, change.sender, entry, bid);
    assess(&award_terms(&rfq.terms), &candidate)
}

/// A larger bond than so many times the ceiling is not spoken of.
const MOST_BOND: i64 = 10;

/// The least bond with which a bid that does not compete would, beside what else is open; nothing if none would. A larger
/// bond never makes a bid worse.
fn bond_that_does(change: &Change<'_>, rfq: &Rfq, entry: &BidEntry, bid: &Bid) -> Option<Amount> {
    let (terms, ceiling) = (award_terms(&rfq.terms), rfq.terms.award.price_ceiling);
    let candidate = candidate(change, rfq, change.sender, entry, bid);
    let does = |bond| assess(&terms, &Candidate { bond, ..candidate }).is_ok();
    let most = Amount::new(ceiling.minor().saturating_mul(MOST_BOND));
    let most = most.unwrap_or(Amount::MAX);
    if !does(most) {
        return None;
    }
    let (mut fails, mut is) = (bid.bond.minor(), most.minor());
    while is - fails > 1 {
        let middle = fails + (is - fails) / 2;
        match Amount::new(middle).is_ok_and(does) {
            true => is = middle,
            false => fails = middle,
        }
    }
    Amount::new(is).ok()
}

fn enter(
    change: &mut Change<'_>,
    rfq: &Rfq,
    entry: BidEntry,
    put_up: Amount,
) -> Result<(), Rejection> {
    let (supplier, asset) = (change.sender, rfq.terms.asset);
    may_move(change, supplier, asset)?;
    let (own, bond) = (
        Account::Available(supplier, asset),
        Account::BidBond(rfq.id, supplier, asset),
    );
    affords(change, asset, put_up)?;
    if is_full(change, rfq) {
        make_room(change, rfq, &entry)?;
    }
    // Remembered for the day, so that the next bid need not count the whole record again.
    let class = rfq.terms.outcome_class.clone();
    change.update(Update::Standing(supplier, class, Box::new(entry.standing)));
    change.moves.pay(own, bond, put_up);
    change.update(Update::Bid(rfq.id, supplier, Some(entry)));
    Ok(())
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
    let rfq = change.market.known_rfq(id)?;
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
    offer(&rfq.terms, rfq.published_at, &bid)?;
    // Its bond is what was committed to: which would do better helps nobody now.
    let found = by_its_record(change, rfq, entry, &bid);
    found.map_err(|why| Code::BidIneligible.because(why.to_string()))?;
    let entry = BidEntry {
        bid: Some(bid),
        ..*entry
    };
    change.update(Update::Bid(*id, change.sender, Some(entry)));
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
    let rfq = change.market.known_rfq(id)?;
    rfq.bids_until(change.at)?;
    let (entry, supplier) = (own(change, rfq)?, change.sender);
    // Others may have found no place because of it: names that come and go would keep them out.
    if entry.bonded {
        return Err(Code::BidBonded.because(rfq.id.to_string()));
    }
    give_back(change, rfq, supplier);
    change.update(Update::Bid(*id, supplier, None));
    change.note(Subject::Rfq(*id), Event::BidWithdrawn { supplier });
    Ok(())
}

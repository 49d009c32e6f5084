//! Publishing and cancelling.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proofmark_core::Digest;
use proofmark_ledger::Amount;

use super::{Rfq, RfqState};
use crate::account::Account;
use crate::change::{Change, Update};
use crate::event::{Event, Subject};
use crate::ids::RfqId;
use crate::market::Market;
use crate::parties::{affords, may_move};
use crate::rejection::{Code, Rejection};
use crate::terms::{Engines, Terms, agree};

pub(super) fn publish(
    change: &mut Change<'_>,
    terms: Terms,
    digest: Digest,
) -> Result<(), Rejection> {
    let buyer = change.sender;
    terms.check(&change.market.rules, &buyer)?;
    engines(change.market, &terms.engines)?;
    let id = RfqId::of(&change.command);
    // Half a digest: two that are alike could be found with much work.
    if change.market.rfq(&id).is_some() {
        return Err(Code::CommandReused.because(id.to_string()));
    }
    may_move(change, buyer, terms.asset)?;
    let reserved = terms
        .reservation()
        .ok_or_else(|| Code::TermsContradict.because("the sums are too large"))?;
    affords(change, terms.asset, reserved)?;
    change.moves.pay(
        Account::Available(buyer, terms.asset),
        Account::Reserved(id, terms.asset),
        reserved,
    );
    let bids_until = change.at.plus_seconds(terms.windows.bidding_seconds);
    change.note(
        Subject::Rfq(id),
        Event::RfqPublished {
            buyer,
            terms: digest,
            reserved,
        },
    );
    change.update(Update::Rfq(Box::new(Rfq {
        id,
        buyer,
        terms: Arc::new(terms),
        terms_digest: digest,
        published_at: change.at,
        state: RfqState::Open { bids_until },
        bids: BTreeMap::new(),
        award: None,
    })));
    Ok(())
}

/// The engines of the terms may attest here, and belong to operators enough.
fn engines(market: &Market, engines: &Engines) -> Result<(), Rejection> {
    let policy = market
        .policy
        .as_ref()
        .ok_or_else(|| Code::PolicyMissing.because("nobody may attest yet"))?;
    if let Some(struck) = engines.keys.iter().find(|key| market.struck.contains(key)) {
        return Err(Code::EngineStruck.because(struck.to_string()));
    }
    let mut operators = BTreeSet::new();
    for key in &engines.keys {
        let operator = market.engine_operator(key);
        operators.insert(operator.ok_or_else(|| Code::EngineUnknown.because(key.to_string()))?);
    }
    agree(
        !operators.contains(market.rules.house.as_str()),
        "/engines/keys",
        "rules:/house",
        "the market's own engine is the referee, and cannot be the first judge as well",
    )?;
    if operators.len() < engines.threshold as usize {
        let why = format!(
            "{} operators, {} must sign",
            operators.len(),
            engines.threshold
        );
        return Err(Code::TooFewOperators.because(why));
    }
    match policy.profile(&engines.profile) {
        Some(_) => Ok(()),
        None => Err(Code::EngineUnknown.because(format!("profile {}", engines.profile))),
    }
}

/// Free while nobody has bid; then every bidder gets a share of what the terms say.
pub(super) fn cancel(change: &mut Change<'_>, id: &RfqId) -> Result<(), Rejection> {
    let rfq = change.market.known_rfq(id)?;
    if !matches!(
        rfq.state,
        RfqState::Open { .. } | RfqState::Revealing { .. }
    ) {
        return Err(rfq.forbids("cancelling"));
    }
    if change.sender != rfq.buyer {
        return Err(Code::ActorForbids.because("it is for the buyer"));
    }
    // After it only the tick follows: else a buyer could wait for the last bid, and then choose.
    if let Some(deadline) = rfq
        .state
        .deadline()
        .filter(|deadline| change.at > *deadline)
    {
        return Err(Code::DeadlinePassed.because(format!("it was {deadline}")));
    }
    let asset = rfq.terms.asset;
    let reserved = Account::Reserved(*id, asset);
    let paid = match rfq.bids.is_empty() {
        true => Amount::ZERO,
        false => rfq
            .terms
            .penalties
            .cancelled_rfq
            .min(change.moves.left(&reserved)),
    };
    for (supplier, part) in rfq.bids.keys().zip(paid.split(&vec![1; rfq.bids.len()])) {
        let to = Account::Available(*supplier, asset);
        change.moves.pay(reserved, to, part);
    }
    release(change, rfq);
    change.note(Subject::Rfq(*id), Event::RfqCancelled { paid });
    let at = change.at;
    change.update(Update::RfqState(*id, RfqState::Cancelled { at }));
    Ok(())
}

/// Everybody gets back what was put aside.
pub(super) fn release(change: &mut Change<'_>, rfq: &Rfq) {
    let asset = rfq.terms.asset;
    change.moves.drain(
        Account::Reserved(rfq.id, asset),
        Account::Available(rfq.buyer, asset),
    );
    for supplier in rfq.bids.keys() {
        change.moves.drain(
            Account::BidBond(rfq.id, *supplier, asset),
            Account::Available(*supplier, asset),
        );
    }
}

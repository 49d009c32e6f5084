//! The award as it follows from the bids, and as it was published.

use std::collections::BTreeSet;

use serde_json::Value;

use super::assess::{Candidate, Reputation, in_order, winner};
use super::rfq::{Bid, Offer, Rfq};
use super::wire::{int, text};
use super::{Auditor, holds};

/// Who won, and what it is paid.
#[derive(Debug)]
pub(super) struct Win {
    pub(super) supplier: String,
    pub(super) price: i64,
    pub(super) bond: i64,
}

/// What is found of a bid.
#[derive(Debug)]
enum Found {
    Eligible(i64),
    /// It would have won, and cannot.
    PassedOver(i64),
    Ineligible(&'static str),
}

/// What follows from the bids.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) winner: Option<Win>,
    /// Who lost the bid bond because its bond cannot be paid.
    pub(super) forfeited: Vec<String>,
}

impl Auditor {
    /// The award by the rules; it must be the one that was published.
    pub(super) fn choose(&self, rfq: &Rfq) -> Result<Choice, String> {
        let published = self.awards.get(&rfq.name).cloned();
        let published = published.unwrap_or_default();
        let mut candidates = Vec::new();
        for (supplier, bid) in &rfq.bids {
            if let Some(offer) = &bid.offer {
                candidates.push(self.candidate(rfq, &published, supplier, bid, offer)?);
            }
        }
        let count = published["basis"]["candidates"]
            .as_array()
            .map_or(0, Vec::len);
        holds(count == candidates.len(), "the award has other bids")?;
        let assessed: Vec<_> = candidates
            .iter()
            .map(|it| (it, it.assess(&rfq.terms)))
            .collect();
        // As if nobody had taken elsewhere what its bid needs here.
        let would = |(bid, found): &(&Candidate, Result<i64, &str>)| match found {
            Err("exposure_exceeded") => bid.alone(&rfq.terms),
            found => found.ok(),
        };
        let all = assessed.iter();
        let all: Vec<(&Candidate, i64)> =
            all.filter_map(|one| Some((one.0, would(one)?))).collect();
        let eligible = assessed.iter().filter(|(bid, _)| bid.funds_bond);
        let eligible: Vec<(&Candidate, i64)> = eligible
            .filter_map(|(bid, found)| Some((*bid, found.ok()?)))
            .collect();
        let passed_over: BTreeSet<_> = better(rfq, &all, &eligible);
        for (candidate, found) in &assessed {
            let over = all
                .iter()
                .find(|(bid, _)| bid.supplier == candidate.supplier);
            let over = over.filter(|_| passed_over.contains(&candidate.supplier));
            let found = match (over, found) {
                (Some((_, total)), _) => Found::PassedOver(*total),
                (None, Ok(_)) if !candidate.funds_bond => Found::Ineligible("bond_not_funded"),
                (None, Ok(total)) => Found::Eligible(*total),
                (None, Err(why)) => Found::Ineligible(why),
            };
            check_assessment(&published, candidate, &found)?;
        }
        let win = winner(rfq, &eligible).map(|(bid, price)| Win {
            supplier: bid.supplier.clone(),
            price,
            bond: bid.offer.bond,
        });
        check_winner(&published, win.as_ref())?;
        Ok(Choice {
            winner: win,
            forfeited: passed_over.into_iter().collect(),
        })
    }

    /// A bid as the log has it, with what reputation says of its supplier.
    fn candidate(
        &self,
        rfq: &Rfq,
        published: &Value,
        supplier: &str,
        bid: &Bid,
        offer: &Offer,
    ) -> Result<Candidate, String> {
        let shown = &assessed(published, supplier)?["candidate"];
        let candidate = Candidate {
            supplier: supplier.to_owned(),
            offer: offer.clone(),
            sequence: bid.sequence,
            digest: bid.digest.clone(),
            expired: !bid.bonded && self.now > offer.firm_until,
            funds_bond: bid.bonded
                || self.money.free(&rfq.own(supplier)) >= offer.bond - rfq.terms.bonds.bid,
            reputation: reputation(shown)?,
        };
        let same = shown["price"] == offer.price
            && shown["bond"] == offer.bond
            && shown["bid"] == candidate.digest.as_str()
            && shown["sequence"] == candidate.sequence
            && shown["expired"] == candidate.expired
            && shown["funds_bond"] == candidate.funds_bond
            && candidate.reputation.exposure_open == self.exposed(supplier, &rfq.name);
        holds(same, &format!("the award shows {shown} for {candidate:?}"))?;
        Ok(candidate)
    }
}

/// Who would have won before whoever does, and cannot pay.
fn better(
    rfq: &Rfq,
    all: &[(&Candidate, i64)],
    eligible: &[(&Candidate, i64)],
) -> BTreeSet<String> {
    let order = in_order(rfq, all);
    let best = in_order(rfq, eligible)
        .first()
        .map(|(bid, _)| bid.supplier.clone());
    let before = order
        .iter()
        .take_while(|(bid, _)| Some(&bid.supplier) != best.as_ref());
    before.map(|(bid, _)| bid.supplier.clone()).collect()
}

fn assessed<'v>(published: &'v Value, supplier: &str) -> Result<&'v Value, String> {
    let candidates = published["basis"]["candidates"].as_array();
    let found = candidates
        .into_iter()
        .flatten()
        .find(|one| one["candidate"]["supplier"] == supplier);
    found.ok_or_else(|| format!("the award has no bid of {supplier}"))
}

fn reputation(candidate: &Value) -> Result<Reputation, String> {
    let standing = &candidate["standing"];
    Ok(Reputation {
        benchmark: int(standing, "benchmark")?,
        defects: int(standing, "defects")?,
        delivers: int(standing, "delivers")?,
        effective_milli: int(standing, "effective_milli")?,
        errors: int(standing, "errors")?,
        finals_per_day_milli: int(standing, "finals_per_day_milli")?,
        latency_seconds: standing["latency_seconds"].as_i64(),
        uptime: int(standing, "uptime")?,
        exposure_open: int(candidate, "exposure_open")?,
        exposure_limit: int(candidate, "exposure_limit")?,
    })
}

fn check_assessment(published: &Value, candidate: &Candidate, found: &Found) -> Result<(), String> {
    let shown = &assessed(published, &candidate.supplier)?["assessment"];
    let reason = &shown["ineligible"];
    let same = match found {
        Found::Eligible(total) => shown["eligible"]["total"] == *total,
        Found::PassedOver(total) => shown["passed_over"]["total"] == *total,
        Found::Ineligible("not_qualified") => reason.get("not_qualified").is_some(),
        Found::Ineligible(why) => *reason == *why,
    };
    holds(
        same,
        &format!("a bid is {shown}, and should be {found:?}: {candidate:?}"),
    )
}

fn check_winner(published: &Value, win: Option<&Win>) -> Result<(), String> {
    let shown = &published["winner"];
    let same = match win {
        None => shown.is_null(),
        Some(win) => text(shown, "supplier")? == win.supplier && int(shown, "price")? == win.price,
    };
    holds(
        same,
        &format!("the winner is {shown}, and should be {win:?}"),
    )
}

//! The award as it follows from the bids, and as it was published.

use serde_json::Value;

use super::assess::{Candidate, Reputation, winner};
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

/// What follows from the bids.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) winner: Option<Win>,
    /// Who lost the bid bond because its bond cannot be paid.
    pub(super) forfeited: Vec<String>,
}

impl Auditor<'_> {
    /// The award by the rules; it must be the one that was published.
    pub(super) fn choose(&self, rfq: &Rfq) -> Result<Choice, String> {
        let published = (self.awards)(&rfq.name);
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
        for (candidate, found) in &assessed {
            check_assessment(&published, candidate, *found)?;
        }
        let eligible: Vec<_> = assessed
            .iter()
            .filter_map(|(bid, found)| Some((*bid, found.ok()?)))
            .collect();
        let win = winner(rfq, &eligible).map(|(bid, price)| Win {
            supplier: bid.supplier.clone(),
            price,
            bond: bid.offer.bond,
        });
        check_winner(&published, win.as_ref())?;
        let unpaid = assessed
            .iter()
            .filter(|(_, found)| *found == Err("bond_not_funded"));
        Ok(Choice {
            winner: win,
            forfeited: unpaid.map(|(bid, _)| bid.supplier.clone()).collect(),
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
            expired: self.now > offer.firm_until,
            funds_bond: self.money.free(&rfq.own(supplier)) >= offer.bond - rfq.terms.bonds.bid,
            reputation: reputation(shown)?,
        };
        let same = shown["price"] == offer.price
            && shown["bond"] == offer.bond
            && shown["bid"] == candidate.digest.as_str()
            && shown["sequence"] == candidate.sequence
            && shown["expired"] == candidate.expired
            && shown["funds_bond"] == candidate.funds_bond;
        holds(same, &format!("the award shows {shown} for {candidate:?}"))?;
        Ok(candidate)
    }
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

fn check_assessment(
    published: &Value,
    candidate: &Candidate,
    found: Result<i64, &str>,
) -> Result<(), String> {
    let shown = &assessed(published, &candidate.supplier)?["assessment"];
    let reason = &shown["ineligible"];
    let same = match found {
        Ok(total) => shown["eligible"]["total"] == total,
        Err("not_qualified") => reason.get("not_qualified").is_some(),
        Err(why) => *reason == why,
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

//! Which bid wins, and what it is paid.

use std::cmp::Reverse;

use proofmark_core::{Digest, Ppm};
use proofmark_keys::KeyId;
use proofmark_ledger::{Amount, Asset};
use serde::{Deserialize, Serialize};

use super::price::{beside_price, largest_price, total_price, with_fee};
use super::{AwardRule, AwardTerms, Candidate, Requirement};
use crate::explain::money;
use crate::reputation::price_within;

/// Why a bid does not count. Where several reasons apply, the first in this order is stated.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, thiserror::Error,
)]
#[serde(rename_all = "snake_case")]
pub enum Ineligible {
    /// It is not firm any more.
    #[error("it is not firm any more")]
    Expired,
    /// Its price is above the buyer's ceiling.
    #[error("its price is above the ceiling")]
    PriceAboveCeiling,
    /// The supplier's record does not meet this requirement, and its bond does not stand in for one.
    #[error("the record does not meet the requirement `{0}`")]
    NotQualified(Requirement),
    /// At its own price already, the supplier's open contracts would expose more than they may. It would not have won
    /// without the others either, or it exposes too much by itself.
    #[error("with what is open elsewhere it exposes more than the supplier may")]
    ExposureExceeded,
    /// Its total price is above the buyer's ceiling for it, or above every amount.
    #[error("its total price is above the ceiling")]
    TotalAboveCeiling,
    /// The supplier cannot put up the bond. It would not have won either.
    #[error("the bond cannot be put up")]
    BondNotFunded,
}

/// What was found of one bid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Assessment {
    /// It competes, with its total price at its own price.
    Eligible {
        /// T.
        total: Amount,
    },
    /// It would have won, but the supplier cannot put up the bond, or exposes too much elsewhere by now: it loses its bid
    /// bond.
    PassedOver {
        /// T.
        total: Amount,
    },
    /// It does not compete.
    Ineligible(Ineligible),
}

impl Assessment {
    /// What was found, in words, with amounts in this asset.
    #[must_use]
    pub fn told(&self, asset: Asset) -> String {
        match self {
            Self::Eligible { total } => format!("competes at a total of {}", money(*total, asset)),
            Self::PassedOver { total } => format!(
                "would have won at {}, and cannot pay: its bid bond is lost",
                money(*total, asset)
            ),
            Self::Ineligible(why) => format!("does not compete: {why}"),
        }
    }
}

/// The winner, and what it is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Win {
    /// Digest of the winning bid.
    pub bid: Digest,
    /// What is paid: never less than the bid asks for.
    pub price: Amount,
    /// Who made it.
    pub supplier: KeyId,
    /// The total price when that is paid.
    pub total: Amount,
}

/// The outcome of an award, without its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// One for each candidate, in their order.
    pub assessments: Vec<Assessment>,
    /// The winner, if any bid is eligible.
    pub winner: Option<Win>,
}

/// A bid that competes.
#[derive(Clone, Copy)]
struct Contender<'a> {
    candidate: &'a Candidate,
    total: Amount,
}

/// What decides between bids: the lower one wins. After the measure of the rule come lower defects, larger bond,
/// earlier sequence, lower digest.
type Rank = (Amount, Ppm, Reverse<Amount>, u64, Digest);

/// Assesses every bid, and chooses.
///
/// **Exposure and the price that is paid.** `second_score` may pay more than the winner asked for, and so expose
/// more. To pass over a winner for that would let the next bidder win by raising its own price, so instead a
/// supplier's exposure is a ceiling of its own: the largest price within its headroom. A bid above it does not
/// count, and no payment exceeds it. That ceiling does not depend on the supplier's price, so to bid one's true
/// cost stays best; and the exposure of what is paid is within the limit whatever the rule.
#[must_use]
pub fn choose(terms: &AwardTerms, candidates: &[Candidate]) -> Choice {
    let totals: Vec<_> = candidates.iter().map(|one| assess(terms, one)).collect();
    let pairs = || candidates.iter().zip(&totals);
    let contenders: Vec<_> = pairs()
        .filter(|(candidate, _)| candidate.funds_bond)
        .filter_map(|(candidate, total)| contender(candidate, total).ok())
        .collect();
    let winner = win(terms, &contenders);
    let best = contenders.iter().map(|one| rank(terms.rule, one)).min();
    let would_win = |it: &Contender<'_>| best.is_none_or(|best| rank(terms.rule, it) < best);
    let assessments = pairs().map(|(candidate, total)| match contender(candidate, total) {
        Err(Ineligible::ExposureExceeded) => match alone(terms, candidate) {
            Some(it) if would_win(&it) => Assessment::PassedOver { total: it.total },
            _ => Assessment::Ineligible(Ineligible::ExposureExceeded),
        },
        Err(reason) => Assessment::Ineligible(reason),
        Ok(it) if candidate.funds_bond => Assessment::Eligible { total: it.total },
        Ok(it) if would_win(&it) => Assessment::PassedOver { total: it.total },
        Ok(_) => Assessment::Ineligible(Ineligible::BondNotFunded),
    });
    Choice {
        assessments: assessments.collect(),
        winner,
    }
}

/// The bid as if its supplier had nothing else open. Whoever takes what it may expose elsewhere, when it sees that it
/// would win here, pays for that as if it had taken its money away.
fn alone<'a>(terms: &AwardTerms, candidate: &'a Candidate) -> Option<Contender<'a>> {
    let free = Candidate {
        exposure_open: Amount::ZERO,
        ..candidate.clone()
    };
    let total = assess(terms, &free).ok()?;
    Some(Contender { candidate, total })
}

/// Which of the bids would win last: of those that do not compete the latest, else the one with the highest measure.
#[must_use]
pub fn worst(terms: &AwardTerms, candidates: &[Candidate]) -> Option<usize> {
    let place = |candidate: &Candidate| {
        let rank = assess(terms, candidate)
            .ok()
            .map(|total| rank(terms.rule, &Contender { candidate, total }));
        (rank.is_none(), rank, candidate.sequence)
    };
    let places = candidates.iter().map(place).enumerate();
    places
        .max_by_key(|(_, place)| *place)
        .map(|(index, _)| index)
}

/// The total price of a bid that competes if its bond can be paid.
///
/// # Errors
/// [`Ineligible`] if it does not.
pub fn assess(terms: &AwardTerms, candidate: &Candidate) -> Result<Amount, Ineligible> {
    let Candidate { price, bond, .. } = *candidate;
    if candidate.expired {
        return Err(Ineligible::Expired);
    }
    if price > terms.ceiling {
        return Err(Ineligible::PriceAboveCeiling);
    }
    if let Some(unmet) = terms.qualification.unmet(&candidate.standing, bond) {
        return Err(Ineligible::NotQualified(unmet));
    }
    if price > exposure_ceiling(terms, candidate) {
        return Err(Ineligible::ExposureExceeded);
    }
    let (delivers, defects) = (candidate.standing.delivers, candidate.standing.defects);
    let total = total_price(terms, price, bond, delivers, defects);
    let within = |total: &Amount| terms.total_ceiling.is_none_or(|ceiling| *total <= ceiling);
    total.filter(within).ok_or(Ineligible::TotalAboveCeiling)
}

/// The largest price that leaves the supplier's open contracts within their limit.
fn exposure_ceiling(terms: &AwardTerms, candidate: &Candidate) -> Amount {
    let headroom = candidate
        .exposure_limit
        .saturating_sub(candidate.exposure_open);
    price_within(headroom, terms.holdback, candidate.bond)
}

fn contender<'a>(
    candidate: &'a Candidate,
    total: &Result<Amount, Ineligible>,
) -> Result<Contender<'a>, Ineligible> {
    total.map(|total| Contender { candidate, total })
}

fn win(terms: &AwardTerms, contenders: &[Contender<'_>]) -> Option<Win> {
    let rank = |contender: &Contender<'_>| rank(terms.rule, contender);
    let mut ranked: Vec<_> = contenders.iter().map(|it| (rank(it), it)).collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    let (_, winner) = ranked.first()?;
    let next = ranked.get(1).map(|(_, next)| next.total);
    let price = match terms.rule {
        AwardRule::FirstPrice | AwardRule::FirstScore => winner.candidate.price,
        AwardRule::SecondScore => second_price(terms, winner, next),
    };
    let total = total_at(terms, winner.candidate, price)
        .expect("the total at the paid price is not above the next total or the last amount");
    Some(Win {
        bid: winner.candidate.bid,
        supplier: winner.candidate.supplier,
        price,
        total,
    })
}

fn rank(rule: AwardRule, contender: &Contender<'_>) -> Rank {
    let candidate = contender.candidate;
    let measure = match rule {
        AwardRule::FirstPrice => candidate.price,
        AwardRule::FirstScore | AwardRule::SecondScore => contender.total,
    };
    (
        measure,
        candidate.standing.defects,
        Reverse(candidate.bond),
        candidate.sequence,
        candidate.bid,
    )
}

/// p* = min(M, the supplier's exposure ceiling, the largest p with p + ⌈p·f⌉ + k ≤ T₂), where T₂ is the next total
/// price, or without a next bid the buyer's ceiling for it.
///
/// Never below the winner's own price p: it is within both ceilings, or the bid would not compete, and
/// p + ⌈p·f⌉ + k = T ≤ T₂, as it has the lowest total and that is within the buyer's ceiling.
fn second_price(terms: &AwardTerms, winner: &Contender<'_>, next: Option<Amount>) -> Amount {
    let candidate = winner.candidate;
    let limit = next.or(terms.total_ceiling).unwrap_or(Amount::MAX);
    let of_work = with_fee(candidate.price, terms.fee).unwrap_or(winner.total);
    let beside = winner.total.saturating_sub(of_work);
    let by_total = largest_price(limit.saturating_sub(beside), terms.fee);
    let price = by_total
        .min(terms.ceiling)
        .min(exposure_ceiling(terms, candidate));
    assert!(
        price >= candidate.price,
        "the winner is paid at least what it asked for"
    );
    price
}

fn total_at(terms: &AwardTerms, candidate: &Candidate, price: Amount) -> Option<Amount> {
    let (delivers, defects) = (candidate.standing.delivers, candidate.standing.defects);
    let beside = beside_price(terms, candidate.bond, delivers, defects)?;
    with_fee(price, terms.fee)?.checked_add(beside)
}

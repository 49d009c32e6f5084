//! What a bid costs the buyer, and whether it may win.

use std::cmp::Reverse;

use super::money::{share_down, share_up};
use super::rfq::{Offer, Rfq};
use super::terms::{Qualification, Terms};

/// Amounts are safe integers.
const LARGEST: i128 = (1 << 53) - 1;

/// What reputation says of a supplier; the only thing that is taken from the published award.
#[derive(Debug)]
pub(super) struct Reputation {
    pub(super) benchmark: i64,
    pub(super) defects: i64,
    pub(super) delivers: i64,
    pub(super) effective_milli: i64,
    pub(super) errors: i64,
    pub(super) finals_per_day_milli: i64,
    pub(super) latency_seconds: Option<i64>,
    pub(super) uptime: i64,
    pub(super) exposure_open: i64,
    pub(super) exposure_limit: i64,
}

/// A bid when bidding has closed.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) supplier: String,
    pub(super) offer: Offer,
    pub(super) sequence: i64,
    pub(super) digest: String,
    pub(super) expired: bool,
    pub(super) funds_bond: bool,
    pub(super) reputation: Reputation,
}

impl Candidate {
    /// What T has beside price and fee; nothing where the supplier never delivers.
    fn beside(&self, terms: &Terms) -> Option<i128> {
        let (v, bond) = (terms.fees.verification, self.offer.bond);
        let (q, d) = (self.reputation.delivers, self.reputation.defects);
        if q == 0 {
            return None;
        }
        let sigma = share_down(terms.penalties.rejected, terms.penalties.to_buyer);
        let per_failure = v + (terms.losses.fail - share_down(bond, sigma)).max(0);
        let failures = i128::from(1_000_000 - q) * i128::from(per_failure);
        let uncovered = (terms.losses.defect - bond).max(0);
        let late = share_up(uncovered, d);
        Some(i128::from(v) + round_up(failures, i128::from(q)) + i128::from(late))
    }

    /// T at a price; nothing where it is above every amount.
    fn total(&self, terms: &Terms, price: i64) -> Option<i64> {
        let with_fee = i128::from(price) + i128::from(share_up(price, terms.fees.market));
        let total = with_fee + self.beside(terms)?;
        let total = (total <= LARGEST).then_some(total)?;
        i64::try_from(total).ok()
    }

    /// Whether the supplier's open contracts and this one, at this price, expose at most what they may together.
    fn may_expose(&self, terms: &Terms, price: i64, open: i64) -> bool {
        let exposure = (price - share_up(price, terms.holdback) - self.offer.bond).max(0);
        let room = self.reputation.exposure_limit - open;
        // A bid that is bonded in full adds nothing, and wins even where records have faded below what is open.
        exposure <= room.max(0)
    }

    /// T at its own price, or the first reason why the bid does not count, whether its bond can be paid or not.
    pub(super) fn assess(&self, terms: &Terms) -> Result<i64, &'static str> {
        self.assess_beside(terms, self.reputation.exposure_open)
    }

    /// T if the supplier had nothing else open.
    pub(super) fn alone(&self, terms: &Terms) -> Option<i64> {
        self.assess_beside(terms, 0).ok()
    }

    fn assess_beside(&self, terms: &Terms, open: i64) -> Result<i64, &'static str> {
        let price = self.offer.price;
        if self.expired {
            return Err("expired");
        }
        if price > terms.award.price_ceiling {
            return Err("price_above_ceiling");
        }
        if !self.qualifies(&terms.award.qualification) {
            return Err("not_qualified");
        }
        if !self.may_expose(terms, price, open) {
            return Err("exposure_exceeded");
        }
        let total = self.total(terms, price);
        total
            .filter(|total| within(*total, terms.award.total_ceiling))
            .ok_or("total_above_ceiling")
    }

    fn qualifies(&self, asked: &Qualification) -> bool {
        let known = &self.reputation;
        let newcomer = known.effective_milli < 5_000;
        let bond = asked.newcomer_bond;
        if newcomer && bond.is_some_and(|bond| self.offer.bond >= bond) {
            return true;
        }
        let latency = match (known.latency_seconds, asked.latency_max_seconds) {
            (_, None) => true,
            (known, Some(most)) => known.is_some_and(|seconds| seconds <= most),
        };
        let at_least = |known: i64, asked: Option<i64>| asked.is_none_or(|least| known >= least);
        latency
            && at_least(known.benchmark, asked.benchmark_min)
            && at_least(known.finals_per_day_milli, asked.finals_per_day_min_milli)
            && at_least(known.uptime, asked.uptime_min)
            && within(known.errors, asked.errors_max)
    }
}

fn within(found: i64, most: Option<i64>) -> bool {
    most.is_none_or(|most| found <= most)
}

fn round_up(amount: i128, by: i128) -> i128 {
    (amount + by - 1) / by
}

/// The bid that wins among those that count (with their totals), and the price that is paid.
pub(super) fn winner<'c>(
    rfq: &Rfq,
    eligible: &[(&'c Candidate, i64)],
) -> Option<(&'c Candidate, i64)> {
    let terms = &rfq.terms;
    let order = in_order(rfq, eligible);
    let (best, _) = *order.first()?;
    if terms.award.rule != "second_score" {
        return Some((best, best.offer.price));
    }
    let next = order.get(1).map(|(_, total)| *total);
    let most = next.or(terms.award.total_ceiling);
    let payable = |price: i64| {
        let total = best.total(terms, price);
        let open = best.reputation.exposure_open;
        best.may_expose(terms, price, open) && total.is_some_and(|total| within(total, most))
    };
    Some((
        best,
        largest(best.offer.price, terms.award.price_ceiling, payable),
    ))
}

/// Bids with their totals, the best first.
pub(super) fn in_order<'c>(rfq: &Rfq, bids: &[(&'c Candidate, i64)]) -> Vec<(&'c Candidate, i64)> {
    let rule = rfq.terms.award.rule.as_str();
    let mut order = bids.to_vec();
    order.sort_by_key(|(bid, total)| {
        let first = if rule == "first_price" {
            bid.offer.price
        } else {
            *total
        };
        let tie = (
            bid.reputation.defects,
            Reverse(bid.offer.bond),
            bid.sequence,
        );
        (first, tie, bid.digest.clone())
    });
    order
}

/// The largest price up to `most` that is payable. `least` is, and what is above one that is not is not either.
fn largest(mut least: i64, mut most: i64, payable: impl Fn(i64) -> bool) -> i64 {
    while least < most {
        let middle = least + (most - least + 1) / 2;
        match payable(middle) {
            true => least = middle,
            false => most = middle - 1,
        }
    }
    least
}

//! The total price: what an outcome costs the buyer when the risk is priced in.

use proofmark_core::Ppm;
use proofmark_ledger::Amount;

use super::AwardTerms;

const MILLION: u128 = 1_000_000;

/// T = p + ⌈p·f⌉ + v + ⌈(1−q)/q · (v + max(0, L_fail − σ·B))⌉ + ⌈d · max(0, L_def − B)⌉, with σ·B rounded down.
///
/// The first three are the cost of work; then the expected cost of the failed attempts before one success, if q is
/// the share of attempts that deliver; then the expected cost of a defect that the bond does not cover, if d is the
/// share of deliveries that have one. Money back on failure is certain, so only what is lost beyond it is priced.
/// `None` above [`Amount::MAX`] or if q is 0.
#[must_use]
pub fn total_price(
    terms: &AwardTerms,
    price: Amount,
    bond: Amount,
    delivers: Ppm,
    defects: Ppm,
) -> Option<Amount> {
    with_fee(price, terms.fee)?.checked_add(beside_price(terms, bond, delivers, defects)?)
}

/// The part of the total price that does not depend on the price (k).
pub(super) fn beside_price(
    terms: &AwardTerms,
    bond: Amount,
    delivers: Ppm,
    defects: Ppm,
) -> Option<Amount> {
    let per_failure = terms
        .verification
        .checked_add(terms.loss_fail.saturating_sub(bond.share_down(terms.slash)))?;
    let per_defect = terms.loss_defect.saturating_sub(bond);
    terms
        .verification
        .checked_add(failures(per_failure, delivers)?)?
        .checked_add(per_defect.share_up(defects))
}

/// p + ⌈p·f⌉.
pub(super) fn with_fee(price: Amount, fee: Ppm) -> Option<Amount> {
    price.checked_add(price.share_up(fee))
}

/// ⌈(1−q)/q · loss⌉: a geometric number of failures before the first success.
fn failures(loss: Amount, delivers: Ppm) -> Option<Amount> {
    let loss = u128::from(loss.minor().unsigned_abs());
    let fails = u128::from(Ppm::ONE.get() - delivers.get());
    let share = u128::from(delivers.get());
    if share == 0 {
        return None;
    }
    amount((loss * fails).div_ceil(share))
}

/// The largest price p with p + ⌈p·f⌉ ≤ `budget`: exactly ⌊budget / (1 + f)⌋.
///
/// As p is whole, p + ⌈p·f⌉ = ⌈p·(1+f)⌉; as the budget is whole, that is within it exactly if p·(1+f) is.
#[must_use]
pub fn largest_price(budget: Amount, fee: Ppm) -> Amount {
    let budget = u128::from(budget.minor().unsigned_abs());
    let largest = budget * MILLION / (MILLION + u128::from(fee.get()));
    amount(largest).unwrap_or(Amount::MAX)
}

fn amount(minor: u128) -> Option<Amount> {
    Amount::new(i64::try_from(minor).ok()?).ok()
}

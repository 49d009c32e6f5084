//! How much a supplier may hold of other people's money, and what of it is behind a bond.

use proofmark_core::Ppm;
use proofmark_ledger::Amount;

/// What the buyer of a contract could lose beyond holdback and bond: max(0, price − holdback − bond).
#[must_use]
pub fn exposure(price: Amount, holdback: Amount, bond: Amount) -> Amount {
    price.saturating_sub(holdback).saturating_sub(bond)
}

/// What a supplier's open contracts may expose together: `κ · fees`, rounded down, and at most [`Amount::MAX`].
///
/// `fees` are the faded fees of final contracts (Φ), and κ is in millionths, 1,000,000 for 1. A ring that trades with itself pays Φ and can then take at most κ · Φ, so it gains nothing
/// while κ is at most 1.
#[must_use]
pub fn exposure_limit(kappa_ppm: u32, fees: Amount) -> Amount {
    amount(whole(fees) * u128::from(kappa_ppm) / MILLION)
}

/// The largest price whose exposure is within `headroom`, where the holdback is this share of the price, rounded
/// up.
///
/// price − ⌈price · h⌉ = ⌊price · (1 − h)⌋ never falls while the price rises, so every lower price is within it too.
#[must_use]
pub fn price_within(headroom: Amount, holdback: Ppm, bond: Amount) -> Amount {
    let covered = whole(headroom) + whole(bond);
    match u128::from(Ppm::ONE.get() - holdback.get()) {
        0 => Amount::MAX,
        // ⌊price · (1 − h)⌋ ≤ covered says price · (1 − h) < covered + 1.
        paid_at_once => amount(((covered + 1) * MILLION).div_ceil(paid_at_once) - 1),
    }
}

const MILLION: u128 = 1_000_000;

fn whole(amount: Amount) -> u128 {
    u128::from(amount.minor().unsigned_abs())
}

fn amount(minor: u128) -> Amount {
    let minor = i64::try_from(minor).ok();
    minor
        .and_then(|minor| Amount::new(minor).ok())
        .unwrap_or(Amount::MAX)
}

//! Amounts in the minor unit of the currency: cents.

use crate::document::MAX_LINES;
use proofmark_validator_sdk::PPM;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Sub};

/// The largest amount of a document: ten billion in cents. A thousand lines of it fit 64 bits by far.
const MAX: u64 = 1_000_000_000_000;

/// The largest total: of as many lines as a claim may have.
const MAX_TOTAL: u64 = MAX * MAX_LINES as u64;

/// An amount in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Money(u64);

impl Money {
    pub(crate) const ZERO: Self = Self(0);

    /// A share in parts per million, rounded half up to the minor unit.
    pub(crate) fn share(self, ppm: u32) -> Self {
        let exact = u128::from(self.0) * u128::from(ppm);
        let rounded = (exact + u128::from(PPM / 2)) / u128::from(PPM);
        // No more than the amount, since no share is more than all of it.
        Self(u64::try_from(rounded).unwrap_or(u64::MAX))
    }

    pub(crate) fn is_zero(self) -> bool {
        self == Self::ZERO
    }
}

impl Add for Money {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

/// What is left; nothing if that is less than nothing.
impl Sub for Money {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        up_to(MAX, deserializer)
    }
}

/// A sum of amounts.
pub(crate) fn total<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Money, D::Error> {
    up_to(MAX_TOTAL, deserializer)
}

fn up_to<'de, D: Deserializer<'de>>(most: u64, deserializer: D) -> Result<Money, D::Error> {
    let amount = u64::deserialize(deserializer)?;
    match amount <= most {
        true => Ok(Money(amount)),
        false => Err(D::Error::custom(format_args!("an amount is above {most}"))),
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::Money;

    #[test]
    fn a_share_is_rounded_half_up() {
        for (amount, ppm, share) in [
            (5, 100_000, 1),
            (4, 100_000, 0),
            (15, 100_000, 2),
            (7, 1_000_000, 7),
        ] {
            assert_eq!(Money(amount).share(ppm), Money(share), "{amount} at {ppm}");
        }
    }
}

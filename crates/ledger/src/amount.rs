//! Amounts of money, and how they are divided.

use std::fmt;

use proofmark_core::{MAX_SAFE_INTEGER, Ppm};
use serde::{Deserialize, Serialize};

/// So many minor units (cents, for `USD/2`), never negative. At most 2^53 − 1, so that JSON carries it exactly.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(try_from = "i64", into = "i64")]
pub struct Amount(i64);

/// A number that is no amount: negative, or above [`Amount::MAX`]. Whoever wrote it is to blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an amount is a whole number of minor units from 0 to 9007199254740991")]
pub struct AmountError;

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// 2^53 − 1 minor units.
    pub const MAX: Self = Self(MAX_SAFE_INTEGER.cast_signed());

    /// So many minor units.
    ///
    /// # Errors
    /// [`AmountError`].
    pub const fn new(minor: i64) -> Result<Self, AmountError> {
        match minor {
            0.. if minor <= Self::MAX.0 => Ok(Self(minor)),
            _ => Err(AmountError),
        }
    }

    /// The number of minor units.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.0
    }

    /// Whether it is nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum; `None` above [`Amount::MAX`].
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Self::new(self.0.checked_add(other.0)?).ok()
    }

    /// The difference; `None` below nothing.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        Self::new(self.0.checked_sub(other.0)?).ok()
    }

    /// What is left after `other`; nothing, if that is more.
    #[must_use]
    pub fn saturating_sub(self, other: Self) -> Self {
        self.checked_sub(other).unwrap_or(Self::ZERO)
    }

    /// So many times as much; `None` above [`Amount::MAX`].
    #[must_use]
    pub fn checked_mul(self, times: u32) -> Option<Self> {
        Self::new(self.0.checked_mul(i64::from(times))?).ok()
    }

    /// `self · share`, rounded down.
    #[must_use]
    pub fn share_down(self, share: Ppm) -> Self {
        Self(narrow(
            i128::from(self.0) * i128::from(share.get()) / MILLION,
        ))
    }

    /// `self · share`, rounded up.
    #[must_use]
    pub fn share_up(self, share: Ppm) -> Self {
        let product = i128::from(self.0) * i128::from(share.get());
        Self(narrow((product + MILLION - 1) / MILLION))
    }

    /// Divides the amount in proportion to `weights` by largest remainder: every part is the exact share
    /// rounded down, and the units left over go one each to the largest remainders, the earlier part first where
    /// those are equal. The parts sum to the whole. Weights that are all 0 count as equal; without weights there
    /// are no parts, so whoever divides gives at least one.
    #[must_use]
    pub fn split(self, weights: &[u64]) -> Vec<Self> {
        if weights.is_empty() {
            return Vec::new();
        }
        let equal = vec![1; weights.len()];
        let weights = match weights.iter().all(|weight| *weight == 0) {
            true => &equal[..],
            false => weights,
        };
        let total: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
        let whole = u128::from(self.0.unsigned_abs());
        let mut parts = Vec::with_capacity(weights.len());
        let mut remainders = Vec::with_capacity(weights.len());
        for (index, weight) in weights.iter().enumerate() {
            // Below 2^53 · 2^64.
            let product = whole * u128::from(*weight);
            parts.push(product / total);
            remainders.push((std::cmp::Reverse(product % total), index));
        }
        remainders.sort_unstable();
        let left = whole - parts.iter().sum::<u128>();
        assert!(
            left <= parts.len() as u128,
            "fewer units are left than there are parts"
        );
        for (_, index) in remainders
            .into_iter()
            .take(usize::try_from(left).unwrap_or(0))
        {
            parts[index] += 1;
        }
        assert_eq!(parts.iter().sum::<u128>(), whole, "a split loses nothing");
        let parts = parts.into_iter();
        parts.map(|part| Self(narrow(part.cast_signed()))).collect()
    }
}

const MILLION: i128 = 1_000_000;

/// For parts of an amount: they are never larger than the whole.
fn narrow(part: i128) -> i64 {
    i64::try_from(part).expect("a part is not larger than its whole")
}

impl TryFrom<i64> for Amount {
    type Error = AmountError;

    fn try_from(minor: i64) -> Result<Self, AmountError> {
        Self::new(minor)
    }
}

impl From<Amount> for i64 {
    fn from(amount: Amount) -> Self {
        amount.0
    }
}

impl fmt::Display for Amount {
    /// The bare number of minor units; how a person sees it is decided where the asset is known.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
#[path = "amount_tests.rs"]
mod tests;

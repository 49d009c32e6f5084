//! What an account is, and what stands on it.

use serde::Serialize;

use crate::{Amount, Asset};

/// A side of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The left side: assets and expenses grow here.
    Debit,
    /// The right side: liabilities, equity and income grow here.
    Credit,
}

/// The name of an account, from which everything about it follows, so that it is fixed for life.
///
/// The answers must be the same every time they are asked of equal keys. An account is opened by the
/// first transfer that names it, together with that transfer.
pub trait AccountKey: Ord + Clone {
    /// What the account holds. Transfers never leave an asset.
    fn asset(&self) -> Asset;

    /// The side on which the account grows.
    fn normal(&self) -> Side;

    /// Whether the other side may outweigh the normal one.
    fn may_be_negative(&self) -> bool;

    /// A number by which the account is found faster: any that is different for most accounts, and made
    /// without effort, like eight bytes of a digest in the key and the kind of the account. The default is right,
    /// but not fast.
    fn spread(&self) -> u64 {
        0
    }
}

/// The four sums of an account, over its whole life. Posted is what has moved, pending what is held to move.
///
/// Posted and pending of one side together never exceed [`Amount::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Balance {
    /// Sum of all debits that happened.
    pub debits_posted: Amount,
    /// Sum of all credits that happened.
    pub credits_posted: Amount,
    /// Sum of all debits that open holds announce.
    pub debits_pending: Amount,
    /// Sum of all credits that open holds announce.
    pub credits_pending: Amount,
}

impl Balance {
    /// What is posted on the normal side beyond the other, in minor units; negative where the other is larger.
    #[must_use]
    pub const fn net(&self, normal: Side) -> i64 {
        let credits = self.credits_posted.minor() - self.debits_posted.minor();
        match normal {
            Side::Credit => credits,
            Side::Debit => -credits,
        }
    }

    /// What may still be taken from an account that must not become negative: posted, less what open holds
    /// will take. What open holds will bring does not count. Nothing, where the account is negative.
    #[must_use]
    pub fn available(&self, normal: Side) -> Amount {
        let (holding, taken) = match normal {
            Side::Credit => (self.credits_posted, self.debits()),
            Side::Debit => (self.debits_posted, self.credits()),
        };
        holding.saturating_sub(taken)
    }

    /// All debits, posted and pending.
    pub(crate) fn debits(&self) -> Amount {
        let sum = self.debits_posted.checked_add(self.debits_pending);
        sum.expect("a debit that takes the sum beyond the largest amount is refused")
    }

    /// All credits, posted and pending.
    pub(crate) fn credits(&self) -> Amount {
        let sum = self.credits_posted.checked_add(self.credits_pending);
        sum.expect("a credit that takes the sum beyond the largest amount is refused")
    }
}

#[cfg(test)]
#[path = "account_tests.rs"]
mod tests;

//! The sums of all accounts.

use std::collections::BTreeMap;

use crate::{AccountKey, Asset, Balance, Ledger};

/// The sums over all accounts of one asset, in minor units. Wider than an amount: many accounts may each hold
/// the largest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// All debits that happened.
    pub debits_posted: i128,
    /// All credits that happened.
    pub credits_posted: i128,
    /// All debits that open holds announce.
    pub debits_pending: i128,
    /// All credits that open holds announce.
    pub credits_pending: i128,
}

/// The sums of each asset that any account holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrialBalance {
    /// By asset.
    pub totals: BTreeMap<Asset, Totals>,
}

impl Totals {
    pub(super) fn of(balance: &Balance) -> Self {
        let mut totals = Self::default();
        totals.add(balance);
        totals
    }

    fn add(&mut self, balance: &Balance) {
        self.debits_posted += i128::from(balance.debits_posted.minor());
        self.credits_posted += i128::from(balance.credits_posted.minor());
        self.debits_pending += i128::from(balance.debits_pending.minor());
        self.credits_pending += i128::from(balance.credits_pending.minor());
    }

    /// Whether debits equal credits, posted and pending.
    #[must_use]
    pub const fn is_balanced(&self) -> bool {
        self.debits_posted == self.credits_posted && self.debits_pending == self.credits_pending
    }
}

impl TrialBalance {
    /// Whether debits equal credits in every asset. In the books of a [`Ledger`] they always do.
    #[must_use]
    pub fn is_balanced(&self) -> bool {
        self.totals.values().all(Totals::is_balanced)
    }
}

impl<K: AccountKey> Ledger<K> {
    /// The sums over all accounts, by asset, as the balances say.
    #[must_use]
    pub fn trial_balance(&self) -> TrialBalance {
        let mut trial = TrialBalance::default();
        for (key, balance) in self.accounts() {
            trial.totals.entry(key.asset()).or_default().add(&balance);
        }
        trial
    }
}

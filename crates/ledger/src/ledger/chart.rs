//! The accounts that were opened. Inside the ledger an account is a number: its place in the order of opening.

use std::collections::BTreeMap;

use super::index::Index;
use super::plan::{Opened, Touched};
use crate::{AccountKey, Asset, Balance, Side};

/// Which sum of an account bounds the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    /// Neither: the account may become negative.
    None,
    /// All debits stay within the posted credits.
    DebitsWithinCredits,
    /// All credits stay within the posted debits.
    CreditsWithinDebits,
}

impl Bound {
    pub(crate) fn of<K: AccountKey>(key: &K) -> Self {
        match (key.may_be_negative(), key.normal()) {
            (true, _) => Self::None,
            (false, Side::Credit) => Self::DebitsWithinCredits,
            (false, Side::Debit) => Self::CreditsWithinDebits,
        }
    }

    pub(crate) fn holds(self, balance: &Balance) -> bool {
        match self {
            Self::None => true,
            Self::DebitsWithinCredits => balance.debits() <= balance.credits_posted,
            Self::CreditsWithinDebits => balance.credits() <= balance.debits_posted,
        }
    }
}

/// What stands on an account, beside the one fact about its key that every transfer needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) balance: Balance,
    pub(crate) bound: Bound,
}

/// The key stands beside what is read after it was compared.
#[derive(Debug, Clone)]
pub(crate) struct Account<K> {
    pub(crate) key: K,
    pub(crate) standing: Standing,
}

/// Every account, by key and by number, and the scale of every asset's code.
#[derive(Clone)]
pub(crate) struct Chart<K> {
    pub(crate) index: Index<K>,
    pub(crate) accounts: Vec<Account<K>>,
    /// One asset for each code.
    pub(crate) assets: BTreeMap<[u8; 12], Asset>,
}

impl Standing {
    /// Nothing, on an account that is new.
    pub(crate) fn new<K: AccountKey>(key: &K) -> Self {
        Self {
            balance: Balance::default(),
            bound: Bound::of(key),
        }
    }
}

impl<K: AccountKey> Chart<K> {
    pub(crate) fn new() -> Self {
        Self {
            index: Index::new(K::spread),
            accounts: Vec::new(),
            assets: BTreeMap::new(),
        }
    }

    pub(crate) fn number(&self, key: &K) -> Option<u32> {
        self.index.get(key, |number| self.key(number))
    }

    pub(crate) fn key(&self, number: u32) -> &K {
        &self.accounts[number as usize].key
    }

    pub(crate) fn standing(&self, number: u32) -> Standing {
        self.accounts[number as usize].standing
    }

    pub(crate) fn balance(&self, number: u32) -> Balance {
        self.standing(number).balance
    }

    /// The number that the next account gets.
    pub(crate) fn next(&self) -> u32 {
        u32::try_from(self.accounts.len()).expect("MAX_TRANSFERS bounds the accounts")
    }

    /// Every account, sorted by key: this takes the time of a sort.
    pub(crate) fn in_order(&self) -> impl Iterator<Item = (&K, u32)> {
        let keys = self.accounts.iter().map(|account| &account.key);
        let mut all: Vec<(&K, u32)> = keys.zip(0..).collect();
        all.sort_unstable_by_key(|(key, _)| *key);
        all.into_iter()
    }

    /// The asset with this code that is in use, whatever its scale.
    pub(crate) fn asset_like(&self, asset: Asset) -> Option<Asset> {
        self.assets.get(asset.padded_code()).copied()
    }

    /// Opens accounts with nothing on them.
    pub(crate) fn open(&mut self, opened: &Opened<K>) {
        for key in &opened.keys {
            let number = self.next();
            let asset = key.asset();
            let known = *self.assets.entry(*asset.padded_code()).or_insert(asset);
            assert_eq!(known, asset, "a code has one scale for life");
            assert_eq!(self.number(key), None, "an account is opened once");
            let key_of = |number: u32| &self.accounts[number as usize].key;
            self.index.insert(key, number, key_of);
            self.accounts.push(Account {
                key: key.clone(),
                standing: Standing::new(key),
            });
        }
        assert_eq!(
            self.index.len(),
            self.accounts.len(),
            "each account is found"
        );
    }

    /// Writes what a plan made of the accounts it touched.
    pub(crate) fn settle(&mut self, touched: &[Touched]) {
        for Touched { number, standing } in touched {
            let before = &mut self.accounts[*number as usize].standing;
            assert_eq!(
                before.bound, standing.bound,
                "what an account is never changes"
            );
            assert!(
                standing.bound.holds(&standing.balance),
                "an account stays within its bound"
            );
            *before = *standing;
        }
    }
}

#[cfg(test)]
#[path = "chart_tests.rs"]
mod tests;

//! The snapshot of a ledger that is hashed.

use proofmark_core::{Digest, Timestamp};
use serde::{Serialize, Serializer};

use super::{Held, Ledger};
use crate::{AccountKey, Amount, Asset, Balance, TransferId};

#[derive(Serialize)]
struct Snapshot<'l, K> {
    now: Option<Timestamp>,
    groups: usize,
    transfers: usize,
    history: Digest,
    assets: Vec<Asset>,
    accounts: Vec<AccountState<'l, K>>,
    holds: Vec<HoldState<'l, K>>,
}

#[derive(Serialize)]
struct AccountState<'l, K> {
    account: &'l K,
    /// Which place the account has in the order of opening: the history says only numbers.
    number: u32,
    balance: Balance,
}

#[derive(Serialize)]
struct HoldState<'l, K> {
    pending: TransferId,
    debit: &'l K,
    credit: &'l K,
    amount: Amount,
    expires_at: Option<Timestamp>,
}

impl<'l, K> From<Held<'l, K>> for HoldState<'l, K> {
    fn from(held: Held<'l, K>) -> Self {
        Self {
            pending: held.id,
            debit: held.debit,
            credit: held.credit,
            amount: held.amount,
            expires_at: held.expires_at,
        }
    }
}

impl<K: AccountKey + Serialize> Serialize for Ledger<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let accounts = self.chart.in_order().map(|(account, number)| AccountState {
            account,
            number,
            balance: self.chart.balance(number),
        });
        let snapshot = Snapshot {
            now: self.now(),
            groups: self.journal.groups.len(),
            transfers: self.journal.rows.len(),
            history: self.journal.history,
            assets: self.chart.assets.values().copied().collect(),
            accounts: accounts.collect(),
            holds: self.holds().map(HoldState::from).collect(),
        };
        snapshot.serialize(serializer)
    }
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;

//! Accounts, groups and a small world for the tests of this crate.

use proofmark_core::{Digest, Timestamp};
use serde::Serialize;

use crate::{
    AccountKey, Amount, Applied, Asset, Group, GroupId, Ledger, Side, Transfer, TransferId,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) enum Account {
    /// Grows by debits, never negative.
    Bank(Asset),
    /// Grows by credits, never negative.
    Customer(u8, Asset),
    /// Grows by credits, may be negative.
    Free(u8, Asset),
    /// Grows by debits, may be negative.
    Cost(Asset),
}

use Account::{Bank, Cost, Customer, Free};

impl AccountKey for Account {
    fn asset(&self) -> Asset {
        match *self {
            Bank(asset) | Customer(_, asset) | Free(_, asset) | Cost(asset) => asset,
        }
    }

    fn normal(&self) -> Side {
        match self {
            Bank(_) | Cost(_) => Side::Debit,
            Customer(..) | Free(..) => Side::Credit,
        }
    }

    fn may_be_negative(&self) -> bool {
        matches!(self, Free(..) | Cost(_))
    }
}

pub(crate) fn asset(text: &str) -> Asset {
    text.parse().expect("an asset")
}

pub(crate) fn bank() -> Account {
    Bank(asset("USD/2"))
}

pub(crate) fn customer(number: u8) -> Account {
    Customer(number, asset("USD/2"))
}

pub(crate) fn free(number: u8) -> Account {
    Free(number, asset("USD/2"))
}

pub(crate) fn cost() -> Account {
    Cost(asset("USD/2"))
}

pub(crate) fn amount(minor: i64) -> Amount {
    Amount::new(minor).expect("an amount")
}

pub(crate) fn at(seconds: u64) -> Timestamp {
    Timestamp::from_seconds(seconds).expect("a time")
}

pub(crate) fn id(number: u32) -> GroupId {
    GroupId(Digest::of(&number.to_be_bytes()))
}

pub(crate) fn place(group: u32, index: u16) -> TransferId {
    TransferId {
        group: id(group),
        index,
    }
}

pub(crate) fn group(number: u32, transfers: Vec<Transfer<Account>>) -> Group<Account> {
    Group {
        id: id(number),
        transfers,
    }
}

pub(crate) fn single(debit: Account, credit: Account, minor: i64) -> Transfer<Account> {
    Transfer::Single {
        debit,
        credit,
        amount: amount(minor),
    }
}

pub(crate) fn pending(
    debit: Account,
    credit: Account,
    minor: i64,
    expires_at: Option<u64>,
) -> Transfer<Account> {
    Transfer::Pending {
        debit,
        credit,
        amount: amount(minor),
        expires_at: expires_at.map(at),
    }
}

pub(crate) fn post(group: u32, index: u16, minor: i64) -> Transfer<Account> {
    Transfer::Post {
        pending: place(group, index),
        amount: amount(minor),
    }
}

pub(crate) fn void(group: u32, index: u16) -> Transfer<Account> {
    Transfer::Void {
        pending: place(group, index),
    }
}

pub(crate) fn expire(group: u32, index: u16) -> Transfer<Account> {
    Transfer::Expire {
        pending: place(group, index),
    }
}

/// What `now` is in [`world`].
pub(crate) const NOW: u64 = 150;

/// The groups of [`world`], with the times at which they are applied.
///
/// Of the five holds of group 2, hold 0 is open until 200, hold 1 for ever, and holds 2, 3 and 4 were posted in
/// part, voided and expired.
pub(crate) fn past() -> Vec<(u64, Group<Account>)> {
    let [one, two] = [customer(1), customer(2)];
    vec![
        (
            100,
            group(
                1,
                vec![single(bank(), one, 1000), single(bank(), two, 1000)],
            ),
        ),
        (
            100,
            group(
                2,
                vec![
                    pending(one, two, 100, Some(200)),
                    pending(one, two, 100, None),
                    pending(one, two, 100, Some(150)),
                    pending(one, two, 100, Some(300)),
                    pending(one, two, 100, Some(150)),
                ],
            ),
        ),
        (120, group(3, vec![post(2, 2, 60), void(2, 3)])),
        (NOW, group(4, vec![expire(2, 4)])),
    ]
}

/// A ledger in which something of every kind has happened.
pub(crate) fn world() -> Ledger<Account> {
    let mut ledger = Ledger::new();
    for (seconds, group) in past() {
        assert_eq!(ledger.apply(&group, at(seconds)), Ok(Applied::Created));
    }
    ledger.audit().expect("the books are right");
    ledger
}

/// The hashed form.
pub(crate) fn snapshot(ledger: &Ledger<Account>) -> String {
    serde_json::to_string(ledger).expect("a ledger serializes")
}

//! Recorded transfers and open holds, as a reader sees them.

use proofmark_core::Timestamp;

use super::journal::{index_of, narrow};
use super::{Kind, Ledger};
use crate::{AccountKey, Amount, TransferId};

/// A transfer that happened.
#[derive(Debug, PartialEq, Eq)]
pub struct Recorded<'l, K> {
    /// Its identity.
    pub id: TransferId,
    /// When its group was applied.
    pub at: Timestamp,
    /// The debited account; where a hold ends, that of the hold.
    pub debit: &'l K,
    /// The credited account; where a hold ends, that of the hold.
    pub credit: &'l K,
    /// What moved or is held; for a void or an expiry what was released.
    pub amount: Amount,
    /// What it did.
    pub kind: RecordedKind,
}

/// What a recorded transfer did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordedKind {
    /// It moved the amount.
    Single,
    /// It made a hold.
    Pending {
        /// When the hold expires; `None` if it never does.
        expires_at: Option<Timestamp>,
    },
    /// It moved the amount out of a hold and released the rest.
    Post {
        /// The hold.
        pending: TransferId,
    },
    /// It released a hold.
    Void {
        /// The hold.
        pending: TransferId,
    },
    /// It released a hold whose time was over.
    Expire {
        /// The hold.
        pending: TransferId,
    },
}

/// A hold that is open.
#[derive(Debug, PartialEq, Eq)]
pub struct Held<'l, K> {
    /// The pending transfer that made it.
    pub id: TransferId,
    /// The account whose debits it announces.
    pub debit: &'l K,
    /// The account whose credits it announces.
    pub credit: &'l K,
    /// What is held.
    pub amount: Amount,
    /// When it expires; `None` if it never does.
    pub expires_at: Option<Timestamp>,
}

// Derived, these would ask the same of the key, to which there are only references here.
impl<K> Clone for Recorded<'_, K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Recorded<'_, K> {}
impl<K> Clone for Held<'_, K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Held<'_, K> {}

impl<K: AccountKey> Ledger<K> {
    pub(crate) fn recorded_in(&self, group: usize) -> impl Iterator<Item = Recorded<'_, K>> {
        let rows = self.journal.rows_of(group).enumerate();
        rows.map(move |(place, row)| self.recorded(group, index_of(narrow(place)), row))
    }

    fn recorded(&self, group: usize, index: u16, row: usize) -> Recorded<'_, K> {
        let row = self.journal.rows[row];
        let group = self.journal.groups[group];
        Recorded {
            id: TransferId {
                group: group.id,
                index,
            },
            at: group.at,
            debit: self.chart.key(row.debit),
            credit: self.chart.key(row.credit),
            amount: row.amount,
            kind: self.kind(row.kind),
        }
    }

    fn kind(&self, kind: Kind) -> RecordedKind {
        let hold = |hold: u32| self.journal.holds[hold as usize];
        let pending = |number| self.journal.id(hold(number).row);
        match kind {
            Kind::Single => RecordedKind::Single,
            Kind::Pending(number) => RecordedKind::Pending {
                expires_at: hold(number).expires_at,
            },
            Kind::Post(number) => RecordedKind::Post {
                pending: pending(number),
            },
            Kind::Void(number) => RecordedKind::Void {
                pending: pending(number),
            },
            Kind::Expire(number) => RecordedKind::Expire {
                pending: pending(number),
            },
        }
    }

    pub(super) fn held(&self, number: u32) -> Held<'_, K> {
        let hold = self.journal.holds[number as usize];
        let row = self.journal.rows[hold.row as usize];
        Held {
            id: self.journal.id(hold.row),
            debit: self.chart.key(row.debit),
            credit: self.chart.key(row.credit),
            amount: row.amount,
            expires_at: hold.expires_at,
        }
    }
}

//! What a group would do, worked out beside the state.

mod accounts;
mod holds;

use std::collections::BTreeMap;

use proofmark_core::Timestamp;

use super::chart::Standing;
use super::journal::{index_of, narrow};
use super::{End, Hold, Kind, Ledger, Row};
use crate::{AccountKey, Amount, Asset, GroupId, Refusal, ResultCode, Transfer, TransferId};
use accounts::Pair;

/// What carrying a group out changes.
#[derive(Clone)]
pub(crate) struct Plan<K> {
    pub(crate) opened: Opened<K>,
    pub(crate) touched: Vec<Touched>,
    pub(crate) rows: Vec<Row>,
    pub(crate) holds: Vec<Hold>,
    /// Holds that were open before the group, or are made by it, and end in it.
    pub(crate) ended: Vec<(u32, End)>,
}

/// Accounts that the group names for the first time, in the order of their numbers.
#[derive(Clone)]
pub(crate) struct Opened<K> {
    pub(crate) keys: Vec<K>,
    numbers: BTreeMap<K, u32>,
    /// Those of them that no account held before.
    assets: Vec<Asset>,
}

/// An account as the group leaves it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Touched {
    pub(crate) number: u32,
    pub(crate) standing: Standing,
}

impl<K> Plan<K> {
    pub(crate) const fn new() -> Self {
        Self {
            opened: Opened {
                keys: Vec::new(),
                numbers: BTreeMap::new(),
                assets: Vec::new(),
            },
            touched: Vec::new(),
            rows: Vec::new(),
            holds: Vec::new(),
            ended: Vec::new(),
        }
    }

    /// Forgets everything but the memory.
    pub(crate) fn clear(&mut self) {
        self.opened.keys.clear();
        self.opened.numbers.clear();
        self.opened.assets.clear();
        self.touched.clear();
        self.rows.clear();
        self.holds.clear();
        self.ended.clear();
    }
}

/// Plans one group.
pub(crate) struct Planner<'a, K> {
    ledger: &'a Ledger<K>,
    group: GroupId,
    at: Timestamp,
    plan: &'a mut Plan<K>,
    /// The accounts that the last transfer named. Often the next one names one of them again.
    last: Option<Named<'a, K>>,
}

/// The accounts that a transfer named, and their places among those that are touched.
struct Named<'a, K> {
    debit: &'a K,
    credit: &'a K,
    pair: Pair,
}

impl<'a, K: AccountKey> Planner<'a, K> {
    /// For a group that is not recorded, and a plan that is clear.
    pub(crate) fn new(
        ledger: &'a Ledger<K>,
        group: GroupId,
        at: Timestamp,
        plan: &'a mut Plan<K>,
    ) -> Self {
        assert!(
            plan.rows.is_empty() && plan.touched.is_empty(),
            "a plan begins clear"
        );
        Self {
            ledger,
            group,
            at,
            plan,
            last: None,
        }
    }

    pub(crate) fn transfers(mut self, transfers: &'a [Transfer<K>]) -> Result<(), Refusal> {
        for transfer in transfers {
            let place = self.plan.rows.len();
            let row = self.transfer(transfer).map_err(|code| Refusal {
                index: Some(index_of(narrow(place))),
                code,
            })?;
            self.plan.rows.push(row);
        }
        assert_eq!(
            self.plan.rows.len(),
            transfers.len(),
            "each transfer has a row"
        );
        Ok(())
    }

    fn transfer(&mut self, transfer: &'a Transfer<K>) -> Result<Row, ResultCode> {
        match transfer {
            Transfer::Single {
                debit,
                credit,
                amount,
            } => self.single(debit, credit, *amount),
            Transfer::Pending {
                debit,
                credit,
                amount,
                expires_at,
            } => self.pending(debit, credit, *amount, *expires_at),
            Transfer::Post { pending, amount } => self.post(*pending, *amount),
            Transfer::Void { pending } => self.void(*pending),
            Transfer::Expire { pending } => self.expire(*pending),
        }
    }

    fn single(&mut self, debit: &'a K, credit: &'a K, amount: Amount) -> Result<Row, ResultCode> {
        let pair = self.pair(debit, credit)?;
        above_zero(amount)?;
        self.admit(pair, amount)?;
        self.post_to(pair, amount);
        Ok(self.row(pair, amount, Kind::Single))
    }

    fn pending(
        &mut self,
        debit: &'a K,
        credit: &'a K,
        amount: Amount,
        expires_at: Option<Timestamp>,
    ) -> Result<Row, ResultCode> {
        let pair = self.pair(debit, credit)?;
        above_zero(amount)?;
        if expires_at.is_some_and(|expires_at| expires_at <= self.at) {
            return Err(ResultCode::ExpiresAtIsNotLater);
        }
        self.admit(pair, amount)?;
        self.hold_on(pair, amount);
        let hold = self.make_hold(expires_at);
        Ok(self.row(pair, amount, Kind::Pending(hold)))
    }

    fn post(&mut self, pending: TransferId, amount: Amount) -> Result<Row, ResultCode> {
        above_zero(amount)?;
        let (hold, held) = self.open_hold(pending)?;
        if self.has_expired(hold) {
            return Err(ResultCode::PendingHasExpired);
        }
        if amount > held.amount {
            return Err(ResultCode::AmountExceedsPending);
        }
        let pair = self.pair_of(held);
        self.release_from(pair, held.amount);
        self.post_to(pair, amount);
        self.plan.ended.push((hold, End::Posted));
        Ok(self.row(pair, amount, Kind::Post(hold)))
    }

    fn void(&mut self, pending: TransferId) -> Result<Row, ResultCode> {
        let (hold, held) = self.open_hold(pending)?;
        self.plan.ended.push((hold, End::Voided));
        Ok(self.release(held, Kind::Void(hold)))
    }

    fn expire(&mut self, pending: TransferId) -> Result<Row, ResultCode> {
        let (hold, held) = self.open_hold(pending)?;
        if !self.has_expired(hold) {
            return Err(ResultCode::PendingNotYetExpired);
        }
        self.plan.ended.push((hold, End::Expired));
        Ok(self.release(held, Kind::Expire(hold)))
    }

    fn release(&mut self, held: Row, kind: Kind) -> Row {
        let pair = self.pair_of(held);
        self.release_from(pair, held.amount);
        self.row(pair, held.amount, kind)
    }

    fn row(&self, pair: Pair, amount: Amount, kind: Kind) -> Row {
        Row {
            amount,
            debit: self.plan.touched[pair.debit].number,
            credit: self.plan.touched[pair.credit].number,
            kind,
        }
    }
}

fn above_zero(amount: Amount) -> Result<(), ResultCode> {
    match amount.is_zero() {
        true => Err(ResultCode::AmountIsZero),
        false => Ok(()),
    }
}

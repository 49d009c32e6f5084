//! The state, and the one way to change it.
//!
//! A group is planned against the state without changing it ([`plan`]); only a plan that succeeded as a whole
//! is carried out. So `check` and `apply` cannot disagree, and a refused group has nothing to undo.

mod chart;
mod index;
mod journal;
mod plan;
mod recorded;
mod retry;
mod state;

use std::fmt;

use proofmark_core::Timestamp;

use crate::{AccountKey, Applied, Balance, Group, GroupId, Refusal, ResultCode};

pub(crate) use chart::{Bound, Chart};
pub(crate) use journal::{End, Hold, Journal, Kind, Row, digest};
use plan::{Plan, Planner};
pub use recorded::{Held, Recorded, RecordedKind};

/// Most transfers of one ledger. Each opens at most two accounts: 2 · (2^31 − 1) account numbers fit 32 bits.
pub const MAX_TRANSFERS: u32 = (1 << 31) - 1;

/// Accounts, balances, holds, and every transfer that made them.
///
/// Equal groups at equal times, in the same order, make equal ledgers. It serializes as a snapshot for
/// hashing: every account with its balance in the order of the keys, every open hold, and a digest of the
/// recorded transfers instead of the transfers themselves, so that its size does not grow with history.
#[derive(Clone)]
pub struct Ledger<K> {
    pub(crate) chart: Chart<K>,
    pub(crate) journal: Journal,
    /// How many transfers there may be: [`MAX_TRANSFERS`], less in tests.
    room: u32,
    /// The clear plan of the next group, kept for its memory.
    scratch: Plan<K>,
}

impl<K: AccountKey> Ledger<K> {
    /// A ledger in which nothing has happened.
    #[must_use]
    pub fn new() -> Self {
        Self {
            chart: Chart::new(),
            journal: Journal::new(),
            room: MAX_TRANSFERS,
            scratch: Plan::new(),
        }
    }

    /// What [`Ledger::apply`] would answer. Changes nothing.
    ///
    /// # Errors
    /// As for [`Ledger::apply`].
    pub fn check(&self, group: &Group<K>, at: Timestamp) -> Result<Applied, Refusal> {
        self.plan(group, at, &mut Plan::new())
    }

    /// Applies a group at a time: all of its transfers in order, or none.
    ///
    /// Each transfer sees what those before it in the group did, and must be possible at that point: an
    /// account that must not become negative must not be so in between either.
    ///
    /// The same group again, also at another time, changes nothing. Accounts that a transfer names for the
    /// first time are opened with it.
    ///
    /// # Errors
    /// The [`Refusal`] of the lowest precedence number, as [`ResultCode`] tells. Nothing has changed.
    pub fn apply(&mut self, group: &Group<K>, at: Timestamp) -> Result<Applied, Refusal> {
        let mut plan = std::mem::replace(&mut self.scratch, Plan::new());
        let outcome = self.plan(group, at, &mut plan);
        if outcome == Ok(Applied::Created) {
            self.carry_out(group.id, at, &plan);
        }
        plan.clear();
        self.scratch = plan;
        outcome
    }

    /// What stands on an account; nothing, if no transfer ever named it.
    #[must_use]
    pub fn balance(&self, key: &K) -> Balance {
        self.chart
            .number(key)
            .map_or_else(Balance::default, |number| self.chart.balance(number))
    }

    /// Every account that was ever named, in the order of the keys.
    pub fn accounts(&self) -> impl Iterator<Item = (&K, Balance)> {
        let accounts = self.chart.in_order();
        accounts.map(|(key, number)| (key, self.chart.balance(number)))
    }

    /// Every recorded transfer, in the order in which they happened.
    pub fn transfers(&self) -> impl Iterator<Item = Recorded<'_, K>> {
        let groups = 0..self.journal.groups.len();
        groups.flat_map(|group| self.recorded_in(group))
    }

    /// The recorded transfers of one group, in order; none, if it was never applied.
    pub fn transfers_of(
        &self,
        group: &GroupId,
    ) -> impl Iterator<Item = Recorded<'_, K>> + use<'_, K> {
        let group = self.journal.group(group);
        group.into_iter().flat_map(|group| self.recorded_in(group))
    }

    /// The recorded transfers of one moment, in the order in which they happened.
    pub fn transfers_at(&self, at: Timestamp) -> impl Iterator<Item = Recorded<'_, K>> {
        let groups = &self.journal.groups;
        let first = groups.partition_point(|group| group.at < at);
        let end = groups.partition_point(|group| group.at <= at);
        (first..end).flat_map(|group| self.recorded_in(group))
    }

    /// Every hold that was neither posted nor voided nor expired, in the order in which they were made.
    pub fn holds(&self) -> impl Iterator<Item = Held<'_, K>> {
        let open = self.journal.open.iter();
        open.map(|number| self.held(*number))
    }

    /// When the last group was applied; `None` before the first.
    #[must_use]
    pub fn now(&self) -> Option<Timestamp> {
        self.journal.groups.last().map(|group| group.at)
    }

    fn plan(
        &self,
        group: &Group<K>,
        at: Timestamp,
        plan: &mut Plan<K>,
    ) -> Result<Applied, Refusal> {
        let refuse = |code| Err(Refusal::of_group(code));
        let length = group.transfers.len();
        match length {
            0 => return refuse(ResultCode::GroupIsEmpty),
            1..=crate::MAX_GROUP => {}
            _ => return refuse(ResultCode::GroupIsTooLong),
        }
        if let Some(recorded) = self.journal.group(&group.id) {
            return self.compare(recorded, group);
        }
        if self.now() > Some(at) {
            return refuse(ResultCode::TimeWentBack);
        }
        if self.journal.rows.len() + length > self.room as usize {
            return refuse(ResultCode::LedgerIsFull);
        }
        Planner::new(self, group.id, at, plan).transfers(&group.transfers)?;
        Ok(Applied::Created)
    }

    fn carry_out(&mut self, id: GroupId, at: Timestamp, plan: &Plan<K>) {
        assert!(self.now() <= Some(at), "time never goes back");
        let rows = self.journal.rows.len() + plan.rows.len();
        assert!(
            rows <= self.room as usize,
            "there is room for what was planned"
        );
        self.chart.open(&plan.opened);
        self.chart.settle(&plan.touched);
        self.journal.record(id, at, plan);
    }
}

impl<K: AccountKey> Default for Ledger<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: AccountKey + fmt::Debug> fmt::Debug for Ledger<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.accounts()).finish()
    }
}

#[cfg(test)]
#[path = "codes_tests.rs"]
mod codes_tests;
#[cfg(test)]
#[path = "retry_tests.rs"]
mod retry_tests;
#[cfg(test)]
#[path = "walk_tests.rs"]
mod walk_tests;
#[cfg(test)]
pub(crate) use {
    chart::{Account, Standing},
    journal::Entry,
};

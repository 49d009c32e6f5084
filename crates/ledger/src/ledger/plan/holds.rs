//! The holds that a group makes and ends.

use proofmark_core::Timestamp;

use super::{End, Hold, Kind, Planner, Row, narrow};
use crate::{AccountKey, ResultCode, TransferId};

impl<K: AccountKey> Planner<'_, K> {
    /// The number of a new hold, for the row that comes next.
    pub(super) fn make_hold(&mut self, expires_at: Option<Timestamp>) -> u32 {
        let number = self.ledger.journal.holds.len() + self.plan.holds.len();
        let row = self.ledger.journal.rows.len() + self.plan.rows.len();
        self.plan.holds.push(Hold {
            row: narrow(row),
            expires_at,
            end: None,
        });
        narrow(number)
    }

    /// The number of a hold that nothing has ended, and the row that made it.
    pub(super) fn open_hold(&self, pending: TransferId) -> Result<(u32, Row), ResultCode> {
        let row = self.find(pending).ok_or(ResultCode::PendingNotFound)?;
        let Kind::Pending(number) = row.kind else {
            return Err(ResultCode::PendingIsOtherKind);
        };
        match self.end_of(number) {
            None => Ok((number, row)),
            Some(End::Posted) => Err(ResultCode::PendingAlreadyPosted),
            Some(End::Voided) => Err(ResultCode::PendingAlreadyVoided),
            Some(End::Expired) => Err(ResultCode::PendingAlreadyExpired),
        }
    }

    pub(super) fn has_expired(&self, hold: u32) -> bool {
        let expires_at = self.hold(hold).expires_at;
        expires_at.is_some_and(|expires_at| expires_at <= self.at)
    }

    fn find(&self, id: TransferId) -> Option<Row> {
        if id.group == self.group {
            return self.plan.rows.get(usize::from(id.index)).copied();
        }
        let row = self.ledger.journal.row(id)?;
        Some(self.ledger.journal.rows[row as usize])
    }

    fn end_of(&self, hold: u32) -> Option<End> {
        let mut ended = self.plan.ended.iter();
        let here = ended.find(|(number, _)| *number == hold);
        here.map(|(_, end)| *end).or(self.hold(hold).end)
    }

    fn hold(&self, number: u32) -> Hold {
        let before = &self.ledger.journal.holds;
        match (number as usize).checked_sub(before.len()) {
            None => before[number as usize],
            Some(new) => self.plan.holds[new],
        }
    }
}

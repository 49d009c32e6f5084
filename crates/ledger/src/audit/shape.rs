//! Whether every number leads somewhere, so that the recorded transfers can be read at all.

use super::{AuditError, Flaw, Place};
use crate::ledger::{Hold, Kind, Row};
use crate::{AccountKey, Ledger, MAX_GROUP};

impl<K: AccountKey> Ledger<K> {
    pub(super) fn audit_shape(&self) -> Result<(), AuditError> {
        let (chart, journal) = (&self.chart, &self.journal);
        let whole = Place::Ledger;
        whole.check(chart.index.len() == chart.accounts.len(), Flaw::Index)?;
        whole.check(journal.index.len() == journal.groups.len(), Flaw::Index)?;
        self.audit_groups()?;
        self.audit_keys()?;
        for row in &journal.rows {
            whole.check(self.leads_somewhere(row), Flaw::DanglingNumber)?;
        }
        for (number, hold) in journal.holds.iter().enumerate() {
            let right = self.has_its_row(number, hold);
            Place::Hold(number as u32).check(right, Flaw::DanglingNumber)?;
        }
        Ok(())
    }

    /// The groups divide the rows among them, and each is found by its id.
    fn audit_groups(&self) -> Result<(), AuditError> {
        let journal = &self.journal;
        let starts = journal.groups.iter().map(|group| group.first as usize);
        let ends = starts.clone().skip(1).chain([journal.rows.len()]);
        let mut covered = 0;
        for ((number, start), end) in starts.enumerate().zip(ends) {
            let id = journal.groups[number].id;
            let place = Place::Group(id);
            place.check(start == covered, Flaw::DanglingNumber)?;
            let size = end.checked_sub(start);
            let allowed = size.is_some_and(|size| (1..=MAX_GROUP).contains(&size));
            place.check(allowed, Flaw::GroupSize)?;
            place.check(journal.group(&id) == Some(number), Flaw::Index)?;
            covered = end;
        }
        Place::Ledger.check(covered == journal.rows.len(), Flaw::DanglingNumber)
    }

    fn audit_keys(&self) -> Result<(), AuditError> {
        for (number, account) in (0..).zip(&self.chart.accounts) {
            let found = self.chart.number(&account.key);
            Place::Account(number).check(found == Some(number), Flaw::Index)?;
        }
        Ok(())
    }

    fn leads_somewhere(&self, row: &Row) -> bool {
        let accounts = self.chart.accounts.len();
        let hold = match row.kind {
            Kind::Single => None,
            Kind::Pending(hold) | Kind::Post(hold) | Kind::Void(hold) | Kind::Expire(hold) => {
                Some(hold as usize)
            }
        };
        (row.debit as usize) < accounts
            && (row.credit as usize) < accounts
            && hold.is_none_or(|hold| hold < self.journal.holds.len())
    }

    fn has_its_row(&self, number: usize, hold: &Hold) -> bool {
        let row = self.journal.rows.get(hold.row as usize);
        row.is_some_and(|row| row.kind == Kind::Pending(number as u32))
    }
}

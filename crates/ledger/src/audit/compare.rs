//! The state beside the second set of books.

use proofmark_core::Digest;

use super::book::Book;
use super::{AuditError, Flaw, Place, Totals};
use crate::ledger::{Bound, End, digest};
use crate::{AccountKey, Asset, Ledger, RecordedKind, Side};

impl<K: AccountKey> Ledger<K> {
    pub(super) fn compare_with(&self, book: &Book<'_, K>) -> Result<(), AuditError> {
        self.compare_accounts(book)?;
        self.compare_holds(book)?;
        let assets: Vec<Asset> = self.chart.assets.values().copied().collect();
        let right = assets.iter().eq(book.scales.values());
        Place::Ledger.check(right, Flaw::Assets)?;
        let right = self.journal.history == self.recomputed_history();
        Place::Ledger.check(right, Flaw::History)
    }

    fn compare_accounts(&self, book: &Book<'_, K>) -> Result<(), AuditError> {
        for (number, account) in self.chart.accounts.iter().enumerate() {
            let (key, standing) = (&account.key, account.standing);
            let place = Place::Account(number as u32);
            let sums = book.accounts.get(key).ok_or(place.has(Flaw::NeverNamed))?;
            place.check(Totals::of(&standing.balance) == *sums, Flaw::Balance)?;
            let bound = match key.normal() {
                _ if key.may_be_negative() => Bound::None,
                Side::Credit => Bound::DebitsWithinCredits,
                Side::Debit => Bound::CreditsWithinDebits,
            };
            place.check(standing.bound == bound, Flaw::Bound)?;
        }
        Ok(())
    }

    fn compare_holds(&self, book: &Book<'_, K>) -> Result<(), AuditError> {
        let mut open = Vec::new();
        for (number, hold) in (0..).zip(&self.journal.holds) {
            let held = &book.holds[&self.journal.id(hold.row)];
            let ended = held.ended.map(|kind| match kind {
                RecordedKind::Void { .. } => End::Voided,
                RecordedKind::Expire { .. } => End::Expired,
                _ => End::Posted,
            });
            let right = (hold.end, hold.expires_at) == (ended, held.expires_at);
            Place::Hold(number).check(right, Flaw::Hold)?;
            if ended.is_none() {
                open.push(number);
            }
        }
        let right = self.journal.open.iter().eq(&open);
        let right = right && book.holds.len() == self.journal.holds.len();
        Place::Ledger.check(right, Flaw::Hold)
    }

    fn recomputed_history(&self) -> Digest {
        let journal = &self.journal;
        let mut history = Digest::from_bytes([0; 32]);
        for (number, entry) in journal.groups.iter().enumerate() {
            let rows = &journal.rows[journal.rows_of(number)];
            let expires_at = |hold: u32| journal.holds[hold as usize].expires_at;
            history = digest(history, entry, rows, expires_at);
        }
        history
    }
}

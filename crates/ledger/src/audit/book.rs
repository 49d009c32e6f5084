//! A second set of books, kept in the plainest way.

use std::collections::BTreeMap;

use proofmark_core::Timestamp;

use super::{AuditError, Flaw, Place, Totals};
use crate::{AccountKey, Amount, Asset, Recorded, RecordedKind, Side, TransferId};

/// What the transfers so far make of every account and every hold.
pub(super) struct Book<'l, K> {
    pub(super) accounts: BTreeMap<&'l K, Totals>,
    pub(super) holds: BTreeMap<TransferId, Held<'l, K>>,
    pub(super) scales: BTreeMap<String, Asset>,
    now: Option<Timestamp>,
}

/// A hold, and what became of it.
pub(super) struct Held<'l, K> {
    made: Recorded<'l, K>,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) ended: Option<RecordedKind>,
}

impl<K> Default for Book<'_, K> {
    fn default() -> Self {
        Self {
            accounts: BTreeMap::new(),
            holds: BTreeMap::new(),
            scales: BTreeMap::new(),
            now: None,
        }
    }
}

impl<'l, K: AccountKey> Book<'l, K> {
    /// Enters the transfers of one group.
    pub(super) fn enter(
        &mut self,
        transfers: &[Recorded<'l, K>],
        at: Timestamp,
    ) -> Result<(), AuditError> {
        for transfer in transfers {
            let place = Place::Group(transfer.id.group);
            place.check(self.now <= Some(at), Flaw::TimeWentBack)?;
            place.check(balanced(transfers), Flaw::Unbalanced)?;
            self.transfer(*transfer)?;
        }
        self.now = Some(at);
        Ok(())
    }

    fn transfer(&mut self, transfer: Recorded<'l, K>) -> Result<(), AuditError> {
        let place = Place::Transfer(transfer.id);
        place.check(transfer.debit != transfer.credit, Flaw::SameAccount)?;
        let asset = transfer.debit.asset();
        place.check(asset == transfer.credit.asset(), Flaw::OtherAsset)?;
        let known = self.scales.entry(asset.code().to_owned()).or_insert(asset);
        place.check(*known == asset, Flaw::OtherScale)?;
        place.check(!transfer.amount.is_zero(), Flaw::NoAmount)?;
        match transfer.kind {
            RecordedKind::Single => self.add(&transfer, minor(&transfer), 0),
            RecordedKind::Pending { expires_at } => self.hold(transfer, expires_at)?,
            RecordedKind::Post { pending }
            | RecordedKind::Void { pending }
            | RecordedKind::Expire { pending } => self.end(transfer, pending)?,
        }
        self.within_bounds(transfer.debit, place)?;
        self.within_bounds(transfer.credit, place)
    }

    fn hold(
        &mut self,
        transfer: Recorded<'l, K>,
        expires_at: Option<Timestamp>,
    ) -> Result<(), AuditError> {
        let later = expires_at.is_none_or(|expires_at| expires_at > transfer.at);
        Place::Transfer(transfer.id).check(later, Flaw::BornExpired)?;
        let held = Held {
            made: transfer,
            expires_at,
            ended: None,
        };
        self.holds.insert(transfer.id, held);
        self.add(&transfer, 0, minor(&transfer));
        Ok(())
    }

    fn end(&mut self, transfer: Recorded<'l, K>, pending: TransferId) -> Result<(), AuditError> {
        let place = Place::Transfer(transfer.id);
        let held = self.holds.get_mut(&pending);
        let held = held.filter(|held| held.ended.is_none());
        let held = held.ok_or(place.has(Flaw::NotHeld))?;
        held.ended = Some(transfer.kind);
        let made = held.made;
        let same = (made.debit, made.credit) == (transfer.debit, transfer.credit);
        place.check(same, Flaw::OtherAccounts)?;
        let over = held.expires_at.is_some_and(|over| over <= transfer.at);
        let posted = matches!(transfer.kind, RecordedKind::Post { .. });
        match transfer.kind {
            RecordedKind::Post { .. } => {
                place.check(!over, Flaw::PostedLate)?;
                place.check(transfer.amount <= made.amount, Flaw::PostedTooMuch)?;
            }
            RecordedKind::Expire { .. } => place.check(over, Flaw::ExpiredEarly)?,
            _ => {}
        }
        let right = posted || transfer.amount == made.amount;
        place.check(right, Flaw::ReleasedOther)?;
        let moved = if posted { minor(&transfer) } else { 0 };
        self.add(&transfer, moved, -minor(&made));
        Ok(())
    }

    fn add(&mut self, transfer: &Recorded<'l, K>, posted: i128, pending: i128) {
        let debit = self.accounts.entry(transfer.debit).or_default();
        debit.debits_posted += posted;
        debit.debits_pending += pending;
        let credit = self.accounts.entry(transfer.credit).or_default();
        credit.credits_posted += posted;
        credit.credits_pending += pending;
    }

    fn within_bounds(&self, key: &'l K, place: Place) -> Result<(), AuditError> {
        let sums = self.accounts[key];
        let debits = sums.debits_posted + sums.debits_pending;
        let credits = sums.credits_posted + sums.credits_pending;
        let most = i128::from(Amount::MAX.minor());
        place.check(debits <= most && credits <= most, Flaw::Overflow)?;
        let left = match key.normal() {
            Side::Credit => sums.credits_posted - debits,
            Side::Debit => sums.debits_posted - credits,
        };
        place.check(left >= 0 || key.may_be_negative(), Flaw::Negative)
    }
}

fn minor<K>(transfer: &Recorded<'_, K>) -> i128 {
    i128::from(transfer.amount.minor())
}

/// Whether the debits of a group equal its credits in every asset.
fn balanced<K: AccountKey>(transfers: &[Recorded<'_, K>]) -> bool {
    let mut sums = BTreeMap::new();
    for transfer in transfers {
        *sums.entry(transfer.debit.asset()).or_default() += minor(transfer);
        *sums.entry(transfer.credit.asset()).or_default() -= minor(transfer);
    }
    sums.into_values().all(|sum: i128| sum == 0)
}

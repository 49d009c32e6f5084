//! The books, recomputed from the recorded transfers alone, and compared.
//!
//! Shares no arithmetic with the code that applies groups: sums are wide integers in ordered maps by key, and
//! every rule is written down once more.

mod book;
mod compare;
mod shape;
mod trial;

use std::fmt;

use crate::{AccountKey, GroupId, Ledger, TransferId};

use book::Book;
pub use trial::{Totals, TrialBalance};

/// Books that contradict themselves: a defect of this crate, or memory that somebody else wrote to. Nothing
/// that a ledger says after this can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub struct AuditError {
    /// Where.
    pub place: Place,
    /// What.
    pub flaw: Flaw,
}

impl fmt::Display for AuditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.flaw)
    }
}

/// Where books contradict themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Not in one place.
    Ledger,
    /// In a group.
    Group(GroupId),
    /// In a transfer.
    Transfer(TransferId),
    /// On the account that was opened after so many others.
    Account(u32),
    /// In the hold that was made after so many others.
    Hold(u32),
}

impl Place {
    fn has(self, flaw: Flaw) -> AuditError {
        AuditError { place: self, flaw }
    }

    fn check(self, right: bool, flaw: Flaw) -> Result<(), AuditError> {
        match right {
            true => Ok(()),
            false => Err(self.has(flaw)),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ledger => f.write_str("the ledger"),
            Self::Group(id) => write!(f, "group {}", id.0),
            Self::Transfer(id) => write!(f, "transfer {} of group {}", id.index, id.group.0),
            Self::Account(number) => write!(f, "account {number}"),
            Self::Hold(number) => write!(f, "hold {number}"),
        }
    }
}

macro_rules! flaws {
    ($($(#[$doc:meta])* $name:ident, $sentence:literal;)*) => {
        /// How books contradict themselves.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
        pub enum Flaw {
            $($(#[$doc])* #[error($sentence)] $name,)*
        }

        impl Flaw {
            /// Every flaw that an audit looks for.
            pub const ALL: &[Self] = &[$(Self::$name,)*];
        }
    };
}

flaws! {
    /// A number names an account, a hold or a row that is not there, or another than it must.
    DanglingNumber, "a number points to the wrong place";
    /// A group has no transfers, or more than the most.
    GroupSize, "the group has no transfers or too many";
    /// A key or an id does not lead to what it names.
    Index, "a key does not lead to what it names";
    /// Debits differ from credits in some asset.
    Unbalanced, "debits differ from credits";
    /// A group is older than the one before.
    TimeWentBack, "the time is before that of the group before";
    /// An account is debited and credited by one transfer.
    SameAccount, "both sides are one account";
    /// The two accounts hold different assets.
    OtherAsset, "the two accounts hold different assets";
    /// A code of an asset is in use with two scales.
    OtherScale, "the asset is in use with another scale";
    /// Nothing moves.
    NoAmount, "the amount is 0";
    /// A hold was made with its time over.
    BornExpired, "the hold expires before it begins";
    /// What is ended is no hold, or a hold that has ended.
    NotHeld, "what is ended is no open hold";
    /// A hold was ended between other accounts than its own.
    OtherAccounts, "the accounts are not those of the hold";
    /// A hold was posted at or after its time.
    PostedLate, "the hold was posted when its time was over";
    /// A hold was ended as expired before its time.
    ExpiredEarly, "the hold was ended before its time was over";
    /// More was posted than was held.
    PostedTooMuch, "more was posted than was held";
    /// Another amount was released than was held.
    ReleasedOther, "another amount was released than was held";
    /// A sum is above the largest amount.
    Overflow, "a sum is above the largest amount";
    /// An account is negative that must not be.
    Negative, "the account is negative";
    /// A balance is not what the transfers make it.
    Balance, "the balance is not what the transfers make it";
    /// An account is kept under other rules than its key has.
    Bound, "the account is bound otherwise than its key says";
    /// An account is kept that no transfer names.
    NeverNamed, "no transfer names the account";
    /// A hold is open that was ended, or the reverse, or ended otherwise, or another time is kept.
    Hold, "the hold is not as the transfers left it";
    /// The list of assets is not that of the accounts.
    Assets, "the list of assets is not that of the accounts";
    /// The digest of the history is not that of the recorded transfers.
    History, "the digest is not that of the recorded transfers";
}

impl<K: AccountKey> Ledger<K> {
    /// Recomputes every balance and every hold from the recorded transfers, and compares. Checks on the way that
    /// every transfer was allowed when it happened. Takes time and memory in proportion to the whole history.
    ///
    /// # Errors
    /// [`AuditError`] with the first contradiction.
    pub fn audit(&self) -> Result<TrialBalance, AuditError> {
        self.audit_shape()?;
        let trial = self.trial_balance();
        Place::Ledger.check(trial.is_balanced(), Flaw::Unbalanced)?;
        let mut book = Book::default();
        for group in 0..self.journal.groups.len() {
            let at = self.journal.groups[group].at;
            let transfers: Vec<_> = self.recorded_in(group).collect();
            book.enter(&transfers, at)?;
        }
        self.compare_with(&book)?;
        Ok(trial)
    }
}

#[cfg(test)]
#[path = "tamper_tests.rs"]
mod tests;

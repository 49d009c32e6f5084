//! Why a group is refused.

use std::fmt;

use serde::Serialize;

/// A group that was refused, and left nothing behind. Whoever made the group is to blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub struct Refusal {
    /// The place of the transfer in its group, counted from 0; `None` if it is the group as a whole.
    pub index: Option<u16>,
    /// The reason.
    pub code: ResultCode,
}

impl Refusal {
    pub(crate) const fn of_group(code: ResultCode) -> Self {
        Self { index: None, code }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.index {
            None => write!(f, "the group is refused: {}", self.code),
            Some(index) => write!(f, "transfer {index} is refused: {}", self.code),
        }
    }
}

macro_rules! result_codes {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $code:literal, $sentence:literal;)*) => {
        /// Every reason to refuse a group, in order of precedence.
        ///
        /// Where several reasons could be named, the one with the lowest number is, under three rules:
        ///
        /// | numbers | about | named |
        /// |---|---|---|
        /// | 1–2 | the shape of the group | first |
        /// | 3–9 | a group whose id was used before | of the group's length; then of the first transfer that differs; no number above 9 is possible |
        /// | 10–11 | the ledger as a whole | before any transfer is looked at |
        /// | 12–16 | a transfer by itself, and the accounts it names | of the first transfer in order that is refused; a transfer sees what those before it did |
        /// | 17–24 | the hold that a transfer ends | likewise |
        /// | 25–28 | the sums of the two accounts | likewise |
        ///
        /// A number and a code never change their meaning; new ones may come.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        pub enum ResultCode {
            $($(#[$doc])* $name = $number,)*
        }

        impl ResultCode {
            /// Every code, in order of precedence.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The stable name, in snake case.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }

            const fn sentence(self) -> &'static str {
                match self {
                    $(Self::$name => $sentence,)*
                }
            }
        }
    };
}

result_codes! {
    /// A group has at least one transfer.
    GroupIsEmpty = 1, "group_is_empty", "a group has at least one transfer";
    /// A group has at most [`MAX_GROUP`](crate::MAX_GROUP) transfers.
    GroupIsTooLong = 2, "group_is_too_long", "a group has at most 1024 transfers";
    /// The group of this id has another number of transfers.
    ExistsWithDifferentLength = 3, "exists_with_different_length", "the recorded group has another number of transfers";
    /// The recorded transfer is of another kind.
    ExistsWithDifferentKind = 4, "exists_with_different_kind", "the recorded transfer is of another kind";
    /// The recorded transfer debits another account.
    ExistsWithDifferentDebit = 5, "exists_with_different_debit", "the recorded transfer debits another account";
    /// The recorded transfer credits another account.
    ExistsWithDifferentCredit = 6, "exists_with_different_credit", "the recorded transfer credits another account";
    /// The recorded transfer has another amount.
    ExistsWithDifferentAmount = 7, "exists_with_different_amount", "the recorded transfer has another amount";
    /// The recorded transfer ended another hold.
    ExistsWithDifferentPending = 8, "exists_with_different_pending", "the recorded transfer ended another hold";
    /// The recorded hold expires at another time, or one of the two never does.
    ExistsWithDifferentExpiresAt = 9, "exists_with_different_expires_at", "the recorded hold expires at another time";
    /// The time is before that of the last group. The same time is fine.
    TimeWentBack = 10, "time_went_back", "the time is before that of the last group";
    /// The group would take the ledger beyond [`MAX_TRANSFERS`](crate::MAX_TRANSFERS).
    LedgerIsFull = 11, "ledger_is_full", "the ledger has no room for so many transfers";
    /// The debited and the credited account are the same.
    AccountsMustDiffer = 12, "accounts_must_differ", "a transfer is between two different accounts";
    /// The two accounts do not hold the same asset: another code, or another scale.
    AssetsMustMatch = 13, "assets_must_match", "the two accounts hold different assets";
    /// The asset's code is in use with another scale.
    AssetHasOtherScale = 14, "asset_has_other_scale", "the asset is in use with another scale";
    /// The amount is 0.
    AmountIsZero = 15, "amount_is_zero", "an amount that moves is above 0";
    /// A hold would expire at once: `expires_at` is not after the time of the group.
    ExpiresAtIsNotLater = 16, "expires_at_is_not_later", "a hold expires later than it begins";
    /// No transfer has this id; none before this one, if it is in the same group.
    PendingNotFound = 17, "pending_not_found", "there is no such transfer";
    /// The transfer of this id is not a hold.
    PendingIsOtherKind = 18, "pending_is_other_kind", "that transfer is not a hold";
    /// The hold was posted before, in whole or in part.
    PendingAlreadyPosted = 19, "pending_already_posted", "the hold was posted before";
    /// The hold was voided before.
    PendingAlreadyVoided = 20, "pending_already_voided", "the hold was voided before";
    /// The hold was ended as expired before.
    PendingAlreadyExpired = 21, "pending_already_expired", "the hold was ended as expired before";
    /// A post at or after `expires_at`. Such a hold can be voided or expired.
    PendingHasExpired = 22, "pending_has_expired", "the time of the hold is over";
    /// An expiry before `expires_at`, or of a hold that never expires.
    PendingNotYetExpired = 23, "pending_not_yet_expired", "the time of the hold is not over";
    /// A post of more than is held.
    AmountExceedsPending = 24, "amount_exceeds_pending", "the amount is above what is held";
    /// The debits of the debited account, posted and pending, would exceed [`Amount::MAX`](crate::Amount::MAX).
    DebitsWouldOverflow = 25, "debits_would_overflow", "the debits of the account would exceed the largest amount";
    /// The credits of the credited account, posted and pending, would exceed [`Amount::MAX`](crate::Amount::MAX).
    CreditsWouldOverflow = 26, "credits_would_overflow", "the credits of the account would exceed the largest amount";
    /// The debited account grows by credits and must not become negative, and its debits, posted and pending,
    /// would exceed its posted credits.
    DebitsWouldExceedCredits = 27, "debits_would_exceed_credits", "the debited account does not have so much";
    /// The credited account grows by debits and must not become negative, and its credits, posted and pending,
    /// would exceed its posted debits.
    CreditsWouldExceedDebits = 28, "credits_would_exceed_debits", "the credited account does not have so much";
}

impl ResultCode {
    /// The stable number. The lower one takes precedence.
    #[must_use]
    pub const fn number(self) -> u16 {
        self as u16
    }
}

impl fmt::Display for ResultCode {
    /// A sentence for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}

impl Serialize for ResultCode {
    /// The stable name.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

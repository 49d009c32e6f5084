//! What a caller asks of the ledger.

use proofmark_core::{Digest, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Amount;

/// Most transfers in one group. An account is found in linear time among those that the group touches: at most
/// 2 · 1,024 of them with 48 bytes each, 96 KiB, so that the longest group takes a few milliseconds.
pub const MAX_GROUP: usize = 1024;

/// The identity of a group. Whoever makes the group makes the id, so that a retry is known as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GroupId(pub Digest);

/// The identity of a transfer: its group, and its place in it, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TransferId {
    /// The group it came in.
    pub group: GroupId,
    /// Its place in the group, counted from 0.
    pub index: u16,
}

/// Transfers that happen together or not at all, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group<K> {
    /// Made by the caller, once for each group.
    pub id: GroupId,
    /// From 1 to [`MAX_GROUP`] transfers.
    pub transfers: Vec<Transfer<K>>,
}

/// One movement, or one step of a movement in two phases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transfer<K> {
    /// Moves an amount at once.
    Single {
        /// The account whose debits grow.
        debit: K,
        /// The account whose credits grow.
        credit: K,
        /// Above 0.
        amount: Amount,
    },
    /// Holds an amount: what it takes is no longer available, what it brings is not available yet.
    Pending {
        /// The account whose debits will grow.
        debit: K,
        /// The account whose credits will grow.
        credit: K,
        /// The most that can be posted. Above 0.
        amount: Amount,
        /// From this moment on the hold can no longer be posted; `None` if it never expires.
        expires_at: Option<Timestamp>,
    },
    /// Moves what is held, or a part of it, and releases the rest. Before `expires_at` only.
    Post {
        /// The hold; it may stand earlier in the same group.
        pending: TransferId,
        /// Above 0, and at most what is held.
        amount: Amount,
    },
    /// Releases what is held, at any time.
    Void {
        /// The hold.
        pending: TransferId,
    },
    /// Releases what is held because its time is over: at or after `expires_at` only.
    Expire {
        /// The hold.
        pending: TransferId,
    },
}

/// What a group that was not refused did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// The transfers happened now.
    Created,
    /// The same group was applied before; nothing changed now.
    Exists,
}

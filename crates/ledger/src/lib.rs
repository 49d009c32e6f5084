//! Double entry as a pure state machine: accounts, transfers, holds, audit.
//!
//! In scope: who may move how much, when a hold ends, what a retry is, and a proof that the books agree with
//! every transfer that was ever recorded. Out of scope: what an account means and who may order a transfer
//! (`proofmark-market`), and how the state outlives the process (whoever replays the groups).
//!
//! A transfer debits one account and credits another with one amount, so every group of transfers balances
//! by construction. A group applies as a whole or not at all. Groups carry ids that the caller made: the same
//! group again is [`Applied::Exists`], another group under a used id is refused. Why a group is refused, and
//! which reason is named where several could be, says [`ResultCode`].
//!
//! ```
//! use proofmark_core::{Digest, Timestamp};
//! use proofmark_ledger::{AccountKey, Amount, Applied, Asset, Group, GroupId, Ledger, Side, Transfer};
//!
//! #[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
//! enum Account {
//!     Bank(Asset),
//!     Customer(u32, Asset),
//! }
//!
//! impl AccountKey for Account {
//!     fn asset(&self) -> Asset {
//!         match self {
//!             Self::Bank(asset) | Self::Customer(_, asset) => *asset,
//!         }
//!     }
//!     fn normal(&self) -> Side {
//!         match self {
//!             Self::Bank(_) => Side::Debit,
//!             Self::Customer(..) => Side::Credit,
//!         }
//!     }
//!     fn may_be_negative(&self) -> bool {
//!         false
//!     }
//! }
//!
//! let usd: Asset = "USD/2".parse()?;
//! let deposit = Group {
//!     id: GroupId(Digest::of(b"deposit 1")),
//!     transfers: vec![Transfer::Single {
//!         debit: Account::Bank(usd),
//!         credit: Account::Customer(7, usd),
//!         amount: Amount::new(100)?,
//!     }],
//! };
//! let mut ledger = Ledger::new();
//! let now = Timestamp::from_seconds(1_800_000_000)?;
//! assert_eq!(ledger.apply(&deposit, now)?, Applied::Created);
//! assert_eq!(ledger.apply(&deposit, now)?, Applied::Exists);
//! assert_eq!(ledger.balance(&Account::Customer(7, usd)).net(Side::Credit), 100);
//! ledger.audit()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod account;
mod amount;
mod asset;
mod audit;
mod ledger;
mod result_code;
mod transfer;

#[cfg(test)]
mod model_tests;
#[cfg(test)]
mod testing;

pub use account::{AccountKey, Balance, Side};
pub use amount::{Amount, AmountError};
pub use asset::{Asset, AssetError};
pub use audit::{AuditError, Flaw, Place, Totals, TrialBalance};
pub use ledger::{Held, Ledger, MAX_TRANSFERS, Recorded, RecordedKind};
pub use result_code::{Refusal, ResultCode};
pub use transfer::{Applied, Group, GroupId, MAX_GROUP, Transfer, TransferId};

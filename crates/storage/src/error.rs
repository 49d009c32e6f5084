//! Why a store did not do what it was asked.

use proofmark_core::Timestamp;

use crate::record::Epoch;

/// Why a store did not do what it was asked. Nothing of the request was done, except after
/// [`StoreError::Unknown`].
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another writer has taken over. Whoever sees this must stop writing and read the record again.
    #[error("the lease of epoch {} is over: another writer has taken over", .0.0)]
    Fenced(Epoch),
    /// Another writer holds the lease.
    #[error("another writer holds the lease until {}", moment(*until))]
    Leased {
        /// Until when, in microseconds since 1970.
        until: i64,
    },
    /// The batch does not begin where the record ends. The caller is to blame.
    #[error("the record ends with command {stored}, and the batch begins with {first}")]
    Gap {
        /// The last command of the record.
        stored: u64,
        /// The first of the batch.
        first: u64,
    },
    /// The database holds the record of a market with other rules.
    #[error("the database holds the record of another market")]
    OtherMarket,
    /// A later release has changed the tables.
    #[error("the database was written by a later release: its migration {0} is not known here")]
    Newer(i64),
    /// A migration was changed after it had been applied, or was applied by half.
    #[error("the tables are not what the migrations say")]
    Migration(#[source] sqlx::migrate::MigrateError),
    /// A commit would not survive a loss of power.
    #[error("the database does not make commits durable: {0}")]
    NotDurable(String),
    /// Something is stored that no release writes. The machine, or whoever edited the database, is to blame.
    #[error("{place} holds what nobody wrote there: {why}")]
    Corrupt {
        /// Which column.
        place: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// No store has an address of this form.
    #[error("a store is `sqlite:<file>` or `postgres://<host>/<database>`, not `{0}`")]
    Address(String),
    /// The database refused, or is not there. Nothing was done.
    #[error("the database refused")]
    Database(#[source] sqlx::Error),
    /// The connection was lost while the database committed: it may have been done, and the record must be read again.
    #[error("the connection was lost during a commit, which may have been carried out")]
    Unknown(#[source] sqlx::Error),
}

/// As people read it.
fn moment(micros: i64) -> String {
    let moment = Timestamp::from_micros(micros);
    moment.map_or_else(|_| micros.to_string(), |moment| moment.to_string())
}

impl StoreError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Fenced(_) => "store-fenced",
            Self::Leased { .. } => "store-leased",
            Self::Gap { .. } => "store-gap",
            Self::OtherMarket => "store-other-market",
            Self::Newer(_) => "store-newer",
            Self::Migration(_) => "store-migration",
            Self::NotDurable(_) => "store-not-durable",
            Self::Corrupt { .. } => "store-corrupt",
            Self::Address(_) => "store-address",
            Self::Database(_) => "store-database",
            Self::Unknown(_) => "store-unknown",
        }
    }

    /// What to do about it, if there is something.
    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Fenced(_) | Self::Unknown(_) => {
                Some("start again: what was acknowledged is in the record")
            }
            Self::Leased { .. } => Some("stop the other server, or wait until its lease is over"),
            Self::OtherMarket => Some("each market has a database of its own"),
            Self::Newer(_) => Some("run the release that wrote it, or a later one"),
            Self::Corrupt { .. } => Some("restore a backup, and audit it"),
            _ => None,
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

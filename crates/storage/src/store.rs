//! What a store does.

use async_trait::async_trait;
use proofmark_core::{Digest, Timestamp};
use sqlx::Acquire;
use sqlx::migrate::{Migrate, MigrateError, Migrator};

use crate::jobs::{Claim, Job, Results, RunResult};
use crate::record::{Command, Document, Epoch, Event, Numbered, Obeyed, Position, Transfer};
use crate::webhooks::Webhooks;
use crate::{PostgresStore, SqliteStore, StoreError};

/// The record of one market. Every method is one transaction, or reads what one left.
#[async_trait]
pub trait Store: Send + Sync {
    /// Makes the record of the market with these rules, or makes sure that it is that.
    ///
    /// # Errors
    /// [`StoreError::OtherMarket`] if the record is of other rules.
    async fn found(&self, rules: &[u8]) -> Result<Position, StoreError>;

    /// Makes the caller the writer until `until`, or for longer if it holds `held`.
    ///
    /// # Errors
    /// [`StoreError::Leased`] while another is; [`StoreError::Fenced`] if `held` is not the latest any more.
    async fn lease(
        &self,
        held: Option<Epoch>,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Epoch, StoreError>;

    /// The writer stops: the next one need not wait until its lease is over. Nothing happens if another has taken over.
    async fn release(&self, epoch: Epoch) -> Result<(), StoreError>;

    /// The rules of the market whose record this is; nothing before it is founded.
    async fn rules(&self) -> Result<Option<Vec<u8>>, StoreError>;

    /// Appends commands and all that followed from them: all of it is durable when this returns, or nothing is there.
    ///
    /// # Errors
    /// [`StoreError::Fenced`], [`StoreError::Gap`]; [`StoreError::Unknown`] if the caller must look.
    async fn append(&self, epoch: Epoch, batch: &[Obeyed]) -> Result<Position, StoreError>;

    /// How far the record goes.
    async fn position(&self) -> Result<Position, StoreError>;

    /// Commands after a place, in order.
    async fn commands(&self, after: u64, most: u32) -> Result<Vec<Command>, StoreError>;

    /// Events after a number, in order.
    async fn events(&self, after: u64, most: u32) -> Result<Vec<Numbered<Event>>, StoreError>;

    /// Transfers after a number, in order.
    async fn transfers(&self, after: u64, most: u32)
    -> Result<Vec<Numbered<Transfer>>, StoreError>;

    /// The present state of something.
    async fn document(&self, kind: &str, key: &str) -> Result<Option<Document>, StoreError>;

    /// Documents of a kind whose key is after this one, in the order of keys.
    async fn documents(
        &self,
        kind: &str,
        after: &str,
        most: u32,
    ) -> Result<Vec<Document>, StoreError>;

    /// Jobs whose id is after this one, in the order of ids, whether they are done or not.
    async fn jobs(&self, after: &str, most: u32) -> Result<Vec<Job>, StoreError>;

    /// Claims the jobs of this kind that are due longest, so many at most.
    async fn claim(
        &self,
        kind: &str,
        most: u32,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Claim>, StoreError>;

    /// Holds a claim for longer; `false` if it is another's by now, or done.
    async fn extend(&self, claim: &Claim, until: Timestamp) -> Result<bool, StoreError>;

    /// These jobs are done. For each, in order: `false` if the claim is another's by now, and nothing was changed.
    async fn finish(&self, claims: &[Claim], at: Timestamp) -> Result<Vec<bool>, StoreError>;

    /// The job failed and is due again; `false` if the claim is another's by now, and nothing was changed.
    async fn fail(&self, claim: &Claim, due_at: Timestamp, why: &str) -> Result<bool, StoreError>;

    /// Keeps the results of runs, for ever. What became of each, in order.
    async fn keep_results(
        &self,
        results: &[RunResult],
        at: Timestamp,
    ) -> Result<Vec<Results>, StoreError>;

    /// The result of a run.
    async fn result(&self, run_key: &Digest) -> Result<Option<Vec<u8>>, StoreError>;

    /// How many results were found to contradict another one of the same run.
    async fn incidents(&self) -> Result<u64, StoreError>;

    /// Who is told of events.
    fn webhooks(&self) -> &dyn Webhooks;

    /// Ends every connection; whatever is asked afterwards is refused. A file of SQLite's is whole then, without a log
    /// beside it.
    async fn close(&self);

    /// What the database finds wrong with its own files: nothing, if all is well. PostgreSQL answers no such question;
    /// its checksums are checked whenever a page is read.
    async fn integrity(&self) -> Result<Vec<String>, StoreError>;
}

/// Opens a store by its address: `sqlite:<file>` or `postgres://<host>/<database>`. Makes its tables, or brings them
/// up to this release.
///
/// # Errors
/// [`StoreError::Address`], [`StoreError::Newer`], [`StoreError::NotDurable`], [`StoreError::Database`].
pub async fn open(address: &str) -> Result<Box<dyn Store>, StoreError> {
    if let Some(file) = address.strip_prefix("sqlite:") {
        return Ok(Box::new(SqliteStore::open(file.as_ref()).await?));
    }
    if address.starts_with("postgres://") || address.starts_with("postgresql://") {
        return Ok(Box::new(PostgresStore::open(address).await?));
    }
    Err(StoreError::Address(address.to_owned()))
}

/// Brings the tables up to this release.
pub(crate) async fn migrate<'a, A>(migrations: &Migrator, pool: A) -> Result<(), StoreError>
where
    A: Acquire<'a>,
    <A::Connection as std::ops::Deref>::Target: Migrate,
{
    migrations.run(pool).await.map_err(|error| match error {
        MigrateError::VersionMissing(version) => StoreError::Newer(version),
        MigrateError::Execute(error) => StoreError::Database(error),
        error => StoreError::Migration(error),
    })
}

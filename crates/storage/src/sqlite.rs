//! SQLite, in the process and in one file: WAL, every commit synchronised to the disk before it returns.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection};
use tokio::sync::{MappedMutexGuard, Mutex, MutexGuard};

use crate::backend::backend;
use crate::migrations;
use crate::webhook_backend::webhook_backend;

/// Connections that read beside the one that writes.
const READERS: u32 = 4;

/// How long a connection waits for one of another process.
const BUSY: Duration = Duration::from_secs(5);

/// 64 MiB for the connection that writes (negative: KiB). By default it is 2 MiB, less than the pages of the indexes that a
/// batch touches: they were read again from the file for each.
const CACHE: &str = "-65536";

/// SQLite before this release can lose commits in WAL mode (<https://sqlite.org/wal.html>, "WAL-reset bug").
const LEAST: (u32, u32, u32) = (3, 51, 3);

/// A record in a file of SQLite's.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    /// One connection: SQLite has one writer at a time, and a queue is fairer than its waiting. Nothing once it is closed. A
    /// pool would look, before and after each transaction, whether it still works.
    writes: Arc<Mutex<Option<SqliteConnection>>>,
    /// How another one is made.
    options: SqliteConnectOptions,
    /// Whether the last one may be broken: after a full disk SQLite has rolled back by itself, of which the driver knows
    /// nothing, so that no transaction would begin any more.
    suspect: Arc<AtomicBool>,
    reads: SqlitePool,
    lock: Arc<WriterLock>,
}

/// A file that the system unlocks when the process that wrote is dead, however it died: whoever gets it need not wait
/// until the lease of that one is over. It only saves time. Who may write is said by the epoch.
#[derive(Debug)]
struct WriterLock {
    file: File,
    held: AtomicBool,
}

impl SqliteStore {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    /// [`StoreError::Newer`], [`StoreError::NotDurable`], [`StoreError::Database`].
    pub async fn open(file: &Path) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY)
            .foreign_keys(true);
        let lock = WriterLock::beside(file).map_err(|error| StoreError::Database(error.into()))?;
        let writes = options.clone().pragma("cache_size", CACHE);
        let mut first = writes.connect().await?;
        is_durable(&mut first).await?;
        crate::store::migrate(&migrations::sqlite(), &mut first).await?;
        let reads = SqlitePoolOptions::new().max_connections(READERS);
        let reads = reads.connect_with(options.read_only(true)).await?;
        Ok(Self {
            writes: Arc::new(Mutex::new(Some(first))),
            options: writes,
            suspect: Arc::default(),
            reads,
            lock: Arc::new(lock),
        })
    }

    /// Whether no process that wrote before is alive: true once, and not known where nobody can say.
    fn is_alone(&self) -> bool {
        let lock = &self.lock;
        !lock.held.load(Ordering::Relaxed)
            && lock.file.try_lock().is_ok()
            && !lock.held.swap(true, Ordering::Relaxed)
    }

    /// Takes the lock at once: one that reads first and then cannot write would have to begin again.
    const BEGIN: &'static str = "BEGIN IMMEDIATE";

    /// There is one that writes at a time, whatever it asks.
    const BEGIN_BY_ROW: &'static str = Self::BEGIN;

    async fn writer(&self) -> Result<MappedMutexGuard<'_, SqliteConnection>, StoreError> {
        let writer = MutexGuard::try_map(self.writes.lock().await, Option::as_mut);
        let mut writer = writer.map_err(|_| sqlx::Error::PoolClosed)?;
        if self.suspect.load(Ordering::Relaxed) {
            *writer = self.options.connect().await?;
            is_durable(&mut writer).await?;
            self.suspect.store(false, Ordering::Relaxed);
        }
        Ok(writer)
    }

    /// The next transaction has a connection of its own.
    fn suspect(&self) {
        self.suspect.store(true, Ordering::Relaxed);
    }

    async fn close_writes(&self) {
        let writer = self.writes.lock().await.take();
        if let Some(writer) = writer {
            // Everything is durable; what was not tidied up is when it is opened again.
            let _ = writer.close().await;
        }
    }
}

impl WriterLock {
    fn beside(database: &Path) -> std::io::Result<Self> {
        let mut name = database.as_os_str().to_owned();
        name.push("-writer");
        let mut options = File::options();
        let file = options
            .create(true)
            .truncate(false)
            .write(true)
            .open(name)?;
        let held = AtomicBool::new(false);
        Ok(Self { file, held })
    }
}

/// Settings that a library, a file or an environment could have changed are read back.
async fn is_durable(writer: &mut SqliteConnection) -> Result<(), StoreError> {
    let (journal,): (String,) = sqlx::query_as("PRAGMA journal_mode")
        .fetch_one(&mut *writer)
        .await?;
    let (synchronous,): (i64,) = sqlx::query_as("PRAGMA synchronous")
        .fetch_one(&mut *writer)
        .await?;
    let (version,): (String,) = sqlx::query_as("SELECT sqlite_version()")
        .fetch_one(&mut *writer)
        .await?;
    // 2 is FULL, 3 is EXTRA.
    if journal != "wal" || synchronous < 2 {
        let found = format!("journal mode {journal}, synchronous {synchronous}");
        return Err(StoreError::NotDurable(found));
    }
    let mut numbers = version.split('.').map(|part| part.parse().unwrap_or(0));
    let mut next = || numbers.next().unwrap_or(0);
    match (next(), next(), next()) >= LEAST {
        true => Ok(()),
        false => Err(StoreError::NotDurable(format!("SQLite {version}"))),
    }
}

backend!(SqliteStore, sqlx::Sqlite, together: true, claim: sql::claim!(""), integrity: Some("PRAGMA integrity_check"), alone: SqliteStore::is_alone);

webhook_backend!(SqliteStore, sqlx::Sqlite);

#[cfg(test)]
mod tests {
    use crate::jobs::RunResult;

    use super::*;

    fn results(count: u16, size: usize) -> Vec<RunResult> {
        let result = |number: u16| RunResult {
            run_key: Digest::of(&number.to_be_bytes()),
            body: vec![b'x'; size],
        };
        (0..count).map(result).collect()
    }

    /// A disk that was full and is not any more: what did not fit is not there, and what comes then is.
    #[tokio::test]
    async fn after_a_full_disk_the_record_goes_on() {
        let directory = tempfile::tempdir().expect("a directory");
        let store = SqliteStore::open(&directory.path().join("record.db")).await;
        let store = store.expect("it opens");
        let now = Timestamp::from_micros(0).expect("a time");
        {
            let mut writer = store.writer().await.expect("it is open");
            let full = sqlx::query("PRAGMA max_page_count = 1");
            full.execute(&mut *writer)
                .await
                .expect("as few as there are");
        }
        let large = results(200, 10_000);
        let refused = store.keep_results(&large, now).await;
        assert!(
            matches!(refused, Err(StoreError::Database(_))),
            "{refused:?}"
        );
        let key = &large[0].run_key;
        assert_eq!(store.result(key).await.expect("it is read"), None);
        let kept = store.keep_results(&large, now).await;
        assert_eq!(kept.expect("there is room").len(), large.len());
        assert!(store.result(key).await.expect("it is read").is_some());
    }

    /// Whoever asks and goes away in the middle leaves nothing behind, and holds nobody up.
    #[tokio::test]
    async fn a_transaction_that_is_given_up_is_rolled_back() {
        let directory = tempfile::tempdir().expect("a directory");
        let store = SqliteStore::open(&directory.path().join("record.db")).await;
        let store = store.expect("it opens");
        let now = Timestamp::from_micros(0).expect("a time");
        for polls in 1..40 {
            let some = results(3, polls);
            let mut asked = Box::pin(store.keep_results(&some, now));
            for _ in 0..polls {
                let once = std::future::poll_fn(|context| {
                    std::task::Poll::Ready(asked.as_mut().poll(context).is_ready())
                });
                if once.await {
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        let key = Digest::of(b"another");
        let result = RunResult {
            run_key: key,
            body: b"body".to_vec(),
        };
        let kept = store.keep_results(&[result], now).await;
        assert!(kept.is_ok(), "{kept:?}");
        assert!(store.result(&key).await.expect("it is read").is_some());
    }
}

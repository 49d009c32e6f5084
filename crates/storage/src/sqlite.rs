//! SQLite, in the process and in one file: WAL, every commit synchronised to the disk before it returns.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use crate::backend::backend;
use crate::webhook_backend::webhook_backend;

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// Connections that read beside the one that writes.
const READERS: u32 = 4;

/// How long a connection waits for one of another process.
const BUSY: Duration = Duration::from_secs(5);

/// SQLite before this release can lose commits in WAL mode (<https://sqlite.org/wal.html>, "WAL-reset bug").
const LEAST: (u32, u32, u32) = (3, 51, 3);

/// A record in a file of SQLite's.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    /// One connection: SQLite has one writer at a time, and a queue is fairer than its waiting.
    writes: SqlitePool,
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
        let writes = SqlitePoolOptions::new().max_connections(1);
        let writes = writes.connect_with(options.clone()).await?;
        is_durable(&writes).await?;
        crate::store::migrate(&MIGRATIONS, &writes).await?;
        let reads = SqlitePoolOptions::new().max_connections(READERS);
        let reads = reads.connect_with(options.read_only(true)).await?;
        Ok(Self {
            writes,
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

    async fn begin(&self) -> Result<Tx<'static>, StoreError> {
        // Takes the lock at once: one that reads first and then cannot write would have to begin again.
        Ok(self.writes.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// There is one that writes at a time, whatever it asks.
    async fn begin_by_row(&self) -> Result<Tx<'static>, StoreError> {
        self.begin().await
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
async fn is_durable(pool: &SqlitePool) -> Result<(), StoreError> {
    let (journal,): (String,) = sqlx::query_as("PRAGMA journal_mode")
        .fetch_one(pool)
        .await?;
    let (synchronous,): (i64,) = sqlx::query_as("PRAGMA synchronous").fetch_one(pool).await?;
    let (version,): (String,) = sqlx::query_as("SELECT sqlite_version()")
        .fetch_one(pool)
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

backend!(SqliteStore, sqlx::Sqlite, claim: sql::claim!(""), integrity: Some("PRAGMA integrity_check"), alone: SqliteStore::is_alone);

webhook_backend!(SqliteStore, sqlx::Sqlite);

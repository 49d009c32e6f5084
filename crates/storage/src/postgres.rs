//! PostgreSQL: serializable transactions, tried again where another one got in the way.

use std::io::ErrorKind;
use std::str::FromStr;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _};

use tokio::time::timeout;

use crate::backend::backend;
use crate::migrations;
use crate::webhook_backend::webhook_backend;

/// Connections of one process.
const CONNECTIONS: u32 = 8;

/// A record in a database of PostgreSQL's.
#[derive(Debug, Clone)]
pub struct PostgresStore {
    writes: PgPool,
    reads: PgPool,
}

/// A server that has not answered for so long is not there.
const REACH: Duration = Duration::from_secs(10);

impl PostgresStore {
    /// Connects, and makes the tables.
    ///
    /// # Errors
    /// [`StoreError::Address`], [`StoreError::Newer`], [`StoreError::NotDurable`], [`StoreError::Database`].
    pub async fn open(address: &str) -> Result<Self, StoreError> {
        let options = PgConnectOptions::from_str(address)
            .map_err(|_| StoreError::Address(address.to_owned()))?;
        // A pool tries for half a minute to reach what is not there, without a word.
        let reached = timeout(REACH, async { options.connect().await?.close().await });
        let silent = |_| sqlx::Error::Io(ErrorKind::TimedOut.into());
        reached.await.map_err(silent)??;
        let pool = PgPoolOptions::new().max_connections(CONNECTIONS);
        let pool = pool.connect_with(options).await?;
        is_durable(&pool).await?;
        crate::store::migrate(&migrations::postgres(), &pool).await?;
        Ok(Self {
            writes: pool.clone(),
            reads: pool,
        })
    }

    const BEGIN: &'static str = "BEGIN ISOLATION LEVEL SERIALIZABLE";

    /// For what first changes one row, and is right whatever happens to others: couriers that count each other's messages
    /// would else get in each other's way.
    const BEGIN_BY_ROW: &'static str = "BEGIN ISOLATION LEVEL READ COMMITTED";

    async fn writer(&self) -> Result<PoolConnection<sqlx::Postgres>, StoreError> {
        Ok(self.writes.acquire().await?)
    }

    /// The pool sees for itself whether a connection still works.
    const fn suspect(&self) {}

    async fn close_writes(&self) {
        self.writes.close().await;
    }
}

async fn is_durable(pool: &PgPool) -> Result<(), StoreError> {
    for (setting, show) in [
        ("fsync", "SHOW fsync"),
        ("synchronous_commit", "SHOW synchronous_commit"),
        ("full_page_writes", "SHOW full_page_writes"),
    ] {
        let (value,): (String,) = sqlx::query_as(show).fetch_one(pool).await?;
        if value == "off" {
            return Err(StoreError::NotDurable(format!("{setting} is off")));
        }
    }
    Ok(())
}

backend!(PostgresStore, sqlx::Postgres, together: false, claim: sql::claim!("FOR UPDATE SKIP LOCKED"), integrity: None, alone: |_| false);

webhook_backend!(PostgresStore, sqlx::Postgres);

//! The record of a market: the commands that it obeyed, byte for byte, and what followed from each, on SQLite or
//! PostgreSQL.
//!
//! The commands are the truth: from them and the rules the whole market follows (`proofmark_market::replay`). What
//! stands beside them (events, transfers, documents, jobs) is written in the same transaction, so that it can be read
//! without a replay, and whoever audits compares it with one.
//!
//! In scope: one transaction per batch of commands, one writer at a time, jobs with leases, results that are never
//! replaced; who is told of events, which is no part of the record. Out of scope: deciding anything (`proofmark-market`), the meaning of bodies, submissions and their bytes,
//! the transparency log (`proofmark-log`). There is no clock here: every time is an argument.
//!
//! | file | what |
//! |---|---|
//! | `record` | what is appended, and what is read back |
//! | `jobs` | work that is due, claimed, done |
//! | `store` | what a store does; `open` by address |
//! | `webhooks` | who is told of events, and what became of telling |
//! | `sql`, `webhook_sql` | the statements, the same for both databases |
//! | `backend`, `webhook_backend` | the one body that is compiled for each of them |
//! | `migrations` | the tables, step by step |
//! | `sqlite`, `postgres` | how each is opened, and begins a transaction |

mod backend;
mod error;
mod jobs;
mod migrations;
mod postgres;
mod record;
mod sql;
mod sqlite;
mod store;
mod webhook_backend;
mod webhook_sql;
mod webhooks;

pub use error::StoreError;
pub use jobs::{Claim, Job, Results, RunResult};
pub use postgres::PostgresStore;
pub use record::{
    Command, Consequences, Document, Epoch, Event, Numbered, Obeyed, Position, Transfer,
};
pub use sqlite::SqliteStore;
pub use store::{Store, open};
pub use webhooks::{
    Added, Flight, Message, MessageClaim, Next, Room, SLOW_MILLISECONDS, SLOW_SECONDS, TRIES_KEPT,
    Try, Webhook, Webhooks,
};

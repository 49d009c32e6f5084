//! A copy of a record is a market, and is verified as it is made.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use proofmark_core::Timestamp;
use proofmark_market::Market;
use proofmark_service::{Recorder, StartError, audit, copy};
use proofmark_simulator::stage::{Stage, rules};
use proofmark_storage::{SqliteStore, Store};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use tempfile::TempDir;

mod stories;

async fn open(directory: &TempDir, name: &str) -> SqliteStore {
    let store = SqliteStore::open(&directory.path().join(name)).await;
    store.expect("it opens")
}

/// Appends some commands of a stage to a record.
async fn record(directory: &TempDir, stage: &Stage, range: std::ops::Range<usize>) {
    let store: Arc<dyn Store> = Arc::new(open(directory, "record.db").await);
    let clock = Arc::new(AtomicI64::new(stage.log[range.start].at.micros()));
    let seen = Arc::clone(&clock);
    let now = move || Timestamp::from_micros(seen.load(Ordering::Relaxed)).expect("a time");
    let recorder = Recorder::start(store, rules(), now).await;
    let recorder = recorder.expect("it starts");
    for entry in &stage.log[range] {
        clock.store(entry.at.micros(), Ordering::Relaxed);
        let sent = recorder.send(entry.envelope.clone(), entry.attachment.clone());
        sent.await.expect("it is obeyed");
    }
    recorder.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_the_same_market_and_goes_on_where_it_ended() {
    let (directory, stage) = (TempDir::new().expect("a directory"), stories::paid());
    let (now, half) = (stage.now, stage.log.len() / 2);
    let copied = || async {
        let (from, to) = (
            open(&directory, "record.db").await,
            open(&directory, "copy.db").await,
        );
        let position = copy(&from, &to, rules(), move || now)
            .await
            .expect("it is copied");
        assert_eq!(audit(&to, Some(position.head), None).await.findings, []);
        position
    };
    record(&directory, &stage, 0..half).await;
    assert_eq!(copied().await.sequence, half as u64);
    record(&directory, &stage, half..stage.log.len()).await;
    let whole = copied().await;
    assert_eq!(whole.sequence, stage.log.len() as u64);
    assert_eq!(copied().await, whole, "a third time changes nothing");
    let copy = Recorder::start(
        Arc::new(open(&directory, "copy.db").await),
        rules(),
        move || now,
    );
    let root = copy.await.expect("it starts").read(Market::root).await;
    assert_eq!(root.expect("it runs"), stage.market.root());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_is_not_copied() {
    let (directory, stage) = (TempDir::new().expect("a directory"), stories::paid());
    let now = stage.now;
    record(&directory, &stage, 0..stage.log.len()).await;
    let change = |name: &'static str, statement: &'static str| {
        let file = directory.path().join(name);
        async move {
            let pool = SqlitePool::connect_with(SqliteConnectOptions::new().filename(file)).await;
            let pool = pool.expect("it opens");
            sqlx::query(statement)
                .execute(&pool)
                .await
                .expect(statement);
            pool.close().await;
        }
    };
    let copied = || async {
        let (from, to) = (
            open(&directory, "record.db").await,
            open(&directory, "copy.db").await,
        );
        copy(&from, &to, rules(), move || now).await
    };
    // In the tables beside the commands: the copy has what follows.
    change("record.db", "UPDATE transfers SET body = '{}'").await;
    let position = copied().await.expect("commands are the truth");
    assert_eq!(
        audit(
            &open(&directory, "copy.db").await,
            Some(position.head),
            None
        )
        .await
        .findings,
        []
    );
    // Of another history, or further than the source.
    change("record.db", "DELETE FROM events").await;
    change("copy.db", "UPDATE record SET head = x'0000000000000000000000000000000000000000000000000000000000000000'").await;
    let other = copied().await;
    assert!(matches!(other, Err(StartError::Chain { .. })), "{other:?}");
    change("copy.db", "UPDATE record SET sequence = sequence + 1").await;
    let longer = copied().await;
    assert!(
        matches!(longer, Err(StartError::Chain { .. })),
        "{longer:?}"
    );
    // A command of the source.
    change(
        "record.db",
        "UPDATE commands SET obeyed_at = obeyed_at + 1 WHERE sequence = 3",
    )
    .await;
    let changed = copied().await;
    assert!(
        matches!(changed, Err(StartError::Chain { sequence: 3, .. })),
        "{changed:?}"
    );
}

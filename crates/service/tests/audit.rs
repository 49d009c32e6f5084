//! An audit finds nothing in an honest record, and whatever was changed in another one.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use proofmark_core::{Digest, Timestamp};
use proofmark_market::Market;
use proofmark_service::{Audit, Counts, Recorder, audit};
use proofmark_simulator::stage::{Stage, rules};
use proofmark_storage::{SqliteStore, Store};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use tempfile::TempDir;

mod stories;

/// A record in a directory, made once and copied for each change.
struct Recorded {
    directory: TempDir,
    stage: Stage,
    /// What somebody has written down of it.
    head: Digest,
}

impl Recorded {
    async fn new() -> Self {
        let (directory, stage) = (TempDir::new().expect("a directory"), stories::paid());
        let store = SqliteStore::open(&directory.path().join("record.db")).await;
        let store: Arc<dyn Store> = Arc::new(store.expect("it opens"));
        let clock = Arc::new(AtomicI64::new(stage.log[0].at.micros()));
        let seen = Arc::clone(&clock);
        let now = move || Timestamp::from_micros(seen.load(Ordering::Relaxed)).expect("a time");
        let recorder = Recorder::start(store, rules(), now).await;
        let recorder = recorder.expect("it starts");
        for entry in &stage.log {
            clock.store(entry.at.micros(), Ordering::Relaxed);
            let sent = recorder.send(entry.envelope.clone(), entry.attachment.clone());
            sent.await.expect("it is obeyed");
        }
        let head = recorder.read(Market::head).await.expect("it runs");
        recorder.close().await;
        Self {
            directory,
            stage,
            head,
        }
    }

    /// The audit of a copy in which a statement has changed something.
    async fn changed(&self, statement: &'static str) -> Audit {
        let copy = TempDir::new().expect("a directory");
        let file = copy.path().join("record.db");
        for name in ["record.db", "record.db-wal"] {
            let from = self.directory.path().join(name);
            if from.exists() {
                std::fs::copy(from, copy.path().join(name)).expect("it is copied");
            }
        }
        let options = SqliteConnectOptions::new()
            .filename(&file)
            .foreign_keys(false);
        let pool = SqlitePool::connect_with(options).await.expect("it opens");
        let changed = sqlx::query(statement).execute(&pool).await;
        assert_ne!(
            changed.expect(statement).rows_affected(),
            0,
            "{statement} changes something"
        );
        pool.close().await;
        let store = SqliteStore::open(&file).await.expect("it opens");
        audit(&store, Some(self.head), None).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_was_changed_is_named() {
    let recorded = Recorded::new().await;
    let honest = recorded
        .changed("UPDATE record SET epoch = epoch + 1")
        .await;
    assert_eq!(honest.findings, []);
    assert_eq!(honest.root, Some(recorded.stage.market.root()));
    let Counts {
        commands,
        documents,
        awards,
        ..
    } = honest.counts;
    let all = recorded.stage.log.len() as u64;
    assert_eq!((commands, documents, awards), (all, 2, 1));
    for (statement, code, place) in CHANGES {
        let found = recorded.changed(statement).await.findings;
        let named = found
            .iter()
            .any(|it| it.code == *code && it.place.starts_with(place));
        assert!(named, "{statement}: {code} at {place} is not in {found:#?}");
    }
}

/// What is changed, and what must be found where.
const CHANGES: &[(&str, &str, &str)] = &[
    (
        "UPDATE commands SET envelope = cast(replace(cast(envelope AS TEXT), 'A', 'B') AS BLOB) WHERE sequence = 5",
        "command-refused",
        "command 5",
    ),
    (
        "UPDATE commands SET obeyed_at = obeyed_at + 1 WHERE sequence = 5",
        "chain-broken",
        "command 5",
    ),
    (
        "UPDATE commands SET head = payload WHERE sequence = 6",
        "chain-broken",
        "command 6",
    ),
    (
        "UPDATE commands SET payload = head WHERE sequence = 6",
        "chain-broken",
        "command 6",
    ),
    (
        "UPDATE commands SET attachment = x'00' WHERE attachment IS NOT NULL AND sequence = \
         (SELECT max(sequence) FROM commands WHERE attachment IS NOT NULL)",
        "command-refused",
        "command ",
    ),
    (
        "UPDATE transfers SET body = replace(body, '000', '001') WHERE number = \
         (SELECT min(number) FROM transfers WHERE body LIKE '%000%')",
        "record-differs",
        "transfer ",
    ),
    (
        "DELETE FROM transfers WHERE number = 3",
        "record-lacks",
        "transfer 3",
    ),
    (
        "INSERT INTO transfers SELECT number + 1, sequence, body FROM transfers ORDER BY number DESC LIMIT 1",
        "record-surplus",
        "transfer ",
    ),
    (
        "UPDATE events SET subject = 'rfq_other' WHERE number = 4",
        "record-differs",
        "event 4",
    ),
    (
        "UPDATE events SET sequence = sequence + 1 WHERE number = 4",
        "record-differs",
        "event 4",
    ),
    (
        "UPDATE documents SET body = replace(body, 'final', 'paid!') WHERE kind = 'contract'",
        "record-differs",
        "document contract con_",
    ),
    (
        "DELETE FROM documents WHERE kind = 'rfq'",
        "record-lacks",
        "document rfq rfq_",
    ),
    (
        "INSERT INTO documents SELECT kind, key || '0', sequence, body FROM documents WHERE kind = 'rfq'",
        "record-surplus",
        "document rfq rfq_",
    ),
    (
        "DELETE FROM jobs WHERE kind = 'tick'",
        "record-lacks",
        "job tick/",
    ),
    (
        "UPDATE jobs SET body = '\"other\"' WHERE kind LIKE 'verify/%'",
        "record-differs",
        "job verify/",
    ),
    (
        "UPDATE record SET transfers = transfers + 1",
        "record-differs",
        "the position",
    ),
    (
        "UPDATE record SET sequence = sequence - 1",
        "record-differs",
        "the position",
    ),
    (
        "UPDATE record SET rules = cast(replace(cast(rules AS TEXT), 'days\":9', 'days\":8') AS BLOB)",
        "chain-broken",
        "command 1",
    ),
    (
        "UPDATE record SET rules = x'7b'",
        "rules-unusable",
        "the rules",
    ),
    (
        "DELETE FROM commands WHERE sequence = 7",
        "chain-broken",
        "command 7",
    ),
    (
        "DELETE FROM commands WHERE sequence = (SELECT max(sequence) FROM commands)",
        "head-unknown",
        "the chain",
    ),
];

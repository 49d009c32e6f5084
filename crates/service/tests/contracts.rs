//! A contract from its RFQ to its end is kept with all that followed from each command, and is there again after a start.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use proofmark_core::Timestamp;
use proofmark_market::Market;
use proofmark_service::{Recorder, audit};
use proofmark_simulator::stage::rules;
use proofmark_storage::{SqliteStore, Store};
use tempfile::TempDir;

mod stories;

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_followed_is_kept_and_follows_again() {
    let stage = stories::paid();
    let directory = TempDir::new().expect("a directory");
    let open = || async {
        let store = SqliteStore::open(&directory.path().join("record.db")).await;
        Arc::new(store.expect("it opens")) as Arc<dyn Store>
    };
    let store = open().await;
    let clock = Arc::new(AtomicI64::new(stage.now.micros()));
    let seen = Arc::clone(&clock);
    let now = move || Timestamp::from_micros(seen.load(Ordering::Relaxed)).expect("a time");
    clock.store(stage.log[0].at.micros(), Ordering::Relaxed);
    let recorder = Recorder::start(Arc::clone(&store), rules(), now).await;
    let recorder = recorder.expect("it starts");
    for entry in &stage.log {
        clock.store(entry.at.micros(), Ordering::Relaxed);
        let sent = recorder.send(entry.envelope.clone(), entry.attachment.clone());
        sent.await.expect("it is obeyed");
    }
    let root = recorder.read(Market::root).await.expect("it runs");
    assert_eq!(root, stage.market.root(), "it is the market of the stage");
    let position = store.position().await.expect("it can be read");
    assert_eq!(position.sequence, stage.log.len() as u64);
    let transfers = store.transfers(0, 1_000).await.expect("it can be read");
    assert_eq!(transfers.len() as u64, position.transfers);
    let contracts = store
        .documents("contract", "", 10)
        .await
        .expect("it can be read");
    let [contract] = contracts.as_slice() else {
        panic!("{} contracts", contracts.len())
    };
    assert!(
        contract.body.contains(r#""ending":"final""#),
        "{}",
        contract.body
    );
    assert_eq!(
        store.documents("rfq", "", 10).await.map(|it| it.len()).ok(),
        Some(1)
    );
    let audited = audit(&*store, None, None).await;
    assert_eq!(audited.findings, []);
    assert_eq!(audited.root, Some(root));
    // Another process, at once: a writer that stops gives its lease back.
    recorder.close().await;
    let later = stage.now;
    let again = Recorder::start(open().await, rules(), move || later).await;
    let again = again.expect("it starts again");
    assert_eq!(again.read(Market::root).await.expect("it runs"), root);
}

//! A market that is told to stop stops, whoever still has a clone of it, and says nothing untoward.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use proofmark_core::Timestamp;
use proofmark_market::Market;
use proofmark_service::{Recorder, Refused};
use proofmark_simulator::stage::{Stage, rules};
use proofmark_storage::{SqliteStore, Store};
use tempfile::TempDir;

async fn started(directory: &Path, now: Timestamp) -> Recorder {
    let store = SqliteStore::open(&directory.join("record.db")).await;
    let store: Arc<dyn Store> = Arc::new(store.expect("it opens"));
    let recorder = Recorder::start(store, rules(), move || now).await;
    recorder.expect("nobody else holds the record")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clone_keeps_nothing_from_the_next_writer() {
    let stage = Stage::open(&[], 0);
    let directory = TempDir::new().expect("a directory");
    let recorder = started(directory.path(), stage.now).await;
    let (clone, mut durable) = (recorder.clone(), recorder.durable());
    let closed = tokio::time::timeout(Duration::from_secs(5), recorder.close()).await;
    closed.expect("nobody is waited for");
    while durable.changed().await.is_ok() {}
    let first = &stage.log[0];
    let refused = clone.send(first.envelope.clone(), first.attachment.clone());
    let refused = refused.await;
    assert!(matches!(refused, Err(Refused::Stopped)), "{refused:?}");
    // At the same moment: no lease is waited for.
    let again = started(directory.path(), stage.now).await;
    let sent = again.send(first.envelope.clone(), first.attachment.clone());
    sent.await.expect("it is obeyed");
    assert!(again.read(Market::root).await.is_ok());
}

/// A runtime that is shut down takes its clock with it. Whoever waits by it then panics.
#[test]
fn a_writer_ends_quietly_with_its_runtime() {
    static PANICS: AtomicUsize = AtomicUsize::new(0);
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |it| {
        if matches!(
            std::thread::current().name(),
            Some("market-writer" | "market-record")
        ) {
            PANICS.fetch_add(1, Ordering::Relaxed);
        }
        before(it);
    }));
    let now = Stage::open(&[], 0).now;
    for _ in 0..20 {
        let directory = TempDir::new().expect("a directory");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let recorder = runtime.block_on(started(directory.path(), now));
        let durable = recorder.durable();
        runtime.shutdown_timeout(Duration::from_secs(5));
        let told = Instant::now();
        while durable.has_changed().is_ok() {
            assert!(told.elapsed() < Duration::from_secs(20), "it goes on");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    assert_eq!(PANICS.load(Ordering::Relaxed), 0);
}

//! Nobody has to send ticks: what is due happens.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use proofmark_core::{Digest, Timestamp};
use proofmark_keys::SecretKey;
use proofmark_market::RfqId;
use proofmark_market::rfq::RfqState;
use proofmark_service::{Recorder, Ticker};
use proofmark_simulator::stage::{Actor, Stage, rules, terms};
use proofmark_storage::{SqliteStore, Store};
use tempfile::TempDir;

async fn state(recorder: &Recorder, rfq: &RfqId) -> Option<RfqState> {
    let looked = recorder.read(|market| market.rfq(rfq).map(|rfq| rfq.state.clone()));
    looked.await.expect("it runs")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_rfq_without_bids_ends_by_itself_and_once() {
    let mut stage = Stage::open(&[Actor::new("buyer")], 100_000);
    let published = stage
        .publish(&Actor::new("buyer"), &terms())
        .expect("in order");
    let directory = TempDir::new().expect("a directory");
    let store = SqliteStore::open(&directory.path().join("record.db")).await;
    let store: Arc<dyn Store> = Arc::new(store.expect("it opens"));
    let clock = Arc::new(AtomicI64::new(stage.now.micros()));
    let clock_of = |clock: &Arc<AtomicI64>| {
        let seen = Arc::clone(clock);
        move || Timestamp::from_micros(seen.load(Ordering::Relaxed)).expect("a time")
    };
    let recorder = Recorder::start(Arc::clone(&store), rules(), clock_of(&clock)).await;
    let recorder = recorder.expect("it starts");
    for entry in &stage.log {
        let sent = recorder.send(entry.envelope.clone(), entry.attachment.clone());
        sent.await.expect("it is obeyed");
    }
    let ticker = Ticker {
        recorder: recorder.clone(),
        store: Arc::clone(&store),
        key: SecretKey::from_seed(Digest::of(b"proofmark/stage/operator").as_bytes()),
        clock: Box::new(clock_of(&clock)),
    };
    let running = tokio::spawn(ticker.run());
    tokio::time::sleep(Duration::from_millis(700)).await;
    let open = state(&recorder, &published).await;
    assert!(matches!(open, Some(RfqState::Open { .. })), "{open:?}");
    let before = *recorder.durable().borrow();
    stage.wait(3_601);
    clock.store(stage.now.micros(), Ordering::Relaxed);
    let mut durable = recorder.durable();
    let more = durable.wait_for(|sequence| *sequence > before);
    let told = tokio::time::timeout(Duration::from_secs(20), more).await;
    told.expect("it is ticked").expect("it runs");
    let failed = state(&recorder, &published).await;
    assert!(
        matches!(failed, Some(RfqState::Failed { .. })),
        "{failed:?}"
    );
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(*recorder.durable().borrow(), before + 1, "one tick");
    running.abort();
}

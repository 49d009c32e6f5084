//! Whatever happens to the record or to the writer: what was acknowledged is there, nothing is doubled, and what was not
//! acknowledged can be sent again.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use proofmark_core::{Digest, Timestamp};
use proofmark_market::{Action, Market, Receipt, Status};
use proofmark_service::{Recorder, Refused, StartError, audit};
use proofmark_simulator::stage::{Actor, Message, Stage, cents, rules, usd};
use proofmark_storage::{
    Claim, Command, Document, Epoch, Event, Job, Numbered, Obeyed, Position, Results, RunResult,
    SqliteStore, Store, StoreError, Transfer, Webhooks,
};
use tempfile::TempDir;
use tokio::sync::Semaphore;

/// A store that fails at its nth append, before or after it was done; and whose disk may hang.
struct Failing {
    store: SqliteStore,
    left: AtomicU32,
    after: bool,
    /// One for each append that comes to its end.
    disk: Arc<Semaphore>,
    /// How many commands each append had.
    batches: Arc<Mutex<Vec<usize>>>,
}

impl Failing {
    fn at(store: SqliteStore, nth: u32, after: bool) -> Self {
        Self {
            store,
            left: AtomicU32::new(nth),
            after,
            disk: Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)),
            batches: Arc::default(),
        }
    }
}

fn lost() -> StoreError {
    StoreError::Unknown(sqlx::Error::WorkerCrashed)
}

#[async_trait]
impl Store for Failing {
    async fn found(&self, rules: &[u8]) -> Result<Position, StoreError> {
        self.store.found(rules).await
    }
    async fn lease(
        &self,
        held: Option<Epoch>,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Epoch, StoreError> {
        self.store.lease(held, now, until).await
    }
    async fn release(&self, epoch: Epoch) -> Result<(), StoreError> {
        self.store.release(epoch).await
    }
    async fn rules(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.rules().await
    }
    async fn append(&self, epoch: Epoch, batch: &[Obeyed]) -> Result<Position, StoreError> {
        self.batches
            .lock()
            .expect("nobody panics")
            .push(batch.len());
        self.disk.acquire().await.expect("it is open").forget();
        let left = self.left.fetch_sub(1, Ordering::Relaxed);
        if left == 0 && !self.after {
            return Err(lost());
        }
        let done = self.store.append(epoch, batch).await;
        if left == 0 { Err(lost()) } else { done }
    }
    async fn position(&self) -> Result<Position, StoreError> {
        self.store.position().await
    }
    async fn commands(&self, after: u64, most: u32) -> Result<Vec<Command>, StoreError> {
        self.store.commands(after, most).await
    }
    async fn events(&self, after: u64, most: u32) -> Result<Vec<Numbered<Event>>, StoreError> {
        self.store.events(after, most).await
    }
    async fn transfers(
        &self,
        after: u64,
        most: u32,
    ) -> Result<Vec<Numbered<Transfer>>, StoreError> {
        self.store.transfers(after, most).await
    }
    async fn document(&self, kind: &str, key: &str) -> Result<Option<Document>, StoreError> {
        self.store.document(kind, key).await
    }
    async fn documents(
        &self,
        kind: &str,
        after: &str,
        most: u32,
    ) -> Result<Vec<Document>, StoreError> {
        self.store.documents(kind, after, most).await
    }
    async fn jobs(&self, after: &str, most: u32) -> Result<Vec<Job>, StoreError> {
        self.store.jobs(after, most).await
    }
    async fn claim(
        &self,
        kind: &str,
        most: u32,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Claim>, StoreError> {
        self.store.claim(kind, most, now, until).await
    }
    async fn extend(&self, claim: &Claim, until: Timestamp) -> Result<bool, StoreError> {
        self.store.extend(claim, until).await
    }
    async fn finish(&self, claims: &[Claim], at: Timestamp) -> Result<Vec<bool>, StoreError> {
        self.store.finish(claims, at).await
    }
    async fn fail(&self, claim: &Claim, due_at: Timestamp, why: &str) -> Result<bool, StoreError> {
        self.store.fail(claim, due_at, why).await
    }
    async fn keep_results(
        &self,
        results: &[RunResult],
        at: Timestamp,
    ) -> Result<Vec<Results>, StoreError> {
        self.store.keep_results(results, at).await
    }
    async fn result(&self, run_key: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.result(run_key).await
    }
    async fn incidents(&self) -> Result<u64, StoreError> {
        self.store.incidents().await
    }
    fn webhooks(&self) -> &dyn Webhooks {
        self.store.webhooks()
    }
    async fn close(&self) {
        self.store.close().await;
    }
    async fn integrity(&self) -> Result<Vec<String>, StoreError> {
        self.store.integrity().await
    }
}

/// What opens a market, and 20 deposits for one party.
fn messages() -> (Vec<Message>, Timestamp) {
    let supplier = Actor::new("supplier");
    let mut stage = Stage::open(std::slice::from_ref(&supplier), 0);
    let opening = stage.log.iter().map(|entry| Message {
        envelope: entry.envelope.clone(),
        attachment: entry.attachment.clone(),
    });
    let mut messages: Vec<_> = opening.collect();
    for _ in 0..20 {
        let deposit = Action::Deposit {
            party: supplier.id(),
            asset: usd(),
            amount: cents(1),
        };
        messages.push(stage.write(&Actor::operator(), deposit, None));
    }
    (messages, stage.now)
}

async fn sqlite(directory: &TempDir) -> SqliteStore {
    let store = SqliteStore::open(&directory.path().join("record.db")).await;
    store.expect("it opens")
}

async fn start(store: impl Store + 'static, now: Timestamp) -> Result<Recorder, StartError> {
    Recorder::start(Arc::new(store), rules(), move || now).await
}

async fn send(recorder: &Recorder, message: &Message) -> Result<Receipt, Refused> {
    let attachment = message.attachment.clone();
    recorder.send(message.envelope.clone(), attachment).await
}

/// Sends in order until the market stops, and says how many were acknowledged.
async fn send_all(recorder: &Recorder, messages: &[Message]) -> usize {
    for (sent, message) in messages.iter().enumerate() {
        match send(recorder, message).await {
            Ok(_) => {}
            Err(Refused::Stopped) => return sent,
            Err(refused) => panic!("{refused}"),
        }
    }
    messages.len()
}

/// The record once more, from the beginning: the market that follows, how many commands, transfers and events it has.
async fn counted(directory: &TempDir) -> Position {
    let store = sqlite(directory).await;
    store.position().await.expect("it is there")
}

#[tokio::test(flavor = "multi_thread")]
async fn at_every_append_that_fails_nothing_is_lost_or_doubled() {
    let (messages, now) = messages();
    for after in [false, true] {
        for fails_at in 0..u32::try_from(messages.len()).expect("a few") {
            let directory = tempfile::tempdir().expect("a directory");
            let store = Failing::at(sqlite(&directory).await, fails_at, after);
            let recorder = start(store, now).await.expect("it starts");
            let acknowledged = send_all(&recorder, &messages).await;
            assert_eq!(acknowledged, fails_at as usize);
            // What is not known to be durable is not seen either.
            assert!(recorder.read(|market| market.sequence()).await.is_err());

            let kept = counted(&directory).await.sequence;
            assert_eq!(kept, u64::from(fails_at) + u64::from(after));
            // The lease of the writer that stopped is over after a while.
            let later = now.plus_seconds(60);
            let recorder = start(sqlite(&directory).await, later).await;
            let recorder = recorder.expect("it starts again");
            let known = send(&recorder, &messages[acknowledged]).await;
            let status = known.expect("it is obeyed, or was").status;
            assert_eq!(status == Status::Exists, after);
            assert_eq!(send_all(&recorder, &messages).await, messages.len());
            let all = messages.len() as u64;
            let at_last = recorder
                .read(|market| (market.sequence(), market.head()))
                .await;
            let position = counted(&directory).await;
            assert_eq!((position.sequence, position.transfers), (all, 20));
            assert_eq!(
                at_last.expect("it runs"),
                (position.sequence, position.head)
            );
            let audited = audit(&sqlite(&directory).await, None, None).await;
            assert_eq!(audited.findings, []);
        }
    }
}

/// While the disk is slow others are obeyed, and become one batch; nobody is answered, and nobody sees anything of it.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_obeyed_while_the_disk_writes_is_neither_answered_nor_seen() {
    let (messages, now) = messages();
    let (opening, deposits) = messages.split_at(messages.len() - 20);
    for fails in [false, true] {
        let directory = tempfile::tempdir().expect("a directory");
        let last = if fails { opening.len() + 1 } else { 1_000 };
        let last = u32::try_from(last).expect("a few");
        let store = Failing::at(sqlite(&directory).await, last, false);
        let (disk, batches) = (Arc::clone(&store.disk), Arc::clone(&store.batches));
        let recorder = start(store, now).await.expect("it starts");
        send_all(&recorder, opening).await;
        let before = recorder.read(Market::sequence).await.expect("it runs");
        let hangs = disk.forget_permits(Semaphore::MAX_PERMITS);
        assert!(hangs > 0);
        let sent = |message: &Message| {
            let (recorder, message) = (recorder.clone(), message.clone());
            tokio::spawn(async move { send(&recorder, &message).await })
        };
        let first = sent(&deposits[0]);
        let is_under_way = || batches.lock().expect("nobody panics").len() > opening.len();
        until(is_under_way).await;
        let rest = deposits[1..].iter().map(|it| send(&recorder, it));
        let mut rest: Vec<_> = rest.map(Box::pin).collect();
        for one in &mut rest {
            assert!(begun(one).await);
        }
        until(|| recorder.waiting() == 0).await;
        let mut seen = Box::pin(recorder.read(Market::sequence));
        assert!(begun(&mut seen).await);
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(!first.is_finished() && begun(&mut seen).await);
        for one in &mut rest {
            assert!(begun(one).await);
        }
        assert_eq!(*recorder.durable().borrow(), before);
        // The first batch, and the one that was obeyed meanwhile.
        disk.add_permits(2);
        assert!(first.await.expect("it ends").is_ok());
        for one in rest {
            let done = one.await;
            assert_eq!(done.is_ok(), !fails, "{done:?}");
        }
        let seen = seen.await;
        match fails {
            true => assert!(seen.is_err(), "{seen:?}"),
            false => assert!(seen.expect("it runs") > before),
        }
        let batches = batches.lock().expect("nobody panics").clone();
        assert_eq!(batches[opening.len()..], [1, deposits.len() - 1]);
    }
}

/// Goes on with something; says whether it waits.
async fn begun<T>(it: &mut (impl Future<Output = T> + Unpin)) -> bool {
    let mut it = pin!(it);
    poll_fn(|context| Poll::Ready(it.as_mut().poll(context).is_pending())).await
}

/// Waits until something holds.
async fn until(holds: impl Fn() -> bool) {
    while !holds() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_one_writer_runs_and_the_first_notices_that_it_was_replaced() {
    let (messages, now) = messages();
    let directory = tempfile::tempdir().expect("a directory");
    let first = start(sqlite(&directory).await, now)
        .await
        .expect("it starts");
    send_all(&first, &messages[..5]).await;
    let second = start(sqlite(&directory).await, now.plus_seconds(5)).await;
    let leased = second.expect_err("the first writes");
    assert!(
        matches!(leased, StartError::Store(StoreError::Leased { .. })),
        "{leased:?}"
    );
    let second = start(sqlite(&directory).await, now.plus_seconds(60)).await;
    let second = second.expect("the lease is over");
    let fenced = send(&first, &messages[5]).await;
    assert!(matches!(fenced, Err(Refused::Stopped)), "{fenced:?}");
    assert_eq!(send_all(&second, &messages).await, messages.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_at_once_share_a_commit_and_each_is_answered() {
    let (messages, now) = messages();
    let directory = tempfile::tempdir().expect("a directory");
    let recorder = start(sqlite(&directory).await, now)
        .await
        .expect("it starts");
    let (opening, deposits) = messages.split_at(messages.len() - 20);
    send_all(&recorder, opening).await;
    let sent = deposits.iter().cloned().map(|message| {
        let recorder = recorder.clone();
        tokio::spawn(async move { send(&recorder, &message).await })
    });
    let sent: Vec<_> = sent.collect();
    let mut sequences = Vec::new();
    for one in sent {
        let receipt = one.await.expect("it ends").expect("it is obeyed");
        sequences.push(receipt.sequence);
    }
    sequences.sort_unstable();
    let first = opening.len() as u64 + 1;
    assert!(sequences.into_iter().eq(first..first + 20));
    let rejected = recorder.send(b"{}".to_vec(), None).await;
    assert!(
        matches!(rejected, Err(Refused::Rejected(_))),
        "{rejected:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_was_changed_is_not_believed() {
    let (messages, now) = messages();
    let directory = tempfile::tempdir().expect("a directory");
    let recorder = start(sqlite(&directory).await, now)
        .await
        .expect("it starts");
    send_all(&recorder, &messages).await;
    drop(recorder);
    let change = |statement: &'static str| {
        let file = directory.path().join("record.db");
        async move {
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
            let pool = sqlx::SqlitePool::connect_with(options)
                .await
                .expect("it opens");
            sqlx::query(statement)
                .execute(&pool)
                .await
                .expect("it is done");
            pool.close().await;
        }
    };
    let later = now.plus_seconds(60);
    // One time, a microsecond earlier: every signature still holds, and the chain does not.
    change("UPDATE commands SET obeyed_at = obeyed_at - 1 WHERE sequence = 1").await;
    let broken = start(sqlite(&directory).await, later).await;
    assert!(
        matches!(broken, Err(StartError::Chain { sequence: 1, .. })),
        "{broken:?}"
    );
    change("UPDATE commands SET obeyed_at = obeyed_at + 1 WHERE sequence = 1").await;
    change("UPDATE commands SET envelope = x'7b7d' WHERE sequence = 4").await;
    let broken = start(sqlite(&directory).await, later.plus_seconds(60)).await;
    assert!(
        matches!(broken, Err(StartError::Command { sequence: 4, .. })),
        "{broken:?}"
    );
}

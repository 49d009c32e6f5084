//! Nobody has to send ticks: what is due happens.

use std::num::NonZeroU8;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use proofmark_core::{Digest, Ppm, Timestamp};
use proofmark_keys::SecretKey;
use proofmark_market::contract::table::StateName;
use proofmark_market::rfq::RfqState;
use proofmark_market::terms::Milestone;
use proofmark_market::{Action, ContractAction, ContractId, Terms};
use proofmark_service::{Recorder, Ticker, audit};
use proofmark_simulator::stage::{Actor, Says, Stage, rules, terms};
use proofmark_storage::{SqliteStore, Store};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use tempfile::TempDir;

/// A market whose parties have done what the stage has, and whose clock stands still unless it is moved.
struct World {
    directory: TempDir,
    store: Arc<dyn Store>,
    recorder: Recorder,
    clock: Arc<AtomicI64>,
}

impl World {
    async fn after(stage: &Stage) -> Self {
        let directory = TempDir::new().expect("a directory");
        let store = SqliteStore::open(&directory.path().join("record.db")).await;
        let store: Arc<dyn Store> = Arc::new(store.expect("it opens"));
        let clock = Arc::new(AtomicI64::new(stage.log[0].at.micros()));
        let recorder = Recorder::start(Arc::clone(&store), rules(), reads(&clock)).await;
        let recorder = recorder.expect("it starts");
        for entry in &stage.log {
            clock.store(entry.at.micros(), Ordering::Relaxed);
            let sent = recorder.send(entry.envelope.clone(), entry.attachment.clone());
            sent.await.expect("it is obeyed");
        }
        Self {
            directory,
            store,
            recorder,
            clock,
        }
    }

    fn ticker(&self) -> Ticker {
        Ticker {
            recorder: self.recorder.clone(),
            store: Arc::clone(&self.store),
            key: SecretKey::from_seed(Digest::of(b"proofmark/stage/operator").as_bytes()),
            clock: Box::new(reads(&self.clock)),
        }
    }

    fn pass(&self, seconds: i64) {
        let micros = seconds * 1_000_000;
        self.clock.fetch_add(micros, Ordering::Relaxed);
    }

    async fn state(&self, contract: ContractId) -> Option<StateName> {
        let looked = self
            .recorder
            .read(|market| market.contract(&contract).map(|it| it.state.name()));
        looked.await.expect("it runs")
    }

    /// Until the contract is in this state.
    async fn becomes(&self, contract: ContractId, state: StateName) {
        let mut durable = self.recorder.durable();
        let becomes = async {
            while self.state(contract).await != Some(state) {
                durable.changed().await.expect("it runs");
            }
        };
        let came = tokio::time::timeout(Duration::from_secs(20), becomes).await;
        came.unwrap_or_else(|_| panic!("{contract} does not become {state:?}"));
    }
}

fn reads(clock: &Arc<AtomicI64>) -> impl Fn() -> Timestamp + Send + Sync + use<> {
    let seen = Arc::clone(clock);
    move || Timestamp::from_micros(seen.load(Ordering::Relaxed)).expect("a time")
}

/// A supplier has bid on these terms, and bidding is over soon.
fn bid_on(terms: &Terms) -> (Stage, ContractId) {
    let names = ["buyer", "supplier", "passer-by", "alpha"];
    let mut stage = Stage::open(&names.map(Actor::new), 100_000);
    let rfq = stage
        .publish(&Actor::new("buyer"), terms)
        .expect("in order");
    let bid = stage.offer(1_000, 1_000);
    stage.must(
        &Actor::new("supplier"),
        Action::PlaceBid {
            rfq,
            bid,
            bonded: false,
        },
        None,
    );
    (stage, rfq.contract(NonZeroU8::MIN))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_rfq_without_bids_ends_by_itself_and_once() {
    let mut stage = Stage::open(&[Actor::new("buyer")], 100_000);
    let rfq = stage.publish(&Actor::new("buyer"), &terms());
    let rfq = rfq.expect("in order");
    let world = World::after(&stage).await;
    let running = tokio::spawn(world.ticker().run());
    tokio::time::sleep(Duration::from_millis(700)).await;
    let state = || {
        let looked = world
            .recorder
            .read(move |market| market.rfq(&rfq).map(|rfq| rfq.state.clone()));
        async { looked.await.expect("it runs") }
    };
    let open = state().await;
    assert!(matches!(open, Some(RfqState::Open { .. })), "{open:?}");
    let before = *world.recorder.durable().borrow();
    world.pass(3_601);
    let mut durable = world.recorder.durable();
    let more = durable.wait_for(|sequence| *sequence > before);
    let told = tokio::time::timeout(Duration::from_secs(20), more).await;
    told.expect("it is ticked").expect("it runs");
    let failed = state().await;
    assert!(
        matches!(failed, Some(RfqState::Failed { .. })),
        "{failed:?}"
    );
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(*world.recorder.durable().borrow(), before + 1, "one tick");
    running.abort();
}

/// Nobody does anything after the award, so the contract is one of which nothing was ever told but that it began.
#[tokio::test(flavor = "multi_thread")]
async fn a_supplier_who_never_acts_defaults() {
    let (stage, contract) = bid_on(&terms());
    let world = World::after(&stage).await;
    let running = tokio::spawn(world.ticker().run());
    world.pass(3_601);
    world.becomes(contract, StateName::Active).await;
    world.pass(86_401);
    world.becomes(contract, StateName::Defaulted).await;
    assert_eq!(audit(&*world.store, None, None).await.findings, []);
    running.abort();
}

/// The same of a second milestone, which began by the payment of the first.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_milestone_that_nobody_begins_defaults() {
    let mut terms = terms();
    let half = Ppm::new(500_000).expect("a share");
    terms.milestones = ["one", "two"]
        .map(|name| Milestone {
            deliverable: name.to_owned(),
            share: half,
            ..terms.milestones[0].clone()
        })
        .to_vec();
    let (mut stage, first) = bid_on(&terms);
    stage.pass_rfq(first.rfq);
    let supplier = Actor::new("supplier");
    let submission = stage.work("the answer");
    stage.act(&supplier, first, ContractAction::Submit { submission });
    let judged = stage.judge(
        &Actor::passer_by(),
        first,
        Says::Pass,
        &[&Actor::new("alpha")],
    );
    judged.expect("it waits");
    stage.act(&Actor::new("buyer"), first, ContractAction::Accept);
    let second = first.rfq.contract(NonZeroU8::new(2).expect("two"));
    let world = World::after(&stage).await;
    assert_eq!(world.state(second).await, Some(StateName::Active));
    let running = tokio::spawn(world.ticker().run());
    world.pass(86_401);
    world.becomes(second, StateName::Defaulted).await;
    running.abort();
}

/// A job that was lost keeps nobody's money: what is overdue is found without jobs too.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_overdue_is_ticked_without_a_job() {
    let (mut stage, contract) = bid_on(&terms());
    stage.pass_rfq(contract.rfq);
    let world = World::after(&stage).await;
    let file = world.directory.path().join("record.db");
    let pool = SqlitePool::connect_with(SqliteConnectOptions::new().filename(file)).await;
    let gone = sqlx::query("DELETE FROM jobs")
        .execute(&pool.expect("it opens"))
        .await;
    assert!(gone.expect("it is done").rows_affected() > 0);
    world.pass(86_401);
    let running = tokio::spawn(world.ticker().run());
    world.becomes(contract, StateName::Defaulted).await;
    running.abort();
}

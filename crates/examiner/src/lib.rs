//! Judges what was submitted: the validators of the terms, run over the bytes that were uploaded, and the verdict signed
//! and presented like anybody else's.
//!
//! | file | what |
//! |---|---|
//! | `desk` | where runs come from, and verdicts go to: a market in this process, or another one |
//! | `bytes` | criteria, validators, work: from the blobs, each with its digest computed again |
//! | `known` | criteria that were read before |
//! | `needs` | which blobs a run needs |
//! | `run` | one run: bytes in, a signed bundle out |
//! | `check` | the same for whoever asks, under no contract |
//! | `inspect` | whether a validator runs here |
//!
//! An examiner decides nothing: it holds a run, judges what the market wants judged, and whatever it presents is
//! verified like a stranger's. One that dies, hangs or is late costs time only: another holds the run when its time is
//! over. In scope: judging with one engine's key. Out of scope: running validators (`proofmark-engine`), who holds what
//! (`proofmark-service`), what a verdict leads to (`proofmark-market`).

mod bytes;
mod check;
mod desk;
mod inspect;
mod known;
mod needs;
mod run;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use proofmark_core::Digest;
use proofmark_engine::{Engine, EngineProfile};
use proofmark_keys::Signer;
use proofmark_market::Order;
use proofmark_service::{Answer, Hold};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

pub use bytes::Bytes;
pub use check::{CheckError, Checked, Checker};
pub use desk::{Desk, DeskError, OwnDesk};
pub use inspect::{Inspection, Inspector};
pub use needs::{Need, of_criteria, of_submission};

use run::RunError;

/// Bytes that are not there yet may be on their way.
const AGAIN_SECONDS: u64 = 2;

/// What the machine, or a validator, could not do is tried again later.
const LATER_SECONDS: u64 = 30;

/// Nothing is to be judged: look again after this.
pub(crate) const REST: Duration = Duration::from_millis(500);

/// A desk that failed is asked again after this.
const FAILED: Duration = Duration::from_secs(2);

/// A verdict is handed in so often before it is left to whoever holds the run next.
const TRIES: u32 = 5;

/// More runs than this are never judged at a time.
const MAX_AT_ONCE: usize = 256;

/// More are never held, those included that were judged and wait for the market.
const MAX_HELD: usize = 4 * MAX_AT_ONCE;

/// Components that need not be uploaded.
pub type ReadyMade = fn(&Digest) -> Option<&'static [u8]>;

/// Judges with the key of one engine. Clones judge with the same.
#[derive(Clone)]
pub struct Examiner {
    /// Where runs come from.
    pub desk: Arc<dyn Desk>,
    /// What is judged.
    pub bytes: Bytes,
    /// Runs the validators.
    pub engine: Arc<Engine>,
    /// Signs the verdicts.
    pub key: Arc<dyn Signer>,
}

/// Places to judge in. Clones share them.
#[derive(Clone)]
pub struct Seats {
    seats: Arc<Semaphore>,
    count: usize,
}

/// So many runs are judged at a time, by all who share the seats.
#[must_use]
pub fn seats(at_once: usize) -> Seats {
    let count = at_once.clamp(1, MAX_AT_ONCE);
    Seats {
        seats: Arc::new(Semaphore::new(count)),
        count,
    }
}

/// What became of a run.
enum Done {
    /// There is nothing more to do about it.
    Finished(Answer),
    /// It is tried again after so many seconds, because of this.
    Again(u64, String),
}

impl Examiner {
    /// Until the market stops. While as many runs are judged as there are seats, as many again are held, so that runs are
    /// claimed in groups and no seat waits for a claim. Whoever judges slowly keeps no more than that from others.
    pub async fn run(self, seats: Seats) {
        let held = Arc::new(Semaphore::new(2 * seats.count));
        let most = u32::try_from(seats.count).expect("there are few");
        let mut runs = JoinSet::new();
        loop {
            while runs.try_join_next().is_some() {}
            if runs.len() >= MAX_HELD {
                runs.join_next().await;
                continue;
            }
            let places = Arc::clone(&held).acquire_many_owned(most).await;
            let mut places = places.expect("it is not closed");
            let claimed = match self.desk.claim(most).await {
                Ok(claimed) => claimed,
                Err(DeskError::Stopped) => return,
                Err(error) => {
                    tracing::warn!(%error, "no runs are to be had");
                    tokio::time::sleep(FAILED).await;
                    continue;
                }
            };
            if claimed.is_empty() {
                self.desk.rest().await;
                continue;
            }
            for (hold, order) in claimed {
                let place = places.split(1);
                let (examiner, seats) = (self.clone(), seats.clone());
                runs.spawn(async move { examiner.one(&hold, &order, &seats, place).await });
            }
        }
    }

    /// A run that is held, to its end.
    async fn one(
        &self,
        hold: &Hold,
        order: &Order,
        seats: &Seats,
        place: Option<OwnedSemaphorePermit>,
    ) {
        let done = tokio::select! {
            done = self.work(hold, order, seats, place) => done,
            never = self.keep(hold) => match never {},
        };
        let told = match done {
            Ok(Done::Finished(presented)) => {
                tracing::info!(job = hold.job, ?presented, "judged");
                Ok(())
            }
            Ok(Done::Again(seconds, why)) => {
                tracing::info!(job = hold.job, why, "not judged yet");
                self.desk.put_off(hold, seconds, &why).await
            }
            Err(DeskError::Stopped) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = told {
            tracing::error!(job = hold.job, %error, "a run ended without a verdict");
        }
    }

    /// A run that takes longer stays ours: else it would be given out again while we are at it, to us as well.
    async fn keep(&self, hold: &Hold) -> Infallible {
        let third = Duration::from_secs(hold.seconds.max(1)) / 3;
        loop {
            tokio::time::sleep(third).await;
            match self.desk.extend(hold).await {
                Ok(true) => {}
                Ok(false) => tracing::info!(job = hold.job, "it is another's by now"),
                Err(error) => tracing::warn!(job = hold.job, %error, "it could not be kept"),
            }
        }
    }

    async fn work(
        &self,
        hold: &Hold,
        order: &Order,
        seats: &Seats,
        place: Option<OwnedSemaphorePermit>,
    ) -> Result<Done, DeskError> {
        if order.profile != EngineProfile::current().digest() {
            let why = format!("engine profile {} is asked for", order.profile);
            return Ok(Done::Again(LATER_SECONDS, why));
        }
        let seat = seats.seats.acquire().await;
        match self.desk.fetch(order).await {
            Ok(()) => {}
            Err(DeskError::Stopped) => return Err(DeskError::Stopped),
            Err(error) => return Ok(Done::Again(AGAIN_SECONDS, error.to_string())),
        }
        let judged = self.judge(order).await;
        // Others judge while this waits for the market.
        drop((seat, place));
        match judged {
            Ok(bundle) => self.hand_in(hold, bundle).await.map(Done::Finished),
            Err(RunError::Missing(what)) => {
                Ok(Done::Again(AGAIN_SECONDS, format!("{what} is not there")))
            }
            Err(error) => {
                let why = error.to_string();
                tracing::warn!(job = hold.job, why, "it cannot be judged here");
                Ok(Done::Again(LATER_SECONDS, why))
            }
        }
    }

    async fn judge(&self, order: &Order) -> Result<String, RunError> {
        let (engine, key) = (Arc::clone(&self.engine), Arc::clone(&self.key));
        let (bytes, order) = (self.bytes.clone(), order.clone());
        let judged =
            tokio::task::spawn_blocking(move || run::judge(&engine, &bytes, &order, &*key));
        judged.await.map_err(|_| RunError::Panicked)?
    }

    async fn hand_in(&self, hold: &Hold, bundle: String) -> Result<Answer, DeskError> {
        let mut tries = 1;
        loop {
            match self.desk.present(hold, bundle.clone()).await {
                Err(DeskError::Failed(why)) if tries < TRIES => {
                    tracing::warn!(job = hold.job, why, "the verdict is handed in again");
                    tries += 1;
                    tokio::time::sleep(FAILED).await;
                }
                handed_in => return handed_in,
            }
        }
    }
}

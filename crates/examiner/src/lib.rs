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
//!
//! An examiner decides nothing: it holds a run, judges what the market wants judged, and whatever it presents is
//! verified like a stranger's. One that dies, hangs or is late costs time only: another holds the run when its time is
//! over. In scope: judging with one engine's key. Out of scope: running validators (`proofmark-engine`), who holds what
//! (`proofmark-service`), what a verdict leads to (`proofmark-market`).

mod bytes;
mod check;
mod desk;
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

/// More runs than this are never held before they are begun.
const MAX_AT_ONCE: usize = 256;

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

/// So many runs at a time, of all who share it.
#[must_use]
pub fn seats(at_once: usize) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(at_once.clamp(1, MAX_AT_ONCE)))
}

/// What became of a run.
enum Done {
    /// There is nothing more to do about it.
    Finished(Answer),
    /// It is tried again after so many seconds, because of this.
    Again(u64, String),
}

impl Examiner {
    /// Until the market stops.
    pub async fn run(self, seats: Arc<Semaphore>) {
        let mut runs = JoinSet::new();
        loop {
            let free = free(&seats).await;
            let most = u32::try_from(free.len()).unwrap_or(u32::MAX);
            let claimed = match self.desk.claim(most).await {
                Ok(claimed) => claimed,
                Err(DeskError::Stopped) => return,
                Err(error) => {
                    tracing::warn!(%error, "no runs are to be had");
                    drop(free);
                    tokio::time::sleep(FAILED).await;
                    continue;
                }
            };
            if claimed.is_empty() {
                drop(free);
                self.desk.rest().await;
                continue;
            }
            for ((hold, order), seat) in claimed.into_iter().zip(free) {
                let examiner = self.clone();
                runs.spawn(async move {
                    examiner.one(&hold, &order).await;
                    drop(seat);
                });
            }
            while runs.try_join_next().is_some() {}
        }
    }

    /// A run that is held, to its end.
    async fn one(&self, hold: &Hold, order: &Order) {
        let done = tokio::select! {
            done = self.work(hold, order) => done,
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

    async fn work(&self, hold: &Hold, order: &Order) -> Result<Done, DeskError> {
        if order.profile != EngineProfile::current().digest() {
            let why = format!("engine profile {} is asked for", order.profile);
            return Ok(Done::Again(LATER_SECONDS, why));
        }
        match self.desk.fetch(order).await {
            Ok(()) => {}
            Err(DeskError::Stopped) => return Err(DeskError::Stopped),
            Err(error) => return Ok(Done::Again(AGAIN_SECONDS, error.to_string())),
        }
        match self.judge(order).await {
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

/// One free seat, and what else is free.
async fn free(seats: &Arc<Semaphore>) -> Vec<OwnedSemaphorePermit> {
    let first = Arc::clone(seats).acquire_owned().await;
    let rest = std::iter::from_fn(|| Arc::clone(seats).try_acquire_owned().ok());
    first.into_iter().chain(rest).collect()
}

//! The one writer: obeys what waits, makes it durable in batches, and only then answers and lets others see it.

use std::mem;
use std::sync::Arc;
use std::time::Duration;

use proofmark_core::Timestamp;
use proofmark_market::command::Signed;
use proofmark_market::{Receipt, Rejection, Status, step};
use proofmark_storage::{Command, Epoch, Obeyed, Store, StoreError};
use tokio::sync::{RwLock, mpsc, oneshot, watch};
use tokio::time::sleep;

use crate::appender::{Appender, UnderWay};
use crate::clock::Clock;
use crate::consequences;
use crate::papers::Noted;
use crate::recorder::{Asked, Refused, Standing};
use crate::runs;

/// Most commands of one batch.
const BATCH: usize = 256;

/// For so long nobody else can write after the last renewal.
const LEASE_SECONDS: u64 = 15;

/// A lease is renewed when a third of it is over.
const RENEW: Duration = Duration::from_secs(LEASE_SECONDS / 3);

pub(crate) fn lease_from(now: Timestamp) -> Timestamp {
    now.plus_seconds(LEASE_SECONDS)
}

pub(crate) struct Writer {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) appender: Appender,
    /// What was obeyed, durable or not; nothing once the writer has stopped.
    pub(crate) standing: Arc<RwLock<Option<Standing>>>,
    pub(crate) clock: Box<dyn Clock>,
    pub(crate) epoch: Epoch,
    pub(crate) leased_until: Timestamp,
    pub(crate) told: Told,
    /// Whether no more commands are taken.
    pub(crate) closing: watch::Receiver<bool>,
}

/// Where it is said how far the record goes.
#[derive(Clone)]
pub(crate) struct Told {
    /// Commands that are durable.
    pub(crate) durable: watch::Sender<u64>,
    /// The last of them from which a run followed.
    pub(crate) orders: watch::Sender<u64>,
}

/// What is answered when the batch is durable.
type Answer = (
    oneshot::Sender<Result<Receipt, Refused>>,
    Result<Receipt, Rejection>,
);

/// What was obeyed, or refused by what was, and is not durable yet.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) kept: Vec<Obeyed>,
    answers: Vec<Answer>,
    /// Commands in the market after it.
    sequence: u64,
}

impl Writer {
    /// Until no more commands are taken and those that wait are obeyed, or the record cannot be written. Whoever closes
    /// gives the record to the next writer at once.
    ///
    /// While one batch is made durable the next is obeyed, so that neither the disk nor the processor waits for the other.
    pub(crate) async fn run(mut self, mut asked: mpsc::Receiver<Asked>) {
        let (mut waiting, mut under_way) = (Batch::default(), None);
        let why = match self.work(&mut asked, &mut waiting, &mut under_way).await {
            Ok(()) => return self.give_back().await,
            Err(why) => why,
        };
        // Before anybody is told that it has stopped, by the end of the queue or of an answer.
        *self.standing.write().await = None;
        match why {
            Failed::Store(error, batch) => {
                tracing::error!(code = error.code(), %error, "the market has stopped");
                drop(batch);
            }
            Failed::Lost => {
                tracing::error!("the market has stopped: whoever writes the record is gone")
            }
        }
    }

    async fn work(
        &mut self,
        asked: &mut mpsc::Receiver<Asked>,
        waiting: &mut Batch,
        under_way: &mut Option<UnderWay>,
    ) -> Result<(), Failed> {
        let mut taken = Vec::with_capacity(BATCH);
        let mut more = true;
        loop {
            if under_way.is_none() {
                self.renew().await?;
                match waiting.answers.is_empty() {
                    false => *under_way = self.append(mem::take(waiting)),
                    true if !more => return Ok(()),
                    true => {}
                }
            }
            let room = BATCH - waiting.answers.len();
            let closing = self.closing.clone();
            tokio::select! {
                biased;
                () = closed(closing), if !asked.is_closed() => asked.close(),
                appended = ended(under_way) => {
                    *under_way = None;
                    appended?;
                }
                came = asked.recv_many(&mut taken, room), if more && room > 0 => {
                    more = came > 0;
                    self.obey(waiting, taken.drain(..)).await;
                }
                () = sleep(RENEW) => {}
            }
        }
    }

    async fn give_back(&self) {
        if let Err(error) = self.store.release(self.epoch).await {
            tracing::warn!(code = error.code(), %error, "the lease was not given back: it ends by itself");
        }
    }

    async fn renew(&mut self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let third = now.plus_seconds(LEASE_SECONDS - LEASE_SECONDS / 3);
        if self.leased_until >= third {
            return Ok(());
        }
        let until = lease_from(now);
        self.store.lease(Some(self.epoch), now, until).await?;
        self.leased_until = until;
        Ok(())
    }

    /// Obeys what was asked. Whoever looks at the market is shown what they see when it is durable; after a panic there is
    /// nothing to see.
    async fn obey(&self, batch: &mut Batch, asked: impl Iterator<Item = Asked>) {
        let mut guard = self.standing.write().await;
        let Some(mut standing) = guard.take() else {
            return;
        };
        for asked in asked {
            let at = self.clock.now().max(standing.market.now());
            let Asked {
                signed,
                envelope,
                attachment,
                answer,
            } = asked;
            let (done, obeyed) = obey(&mut standing, signed, (envelope, attachment), at);
            batch.answers.push((answer, done));
            batch.kept.extend(obeyed);
        }
        batch.sequence = standing.market.sequence();
        *guard = Some(standing);
    }

    /// Makes a batch durable, beside whatever is obeyed meanwhile. Where nothing changes there is nothing to wait for.
    fn append(&self, batch: Batch) -> Option<UnderWay> {
        if batch.kept.is_empty() {
            self.told.tell(batch);
            return None;
        }
        Some(self.appender.append(batch))
    }
}

impl Told {
    /// Answers what is durable.
    pub(crate) fn tell(&self, batch: Batch) {
        let Batch {
            kept,
            answers,
            sequence,
        } = batch;
        self.durable.send_replace(sequence);
        if kept.iter().any(runs::follows) {
            self.orders.send_replace(sequence);
        }
        for (answer, done) in answers {
            // Who has gone away asks again.
            let _ = answer.send(done.map_err(Refused::Rejected));
        }
    }
}

/// Why the writer stops.
enum Failed {
    /// The record cannot be written; with the batch that is not known to be in it.
    Store(StoreError, Batch),
    /// Whoever appends has panicked, and said so.
    Lost,
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Store(error, Batch::default())
    }
}

/// The batch that is under way, when it is durable; never, if none is.
async fn ended(under_way: &mut Option<UnderWay>) -> Result<(), Failed> {
    let Some(appended) = under_way else {
        return std::future::pending().await;
    };
    match appended.await {
        Ok(Ok(())) => Ok(()),
        Ok(Err((error, batch))) => Err(Failed::Store(error, batch)),
        Err(_) => Err(Failed::Lost),
    }
}

async fn closed(mut closing: watch::Receiver<bool>) {
    let _ = closing.wait_for(|closing| *closing).await;
}

/// What the market says, and what must be kept of it.
fn obey(
    Standing { market, papers }: &mut Standing,
    signed: Signed,
    (envelope, attachment): (Vec<u8>, Option<Vec<u8>>),
    at: Timestamp,
) -> (Result<Receipt, Rejection>, Option<Obeyed>) {
    let opened = market.open_signed(signed, attachment.as_deref(), at);
    let command = match opened {
        Ok(command) => command,
        Err(rejection) => return (Err(rejection), None),
    };
    let (payload, action) = (command.digest(), command.action().clone());
    let receipt = step(market, command, at);
    let kept = match &receipt {
        Ok(receipt) if receipt.status == Status::Obeyed => {
            let noted = Noted {
                action: &action,
                attachment: attachment.as_deref(),
                receipt,
            };
            papers.note(market, &noted);
            Obeyed {
                consequences: consequences::of(market, &payload, &receipt.events),
                command: Command {
                    sequence: receipt.sequence,
                    at,
                    payload,
                    head: receipt.head,
                    envelope,
                    attachment,
                },
            }
        }
        _ => return (receipt, None),
    };
    (receipt, Some(kept))
}

//! The one writer: obeys what waits, makes it durable as one batch, and only then answers and lets others see it.

use std::sync::Arc;
use std::time::Duration;

use proofmark_core::Timestamp;
use proofmark_market::command::Signed;
use proofmark_market::{Receipt, Rejection, Status, step};
use proofmark_storage::{Command, Epoch, Obeyed, Store, StoreError};
use tokio::sync::{RwLock, mpsc, oneshot, watch};
use tokio::time::timeout;

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
    /// Nothing once the writer has stopped: what it had obeyed may not be durable.
    pub(crate) standing: Arc<RwLock<Option<Standing>>>,
    pub(crate) clock: Box<dyn Clock>,
    pub(crate) epoch: Epoch,
    pub(crate) leased_until: Timestamp,
    /// Commands that are durable.
    pub(crate) durable: watch::Sender<u64>,
    /// The last of them from which a run followed.
    pub(crate) orders: watch::Sender<u64>,
    /// Whether no more commands are taken.
    pub(crate) closing: watch::Receiver<bool>,
}

/// What is answered when the batch is durable.
type Answer = (
    oneshot::Sender<Result<Receipt, Refused>>,
    Result<Receipt, Rejection>,
);

impl Writer {
    /// Until no more commands are taken and those that wait are obeyed, or the record cannot be written. Whoever closes
    /// gives the record to the next writer at once.
    pub(crate) async fn run(mut self, mut asked: mpsc::Receiver<Asked>) {
        let mut batch = Vec::with_capacity(BATCH);
        let why = loop {
            if let Err(error) = self.renew().await {
                break error;
            }
            let closing = self.closing.clone();
            let came = tokio::select! {
                biased;
                () = closed(closing), if !asked.is_closed() => {
                    asked.close();
                    continue;
                }
                came = timeout(RENEW, asked.recv_many(&mut batch, BATCH)) => came,
            };
            match came {
                Ok(0) => return self.give_back().await,
                Ok(_) => {}
                Err(_) => continue,
            }
            if let Err(error) = self.carry_out(batch.drain(..)).await {
                break error;
            }
        };
        // Who waits is told by the end of the queue.
        tracing::error!(code = why.code(), error = %why, "the market has stopped");
        *self.standing.write().await = None;
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

    /// Nobody sees what is not durable: the market stays locked until it is, and is gone if that fails or panics.
    async fn carry_out(&self, batch: impl Iterator<Item = Asked>) -> Result<(), StoreError> {
        let mut guard = self.standing.write().await;
        let Some(mut standing) = guard.take() else {
            return Ok(());
        };
        let (mut kept, mut answers): (Vec<Obeyed>, Vec<Answer>) = (Vec::new(), Vec::new());
        for asked in batch {
            let at = self.clock.now().max(standing.market.now());
            let Asked {
                signed,
                envelope,
                attachment,
                answer,
            } = asked;
            let (done, obeyed) = obey(&mut standing, signed, (envelope, attachment), at);
            answers.push((answer, done));
            kept.extend(obeyed);
        }
        self.store.append(self.epoch, &kept).await?;
        let sequence = standing.market.sequence();
        *guard = Some(standing);
        drop(guard);
        self.durable.send_replace(sequence);
        if kept.iter().any(runs::follows) {
            self.orders.send_replace(sequence);
        }
        for (answer, done) in answers {
            // Who has gone away asks again.
            let _ = answer.send(done.map_err(Refused::Rejected));
        }
        Ok(())
    }
}

/// Until no more commands are taken, or nobody is left who could send one.
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

//! Where commands go in and acknowledgements come out.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use proofmark_attestation::statement::binding::Term;
use proofmark_core::uri;
use proofmark_keys::{SecretKey, Signer as _};
use proofmark_market::command::{Payload, Signed, sign};
use proofmark_market::{Action, Code, CommandId, Market, PartyId, Receipt, Rejection, Rules};
use proofmark_storage::Store;
use tokio::runtime::Handle;
use tokio::sync::{RwLock, mpsc, oneshot, watch};

use crate::appender::Appender;
use crate::clock::Clock;
use crate::keys::Keys;
use crate::papers::Papers;
use crate::start::{self, StartError};
use crate::writer::{self, Told, Writer};

/// So many commands may wait; whoever comes then is asked to come again.
const QUEUE: usize = 4_096;

/// A writer that is in the middle of something has so long to end when its runtime does.
const LAST: Duration = Duration::from_secs(2);

/// A market that runs. Clones speak to the same.
#[derive(Debug, Clone)]
pub struct Recorder {
    queue: mpsc::Sender<Asked>,
    standing: Arc<RwLock<Option<Standing>>>,
    durable: watch::Receiver<u64>,
    ordered: watch::Receiver<u64>,
    closing: watch::Sender<bool>,
    /// Neither changes while a market lives.
    audience: Term,
    operator: PartyId,
    keys: Arc<Keys>,
}

/// What follows from the commands so far.
#[derive(Debug)]
pub(crate) struct Standing {
    pub(crate) market: Market,
    pub(crate) papers: Papers,
}

/// A command on its way.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) signed: Signed,
    pub(crate) envelope: Vec<u8>,
    pub(crate) attachment: Option<Vec<u8>>,
    pub(crate) answer: oneshot::Sender<Result<Receipt, Refused>>,
}

/// Why a command was not acknowledged.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The market rejects it. Whoever sent it is to blame.
    #[error(transparent)]
    Rejected(Rejection),
    /// More commands wait than can be obeyed soon. Nothing was done; the same command may be sent again.
    #[error("too many commands wait")]
    Busy,
    /// The record could not be written, or another writer has taken over. Whether the command was obeyed is found by
    /// sending it again, once the market has started again.
    #[error("the market has stopped")]
    Stopped,
}

impl Recorder {
    /// Starts the market that follows from the record, as its one writer.
    ///
    /// # Errors
    /// [`StartError`]; a record whose last writer died is leased by it for some seconds still.
    ///
    /// # Panics
    /// If the system starts no threads any more.
    pub async fn start(
        store: Arc<dyn Store>,
        rules: Rules,
        clock: impl Clock,
    ) -> Result<Self, StartError> {
        start::found(&*store, &rules).await?;
        let now = clock.now();
        let leased_until = writer::lease_from(now);
        let epoch = store.lease(None, now, leased_until).await?;
        let standing = start::market(&*store, rules).await?;
        let audience = standing.market.rules().audience.clone();
        let operator = standing.market.operator();
        let (told, durable) = watch::channel(standing.market.sequence());
        let (orders, ordered) = watch::channel(standing.market.sequence());
        let standing = Arc::new(RwLock::new(Some(standing)));
        let (queue, asked) = mpsc::channel(QUEUE);
        let closing = watch::Sender::new(false);
        let told = Told {
            durable: told,
            orders,
        };
        let (works, ended) = std::sync::mpsc::channel();
        let writer = Writer {
            appender: Appender::start(Arc::clone(&store), epoch, told.clone(), works.clone()),
            store,
            standing: Arc::clone(&standing),
            clock: Box::new(clock),
            epoch,
            leased_until,
            told,
            closing: closing.subscribe(),
        };
        start_thread(writer, asked, (works, ended));
        Ok(Self {
            queue,
            standing,
            durable,
            ordered,
            closing,
            audience,
            operator,
            keys: Arc::default(),
        })
    }

    /// Reads a command and checks its signature, on the thread of whoever asks: the one writer has enough to do.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn verify(&self, envelope: &[u8]) -> Result<Signed, Refused> {
        let read = Signed::read(envelope, &self.audience, |id| self.keys.find(id));
        match read {
            Err(rejection) if rejection.code == Code::SenderUnknown => {
                let learn = |market: &Market| {
                    Signed::read(envelope, &self.audience, |id| self.keys.learn(market, id))
                };
                self.read(learn).await?.map_err(Refused::Rejected)
            }
            read => read.map_err(Refused::Rejected),
        }
    }

    /// Sends a command and waits until it is durable, or refused.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn send(
        &self,
        envelope: Vec<u8>,
        attachment: Option<Vec<u8>>,
    ) -> Result<Receipt, Refused> {
        let signed = self.verify(&envelope).await?;
        self.send_verified(signed, envelope, attachment).await
    }

    /// The same, of a command that [`Recorder::verify`] has read from this envelope.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn send_verified(
        &self,
        signed: Signed,
        envelope: Vec<u8>,
        attachment: Option<Vec<u8>>,
    ) -> Result<Receipt, Refused> {
        let (answer, answered) = oneshot::channel();
        let asked = Asked {
            signed,
            envelope,
            attachment,
            answer,
        };
        self.queue.try_send(asked).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Refused::Busy,
            mpsc::error::TrySendError::Closed(_) => Refused::Stopped,
        })?;
        answered.await.unwrap_or(Err(Refused::Stopped))
    }

    /// Signs a command with a key of this process and sends it. The same id again is obeyed once.
    ///
    /// # Errors
    /// [`Refused`].
    ///
    /// # Panics
    /// Never: a key in memory signs what is short.
    pub async fn act(
        &self,
        key: &SecretKey,
        id: CommandId,
        action: Action,
        attachment: Option<Vec<u8>>,
    ) -> Result<Receipt, Refused> {
        let payload = Payload {
            schema: uri::COMMAND_V1.to_owned(),
            market: self.audience.clone(),
            sender: key.public_key().id(),
            id,
            valid_until: None,
            action,
        };
        let envelope = sign(&payload, key).expect("a key in memory signs what is short");
        self.send(envelope.to_json().into_bytes(), attachment).await
    }

    /// Takes no more commands, also from whoever has another clone, and waits until those that wait are durable and the
    /// record is free for the next writer.
    pub async fn close(self) {
        let Self {
            closing,
            mut durable,
            ..
        } = self;
        closing.send_replace(true);
        // Its sender goes when the writer has ended.
        while durable.changed().await.is_ok() {}
    }

    /// The last durable command from which a run followed, for whoever waits for runs.
    #[must_use]
    pub fn ordered(&self) -> watch::Receiver<u64> {
        self.ordered.clone()
    }

    /// How many commands are durable, for whoever waits for more. Its sender is gone once the market has stopped.
    #[must_use]
    pub fn durable(&self) -> watch::Receiver<u64> {
        self.durable.clone()
    }

    /// Commands that wait to be obeyed.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }

    /// Who runs the market.
    #[must_use]
    pub const fn operator(&self) -> PartyId {
        self.operator
    }

    /// Looks at the market. Only what is durable is seen.
    ///
    /// # Errors
    /// [`Refused::Stopped`].
    pub async fn read<T>(&self, look: impl FnOnce(&Market) -> T) -> Result<T, Refused> {
        self.consult(|market, _| look(market)).await
    }

    /// Looks at the market, and at where its papers stand in the record. Only what is durable is seen.
    ///
    /// # Errors
    /// [`Refused::Stopped`].
    pub async fn consult<T>(&self, look: impl FnOnce(&Market, &Papers) -> T) -> Result<T, Refused> {
        let (seen, sequence) = {
            let standing = self.standing.read().await;
            let standing = standing.as_ref().ok_or(Refused::Stopped)?;
            let seen = look(&standing.market, &standing.papers);
            (seen, standing.market.sequence())
        };
        // The market may be ahead of the disk. If it stops before that has followed, nobody has seen anything.
        let mut durable = self.durable.clone();
        let followed = durable.wait_for(|durable| *durable >= sequence).await;
        followed.map_err(|_| Refused::Stopped)?;
        Ok(seen)
    }
}

/// The writer's thread. Whoever holds `works` still works; `ended` is told when nobody does.
fn start_thread(
    writer: Writer,
    asked: mpsc::Receiver<Asked>,
    (works, ended): (std::sync::mpsc::Sender<()>, std::sync::mpsc::Receiver<()>),
) {
    let (alive, gone) = oneshot::channel::<()>();
    let mut lifeline = Lifeline {
        alive: Some(alive),
        ended,
    };
    // Dropped with the runtime, if the writer has not ended before.
    tokio::spawn(async move {
        if let Some(alive) = &mut lifeline.alive {
            alive.closed().await;
        }
    });
    let handle = Handle::current();
    let work = move || {
        let _works = works;
        handle.block_on(async {
            tokio::select! {
                biased;
                _ = gone => {}
                () = writer.run(asked) => {}
            }
        });
    };
    let thread = thread::Builder::new().name("market-writer".to_owned());
    let thread = thread.spawn(work);
    thread.expect("the system starts a thread");
}

/// What ties the threads of the writer to the runtime, whose clock they need: without one they would panic. So the runtime
/// waits for them, and not for long.
struct Lifeline {
    alive: Option<oneshot::Sender<()>>,
    ended: std::sync::mpsc::Receiver<()>,
}

impl Drop for Lifeline {
    fn drop(&mut self) {
        drop(self.alive.take());
        let _ = self.ended.recv_timeout(LAST);
    }
}

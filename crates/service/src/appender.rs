//! Makes batches durable, on a thread of its own.
//!
//! A batch is several questions to the database, one after the other. Were it a task like others, it would queue behind
//! whatever else the runtime does each time that one is answered: behind the signatures of the next batch, which cost more.

use std::sync::Arc;
use std::thread;

use proofmark_storage::{Epoch, Store, StoreError};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

use crate::writer::{Batch, Told};

/// How a batch on its way to the disk ends. Whoever drops it gives the batch up.
pub(crate) type UnderWay = oneshot::Receiver<Result<(), (StoreError, Batch)>>;

type Handed = (Batch, oneshot::Sender<Result<(), (StoreError, Batch)>>);

/// Takes batches. Its thread ends when it is dropped.
pub(crate) struct Appender(mpsc::UnboundedSender<Handed>);

impl Appender {
    /// Writes under this epoch, and tells whoever waits for a batch as soon as it is durable. `works` is dropped when the
    /// thread ends.
    ///
    /// # Panics
    /// If the system starts no threads any more.
    pub(crate) fn start(
        store: Arc<dyn Store>,
        epoch: Epoch,
        told: Told,
        works: std::sync::mpsc::Sender<()>,
    ) -> Self {
        let (hand, mut handed) = mpsc::unbounded_channel::<Handed>();
        let handle = Handle::current();
        let work = async move {
            while let Some((batch, mut done)) = handed.recv().await {
                let appended = tokio::select! {
                    biased;
                    () = done.closed() => return,
                    appended = store.append(epoch, &batch.kept) => appended,
                };
                let ended = match appended {
                    Ok(_) => {
                        told.tell(batch);
                        Ok(())
                    }
                    Err(error) => Err((error, batch)),
                };
                let _ = done.send(ended);
            }
        };
        let thread = thread::Builder::new().name("market-record".to_owned());
        let thread = thread.spawn(move || {
            let _works = works;
            handle.block_on(work);
        });
        thread.expect("the system starts a thread");
        Self(hand)
    }

    /// One at a time: the next when this one has ended.
    pub(crate) fn append(&self, batch: Batch) -> UnderWay {
        let (done, under_way) = oneshot::channel();
        // One that is gone is found out by whoever waits.
        let _ = self.0.send((batch, done));
        under_way
    }
}

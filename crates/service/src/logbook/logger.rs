//! The task that appends what is missing.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use proofmark_core::chain;
use proofmark_keys::{SecretKey, Signer as _};
use proofmark_log::{Cosigner, Log, LogError};
use proofmark_market::Market;
use proofmark_storage::Store;
use proofmark_tlog::{KeyName, NoteKey, leaf_hash};
use tokio::sync::watch;
use tokio::time::timeout;

use super::{Logbook, LogbookError, bundle_of, is_beginning};
use crate::papers::{Papers, Presented, attachment, entry};
use crate::recorder::{Recorder, Refused};

/// Most leaves of one checkpoint: what waited meanwhile goes in together.
const BATCH: usize = 256;

/// After a failure of the disk or the record the log is opened and compared again, so often.
const AGAIN: Duration = Duration::from_secs(5);

/// Another writer of the log is waited for so often, for so long each time: 5 s.
const LOCKED: u32 = 25;
const REST: Duration = Duration::from_millis(200);

/// Witnesses that have not cosigned are asked again after this, or when there is more.
const ASK_AGAIN: Duration = Duration::from_secs(60);

/// How long a witness may take.
const WITNESS: Duration = Duration::from_secs(10);

/// Appends every verdict that was obeyed to the log of its market. Nobody waits for it.
pub struct Logger {
    recorder: Recorder,
    store: Arc<dyn Store>,
    directory: PathBuf,
    key: NoteKey,
    signer: Arc<SecretKey>,
    witnesses: Arc<[Cosigner]>,
    told: watch::Sender<u64>,
    /// Whether the last checkpoint lacks the cosignature of a witness.
    owed: bool,
    /// Whether a log that is not there is made, though there are verdicts that it may have had.
    make_again: bool,
    /// Nothing after a failure, until it is opened again.
    log: Option<Log>,
}

/// What the log of a market is written with.
pub struct LogSetup<'d> {
    /// Where the log is, or will be.
    pub directory: &'d Path,
    /// The name of the log, for ever.
    pub origin: KeyName,
    /// Signs its checkpoints, and nothing else.
    pub signer: SecretKey,
    /// Who is asked to cosign them.
    pub witnesses: Vec<Cosigner>,
    /// Whether a log that is not there is made of the verdicts that the record has. A record that is older than the log
    /// was would go on otherwise than that did, and one key would have signed both.
    pub make_again: bool,
}

impl Logger {
    /// Opens the log, or makes it, compares it with the record, and asks the witnesses whether they know another.
    ///
    /// # Errors
    /// [`LogbookError`]: a log that is of another key or another history is not gone on with.
    pub async fn open(
        recorder: Recorder,
        store: Arc<dyn Store>,
        setup: LogSetup<'_>,
    ) -> Result<(Self, Logbook), LogbookError> {
        let key = NoteKey::log(setup.origin, *setup.signer.public_key());
        let (told, logged) = watch::channel(0);
        let book = Logbook {
            directory: setup.directory.to_owned(),
            key: key.clone(),
            logged,
        };
        let mut logger = Self {
            recorder,
            store,
            directory: setup.directory.to_owned(),
            key,
            signer: Arc::new(setup.signer),
            witnesses: setup.witnesses.into(),
            told,
            owed: false,
            make_again: setup.make_again,
            log: None,
        };
        logger.reopen().await?;
        if !logger.witnesses.is_empty() {
            logger.ask_first().await?;
        }
        // From here on the record is the one that the log follows.
        logger.make_again = true;
        Ok((logger, book))
    }

    /// Until the market stops. What fails is tried again; a log of another history is not.
    pub async fn run(mut self) {
        let mut durable = self.recorder.durable();
        loop {
            let done = match self.catch_up().await {
                Ok(()) => self.more(&mut durable).await,
                Err(error) => Err(error),
            };
            match done {
                Ok(()) => {}
                Err(LogbookError::Stopped(_)) => return,
                Err(error) => {
                    let (code, why) = (error.code(), chain(&error));
                    tracing::error!(code, why, "verdicts are not logged");
                    if !error.may_pass() {
                        return;
                    }
                    self.log = None;
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    }

    /// Until there may be more to do.
    async fn more(&self, durable: &mut watch::Receiver<u64>) -> Result<(), LogbookError> {
        let changed = durable.changed();
        let changed = match self.owed {
            true => timeout(ASK_AGAIN, changed).await.unwrap_or(Ok(())),
            false => changed.await,
        };
        changed.map_err(|_| Refused::Stopped.into())
    }

    /// Asks witnesses before anything is shown to others that could contradict what they know. Of a log that was lost, or
    /// put back from a copy, they know more than it has; if the record has as much, the log first catches up, and whether
    /// that is the same they say then.
    async fn ask_first(&mut self) -> Result<(), LogbookError> {
        let verdicts = |_: &Market, papers: &Papers| papers.verdicts().len();
        let recorded = self.recorder.consult(verdicts).await? as u64;
        match self.cosign().await {
            Err(LogbookError::Forked(why)) if why.ahead().is_some_and(|it| it <= recorded) => {
                while self.next().await? {}
                self.cosign().await
            }
            asked => asked,
        }
    }

    /// Appends whatever is missing, and asks the witnesses then.
    async fn catch_up(&mut self) -> Result<(), LogbookError> {
        if self.log.is_none() {
            self.reopen().await?;
        }
        while self.next().await? {
            self.owed = !self.witnesses.is_empty();
        }
        match self.owed {
            true => self.cosign().await,
            false => Ok(()),
        }
    }

    /// Opens the log and compares it with the record.
    async fn reopen(&mut self) -> Result<(), LogbookError> {
        let verdicts = self.recorder.consult(|_, papers| papers.verdicts().len());
        let recorded = verdicts.await? as u64;
        let may_make = recorded == 0 || self.make_again;
        let (directory, key) = (self.directory.clone(), self.key.clone());
        let signer = Arc::clone(&self.signer);
        let log = blocking(move || open(&directory, &key, may_make.then_some(&*signer))).await;
        let log = match log {
            Err(LogError::Missing(_)) => return Err(LogbookError::Missing { recorded }),
            log => log?,
        };
        if *log.key() != self.key {
            return Err(LogbookError::OtherKey {
                found: Box::new(log.key().clone()),
                own: Box::new(self.key.clone()),
            });
        }
        let (size, root) = (log.size(), log.root());
        let looked = self
            .recorder
            .consult(|_, papers| is_beginning(size, &root, papers.verdicts()));
        looked.await??;
        self.told.send_replace(size);
        self.owed = size > 0 && !self.witnesses.is_empty();
        self.log = Some(log);
        Ok(())
    }

    /// Appends the next batch; `false` if there is none.
    async fn next(&mut self) -> Result<bool, LogbookError> {
        let size = self.log.as_ref().map_or(0, Log::size);
        let missing = self.recorder.consult(|_, papers| {
            let verdicts = papers.verdicts().iter();
            let from = usize::try_from(size).unwrap_or(usize::MAX);
            verdicts.skip(from).take(BATCH).cloned().collect::<Vec<_>>()
        });
        let missing = missing.await?;
        if missing.is_empty() {
            return Ok(false);
        }
        let mut entries = Vec::with_capacity(missing.len());
        for presented in &missing {
            entries.push(self.entry(presented).await?);
        }
        let signer = Arc::clone(&self.signer);
        let appended = self.with(move |log| log.append(&entries, &*signer));
        appended.await?;
        let size = size + missing.len() as u64;
        self.told.send_replace(size);
        Ok(true)
    }

    /// The leaf of a verdict, from the record.
    async fn entry(&self, presented: &Presented) -> Result<Vec<u8>, LogbookError> {
        let bytes = attachment(&*self.store, presented.sequence).await?;
        let bundle = bundle_of(&bytes.unwrap_or_default(), presented)?;
        let entry = entry(&bundle).filter(|it| leaf_hash(it) == presented.leaf);
        entry.ok_or_else(|| LogbookError::Other {
            sequence: presented.sequence,
            why: "its leaf is another".to_owned(),
        })
    }

    /// That witnesses are silent stops nothing: they are asked again, for this checkpoint or the next. One that knows another
    /// log of this key stops everything: this one is a fork.
    async fn cosign(&mut self) -> Result<(), LogbookError> {
        let witnesses = Arc::clone(&self.witnesses);
        let asked = self.with(move |log| log.collect_cosignatures(&witnesses, WITNESS));
        let failures = asked.await?.failures;
        self.owed = !failures.is_empty();
        for failure in failures {
            if failure.knows_another() {
                return Err(LogbookError::Forked(failure));
            }
            let (code, why) = (failure.code(), chain(&failure));
            tracing::warn!(code, why, "a witness has not cosigned");
        }
        Ok(())
    }

    /// Works on the log where nobody else waits for the disk. Whoever goes away meanwhile leaves a log that
    /// is opened again.
    async fn with<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Log) -> Result<T, LogError> + Send + 'static,
    ) -> Result<T, LogbookError> {
        let mut log = self.log.take().ok_or(LogError::Broken)?;
        let (log, done) = blocking(move || {
            let done = work(&mut log);
            Ok((log, done))
        })
        .await?;
        self.log = Some(log);
        Ok(done?)
    }
}

/// A writer that was told to stop may still be at its last batch.
fn open(directory: &Path, key: &NoteKey, maker: Option<&SecretKey>) -> Result<Log, LogError> {
    for _ in 0..LOCKED {
        match (Log::open(directory), maker) {
            (Err(LogError::Missing(_)), Some(signer)) => {
                return Log::create(directory, key, signer);
            }
            (Err(LogError::Locked(_)), _) => std::thread::sleep(REST),
            (opened, _) => return opened,
        }
    }
    Log::open(directory)
}

/// # Panics
/// If the work does.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, LogError> + Send + 'static,
) -> Result<T, LogError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        // The process ends.
        Err(_) => Err(LogError::Broken),
    })
}

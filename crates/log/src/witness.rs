//! A witness: it says that the logs of others have only grown.

mod store;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use proofmark_core::{Digest, Timestamp};
use proofmark_keys::Signer;
use proofmark_tlog::{
    AddCheckpoint, CosignError, KeyKind, NoteKey, NoteSignature, Refusal, SignedNote, cosign,
    decide,
};

use crate::disk::{Disk, Lock, RealDisk};
use crate::error::LogError;
use store::{Remembered, Store};

/// A witness of some logs, the only one with its directory. It remembers for each log what it has cosigned last,
/// one file for each, and makes that durable before a cosignature leaves it.
pub struct Witness {
    key: NoteKey,
    signer: Arc<dyn Signer>,
    logs: BTreeMap<String, Watched>,
    store: Store,
    _lock: Lock,
}

/// A log, and what is remembered of it. Whoever decides about it has it alone.
struct Watched {
    key: NoteKey,
    last: Mutex<Option<Remembered>>,
}

/// Why a witness cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// The key is not one for cosignatures, or not the signer's. Whoever configured it is to blame.
    #[error("the key {0} is not that of this witness")]
    Key(Box<NoteKey>),
    /// A key is not a log's, or two logs have one origin. Whoever configured it is to blame.
    #[error("the key {0} is not that of one more log")]
    Log(Box<NoteKey>),
    /// The directory is of no use.
    #[error(transparent)]
    Directory(#[from] LogError),
}

impl WitnessError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Key(_) => "witness-key",
            Self::Log(_) => "witness-log",
            Self::Directory(error) => error.code(),
        }
    }
}

/// Why a checkpoint is not cosigned.
#[derive(Debug, thiserror::Error)]
pub enum CosignRefusal {
    /// The log is none of those that this witness watches.
    #[error("this witness does not know the log")]
    UnknownLog,
    /// By the rules of C2SP tlog-witness.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The new state could not be made durable. The environment is to blame.
    #[error("the witness cannot remember")]
    Store(#[source] LogError),
    /// The signer gave no signature. Whoever operates it must act.
    #[error("the witness cannot sign")]
    Sign(#[source] CosignError),
}

impl CosignRefusal {
    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::UnknownLog => 404,
            Self::Refused(refusal) => refusal.status(),
            Self::Store(_) | Self::Sign(_) => 500,
        }
    }
}

impl Witness {
    /// Opens a witness in a directory, which is made if it is not there.
    ///
    /// # Errors
    /// [`WitnessError`].
    pub fn open(
        directory: &Path,
        key: &NoteKey,
        signer: Arc<dyn Signer>,
        logs: &[NoteKey],
    ) -> Result<Self, WitnessError> {
        Self::open_on(Arc::new(RealDisk::default()), directory, key, signer, logs)
    }

    /// As [`Witness::open`], on any disk.
    ///
    /// # Errors
    /// As [`Witness::open`].
    pub fn open_on(
        disk: Arc<dyn Disk>,
        directory: &Path,
        key: &NoteKey,
        signer: Arc<dyn Signer>,
        logs: &[NoteKey],
    ) -> Result<Self, WitnessError> {
        if key.kind() != KeyKind::Cosignature || signer.public_key() != key.public() {
            return Err(WitnessError::Key(Box::new(key.clone())));
        }
        let store = Store::new(disk, directory);
        let lock = store.lock()?;
        let mut watched = BTreeMap::new();
        for log in logs {
            let last = Mutex::new(store.read(log)?);
            let one = Watched {
                key: log.clone(),
                last,
            };
            let other = watched.insert(log.name().to_string(), one);
            if log.kind() != KeyKind::Ed25519 || other.is_some() {
                return Err(WitnessError::Log(Box::new(log.clone())));
            }
        }
        Ok(Self {
            key: key.clone(),
            signer,
            logs: watched,
            store,
            _lock: lock,
        })
    }

    /// Its key.
    #[must_use]
    pub const fn key(&self) -> &NoteKey {
        &self.key
    }

    /// Cosigns the checkpoint of a request, if the log has only grown since the last one. The same request a
    /// second time, with the size that is known now, gets a cosignature again.
    ///
    /// # Errors
    /// [`CosignRefusal`].
    pub fn add_checkpoint(
        &self,
        body: &[u8],
        now: Timestamp,
    ) -> Result<NoteSignature, CosignRefusal> {
        let request = AddCheckpoint::parse(body)?;
        let watched = request.origin().and_then(|origin| self.logs.get(origin));
        let watched = watched.ok_or(CosignRefusal::UnknownLog)?;
        // From the decision until it is durable nobody else decides about this log.
        let mut last = watched.last.lock().unwrap_or_else(PoisonError::into_inner);
        let state = last.as_ref().map(|last| last.state);
        let accepted = decide(state.as_ref(), &request, &watched.key)?;
        let cosignature = cosign(accepted.checkpoint(), &self.key, &*self.signer, now);
        let cosignature = cosignature.map_err(CosignRefusal::Sign)?;
        let known = last
            .as_ref()
            .is_some_and(|last| last.durable && last.state == accepted.state());
        if !known {
            let note = served(accepted.checkpoint().note(), &watched.key, &cosignature);
            let remembered = last.insert(Remembered {
                state: accepted.state(),
                note,
                durable: false,
            });
            // If this fails, nobody knows which of the two is on the disk. The later one is asked for from now
            // on, and is written again before anything is given away.
            self.store
                .write(&watched.key, &remembered.note)
                .map_err(CosignRefusal::Store)?;
            remembered.durable = true;
        }
        Ok(cosignature)
    }

    /// The last checkpoint that it has cosigned of the log with this digest of its origin.
    #[must_use]
    pub fn last(&self, origin_digest: &str) -> Option<SignedNote> {
        let named = |origin: &str| Digest::of(origin.as_bytes()).hex() == origin_digest;
        let (_, watched) = self.logs.iter().find(|(origin, _)| named(origin))?;
        let last = watched.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.as_ref().map(|last| last.note.clone())
    }
}

/// The checkpoint as others should see it: the log's signature and ours, and nobody's that was not tried.
fn served(note: &SignedNote, log: &NoteKey, cosignature: &NoteSignature) -> SignedNote {
    let mut all = note.signatures().iter();
    let log = all.find(|one| one.id == log.id() && one.name == *log.name());
    let signatures = log.into_iter().chain([cosignature]).cloned().collect();
    SignedNote::new(note.text().to_owned(), signatures).expect("what can be signed is short")
}

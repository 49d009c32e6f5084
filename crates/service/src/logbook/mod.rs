//! The transparency log of a market: one leaf for each verdict that was obeyed, in the order of commands.
//!
//! Order and content follow from the record alone, so where the log goes on after a stop is computed and never
//! remembered. A record that is older than its log was leads to another log; so one that is gone is made again only if
//! somebody says so, and witnesses are asked first. In scope: appending what is missing, asking witnesses, proofs for
//! readers. Out of scope: how a log is durable (`proofmark-log`), what a leaf is (`proofmark-attestation`).
//! `docs/design/0018-log-of-a-market.md` says why.

mod logger;

use std::path::{Path, PathBuf};

use proofmark_attestation::Bundle;
use proofmark_attestation::bundle::LogEvidence;
use proofmark_core::Digest;
use proofmark_log::{CosignerError, Folder, Log, LogError, LogReader, ReadError};
use proofmark_storage::StoreError;
use proofmark_tlog::tile::RightEdge;
use proofmark_tlog::{Hash, NoteKey};
use tokio::sync::watch;

pub use logger::{LogSetup, Logger};

use crate::papers::Presented;
use crate::recorder::Refused;

/// The log of a market, for whoever reads it.
#[derive(Debug, Clone)]
pub struct Logbook {
    directory: PathBuf,
    key: NoteKey,
    logged: watch::Receiver<u64>,
}

impl Logbook {
    /// Its key; the name of it is the origin.
    #[must_use]
    pub const fn key(&self) -> &NoteKey {
        &self.key
    }

    /// Verdicts that are in it, durably and for everybody to see.
    #[must_use]
    pub fn logged(&self) -> u64 {
        *self.logged.borrow()
    }

    /// The same, for whoever waits for more.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.logged.clone()
    }

    /// The files that everybody may read.
    #[must_use]
    pub fn folder(&self) -> Folder {
        Folder::new(&self.directory)
    }

    /// The last checkpoint, as it is published.
    ///
    /// Reads a file, and blocks for as long as that takes.
    ///
    /// # Errors
    /// [`LogbookError::Unreadable`].
    pub fn checkpoint(&self) -> Result<String, LogbookError> {
        // What the log did not sign is not shown as its word.
        let reader = LogReader::open(self.folder(), &self.key)?;
        Ok(reader.checkpoint().note().to_string())
    }

    /// The bundle with the proof that it is logged, up to the last checkpoint, with the cosignatures on that. A bundle that
    /// brought a proof of its own was believed with that, and keeps it.
    ///
    /// Reads files, and blocks for as long as that takes.
    ///
    /// # Errors
    /// [`LogbookError::Unreadable`]; [`LogbookError::Other`] for bytes that are not the ones that were logged.
    pub fn proven(&self, bytes: Vec<u8>, presented: &Presented) -> Result<Vec<u8>, LogbookError> {
        let mut bundle = bundle_of(&bytes, presented)?;
        if bundle.log.is_some() {
            return Ok(bytes);
        }
        let reader = LogReader::open(self.folder(), &self.key)?;
        bundle.log = Some(LogEvidence {
            signers: bundle.envelope.key_ids(),
            proof: reader.prove(presented.index)?,
        });
        Ok(bundle.to_json().into_bytes())
    }
}

/// Why the log of a market is not what it must be, or cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum LogbookError {
    /// The log cannot be written or made. The machine is to blame.
    #[error("the log of the market cannot be written")]
    Log(#[from] LogError),
    /// The log cannot be read. The machine, or whoever changed its files, is to blame.
    #[error("the log of the market cannot be read")]
    Unreadable(#[from] ReadError),
    /// It is the log of another key. Whoever put it there is to blame.
    #[error("the log is of the key {found}, and the market has {own}")]
    OtherKey {
        /// The key of the log that is there.
        found: Box<NoteKey>,
        /// The market's.
        own: Box<NoteKey>,
    },
    /// It is not there, and the record has verdicts that it had.
    #[error("there is no log, and the record has {recorded} verdicts that belong in it")]
    Missing {
        /// In the record.
        recorded: u64,
    },
    /// A witness has cosigned what is not this log. Either the record is an old copy, or somebody else has the key.
    #[error("a witness knows another log of this key")]
    Forked(#[source] CosignerError),
    /// The log has more than the record, which only grows: commands were lost, or the record is an old copy.
    #[error("the log has {logged} verdicts, and the record only {recorded}")]
    Ahead {
        /// In the log.
        logged: u64,
        /// In the record.
        recorded: u64,
    },
    /// The log is of another history.
    #[error("the {size} verdicts of the log are not the first of the record")]
    Differs {
        /// How many it has.
        size: u64,
    },
    /// What the record has beside a command is not what was obeyed. Whoever changed the record is to blame.
    #[error("what command {sequence} presented is not in the record as it was obeyed: {why}")]
    Other {
        /// Which command.
        sequence: u64,
        /// How it is otherwise.
        why: String,
    },
    /// The record cannot be read.
    #[error("the record cannot be read")]
    Store(#[from] StoreError),
    /// The market has stopped.
    #[error(transparent)]
    Stopped(#[from] Refused),
}

impl LogbookError {
    /// Stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Log(error) => error.code(),
            Self::Unreadable(error) => error.code(),
            Self::OtherKey { .. } => "log-wrong-key",
            Self::Missing { .. } => "log-missing",
            Self::Forked(_) => "log-forked",
            Self::Ahead { .. } => "log-ahead",
            Self::Differs { .. } => "log-differs",
            Self::Other { .. } => "record-changed",
            Self::Store(error) => error.code(),
            Self::Stopped(_) => "stopped",
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Log(_) | Self::Unreadable(_) => {
                "`proofmark log fsck` says more; `market serve --remake-log` makes it anew of the record where its directory is gone"
            }
            Self::Missing { .. } => {
                "put its directory back; if there never was one, or it is lost, `market serve --remake-log` makes it of this record, which must not be older than the log was"
            }
            Self::OtherKey { .. } => "give the market the log.pem that its log was made with",
            Self::Ahead { .. } | Self::Differs { .. } | Self::Forked(_) => {
                "do not go on with this record: find the newest copy of it, `proofmark market audit` says where they part"
            }
            Self::Other { .. } => "audit the record: `proofmark market audit`",
            Self::Store(_) | Self::Stopped(_) => "start the market again",
        }
    }

    /// Whether the same may go well when it is tried again.
    const fn may_pass(&self) -> bool {
        matches!(self, Self::Log(_) | Self::Unreadable(_) | Self::Store(_))
    }
}

/// Where the log of a market must go on: it has the first verdicts of the record, and nothing else.
pub(crate) fn is_beginning(
    size: u64,
    root: &Hash,
    verdicts: &[Presented],
) -> Result<(), LogbookError> {
    let known = usize::try_from(size).ok().and_then(|it| verdicts.get(..it));
    let ahead = || LogbookError::Ahead {
        logged: size,
        recorded: verdicts.len() as u64,
    };
    let leaves: Vec<_> = known.ok_or_else(ahead)?.iter().map(|it| it.leaf).collect();
    let mut edge = RightEdge::new();
    let same = edge.append(&leaves).is_ok() && edge.root() == *root;
    match same {
        true => Ok(()),
        false => Err(LogbookError::Differs { size }),
    }
}

/// The bundle of a verdict that was obeyed.
fn bundle_of(bytes: &[u8], presented: &Presented) -> Result<Bundle, LogbookError> {
    let sequence = presented.sequence;
    let other = |why: String| LogbookError::Other { sequence, why };
    let found = Digest::of(bytes);
    if found != presented.bundle {
        return Err(other(format!(
            "its digest is {found}, not {}",
            presented.bundle
        )));
    }
    Bundle::parse(bytes).map_err(|error| other(error.to_string()))
}

/// Whether a log was made in a directory. One that was being made when the server was killed has shown nobody anything.
#[must_use]
pub fn is_log(directory: &Path) -> bool {
    let made = !matches!(Log::key_in(directory), Err(LogError::Missing(_)));
    let shown = |name| directory.join("public").join(name).exists();
    made && ["checkpoint", "tile"].into_iter().any(shown)
}

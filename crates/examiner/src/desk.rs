//! Where runs come from, and verdicts go to.

use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use proofmark_keys::KeyId;
use proofmark_market::Order;
use proofmark_service::{Answer, Hold, Refused, Runs, RunsError};

/// The desk of one engine, at a market in this process or elsewhere.
#[async_trait]
pub trait Desk: Send + Sync {
    /// Runs that wait for the engine, so many at most; each is held until its [`Hold`] ends.
    ///
    /// # Errors
    /// [`DeskError`].
    async fn claim(&self, most: u32) -> Result<Vec<(Hold, Order)>, DeskError>;

    /// Brings what the run needs to the examiner's blobs, as far as it is to be had.
    ///
    /// # Errors
    /// [`DeskError`].
    async fn fetch(&self, order: &Order) -> Result<(), DeskError>;

    /// Hands in a verdict: the bundle with the signed statement, as JSON.
    ///
    /// # Errors
    /// [`DeskError`].
    async fn present(&self, hold: &Hold, bundle: String) -> Result<Answer, DeskError>;

    /// The run takes longer: it stays the caller's. `false` if it is another's by now, or nobody's.
    ///
    /// # Errors
    /// [`DeskError`].
    async fn extend(&self, hold: &Hold) -> Result<bool, DeskError>;

    /// Gives a run back for so many seconds, because of this.
    ///
    /// # Errors
    /// [`DeskError`].
    async fn put_off(&self, hold: &Hold, seconds: u64, why: &str) -> Result<(), DeskError>;

    /// Until there may be more to do, or for a moment.
    async fn rest(&self);
}

/// Why a desk did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The market has ended, and with it the desk.
    #[error("the market has stopped")]
    Stopped,
    /// It will not, now and later.
    #[error("refused: {0}")]
    Refused(String),
    /// It may the next time.
    #[error("{0}")]
    Failed(String),
}

/// A desk of a market in this process, with the same blobs.
pub struct OwnDesk {
    /// The runs of the market.
    pub runs: Runs,
    /// Whose desk it is.
    pub engine: KeyId,
    /// The last command from which a run followed, when runs were asked for last.
    pub seen: AtomicU64,
}

impl From<RunsError> for DeskError {
    fn from(error: RunsError) -> Self {
        match error {
            RunsError::Refused(Refused::Stopped) => Self::Stopped,
            RunsError::Refused(Refused::Busy) | RunsError::Store(_) => {
                Self::Failed(error.to_string())
            }
            error => Self::Refused(error.to_string()),
        }
    }
}

#[async_trait]
impl Desk for OwnDesk {
    async fn claim(&self, most: u32) -> Result<Vec<(Hold, Order)>, DeskError> {
        let before = *self.runs.recorder.ordered().borrow();
        self.seen.store(before, Ordering::Relaxed);
        Ok(self.runs.claim(&self.engine, most).await?)
    }

    /// They are there, or nowhere.
    async fn fetch(&self, _: &Order) -> Result<(), DeskError> {
        Ok(())
    }

    async fn present(&self, hold: &Hold, bundle: String) -> Result<Answer, DeskError> {
        let bundle = bundle.into_bytes();
        Ok(self.runs.present(&self.engine, hold, bundle).await?)
    }

    async fn extend(&self, hold: &Hold) -> Result<bool, DeskError> {
        Ok(self.runs.extend(&self.engine, hold).await?.is_some())
    }

    async fn put_off(&self, hold: &Hold, seconds: u64, why: &str) -> Result<(), DeskError> {
        Ok(self.runs.put_off(&self.engine, hold, seconds, why).await?)
    }

    /// Whatever is ordered is ordered by a command.
    async fn rest(&self) {
        let mut ordered = self.runs.recorder.ordered();
        let seen = self.seen.load(Ordering::Relaxed);
        let more = ordered.wait_for(|sequence| *sequence > seen);
        let _ = tokio::time::timeout(super::REST, more).await;
    }
}

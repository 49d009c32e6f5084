//! Runs that wait for a verdict: held by those who judge, and their verdicts carried to the market.
//!
//! Whoever judges here holds nothing but the key of an engine: no money, no place in the market, no database. What it
//! says is verified like a stranger's, and one that dies, hangs or is late costs time only: when its hold is over,
//! another has the run.

use std::sync::Arc;

use proofmark_attestation::Bundle;
use proofmark_attestation::statement::ValidatedOutcome;
use proofmark_core::{Digest, Timestamp, chain};
use proofmark_keys::{KeyId, SecretKey};
use proofmark_market::{Action, CommandId, ContractAction, ContractId, Order};
use proofmark_storage::{Claim, Results, Store, StoreError};

use crate::clock::Clock;
use crate::recorder::{Recorder, Refused};

/// How long a run is whose who holds it, where nobody says otherwise: longer than any should take.
pub const HOLD_SECONDS: u64 = 300;

/// The longest time for which a run may be put off.
pub const MAX_PUT_OFF_SECONDS: u64 = 600;

/// The runs of a market. Clones speak to the same.
#[derive(Clone)]
pub struct Runs {
    /// The market.
    pub recorder: Recorder,
    /// Its record, which knows what was ordered.
    pub store: Arc<dyn Store>,
    /// Who carries verdicts to the market: any party may.
    pub carrier: Arc<SecretKey>,
    /// The same clock as the market's.
    pub clock: Arc<dyn Clock + Sync>,
    /// How long a run is whose who holds it.
    pub hold_seconds: u64,
}

/// Who holds a run: an engine, by a claim that ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// The job.
    pub job: String,
    /// How often it was claimed; an older hold changes nothing any more.
    pub epoch: u64,
    /// Until when.
    pub until: Timestamp,
}

/// What the market said of a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The market has obeyed it, now or before.
    Obeyed,
    /// The market takes no such verdict any more.
    Refused,
}

/// Why nothing was done with a run.
#[derive(Debug, thiserror::Error)]
pub enum RunsError {
    /// The job is no run of this engine. Whoever names it is to blame.
    #[error("{0} is no run of this engine")]
    NotYours(String),
    /// What should be the verdict is none. Whoever sent it is to blame.
    #[error("this is no verdict: {0}")]
    NoVerdict(String),
    /// This engine has said something else of the same work by the same criteria: it is broken, or lies. Nothing was
    /// presented, and a person must look.
    #[error("another record of the same is known")]
    Contradicts,
    /// The market takes no commands just now.
    #[error(transparent)]
    Refused(Refused),
    /// The record cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Refused> for RunsError {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

/// Kind of the jobs of an engine.
pub(crate) fn kind(engine: &KeyId) -> String {
    format!("verify/{engine}")
}

impl Runs {
    /// Runs that wait for this engine, so many at most: from now on they are the caller's, for [`Self::hold_seconds`].
    ///
    /// # Errors
    /// [`RunsError::Refused`], [`RunsError::Store`].
    pub async fn claim(&self, engine: &KeyId, most: u32) -> Result<Vec<(Hold, Order)>, RunsError> {
        let now = self.clock.now();
        let until = now.plus_seconds(self.hold_seconds);
        let claims = self.store.claim(&kind(engine), most, now, until).await?;
        let mut held = Vec::with_capacity(claims.len());
        for claim in claims {
            // A job is only a hint: the market may want nothing judged by now, or not by this engine.
            match self.order(engine, &claim.id).await {
                Ok(Some(order)) => held.push((Hold::from(claim), order)),
                Ok(None) | Err(RunsError::NotYours(_)) => {
                    self.store.finish(&claim, now).await?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(held)
    }

    /// Carries a verdict of this engine to the market. Answer twice, it is obeyed once.
    ///
    /// # Errors
    /// [`RunsError`]; after [`RunsError::Contradicts`] the run is nobody's any more.
    pub async fn present(
        &self,
        engine: &KeyId,
        hold: &Hold,
        bundle: Vec<u8>,
    ) -> Result<Answer, RunsError> {
        let contract = contract(engine, &hold.job)?;
        // Where nothing is wanted any more, the market says whether it has obeyed the same before.
        if let Some(order) = self.order(engine, &hold.job).await? {
            let kept = self.keep(engine, &order, &bundle).await?;
            if let Results::Conflict { .. } = kept {
                tracing::error!(%engine, job = hold.job, "two runs of the same gave different records: nothing is presented");
                self.finish(hold).await?;
                return Err(RunsError::Contradicts);
            }
        }
        let presented = self.carry(contract, bundle).await?;
        self.finish(hold).await?;
        Ok(presented)
    }

    /// It cannot be judged just now: another may try after so many seconds. Nothing happens if the hold is over.
    ///
    /// # Errors
    /// [`RunsError::NotYours`], [`RunsError::Store`].
    pub async fn put_off(
        &self,
        engine: &KeyId,
        hold: &Hold,
        seconds: u64,
        why: &str,
    ) -> Result<(), RunsError> {
        contract(engine, &hold.job)?;
        let seconds = seconds.min(MAX_PUT_OFF_SECONDS);
        let due_at = self.clock.now().plus_seconds(seconds);
        self.store.fail(&hold.claim(), due_at, why).await?;
        Ok(())
    }

    async fn order(&self, engine: &KeyId, job: &str) -> Result<Option<Order>, RunsError> {
        let contract = contract(engine, job)?;
        let order = self.recorder.read(|market| market.order(&contract)).await?;
        Ok(order.filter(|order| order.engines.contains(engine)))
    }

    async fn finish(&self, hold: &Hold) -> Result<(), StoreError> {
        let now = self.clock.now();
        self.store.finish(&hold.claim(), now).await.map(drop)
    }

    /// The same work by the same criteria gives the same record, on every machine and every time. Its digest is kept.
    async fn keep(
        &self,
        engine: &KeyId,
        order: &Order,
        bundle: &[u8],
    ) -> Result<Results, RunsError> {
        let no_verdict = |why: String| RunsError::NoVerdict(why);
        let bundle = Bundle::parse(bundle).map_err(|error| no_verdict(chain(&error)))?;
        let outcome = ValidatedOutcome::parse(bundle.envelope.payload());
        let outcome = outcome.map_err(|error| no_verdict(chain(&error)))?;
        let record = outcome.predicate().execution.record.0;
        let (key, now) = (run_key(engine, order), self.clock.now());
        let kept = self.store.keep_result(&key, record.as_bytes(), now).await?;
        Ok(kept)
    }

    async fn carry(&self, contract: ContractId, bundle: Vec<u8>) -> Result<Answer, RunsError> {
        let digest = Digest::of(&bundle);
        let action = Action::Contract {
            contract,
            verb: ContractAction::PresentVerdict { bundle: digest },
        };
        // The same bundle is the same command.
        let id = CommandId::named(&format!("proofmark/present/v1/{digest}"));
        let sent = self.recorder.act(&self.carrier, id, action, Some(bundle));
        match sent.await {
            Ok(_) => Ok(Answer::Obeyed),
            // Others were faster, or the deadline has passed: the market says what counts.
            Err(Refused::Rejected(rejection)) => {
                tracing::info!(%contract, %rejection, "not obeyed");
                Ok(Answer::Refused)
            }
            Err(refused) => Err(refused.into()),
        }
    }
}

/// Everything that the record of a run depends on, and who made it.
fn run_key(engine: &KeyId, order: &Order) -> Digest {
    let (profile, criteria, submission) = (order.profile, order.criteria, order.submission);
    let text = format!("proofmark/run/v1\n{engine}\n{profile}\n{criteria}\n{submission}");
    Digest::of(text.as_bytes())
}

/// The contract of a job, which is named `verify/ENGINE/CONTRACT/SEQUENCE`.
fn contract(engine: &KeyId, job: &str) -> Result<ContractId, RunsError> {
    let rest = job.strip_prefix(&kind(engine));
    let name = rest.and_then(|rest| rest.strip_prefix('/')?.split('/').next());
    let contract = name.and_then(|name| name.parse().ok());
    contract.ok_or_else(|| RunsError::NotYours(job.to_owned()))
}

impl Hold {
    /// What the store needs to know of it.
    fn claim(&self) -> Claim {
        Claim {
            id: self.job.clone(),
            body: String::new(),
            epoch: self.epoch,
            leased_until: self.until,
        }
    }
}

impl From<Claim> for Hold {
    fn from(claim: Claim) -> Self {
        Self {
            job: claim.id,
            epoch: claim.epoch,
            until: claim.leased_until,
        }
    }
}

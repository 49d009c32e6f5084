//! Runs that wait for a verdict: held by those who judge, and their verdicts carried to the market.
//!
//! Whoever judges here holds nothing but the key of an engine: no money, no place in the market, no database. What it
//! says is verified like a stranger's, and one that dies, hangs or is late costs time only: when its hold is over,
//! another has the run.

use std::sync::Arc;

use proofmark_attestation::Bundle;
use proofmark_attestation::statement::ValidatedOutcome;
use proofmark_core::{Digest, Timestamp, chain};
use proofmark_keys::{KeyId, PublicKey, SecretKey};
use proofmark_market::{Action, CommandId, ContractAction, ContractId, Market, Order};
use proofmark_storage::{Claim, Obeyed, Results, RunResult, Store, StoreError};

use crate::clock::Clock;
use crate::recorder::{Recorder, Refused};
use crate::together::Together;

/// How long a run is whose who holds it, where nobody says otherwise. Whoever needs longer says so meanwhile.
pub const HOLD_SECONDS: u64 = 300;

/// A run is given out again so long after the market refused a verdict of it, if it is still asked for.
const REFUSED_SECONDS: u64 = 30;

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
    settling: Arc<Settling>,
}

/// Runs that end at the same time are settled in one transaction.
#[derive(Default)]
struct Settling {
    results: Together<RunResult, Results>,
    claims: Together<Claim, bool>,
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
    /// How long that was when it was given out.
    pub seconds: u64,
}

/// What the market said of a verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The market has obeyed it, now or before.
    Obeyed,
    /// The market does not take it.
    Refused {
        /// Stable code of the rejection.
        code: String,
        /// What exactly.
        why: String,
    },
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
    Store(Arc<StoreError>),
}

impl From<StoreError> for RunsError {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}

impl From<Refused> for RunsError {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

/// How the kinds of the jobs of engines begin.
const KIND: &str = "verify/";

/// Kind of the jobs of an engine.
pub(crate) fn kind(engine: &KeyId) -> String {
    format!("{KIND}{engine}")
}

/// Whether a run follows from a command.
pub(crate) fn follows(obeyed: &Obeyed) -> bool {
    let mut jobs = obeyed.consequences.jobs.iter();
    jobs.any(|job| job.kind.starts_with(KIND))
}

impl Runs {
    /// The runs of this market.
    pub fn new(
        recorder: Recorder,
        store: Arc<dyn Store>,
        carrier: SecretKey,
        clock: Arc<dyn Clock + Sync>,
        hold_seconds: u64,
    ) -> Self {
        Self {
            recorder,
            store,
            carrier: Arc::new(carrier),
            clock,
            hold_seconds,
            settling: Arc::default(),
        }
    }

    /// Runs that wait for this engine, so many at most: from now on they are the caller's, for [`Self::hold_seconds`].
    ///
    /// # Errors
    /// [`RunsError::Refused`], [`RunsError::Store`].
    pub async fn claim(&self, engine: &KeyId, most: u32) -> Result<Vec<(Hold, Order)>, RunsError> {
        let now = self.clock.now();
        let until = now.plus_seconds(self.hold_seconds);
        let claims = self.store.claim(&kind(engine), most, now, until).await?;
        // All in one look: each waits for the commands that are being made durable.
        let orders = self.recorder.read(|market| {
            let order = |claim: &Claim| ordered(market, engine, &claim.id);
            claims.iter().map(order).collect::<Vec<_>>()
        });
        let (mut held, mut over) = (Vec::with_capacity(claims.len()), Vec::new());
        for (claim, order) in claims.iter().cloned().zip(orders.await?) {
            // A job is only a hint: the market may want nothing judged by now, or not by this engine.
            match order {
                Some(order) => held.push((self.hold(claim), order)),
                None => over.push(claim),
            }
        }
        if !over.is_empty() {
            self.store.finish(&over, now).await?;
        }
        Ok(held)
    }

    /// Carries a verdict of this engine to the market. The same twice is obeyed once.
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
        let said = read(&bundle)?;
        let ordered = self.recorder.read(|market| {
            let key = market.policy().and_then(|policy| policy.key(engine));
            Some((market.order(&contract)?, key.map(|it| it.key)))
        });
        // Where it is no answer to what is wanted now, the market says whether it has obeyed the same before.
        if let Some((order, key)) = ordered.await?
            && said.is_the_word_of(key, &order)
            && let Results::Conflict { .. } = self.keep(engine, &order, &said).await?
        {
            tracing::error!(%engine, job = hold.job, "two runs of the same gave different records: nothing is presented");
            self.finish(hold).await?;
            return Err(RunsError::Contradicts);
        }
        let answer = self.carry(contract, bundle).await?;
        match &answer {
            // Somebody else may have sent it in the engine's name, or it was too early: nothing is lost by it.
            Answer::Refused { why, .. } if self.is_ordered(engine, hold).await? => {
                self.put_off(engine, hold, REFUSED_SECONDS, why).await?;
            }
            _ => self.finish(hold).await?,
        }
        Ok(answer)
    }

    /// Holds a run for as long again, from now on; nothing if it is another's by now.
    ///
    /// # Errors
    /// [`RunsError::NotYours`], [`RunsError::Store`].
    pub async fn extend(&self, engine: &KeyId, hold: &Hold) -> Result<Option<Hold>, RunsError> {
        contract(engine, &hold.job)?;
        let until = self.clock.now().plus_seconds(self.hold_seconds);
        let held = self.store.extend(&hold.claim(), until).await?;
        Ok(held.then(|| Hold {
            until,
            ..hold.clone()
        }))
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

    fn hold(&self, claim: Claim) -> Hold {
        Hold {
            job: claim.id,
            epoch: claim.epoch,
            until: claim.leased_until,
            seconds: self.hold_seconds,
        }
    }

    async fn is_ordered(&self, engine: &KeyId, hold: &Hold) -> Result<bool, RunsError> {
        let look = |market: &Market| ordered(market, engine, &hold.job).is_some();
        Ok(self.recorder.read(look).await?)
    }

    async fn finish(&self, hold: &Hold) -> Result<(), RunsError> {
        let all = |claims: Vec<Claim>| async move {
            let now = self.clock.now();
            self.store.finish(&claims, now).await
        };
        let finished = self.settling.claims.ask(hold.claim(), all);
        finished.await.map(drop).map_err(RunsError::Store)
    }

    /// The same work by the same criteria gives the same record, on every machine and every time. Its digest is kept.
    async fn keep(&self, engine: &KeyId, order: &Order, said: &Said) -> Result<Results, RunsError> {
        let record = said.outcome.predicate().execution.record.0;
        let result = RunResult {
            run_key: run_key(engine, order),
            body: record.as_bytes().to_vec(),
        };
        let all = |results: Vec<RunResult>| async move {
            let now = self.clock.now();
            self.store.keep_results(&results, now).await
        };
        let kept = self.settling.results.ask(result, all);
        kept.await.map_err(RunsError::Store)
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
                Ok(Answer::Refused {
                    code: rejection.code.as_str().to_owned(),
                    why: rejection.to_string(),
                })
            }
            Err(refused) => Err(refused.into()),
        }
    }
}

/// What was handed in.
struct Said {
    bundle: Bundle,
    outcome: ValidatedOutcome,
}

fn read(bundle: &[u8]) -> Result<Said, RunsError> {
    let no_verdict = |why: String| RunsError::NoVerdict(why);
    let bundle = Bundle::parse(bundle).map_err(|error| no_verdict(chain(&error)))?;
    let outcome = ValidatedOutcome::parse(bundle.envelope.payload());
    let outcome = outcome.map_err(|error| no_verdict(chain(&error)))?;
    Ok(Said { bundle, outcome })
}

impl Said {
    /// Whether whoever has this key says it, and says it of what was ordered: nothing else is kept as a result. A late
    /// verdict of the run before is none of this one.
    fn is_the_word_of(&self, key: Option<PublicKey>, order: &Order) -> bool {
        let predicate = self.outcome.predicate();
        let about = (self.outcome.submission(), predicate.criteria.digest.0);
        let signed = |key: PublicKey| self.bundle.envelope.tally([&key]).valid == [key.id()];
        predicate.binding.as_ref() == Some(&order.binding)
            && about == (order.submission, order.criteria)
            && key.is_some_and(signed)
    }
}

/// What is asked of this engine by a job, now.
fn ordered(market: &Market, engine: &KeyId, job: &str) -> Option<Order> {
    let order = market.order(&contract(engine, job).ok()?)?;
    order.engines.contains(engine).then_some(order)
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
    let name = rest.and_then(|rest| rest.strip_prefix('/')?.split_once('/'));
    let contract = name.and_then(|(name, sequence)| {
        sequence.parse::<u64>().ok()?;
        name.parse().ok()
    });
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

//! Judges what was submitted: the validators of the terms, run over the bytes that were uploaded, and the verdict signed
//! and presented like anybody else's.
//!
//! | file | what |
//! |---|---|
//! | `order` | what is to be judged, as the market says it now |
//! | `bytes` | criteria, validators, work: from the blobs, each with its digest computed again |
//! | `run` | one run: bytes in, signed bundles out |
//! | `check` | the same for whoever asks, under no contract |
//!
//! An examiner decides nothing: it claims a job, looks what the market wants judged, and whatever it presents is verified
//! like a stranger's. One that dies, hangs or is late costs time only: another claims the job when the lease is over. In
//! scope: jobs of kind `verify`. Out of scope: running validators (`proofmark-engine`), what a verdict leads to
//! (`proofmark-market`).

mod bytes;
mod check;
mod order;
mod run;

use std::sync::Arc;
use std::time::Duration;

use proofmark_blobs::Blobs;
use proofmark_core::Digest;
use proofmark_engine::Engine;
use proofmark_keys::{SecretKey, Signer as _};
use proofmark_market::{Action, CommandId, ContractAction};
use proofmark_service::{Clock, Recorder, Refused};
use proofmark_storage::{Claim, Results, Store, StoreError};

pub use check::{CheckError, Checked, Checker};

use order::Order;
use run::{RunError, Verdict};

/// How long a job is this examiner's: longer than any run may take.
const CLAIM_SECONDS: u64 = 300;

/// Bytes that are not there yet may be on their way.
const AGAIN_SECONDS: u64 = 2;

/// What the machine, or a validator, could not do is tried again later.
const LATER_SECONDS: u64 = 30;

/// Nothing is to be judged: look again after this.
const REST: Duration = Duration::from_millis(200);

/// Components that need not be uploaded.
pub type ReadyMade = fn(&Digest) -> Option<&'static [u8]>;

/// Judges with the keys of engines that this machine holds.
pub struct Examiner {
    /// The market.
    pub recorder: Recorder,
    /// Its record, which knows what was ordered.
    pub store: Arc<dyn Store>,
    /// What parties have uploaded.
    pub blobs: Blobs,
    /// Runs the validators.
    pub engine: Arc<Engine>,
    /// Keys of engines: those that count for a run sign its verdict.
    pub engines: Vec<SecretKey>,
    /// Who carries verdicts to the market: anybody may.
    pub carrier: SecretKey,
    /// The same clock as the market's.
    pub clock: Box<dyn Clock + Sync>,
    /// Components that need not be uploaded.
    pub ready_made: ReadyMade,
}

/// What became of a job.
enum Done {
    /// There is nothing more to do about it.
    Finished,
    /// It is tried again after so many seconds, because of this.
    Again(u64, String),
}

impl Examiner {
    /// Until the market stops.
    ///
    /// # Errors
    /// [`StoreError`] if the record cannot be read.
    pub async fn run(self) -> Result<(), StoreError> {
        loop {
            let now = self.clock.now();
            let claim = self
                .store
                .claim("verify", now, now.plus_seconds(CLAIM_SECONDS));
            let Some(claim) = claim.await? else {
                tokio::time::sleep(REST).await;
                continue;
            };
            match self.work(&claim).await {
                Ok(Done::Finished) => {
                    self.store.finish(&claim, self.clock.now()).await?;
                }
                Ok(Done::Again(seconds, why)) => {
                    tracing::info!(job = claim.id, why, "not judged yet");
                    let due_at = self.clock.now().plus_seconds(seconds);
                    self.store.fail(&claim, due_at, &why).await?;
                }
                Err(Refused::Stopped) => return Ok(()),
                Err(refused) => {
                    let due_at = self.clock.now().plus_seconds(AGAIN_SECONDS);
                    let why = refused.to_string();
                    self.store.fail(&claim, due_at, &why).await?;
                }
            }
        }
    }

    async fn work(&self, claim: &Claim) -> Result<Done, Refused> {
        let Some(contract) = order::contract(&claim.body) else {
            tracing::error!(job = claim.id, "this names no contract");
            return Ok(Done::Finished);
        };
        let engines: Vec<_> = self
            .engines
            .iter()
            .map(|key| key.public_key().id())
            .collect();
        let ordered = self
            .recorder
            .read(|market| order::of(market, contract, &engines));
        // A job is only a hint: the market may want nothing judged by now, or nothing by these engines.
        let Some(order) = ordered.await? else {
            return Ok(Done::Finished);
        };
        let judged = self.judge(&order).await;
        let verdict = match judged {
            Ok(verdict) => verdict,
            Err(RunError::Missing(what)) => return Ok(Done::Again(AGAIN_SECONDS, what)),
            Err(error) => {
                let why = error.to_string();
                tracing::warn!(job = claim.id, why, "it cannot be judged here");
                return Ok(Done::Again(LATER_SECONDS, why));
            }
        };
        if !self.is_the_only_one(&order, &verdict).await {
            return Ok(Done::Finished);
        }
        for bundle in verdict.bundles {
            self.present(&order, bundle).await?;
        }
        Ok(Done::Finished)
    }

    async fn judge(&self, order: &Order) -> Result<Verdict, RunError> {
        let bytes = bytes::Bytes {
            blobs: self.blobs.clone(),
            ready_made: self.ready_made,
        };
        let (engine, order) = (Arc::clone(&self.engine), order.clone());
        let judged = tokio::task::spawn_blocking(move || run::judge(&engine, &bytes, &order));
        let judged = judged.await.map_err(|_| RunError::Panicked)??;
        let signers = self.engines.iter();
        let signers = signers.filter(|key| judged.signs(&key.public_key().id()));
        judged.sign(signers)
    }

    /// The same bytes by the same validators give the same record, on every machine and every time. If not, nothing is
    /// signed away: a person must look.
    async fn is_the_only_one(&self, order: &Order, verdict: &Verdict) -> bool {
        let key = order.run_key();
        let at = self.clock.now();
        match self.store.keep_result(&key, &verdict.record, at).await {
            Ok(Results::New | Results::Same) => true,
            Ok(Results::Conflict { .. }) => {
                tracing::error!(%key, "two runs of the same gave different records: nothing is presented");
                false
            }
            Err(error) => {
                tracing::error!(code = error.code(), %error, "the result was not kept");
                false
            }
        }
    }

    async fn present(&self, order: &Order, bundle: String) -> Result<(), Refused> {
        let bundle = bundle.into_bytes();
        let digest = Digest::of(&bundle);
        let action = Action::Contract {
            contract: order.contract,
            verb: ContractAction::PresentVerdict { bundle: digest },
        };
        // The same bundle is the same command: presented twice, it is obeyed once.
        let id = CommandId::named(&format!("proofmark/present/v1/{digest}"));
        let sent = self.recorder.act(&self.carrier, id, action, Some(bundle));
        match sent.await {
            Ok(_) => Ok(()),
            // Others were faster, or the deadline has passed: the market says what counts.
            Err(Refused::Rejected(rejection)) => {
                tracing::info!(contract = %order.contract, %rejection, "not counted");
                Ok(())
            }
            Err(refused) => Err(refused),
        }
    }
}

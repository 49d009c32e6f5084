//! The desk of an engine at a market elsewhere: runs, bytes and verdicts over HTTP, and nothing but the engine's key.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proofmark_api::ticket::Access;
use proofmark_attestation::statement::binding::{Binding, Term};
use proofmark_blobs::Blobs;
use proofmark_core::{Digest, Timestamp};
use proofmark_examiner::{Desk, DeskError, Need, of_criteria, of_submission};
use proofmark_keys::Signer;
use proofmark_market::{ContractId, Order};
use proofmark_service::{Answer, Hold};
use serde::Deserialize;
use serde_json::{Value, json};

use super::client::{self, Method};
use super::download::{Download, Reader};
use super::ticket;
use crate::blobs::ready_made;
use crate::commands::evidence::now;
use crate::failure::{Exit, Failure};

/// A ticket for judging is used again until it has so long left.
const LEFT_SECONDS: u64 = 15 * 60;

/// How long to wait when nothing is to be judged.
const REST: Duration = Duration::from_millis(500);

/// The desk of one engine.
#[derive(Clone)]
pub(super) struct WebDesk(Arc<At>);

struct At {
    market: String,
    audience: Term,
    key: Arc<dyn Signer>,
    /// What was fetched stays here.
    blobs: Blobs,
    ticket: Mutex<Option<(Timestamp, String)>>,
}

/// A run, as the market gives it out.
#[derive(Deserialize)]
struct Waiting {
    job: String,
    epoch: u64,
    held_until: Timestamp,
    held_seconds: u64,
    contract: ContractId,
    binding: Binding,
    submission: Digest,
    criteria: Digest,
    profile: Digest,
}

impl WebDesk {
    /// A desk at this market, whose audience is known.
    pub(super) fn new(market: &str, audience: Term, key: Arc<dyn Signer>, blobs: Blobs) -> Self {
        Self(Arc::new(At {
            market: market.to_owned(),
            audience,
            key,
            blobs,
            ticket: Mutex::default(),
        }))
    }

    /// Whether the market gives this engine anything.
    ///
    /// # Errors
    /// [`Failure`] with what the market says.
    pub(super) fn ask(&self) -> Result<(), Failure> {
        self.0.claim(0).map(drop)
    }

    /// HTTP blocks; the other runs go on.
    async fn off<T: Send + 'static>(
        &self,
        work: impl FnOnce(&At) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, DeskError> {
        let at = Arc::clone(&self.0);
        let done = tokio::task::spawn_blocking(move || work(&at)).await;
        let done = done.map_err(|_| DeskError::Failed("it ended without a word".to_owned()))?;
        done.map_err(|failure| match failure.exit {
            Exit::Unavailable => DeskError::Failed(failure.sentence()),
            _ => DeskError::Refused(failure.sentence()),
        })
    }
}

#[async_trait]
impl Desk for WebDesk {
    async fn claim(&self, most: u32) -> Result<Vec<(Hold, Order)>, DeskError> {
        self.off(move |at| at.claim(most)).await
    }

    async fn fetch(&self, order: &Order) -> Result<(), DeskError> {
        let order = order.clone();
        self.off(move |at| at.fetch(&order)).await
    }

    async fn present(&self, hold: &Hold, bundle: String) -> Result<Answer, DeskError> {
        let report = json!({
            "job": hold.job, "epoch": hold.epoch, "bundle": STANDARD.encode(bundle),
        });
        let answer = self.off(move |at| at.report(report)).await?;
        match answer["status"].as_str() {
            Some("obeyed") => Ok(Answer::Obeyed),
            _ => Ok(Answer::Refused {
                code: answer["code"].as_str().unwrap_or_default().to_owned(),
                why: answer["detail"].as_str().unwrap_or_default().to_owned(),
            }),
        }
    }

    async fn extend(&self, hold: &Hold) -> Result<bool, DeskError> {
        let report = json!({ "job": hold.job, "epoch": hold.epoch, "extend": true });
        let answer = self.off(move |at| at.report(report)).await?;
        Ok(answer["status"] == "extended")
    }

    async fn put_off(&self, hold: &Hold, seconds: u64, why: &str) -> Result<(), DeskError> {
        let put_off = json!({ "seconds": seconds, "why": why });
        let report = json!({ "job": hold.job, "epoch": hold.epoch, "put_off": put_off });
        self.off(move |at| at.report(report)).await.map(drop)
    }

    async fn rest(&self) {
        tokio::time::sleep(REST).await;
    }
}

impl At {
    fn claim(&self, most: u32) -> Result<Vec<(Hold, Order)>, Failure> {
        let given = self.post("/v1/runs/claims", json!({ "most": most }))?;
        let items: Vec<Waiting> = serde_json::from_value(given["items"].clone())
            .map_err(|_| client::no_market("it gives out runs that cannot be read"))?;
        Ok(self.own(items))
    }

    /// The runs of this market. A verdict is worth money wherever its audience is, so a market that gives out the runs of
    /// another gets no signature for them.
    fn own(&self, items: Vec<Waiting>) -> Vec<(Hold, Order)> {
        let key = self.key.public_key().id();
        let run = |it: Waiting| {
            let hold = Hold {
                job: it.job,
                epoch: it.epoch,
                until: it.held_until,
                seconds: it.held_seconds,
            };
            let order = Order {
                contract: it.contract,
                binding: it.binding,
                submission: it.submission,
                criteria: it.criteria,
                profile: it.profile,
                engines: vec![key],
            };
            (hold, order)
        };
        let is_own = |it: &Waiting| {
            let (job, audience) = (&it.job, &it.binding.audience);
            let is_own = *audience == self.audience;
            if !is_own {
                tracing::warn!(?job, %audience, "a run of another market is not judged");
            }
            is_own
        };
        items.into_iter().filter(is_own).map(run).collect()
    }

    fn report(&self, report: Value) -> Result<Value, Failure> {
        self.post("/v1/runs/reports", report)
    }

    fn post(&self, path: &str, body: Value) -> Result<Value, Failure> {
        let ticket = self.judging()?;
        client::with_ticket(&self.market, Method::Post, path, &ticket, Some(body))
    }

    /// Everything that the run needs and is to be had; what is not, the examiner finds missing.
    fn fetch(&self, order: &Order) -> Result<(), Failure> {
        let roots = [order.criteria, order.submission].map(|digest| (digest, None));
        self.bring(order, &roots)?;
        let read = |digest: &Digest| {
            let path = self.blobs.find(digest);
            path.and_then(|path| std::fs::read(path).ok())
                .unwrap_or_default()
        };
        self.bring(order, &of_criteria(&read(&order.criteria)))?;
        self.bring(order, &of_submission(&read(&order.submission)))
    }

    fn bring(&self, order: &Order, needs: &[Need]) -> Result<(), Failure> {
        let ticket = |blob| self.sign(Access::Download { blob });
        let download = Download {
            market: &self.market,
            blobs: &self.blobs,
            reader: Reader::Of(&order.contract, &ticket),
        };
        let missing =
            |(digest, _): &&Need| self.blobs.find(digest).is_none() && ready_made(digest).is_none();
        let mut missing = needs.iter().filter(missing);
        missing.try_for_each(|need| download.one(*need).map(drop))
    }

    /// The ticket that opens the desk.
    fn judging(&self) -> Result<String, Failure> {
        let mut kept = self.ticket.lock().unwrap_or_else(PoisonError::into_inner);
        let until = now().plus_seconds(LEFT_SECONDS);
        if let Some((_, ticket)) = kept.as_ref().filter(|(valid, _)| *valid > until) {
            return Ok(ticket.clone());
        }
        let valid = now().plus_seconds(ticket::SECONDS);
        let ticket = self.sign(Access::Judge {})?;
        *kept = Some((valid, ticket.clone()));
        Ok(ticket)
    }

    fn sign(&self, access: Access) -> Result<String, Failure> {
        ticket::sign(&self.audience, &*self.key, access)
    }
}

#[cfg(test)]
mod tests {
    use proofmark_keys::SecretKey;
    use tempfile::TempDir;

    use super::*;

    fn at(market: String, directory: &TempDir) -> At {
        At {
            market,
            audience: "market.example".parse().expect("a term"),
            key: Arc::new(SecretKey::from_seed(&[1; 32])),
            blobs: Blobs::open(directory.path()).expect("it opens"),
            ticket: Mutex::default(),
        }
    }

    fn contract() -> ContractId {
        let rfq = proofmark_market::RfqId::of(&Digest::of(b"an RFQ"));
        rfq.contract(std::num::NonZeroU8::MIN)
    }

    /// The market decides what is run, and not for whom it is signed.
    #[test]
    fn runs_of_another_market_are_not_judged() {
        let waiting = |job: &str, audience: &str| -> Waiting {
            let digest = Digest::of(b"something");
            let waiting = json!({
                "job": job,
                "epoch": 1,
                "held_until": "2026-01-01T00:00:00Z",
                "held_seconds": 60,
                "contract": contract(),
                "binding": {
                    "attempt": 1,
                    "audience": audience,
                    "contract": { "digest": { "sha256": digest.hex() }, "id": contract() },
                    "deliverable": "answer",
                    "nonce": "0123456789abcdef0123456789abcdef",
                },
                "submission": digest,
                "criteria": digest,
                "profile": digest,
            });
            serde_json::from_value(waiting).expect("a run")
        };
        let directory = TempDir::new().expect("a directory");
        let at = at("http://127.0.0.1:9".to_owned(), &directory);
        let runs = at.own(vec![
            waiting("ours", "market.example"),
            waiting("theirs", "other.example"),
        ]);
        let jobs: Vec<_> = runs.iter().map(|(hold, _)| hold.job.as_str()).collect();
        assert_eq!(jobs, ["ours"]);
    }
}

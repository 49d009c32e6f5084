//! Ticks when deadlines have passed. Anybody may send them; a market that nobody ticks stands still.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use proofmark_core::Timestamp;
use proofmark_keys::SecretKey;
use proofmark_market::{Action, CommandId, ContractAction, ContractId, Market, RfqId};
use proofmark_storage::{Claim, Store, StoreError};

use crate::clock::Clock;
use crate::recorder::{Recorder, Refused};

/// So many ticks are sent at a time: they become one batch of the writer's.
const AT_ONCE: u32 = 64;

/// How long a claimed tick is ours. Sending one takes milliseconds.
const CLAIM_SECONDS: u64 = 15;

/// After so many seconds a tick is tried again that could not be sent.
const AGAIN_SECONDS: u64 = 1;

/// Nothing is due: look again after this.
const REST: Duration = Duration::from_millis(500);

/// So often everything is looked at, whatever jobs there are: a job that is missing must not keep anybody's money.
const SWEEP: Duration = Duration::from_secs(60);

/// Sends ticks, signed by a party, for every deadline that has passed.
pub struct Ticker {
    /// The market.
    pub recorder: Recorder,
    /// Its record, which knows what is due.
    pub store: Arc<dyn Store>,
    /// Who signs: a party of the market.
    pub key: SecretKey,
    /// The same clock as the market's.
    pub clock: Box<dyn Clock + Sync>,
}

impl Ticker {
    /// Until the market stops.
    pub async fn run(self) {
        let mut swept: Option<Instant> = None;
        loop {
            if swept.is_none_or(|swept| swept.elapsed() >= SWEEP) {
                match self.sweep().await {
                    Err(Refused::Stopped) => return,
                    // Whatever is left is looked at the next time.
                    Ok(()) | Err(Refused::Busy | Refused::Rejected(_)) => {}
                }
                swept = Some(Instant::now());
            }
            match self.next().await {
                Ok(Next::Sent) => {}
                Ok(Next::Nothing) => tokio::time::sleep(REST).await,
                Ok(Next::Stopped) => return,
                // A market that nobody ticks stands still, so this goes on for as long as the market does.
                Err(error) => {
                    tracing::warn!(code = error.code(), %error, "no ticks are to be had");
                    tokio::time::sleep(REST).await;
                }
            }
        }
    }

    /// Ticks whatever is overdue.
    async fn sweep(&self) -> Result<(), Refused> {
        let now = self.clock.now();
        let overdue = self.recorder.read(|market| overdue(market, now)).await?;
        for (name, action) in overdue {
            match self.send(&name, action).await {
                Ok(()) | Err(Refused::Rejected(_)) => {}
                Err(refused) => return Err(refused),
            }
        }
        Ok(())
    }

    async fn next(&self) -> Result<Next, StoreError> {
        let now = self.clock.now();
        let until = now.plus_seconds(CLAIM_SECONDS);
        let claimed = self.store.claim("tick", AT_ONCE, now, until).await?;
        let sent = join_all(claimed.iter().map(|claim| self.tick(claim))).await;
        let (mut done, mut next) = (Vec::new(), Next::Nothing);
        for (claim, sent) in claimed.into_iter().zip(sent) {
            match sent {
                // Whatever the market says: it was only a hint, and another tick or command may have come first.
                Ok(()) | Err(Refused::Rejected(_)) => done.push(claim),
                Err(Refused::Busy) => {
                    let again = now.plus_seconds(AGAIN_SECONDS);
                    let why = "too many commands wait";
                    self.store.fail(&claim, again, why).await?;
                }
                Err(Refused::Stopped) => return Ok(Next::Stopped),
            }
        }
        if !done.is_empty() {
            self.store.finish(&done, now).await?;
            next = Next::Sent;
        }
        Ok(next)
    }

    async fn tick(&self, claim: &Claim) -> Result<(), Refused> {
        let Some(action) = action(&claim.body) else {
            tracing::error!(job = claim.id, "this is no tick");
            return Ok(());
        };
        self.send(&claim.id, action).await
    }

    /// One name is one command: sent twice, it is obeyed once.
    async fn send(&self, name: &str, action: Action) -> Result<(), Refused> {
        let id = CommandId::named(&format!("proofmark/tick/v1/{name}"));
        let sent = self.recorder.act(&self.key, id, action, None);
        sent.await.map(drop)
    }
}

enum Next {
    Sent,
    Nothing,
    Stopped,
}

/// Whatever has a deadline that has passed: a name for the tick, and the tick.
fn overdue(market: &Market, now: Timestamp) -> Vec<(String, Action)> {
    let passed = |deadline: Option<Timestamp>| deadline.filter(|deadline| now > *deadline);
    let rfqs = market.rfqs().filter_map(|rfq| {
        let deadline = passed(rfq.state.deadline())?;
        let name = format!("{}/{deadline}", rfq.id);
        Some((name, Action::TickRfq { rfq: rfq.id }))
    });
    let contracts = market.contracts().filter_map(|it| {
        let deadline = passed(it.state.deadline())?;
        let (contract, verb) = (it.id, ContractAction::Tick);
        Some((
            format!("{contract}/{deadline}"),
            Action::Contract { contract, verb },
        ))
    });
    rfqs.chain(contracts).collect()
}

/// The tick of what a job names.
fn action(body: &str) -> Option<Action> {
    let name: String = serde_json::from_str(body).ok()?;
    if let Ok(rfq) = name.parse::<RfqId>() {
        return Some(Action::TickRfq { rfq });
    }
    let contract = name.parse::<ContractId>().ok()?;
    let verb = ContractAction::Tick;
    Some(Action::Contract { contract, verb })
}

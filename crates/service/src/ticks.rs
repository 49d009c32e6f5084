//! Ticks when deadlines have passed. Anybody may send them; a market that nobody ticks stands still.

use std::sync::Arc;
use std::time::Duration;

use proofmark_core::{Digest, uri};
use proofmark_keys::{SecretKey, Signer as _};
use proofmark_market::command::{Payload, sign};
use proofmark_market::{Action, CommandId, ContractAction, ContractId, RfqId};
use proofmark_storage::{Claim, Store, StoreError};

use crate::clock::Clock;
use crate::recorder::{Recorder, Refused};

/// How long a claimed tick is ours. Sending one takes milliseconds.
const CLAIM_SECONDS: u64 = 15;

/// After so many seconds a tick is tried again that could not be sent.
const AGAIN_SECONDS: u64 = 1;

/// Nothing is due: look again after this.
const REST: Duration = Duration::from_millis(500);

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
    ///
    /// # Errors
    /// [`StoreError`] if the record cannot be read.
    pub async fn run(self) -> Result<(), StoreError> {
        loop {
            match self.next().await? {
                Next::Sent => {}
                Next::Nothing => tokio::time::sleep(REST).await,
                Next::Stopped => return Ok(()),
            }
        }
    }

    async fn next(&self) -> Result<Next, StoreError> {
        let now = self.clock.now();
        let claim = self
            .store
            .claim("tick", now, now.plus_seconds(CLAIM_SECONDS));
        let Some(claim) = claim.await? else {
            return Ok(Next::Nothing);
        };
        match self.tick(&claim).await {
            // Whatever the market says: it was only a hint, and another tick or command may have come first.
            Ok(()) | Err(Refused::Rejected(_)) => {
                self.store.finish(&claim, now).await?;
                Ok(Next::Sent)
            }
            Err(Refused::Busy) => {
                let again = now.plus_seconds(AGAIN_SECONDS);
                self.store
                    .fail(&claim, again, "too many commands wait")
                    .await?;
                Ok(Next::Nothing)
            }
            Err(Refused::Stopped) => Ok(Next::Stopped),
        }
    }

    async fn tick(&self, claim: &Claim) -> Result<(), Refused> {
        let Some(action) = action(&claim.body) else {
            tracing::error!(job = claim.id, "this is no tick");
            return Ok(());
        };
        let market = self.recorder.read(|market| market.rules().audience.clone());
        let payload = Payload {
            schema: uri::COMMAND_V1.to_owned(),
            market: market.await?,
            sender: self.key.public_key().id(),
            id: name(&claim.id),
            valid_until: None,
            action,
        };
        let envelope =
            sign(&payload, &self.key).expect("a key of this process signs what is short");
        let sent = self.recorder.send(envelope.to_json().into_bytes(), None);
        sent.await.map(drop)
    }
}

enum Next {
    Sent,
    Nothing,
    Stopped,
}

/// One job is one command: sent twice, it is obeyed once.
fn name(job: &str) -> CommandId {
    let digest = Digest::of(format!("proofmark/tick/v1/{job}").as_bytes());
    let (half, _) = digest.as_bytes().split_at(16);
    CommandId::from_bytes(half.try_into().expect("16 bytes"))
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

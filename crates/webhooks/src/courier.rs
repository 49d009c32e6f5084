//! Events into messages, messages to receivers, until the market stops.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use proofmark_core::{Timestamp, chain};
use proofmark_keys::SecretKey;
use proofmark_storage::{Flight, MessageClaim, Store, StoreError, Try, Webhook};
use tokio::sync::{oneshot, watch};

use crate::flights::Flights;
use crate::listens::Listens;
use crate::message::{self, Told, message_id};
use crate::schedule;
use crate::send::{Outcome, Request, Sender};
use crate::signature::sign;

/// So many messages are on their way at a time: each has a thread.
const AT_A_TIME: usize = 32;

/// Of them to one webhook, and to one owner, and to all owners with slow receivers.
///
/// Who has nothing on its way comes before who has something, and of those who have as many, whose turn is longest ago:
/// a message waits for owners, not for what waits for them. N owners whose receivers hang, and of whom that is not known
/// yet, come before that once (15 s for each 32 of them); afterwards the places that are not for the slow are free of them.
const FLIGHT: Flight = Flight {
    of_webhook: 2,
    of_owner: 4,
    of_slow: 24,
};

/// How long a claimed message is ours: longer than a try may take.
const CLAIM_SECONDS: u64 = 60;

/// A webhook that has so many messages waiting gets no more for now: its cursor waits for it.
pub const MAX_WAITING: u32 = 1_000;

/// So many events are read at a time.
const PAGE: u32 = 200;

/// Nothing is due: look again after this.
const REST: Duration = Duration::from_millis(500);

/// Commands come in batches: events are told so long after the first.
const GATHER: Duration = Duration::from_millis(50);

/// When the market stops, what is on its way is waited for so long.
const LAST: Duration = Duration::from_secs(2);

/// What was done is remembered for so long.
const REMEMBERED: Duration = Duration::from_secs(30 * 86_400);

/// So often what is older is forgotten.
const FORGET: Duration = Duration::from_secs(3_600);

/// Tells webhooks of what happens. Two of them at once do no harm.
pub struct Courier {
    /// The record, and who is told of it.
    pub store: Arc<dyn Store>,
    /// Signs messages.
    pub key: SecretKey,
    /// Speaks to receivers.
    pub sender: Sender,
    /// The same clock as the market's.
    pub now: Box<dyn Fn() -> Timestamp + Send + Sync>,
    /// How many commands are durable: wakes the courier, and ends it when the market has stopped.
    pub durable: watch::Receiver<u64>,
}

/// How far webhooks have been looked at that were not moved, because there was nothing for them: by name, where the cursor
/// was, and where it could be.
type Passed = BTreeMap<String, (u64, u64)>;

/// An event without its content.
type Heading = (u64, String, String);

impl Courier {
    /// Until the market stops. What the database refuses is tried again.
    pub async fn run(self) {
        let mut durable = self.durable.clone();
        let courier = Arc::new(self);
        let mut flights = Flights::default();
        let mut passed = Passed::new();
        let mut forgotten: Option<Instant> = None;
        loop {
            durable.mark_unchanged();
            let more = match courier.round(&mut passed, &mut flights).await {
                Ok(more) => more,
                Err(error) => {
                    tracing::error!(code = error.code(), error = chain(&error), "webhooks wait");
                    false
                }
            };
            if forgotten.is_none_or(|at| at.elapsed() >= FORGET) {
                courier.forget().await;
                forgotten = Some(Instant::now());
            }
            if more {
                continue;
            }
            tokio::select! {
                changed = durable.changed() => match changed {
                    Ok(()) => tokio::time::sleep(GATHER).await,
                    Err(_) => break,
                },
                Some(()) = flights.one() => {}
                () = tokio::time::sleep(REST) => {}
            }
        }
        // What has just arrived should be known as that, or it comes twice.
        let _ = tokio::time::timeout(LAST, flights.all()).await;
    }

    /// Makes messages of events, and sends what is due. Says whether there are more events to look at.
    async fn round(
        self: &Arc<Self>,
        passed: &mut Passed,
        flights: &mut Flights,
    ) -> Result<bool, StoreError> {
        let more = self.feed(passed).await?;
        while flights.count() < AT_A_TIME {
            let now = (self.now)();
            let until = now.plus_seconds(CLAIM_SECONDS);
            let busy = flights.busy(FLIGHT.of_owner);
            let webhooks = self.store.webhooks();
            let claim = webhooks.claim_message(now, until, FLIGHT, &busy).await?;
            let Some(claim) = claim else { break };
            let owner = claim.webhook.owner.clone();
            flights.start(&owner, Arc::clone(self).carry(claim));
        }
        Ok(more)
    }

    /// Moves webhooks on by a page of events, and makes their messages.
    async fn feed(&self, passed: &mut Passed) -> Result<bool, StoreError> {
        let events = self.store.position().await?.events;
        let hungry = self.store.webhooks().hungry(events, MAX_WAITING).await?;
        passed.retain(|id, _| hungry.iter().any(|it| it.id == *id));
        let mut pages: BTreeMap<u64, Vec<Heading>> = BTreeMap::new();
        let mut more = false;
        for webhook in &hungry {
            let from = match passed.get(&webhook.id) {
                Some((cursor, to)) if *cursor == webhook.cursor => *to,
                _ => webhook.cursor,
            };
            if from >= events {
                continue;
            }
            let page = match pages.entry(from) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(self.page(from).await?),
            };
            let Some((to, ..)) = page.last() else {
                continue;
            };
            more |= *to < events;
            self.tell(webhook, page, *to, passed).await?;
        }
        Ok(more)
    }

    async fn page(&self, from: u64) -> Result<Vec<Heading>, StoreError> {
        let events = self.store.events(from, PAGE).await?;
        let headings = events.iter().map(|event| {
            let told = Told::of(event);
            (event.number, told.kind.clone(), told.subject().to_owned())
        });
        Ok(headings.collect())
    }

    /// A webhook that hears nothing of a page is not written to each time: there may be many.
    async fn tell(
        &self,
        webhook: &Webhook,
        page: &[Heading],
        to: u64,
        passed: &mut Passed,
    ) -> Result<(), StoreError> {
        let listens: Listens = serde_json::from_str(&webhook.listens).unwrap_or_default();
        let heard = page
            .iter()
            .filter(|(_, kind, subject)| listens.hears(kind, subject));
        let now = (self.now)();
        let messages: Vec<_> = heard
            .map(|(number, ..)| {
                let id = message_id(&webhook.id, webhook.created_at, *number, now);
                (id, *number)
            })
            .collect();
        if messages.is_empty() && to - webhook.cursor < u64::from(PAGE) {
            passed.insert(webhook.id.clone(), (webhook.cursor, to));
            return Ok(());
        }
        let webhooks = self.store.webhooks();
        // If another courier was faster, or the owner, the next round sees it.
        webhooks.feed(webhook, to, &messages, now).await?;
        passed.remove(&webhook.id);
        Ok(())
    }

    /// Tries a message once, and keeps what came of it.
    async fn carry(self: Arc<Self>, claim: MessageClaim) {
        if let Err(error) = self.try_once(&claim).await {
            // Its lease ends, and it is tried again.
            let message = claim.message.id;
            tracing::error!(
                code = error.code(),
                error = chain(&error),
                message,
                "a try is lost"
            );
        }
    }

    async fn try_once(&self, claim: &MessageClaim) -> Result<(), StoreError> {
        let (message, webhook) = (&claim.message, &claim.webhook);
        let tried_at = (self.now)();
        let started = Instant::now();
        let outcome = match self.body(claim).await? {
            Some(body) => self.send(claim, body, tried_at).await,
            None => Outcome::failed("its event is not in the record"),
        };
        let took = started.elapsed().as_millis();
        let next = schedule::after(claim, &outcome, (self.now)(), chance());
        let tried = Try {
            number: message.tries,
            tried_at,
            took_ms: u64::try_from(took).unwrap_or(u64::MAX),
            status: outcome.status,
            error: outcome.error.map(str::to_owned),
        };
        self.store.webhooks().tried(claim, &tried, next).await?;
        tracing::debug!(
            webhook = webhook.id,
            message = message.id,
            ?outcome,
            "tried"
        );
        Ok(())
    }

    async fn body(&self, claim: &MessageClaim) -> Result<Option<String>, StoreError> {
        let message = &claim.message;
        let Some(before) = message.number.checked_sub(1) else {
            return Ok(Some(message::test(&message.webhook, message.created_at)));
        };
        let events = self.store.events(before, 1).await?;
        Ok(events.first().map(|event| Told::of(event).body()))
    }

    /// On a thread of its own: when the market stops, nobody waits for a receiver that hangs.
    async fn send(&self, claim: &MessageClaim, body: String, at: Timestamp) -> Outcome {
        let timestamp = at.seconds();
        let id = claim.message.id.clone();
        let Ok(signature) = sign(&self.key, &id, timestamp, body.as_bytes()) else {
            return Outcome::failed("it could not be signed");
        };
        let request = Request {
            url: claim.webhook.url.clone(),
            id,
            timestamp,
            signature,
            body,
        };
        let (sender, (answer, answered)) = (self.sender.clone(), oneshot::channel());
        let name = "webhook".to_owned();
        let spawned = thread::Builder::new().name(name).spawn(move || {
            let _ = answer.send(sender.send(&request));
        });
        let lost = Outcome::failed("the machine could not send it");
        match spawned {
            Ok(_) => answered.await.unwrap_or(lost),
            Err(_) => lost,
        }
    }

    async fn forget(&self) {
        let before = (self.now)().micros() - i64::try_from(REMEMBERED.as_micros()).unwrap_or(0);
        let Ok(before) = Timestamp::from_micros(before) else {
            return;
        };
        if let Err(error) = self.store.webhooks().forget(before).await {
            tracing::error!(
                code = error.code(),
                error = chain(&error),
                "nothing was forgotten"
            );
        }
    }
}

/// Spreads what failed together; nothing is lost if there is none.
fn chance() -> u8 {
    let mut byte = [0];
    let _ = getrandom::fill(&mut byte);
    byte[0]
}

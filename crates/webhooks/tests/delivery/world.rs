//! A record that grows, a clock that a test moves, and couriers.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use proofmark_core::{Digest, Timestamp};
use proofmark_keys::{PublicKey, SecretKey, Signer as _};
use proofmark_storage::{
    Added, Command, Consequences, Epoch, Event, Message, Obeyed, Room, SqliteStore, Store, Try,
    Webhook,
};
use proofmark_webhooks::{Courier, Received, Sender, TOLERANCE_SECONDS, message_id, verify};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::receiver::Request;

/// Seconds that a try may take here.
pub(crate) const PATIENCE: u64 = 2;

pub(crate) const SUBJECT: &str = "con_00112233445566778899aabbccddeeff_1";

const ROOM: Room = Room {
    of_owner: 9,
    of_all: 9,
};

pub(crate) struct World {
    store: Arc<dyn Store>,
    epoch: Epoch,
    clock: Arc<AtomicI64>,
    durable: watch::Sender<u64>,
    _directory: TempDir,
}

fn start() -> Timestamp {
    Timestamp::from_seconds(1_800_000_000).expect("2027")
}

pub(crate) fn body() -> Value {
    json!({"at": start(), "subject": {"contract": SUBJECT}, "event": {"type": "paid", "amount": 5}})
}

fn key() -> SecretKey {
    SecretKey::from_seed(&[7; 32])
}

impl World {
    pub(crate) async fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let store = SqliteStore::open(&directory.path().join("record.db")).await;
        let store: Arc<dyn Store> = Arc::new(store.expect("it opens"));
        store.found(b"rules").await.expect("it begins");
        let epoch = store.lease(None, start(), start().plus_seconds(60)).await;
        Self {
            store,
            epoch: epoch.expect("nobody else writes"),
            clock: Arc::new(AtomicI64::new(start().micros())),
            durable: watch::channel(0).0,
            _directory: directory,
        }
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.clock.load(Ordering::Relaxed)).expect("a time")
    }

    pub(crate) fn pass(&self, seconds: u64) {
        let now = self.now().plus_seconds(seconds);
        self.clock.store(now.micros(), Ordering::Relaxed);
    }

    pub(crate) fn courier(&self, sender: Sender) -> JoinHandle<()> {
        let clock = Arc::clone(&self.clock);
        let now = move || Timestamp::from_micros(clock.load(Ordering::Relaxed)).expect("a time");
        let courier = Courier {
            store: Arc::clone(&self.store),
            key: key(),
            sender,
            now: Box::new(now),
            durable: self.durable.subscribe(),
        };
        tokio::spawn(courier.run())
    }

    /// Adds a webhook to what has happened so far, and says its name.
    pub(crate) async fn listen(&self, url: &str, listens: Value) -> String {
        let webhook = Webhook {
            id: format!("hook_{}", Digest::of(url.as_bytes())),
            owner: "somebody".to_owned(),
            url: url.to_owned(),
            listens: listens.to_string(),
            cursor: 0,
            created_at: self.now(),
            delivered_at: None,
            disabled: None,
        };
        let added = self.store.webhooks().add(&webhook, ROOM).await;
        assert_eq!(added.expect("an answer"), Added::New);
        webhook.id
    }

    /// A command from which so many events follow.
    pub(crate) async fn happens(&self, events: usize) {
        self.happens_to(SUBJECT, events).await;
    }

    pub(crate) async fn happens_to(&self, subject: &str, events: usize) {
        let sequence = self.store.position().await.expect("an answer").sequence + 1;
        let event = Event {
            subject: subject.to_owned(),
            body: body().to_string(),
        };
        let command = Command {
            sequence,
            at: start(),
            payload: Digest::of(&sequence.to_le_bytes()),
            head: Digest::of(b"head"),
            envelope: Vec::new(),
            attachment: None,
        };
        let consequences = Consequences {
            events: vec![event; events],
            transfers: Vec::new(),
            documents: Vec::new(),
            jobs: Vec::new(),
        };
        let batch = [Obeyed {
            command,
            consequences,
        }];
        let appended = self.store.append(self.epoch, &batch).await;
        appended.expect("it is kept");
        self.durable.send_replace(sequence);
    }

    pub(crate) async fn hook(&self, id: &str) -> Webhook {
        let found = self.store.webhooks().webhook(id).await;
        found.expect("an answer").expect("it is there")
    }

    pub(crate) async fn test(&self, hook: &str) {
        self.pass(1);
        let (added_at, now) = (self.hook(hook).await.created_at, self.now());
        let id = message_id(hook, added_at, 0, now);
        let made = self.store.webhooks().test(hook, &id, now).await;
        made.expect("it is made");
    }

    pub(crate) async fn tries(&self, message: &Message) -> Vec<Try> {
        let tries = self.store.webhooks().tries(&message.id).await;
        tries.expect("an answer")
    }

    async fn messages(&self, hook: &str) -> Vec<Message> {
        let messages = self.store.webhooks().messages(hook, 1_000).await;
        messages.expect("an answer")
    }

    /// The messages of a webhook, when there are so many and all are done.
    pub(crate) async fn settled(&self, hook: &str, count: usize) -> Vec<Message> {
        for _ in 0..600 {
            let messages = self.messages(hook).await;
            if messages.len() == count && messages.iter().all(|it| it.done_at.is_some()) {
                return messages;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("not done: {:?}", self.messages(hook).await);
    }

    /// The one message of a webhook, when it was tried so often.
    pub(crate) async fn tried(&self, hook: &str, times: usize) -> Message {
        for _ in 0..600 {
            if let [message] = &self.messages(hook).await[..]
                && self.tries(message).await.len() == times
            {
                return message.clone();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("not tried {times} times: {:?}", self.messages(hook).await);
    }

    /// As a receiver does.
    pub(crate) fn verify(&self, request: &Request) {
        let key: PublicKey = *key().public_key();
        let received = Received {
            id: request.header("webhook-id"),
            timestamp: request.header("webhook-timestamp"),
            signature: request.header("webhook-signature"),
            body: request.body.as_bytes(),
        };
        // The clock of the test has moved on since.
        let seconds = received.timestamp.parse().expect("a number");
        let sent_at = Timestamp::from_seconds(seconds).expect("a time");
        assert!(sent_at <= self.now());
        let verified = verify(&key, received, sent_at, Some(TOLERANCE_SECONDS));
        assert_eq!(verified, Ok(()));
    }
}

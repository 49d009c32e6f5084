//! Who is told of events, and what became of telling.

use async_trait::async_trait;
use proofmark_core::Timestamp;

use crate::StoreError;

/// An address that a party gave, to be told of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Its name.
    pub id: String,
    /// Whose it is.
    pub owner: String,
    /// Where messages go.
    pub url: String,
    /// What is listened to.
    pub listens: String,
    /// The last event of which it is known whether there is a message.
    pub cursor: u64,
    /// When it was added.
    pub created_at: Timestamp,
    /// When a message last arrived.
    pub delivered_at: Option<Timestamp>,
    /// Since when, and why, nothing is sent any more.
    pub disabled: Option<(Timestamp, String)>,
}

/// What became of adding a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Added {
    /// It is there now.
    New,
    /// It was there before, like this.
    Exists(Webhook),
    /// Its owner has as many as allowed.
    TooMany,
    /// All owners together have as many as allowed.
    Full,
}

/// How many webhooks there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Of one owner.
    pub of_owner: u32,
    /// Of all together.
    pub of_all: u32,
}

/// An event for a webhook, or a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its name, the same in every try.
    pub id: String,
    /// For which webhook.
    pub webhook: String,
    /// The event; 0 for a test.
    pub number: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it is tried next, unless it is done.
    pub due_at: Timestamp,
    /// How often it was tried.
    pub tries: u64,
    /// When it was delivered or given up.
    pub done_at: Option<Timestamp>,
    /// Whether it was delivered.
    pub delivered: bool,
}

/// One sending of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Try {
    /// Which, counted from 1.
    pub number: u64,
    /// When.
    pub tried_at: Timestamp,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// The status of the answer, if there was one.
    pub status: Option<u16>,
    /// Why it does not count as delivered.
    pub error: Option<String>,
}

/// A message that a courier holds; see [`crate::Claim`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageClaim {
    /// The message as it is now. `tries` counts this one.
    pub message: Message,
    /// Its webhook.
    pub webhook: Webhook,
    /// Whether somebody asked for it.
    pub asked: bool,
    /// How often it was claimed: the fencing token.
    pub epoch: u64,
}

/// How many messages may be on their way at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flight {
    /// To one webhook.
    pub of_webhook: u32,
    /// To all webhooks of one owner.
    pub of_owner: u32,
    /// To all owners with slow receivers together; see [`SLOW_MILLISECONDS`].
    pub of_slow: u32,
}

/// An owner one of whose receivers takes so long is slow.
pub const SLOW_MILLISECONDS: u64 = 2_000;

/// It stays so for this long.
pub const SLOW_SECONDS: u64 = 3_600;

/// What follows from a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next<'w> {
    /// It arrived. Its webhook is enabled, if it was disabled.
    Delivered,
    /// It is tried again then.
    Again(Timestamp),
    /// It is not tried again.
    GivenUp,
    /// The same, and its webhook is disabled for this reason, unless another message arrived after this one was made.
    Disabled(&'w str),
    /// The same, whatever has arrived.
    Gone(&'w str),
}

/// So many tries of a message are remembered: more than any schedule has.
pub const TRIES_KEPT: u64 = 50;

/// Who is told of events. Every method is one transaction, or reads what one left.
#[async_trait]
pub trait Webhooks: Send + Sync {
    /// Adds a webhook; one with the same id is not changed.
    async fn add(&self, webhook: &Webhook, room: Room) -> Result<Added, StoreError>;

    /// All webhooks of an owner, by their ids.
    async fn of_owner(&self, owner: &str) -> Result<Vec<Webhook>, StoreError>;

    /// A webhook.
    async fn webhook(&self, id: &str) -> Result<Option<Webhook>, StoreError>;

    /// Removes a webhook, its messages and their tries; `false` if it is not there.
    async fn remove(&self, id: &str) -> Result<bool, StoreError>;

    /// Webhooks that have not seen all of so many events, are not disabled, and have fewer messages waiting than this.
    async fn hungry(&self, events: u64, waiting: u32) -> Result<Vec<Webhook>, StoreError>;

    /// Moves the cursor of a webhook on from where it was, and makes the messages of the events that it passes, each an id
    /// and the number of the event: both or neither. `false` if the cursor is elsewhere by now.
    async fn feed(
        &self,
        webhook: &Webhook,
        to: u64,
        messages: &[(String, u64)],
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Claims a message of those that may be on their way now: of the owner who has fewest on their way, then whose turn
    /// is longest ago, the one that is due longest. Nothing of `busy` owners: what is on its way to them may be here no
    /// more. Looks before it locks anything.
    async fn claim_message(
        &self,
        now: Timestamp,
        until: Timestamp,
        flight: Flight,
        busy: &[String],
    ) -> Result<Option<MessageClaim>, StoreError>;

    /// Keeps what a try came to; `false` if the claim is another's by now, and nothing was changed.
    async fn tried(
        &self,
        claim: &MessageClaim,
        tried: &Try,
        next: Next<'_>,
    ) -> Result<bool, StoreError>;

    /// The last messages of a webhook, the latest first.
    async fn messages(&self, webhook: &str, most: u32) -> Result<Vec<Message>, StoreError>;

    /// A message of a webhook.
    async fn message(&self, webhook: &str, id: &str) -> Result<Option<Message>, StoreError>;

    /// The tries of a message, the first first.
    async fn tries(&self, message: &str) -> Result<Vec<Try>, StoreError>;

    /// Has a message sent again, now; `false` if it is not there.
    async fn redeliver(&self, webhook: &str, id: &str, now: Timestamp) -> Result<bool, StoreError>;

    /// Has a test sent, now. It takes the place of a test before it.
    async fn test(&self, webhook: &str, id: &str, now: Timestamp) -> Result<(), StoreError>;

    /// Forgets messages that were done before then, and their tries. Says how many.
    async fn forget(&self, before: Timestamp) -> Result<u64, StoreError>;
}

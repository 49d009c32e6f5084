//! Webhooks as their owners see them.

use proofmark_storage::{Message as KeptMessage, Try as KeptTry, Webhook as Kept};
use proofmark_webhooks::Listens;
use serde::Serialize;
use utoipa::ToSchema;

use crate::wire::text;

/// Who is told of events.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Webhook {
    /// Its name.
    #[schema(example = "hook_5d41402abc4b2a76b9719d911017c592")]
    id: String,
    /// Where messages go.
    url: String,
    /// The types that are listened to; all, if there are none.
    types: Vec<String>,
    /// The RFQ or contract that is listened to; else all.
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<String>,
    /// Every event up to this number has its message, if it is listened to.
    cursor: u64,
    /// When it was added.
    created_at: String,
    /// When a message last arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    delivered_at: Option<String>,
    /// Since when nothing is sent any more, until a test or a redelivery arrives.
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled_at: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled_why: Option<String>,
}

impl From<Kept> for Webhook {
    fn from(kept: Kept) -> Self {
        let Listens { types, of } = serde_json::from_str(&kept.listens).unwrap_or_default();
        let (disabled_at, disabled_why) = kept.disabled.unzip();
        Self {
            id: kept.id,
            url: kept.url,
            types,
            of,
            cursor: kept.cursor,
            created_at: text(&kept.created_at),
            delivered_at: kept.delivered_at.as_ref().map(text),
            disabled_at: disabled_at.as_ref().map(text),
            disabled_why,
        }
    }
}

/// The webhooks of somebody.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Webhooks {
    /// All of them.
    items: Vec<Webhook>,
}

impl FromIterator<Kept> for Webhooks {
    fn from_iter<I: IntoIterator<Item = Kept>>(kept: I) -> Self {
        Self {
            items: kept.into_iter().map(Webhook::from).collect(),
        }
    }
}

/// A webhook, and what became of its messages.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Owned {
    /// The webhook.
    pub(super) webhook: Webhook,
    /// Its last messages, the latest first.
    pub(super) messages: Vec<Message>,
}

/// An event for a webhook, or a test.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Message {
    /// Its name: `webhook-id`, the same in every try.
    #[schema(example = "msg_7d793037a0760186574b0282f2f435e7")]
    id: String,
    /// The number of the event; absent for a test.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<u64>,
    /// `waiting`, `delivered` or `given_up`.
    #[schema(example = "delivered")]
    state: &'static str,
    /// When it was made.
    created_at: String,
    /// When it is tried next, if it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<String>,
    /// When it was delivered or given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    done_at: Option<String>,
    /// What became of it, the first try first; the last 50.
    tries: Vec<Try>,
}

impl Message {
    pub(super) fn of(kept: KeptMessage, tries: Vec<KeptTry>) -> Self {
        let state = match (kept.done_at, kept.delivered) {
            (None, _) => "waiting",
            (Some(_), true) => "delivered",
            (Some(_), false) => "given_up",
        };
        Self {
            id: kept.id,
            number: (kept.number > 0).then_some(kept.number),
            state,
            created_at: text(&kept.created_at),
            due_at: kept.done_at.is_none().then(|| text(&kept.due_at)),
            done_at: kept.done_at.as_ref().map(text),
            tries: tries.into_iter().map(Try::from).collect(),
        }
    }
}

/// One sending of a message.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Try {
    /// Which, counted from 1.
    number: u64,
    /// When.
    tried_at: String,
    /// How long it took, in milliseconds.
    took_ms: u64,
    /// The status of the answer, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// Why it does not count as delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl From<KeptTry> for Try {
    fn from(kept: KeptTry) -> Self {
        Self {
            number: kept.number,
            tried_at: text(&kept.tried_at),
            took_ms: kept.took_ms,
            status: kept.status,
            error: kept.error,
        }
    }
}

//! What a message says: a thin document, and nothing that the routes do not show anybody.

use proofmark_core::{Digest, Timestamp};
use proofmark_storage::{Event, Numbered};
use serde_json::{Value, json};

/// Longest body. An event that is longer is named and not shown; whoever wants it asks for it.
pub const MAX_MESSAGE_BYTES: usize = 20_000;

/// The name of a webhook of an owner: the same address and the same wish is the same webhook.
#[must_use]
pub fn webhook_id(owner: &str, url: &str, listens: &str) -> String {
    let text = json!(["proofmark/webhook/v1", owner, url, listens]);
    format!("hook_{}", half(&text))
}

/// The name of a message of a webhook that was added then: of an event by its number; of a test, number 0, by its time.
#[must_use]
pub fn message_id(webhook: &str, added_at: Timestamp, number: u64, tested_at: Timestamp) -> String {
    let at = match number {
        0 => tested_at.micros(),
        _ => 0,
    };
    let text = json!([
        "proofmark/webhook-message/v1",
        webhook,
        added_at.micros(),
        number,
        at
    ]);
    format!("msg_{}", half(&text))
}

/// The first 16 bytes of the digest.
fn half(text: &Value) -> String {
    let digest = Digest::of(text.to_string().as_bytes());
    hex::encode(digest.as_bytes().split_at(16).0)
}

/// An event as messages have it.
pub(crate) struct Told {
    /// `<subject>.<what happened>`, as in `contract.paid`.
    pub(crate) kind: String,
    subject: String,
    at: Value,
    data: Value,
}

impl Told {
    /// One rule for the type: what it happened to (`market`, `rfq`, `contract`), a full stop, and the type of the event.
    pub(crate) fn of(event: &Numbered<Event>) -> Self {
        let subject = &event.it.subject;
        let body: Value = serde_json::from_str(&event.it.body).unwrap_or_default();
        let what = body["event"]["type"].as_str().unwrap_or("event");
        let to = match subject.split_once('_') {
            Some(("rfq", _)) => "rfq",
            Some(("con", _)) => "contract",
            _ => "market",
        };
        Self {
            kind: format!("{to}.{what}"),
            subject: subject.clone(),
            at: body["at"].clone(),
            data: json!({
                "number": event.number,
                "sequence": event.sequence,
                "subject": subject,
                "body": body,
            }),
        }
    }

    pub(crate) fn subject(&self) -> &str {
        &self.subject
    }

    /// The body of the message: the same bytes each time.
    pub(crate) fn body(mut self) -> String {
        let whole = body(&self.kind, &self.at, &self.data);
        if whole.len() <= MAX_MESSAGE_BYTES {
            return whole;
        }
        if let Some(data) = self.data.as_object_mut() {
            data.remove("body");
        }
        body(&self.kind, &self.at, &self.data)
    }
}

/// The body of a test.
pub(crate) fn test(webhook: &str, at: Timestamp) -> String {
    body("webhook.test", &json!(at), &json!({ "webhook": webhook }))
}

fn body(kind: &str, at: &Value, data: &Value) -> String {
    json!({ "type": kind, "timestamp": at, "data": data }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_seconds(1_800_000_000 + seconds).expect("2027")
    }

    fn event(subject: &str, body: &Value) -> Numbered<Event> {
        Numbered {
            number: 7,
            sequence: 3,
            it: Event {
                subject: subject.to_owned(),
                body: body.to_string(),
            },
        }
    }

    #[test]
    fn an_event_is_told_as_the_routes_show_it() {
        let body = json!({"at": at(0), "subject": {"contract": "con_1"}, "event": {"type": "paid", "amount": 5}});
        let told = Told::of(&event("con_1", &body));
        assert_eq!(
            (told.kind.as_str(), told.subject()),
            ("contract.paid", "con_1")
        );
        let text = told.body();
        let shown: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(
            shown,
            json!({
                "type": "contract.paid",
                "timestamp": "2027-01-15T08:00:00Z",
                "data": {"number": 7, "sequence": 3, "subject": "con_1", "body": body},
            })
        );
        assert_eq!(Told::of(&event("con_1", &body)).body(), text);
        for (subject, kind) in [("rfq_1", "rfq.paid"), ("market", "market.paid")] {
            assert_eq!(Told::of(&event(subject, &body)).kind, kind);
        }
    }

    #[test]
    fn what_is_long_is_named_and_not_shown() {
        let ground = "x".repeat(MAX_MESSAGE_BYTES);
        let body = json!({"at": at(0), "event": {"type": "reviewed", "ground": ground}});
        let text = Told::of(&event("con_1", &body)).body();
        assert!(text.len() < 300, "{text}");
        let shown: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(shown["type"], "contract.reviewed");
        assert_eq!(shown["data"]["number"], 7);
        assert_eq!(shown["data"]["body"], Value::Null);
    }

    #[test]
    fn names_follow_from_what_they_name() {
        let one = webhook_id("o", "https://a", "{}");
        assert_eq!(one, webhook_id("o", "https://a", "{}"));
        assert_eq!(one.len(), "hook_".len() + 32);
        for other in [
            webhook_id("p", "https://a", "{}"),
            webhook_id("o", "https://b", "{}"),
            webhook_id("o", "https://a", "{\"of\":1}"),
        ] {
            assert_ne!(one, other);
        }
        let message = message_id(&one, at(0), 7, at(1));
        assert_eq!(
            message,
            message_id(&one, at(0), 7, at(2)),
            "whenever it is made"
        );
        assert_ne!(message, message_id(&one, at(0), 8, at(1)));
        assert_ne!(
            message,
            message_id(&one, at(5), 7, at(1)),
            "it was added anew"
        );
        assert_ne!(
            message_id(&one, at(0), 0, at(1)),
            message_id(&one, at(0), 0, at(2))
        );
    }
}

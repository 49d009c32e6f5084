//! Webhooks over HTTP: added, shown, tested and removed by their owner, and by nobody else.

mod world;

use axum::body::Body;
use axum::http::StatusCode;
use proofmark_api::ticket::Access;
use proofmark_api::{MAX_FOR_ANYBODY, MAX_WEBHOOKS, Telling};
use proofmark_core::Digest;
use proofmark_keys::Signer as _;
use proofmark_market::ContractAction;
use proofmark_simulator::stage::{Actor, Says};
use proofmark_storage::{Added, Room, Webhook};
use proofmark_webhooks::{Reach, key_text};
use serde_json::{Value, json};

use world::{Answer, Market};

const ALL: &str = "/v1/webhooks";

const URL: &str = "https://receiver.example/events";

const CONTRACT: &str = "con_00112233445566778899aabbccddeeff_1";

impl Market {
    fn webhooks_of(&self, who: &Actor) -> String {
        let ticket = self.ticket(Access::Webhooks {}, who);
        ticket.sign(who.secret()).expect("a signature")
    }

    async fn by(&self, who: &Actor, method: &str, path: &str, body: Value) -> Answer {
        let ticket = self.webhooks_of(who);
        let headers = [("authorization", ticket.as_str())];
        let body = match body {
            Value::Null => Body::empty(),
            body => Body::from(body.to_string()),
        };
        self.call(method, path, &headers, body).await
    }

    async fn added(&self, who: &Actor, asked: Value) -> Value {
        let answer = self.by(who, "POST", ALL, asked).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        answer.body
    }
}

/// Webhooks of others, behind the market's back.
async fn taken(market: &Market, numbers: std::ops::Range<u32>) {
    let room = Room {
        of_owner: MAX_WEBHOOKS.0,
        of_all: MAX_WEBHOOKS.1,
    };
    for number in numbers {
        let webhook = Webhook {
            id: format!("hook_{number}"),
            owner: format!("owner_{}", number / MAX_WEBHOOKS.0),
            url: URL.to_owned(),
            listens: "{}".to_owned(),
            cursor: 0,
            created_at: market.stage.now,
            delivered_at: None,
            disabled: None,
        };
        let added = market.store.webhooks().add(&webhook, room).await;
        assert_eq!(added.expect("an answer"), Added::New);
    }
}

fn path(webhook: &Value) -> String {
    format!("{ALL}/{}", webhook["id"].as_str().expect("a name"))
}

fn refused(answer: &Answer, status: u16, code: &str) {
    let is = (answer.status.as_u16(), answer.code());
    assert_eq!(is, (status, code), "{}", answer.text);
    assert!(!answer.body["hint"].as_str().unwrap_or_default().is_empty());
}

#[tokio::test]
async fn a_webhook_is_added_once_shown_and_removed() {
    let market = Market::open().await;
    let buyer = Actor::new("buyer");
    let events = market.get("/v1/events?limit=200").await["items"]
        .as_array()
        .map(Vec::len);
    let added = market.added(&buyer, json!({"url": URL})).await;
    assert_eq!(added["cursor"].as_u64(), events.map(|it| it as u64));
    assert_eq!(added["types"], json!([]));
    let again = market
        .by(&buyer, "POST", ALL, json!({"url": URL, "after": 1}))
        .await;
    assert_eq!(again.status, StatusCode::OK, "the same URL and wish");
    assert_eq!(again.body, added, "as it was");
    let asked = json!({"url": URL, "types": ["contract.*"], "of": CONTRACT, "after": 1});
    let other = market.added(&buyer, asked).await;
    assert_eq!(other["cursor"], 1);
    assert_eq!(other["of"], CONTRACT);
    let list = market.by(&buyer, "GET", ALL, Value::Null).await;
    let listed = list.body["items"].as_array().expect("items");
    assert_eq!(listed.len(), 2);
    assert!(listed.contains(&added) && listed.contains(&other));
    let shown = market.by(&buyer, "GET", &path(&added), Value::Null).await;
    assert_eq!(shown.body, json!({"webhook": added, "messages": []}));
    let removed = market
        .by(&buyer, "DELETE", &path(&added), Value::Null)
        .await;
    assert_eq!(
        (removed.status, removed.body),
        (StatusCode::OK, added.clone())
    );
    for method in ["GET", "DELETE"] {
        let gone = market.by(&buyer, method, &path(&added), Value::Null).await;
        refused(&gone, 404, "webhook-unknown");
    }
}

#[tokio::test]
async fn a_test_is_shown_and_sent_again() {
    let mut market = Market::open().await;
    let buyer = Actor::new("buyer");
    let webhook = market.added(&buyer, json!({"url": URL})).await;
    let test = format!("{}/test", path(&webhook));
    let sent = market.by(&buyer, "POST", &test, Value::Null).await;
    assert_eq!(sent.status, StatusCode::ACCEPTED, "{}", sent.text);
    assert_eq!(sent.body["state"], "waiting");
    assert_eq!(sent.body["number"], Value::Null, "of no event");
    assert_eq!(sent.body["tries"], json!([]));
    market.pass(5);
    let message = sent.body["id"].as_str().expect("a name");
    let again = format!("{}/messages/{message}/redeliver", path(&webhook));
    let again = market.by(&buyer, "POST", &again, Value::Null).await;
    assert_eq!(again.status, StatusCode::ACCEPTED, "{}", again.text);
    assert_eq!(again.body["id"], sent.body["id"]);
    assert_ne!(again.body["due_at"], sent.body["due_at"]);
    let shown = market.by(&buyer, "GET", &path(&webhook), Value::Null).await;
    assert_eq!(shown.body["messages"], json!([again.body]));
    let other = format!("{}/messages/msg_none/redeliver", path(&webhook));
    let other = market.by(&buyer, "POST", &other, Value::Null).await;
    refused(&other, 404, "message-unknown");
}

#[tokio::test]
async fn nobody_sees_or_changes_what_is_anothers() {
    let market = Market::open().await;
    let (buyer, supplier) = (Actor::new("buyer"), Actor::new("supplier"));
    let webhook = market.added(&buyer, json!({"url": URL})).await;
    let path = path(&webhook);
    for (method, path) in [
        ("GET", path.clone()),
        ("DELETE", path.clone()),
        ("POST", format!("{path}/test")),
        ("POST", format!("{path}/messages/msg_1/redeliver")),
    ] {
        let answer = market.by(&supplier, method, &path, Value::Null).await;
        refused(&answer, 404, "webhook-unknown");
        let answer = market.request(method, &path, Vec::new()).await;
        refused(&answer, 401, "ticket-missing");
        let blob = Digest::of(b"bytes");
        let ticket = market.ticket(Access::Download { blob }, &buyer);
        let ticket = ticket.sign(buyer.secret()).expect("a signature");
        let headers = [("authorization", ticket.as_str())];
        let answer = market.call(method, &path, &headers, Body::empty()).await;
        refused(&answer, 403, "ticket-other-purpose");
    }
    let list = market.by(&supplier, "GET", ALL, Value::Null).await;
    assert_eq!(list.body, json!({"items": []}));
    let stranger = market
        .by(&Actor::new("stranger"), "GET", ALL, Value::Null)
        .await;
    refused(&stranger, 401, "ticket-signer-unknown");
    // A ticket for webhooks opens no blob.
    let blob = format!("/v1/blobs/{}", Digest::of(b"bytes"));
    let answer = market.by(&buyer, "GET", &blob, Value::Null).await;
    refused(&answer, 403, "ticket-other-purpose");
}

#[tokio::test]
async fn what_cannot_be_told_is_refused() {
    let market = Market::open().await;
    let buyer = Actor::new("buyer");
    for (asked, status, code) in [
        (json!({}), 400, "request-malformed"),
        (json!({"url": URL, "secret": "x"}), 400, "request-malformed"),
        (
            json!({"url": "http://receiver.example/"}),
            422,
            "webhook-address",
        ),
        (json!({"url": "https://127.0.0.1/"}), 422, "webhook-address"),
        (json!({"url": "https://[fd00::1]/"}), 422, "webhook-address"),
        (
            json!({"url": "https://receiver.example:6379/"}),
            422,
            "webhook-address",
        ),
        (
            json!({"url": format!("{URL}?{}", "x".repeat(2_048))}),
            422,
            "webhook-address",
        ),
        (
            json!({"url": URL, "types": ["paid"]}),
            422,
            "webhook-listens",
        ),
        (json!({"url": URL, "of": "market"}), 422, "webhook-listens"),
    ] {
        let answer = market.by(&buyer, "POST", ALL, asked).await;
        refused(&answer, status, code);
    }
    let text = market.by(&buyer, "GET", ALL, Value::Null).await.text;
    assert_eq!(text, r#"{"items":[]}"#);
}

#[tokio::test]
async fn a_party_has_so_many_and_asks_so_often() {
    let market = Market::open().await;
    let (buyer, supplier) = (Actor::new("buyer"), Actor::new("supplier"));
    let url = |number: u32| json!({"url": format!("{URL}/{number}")});
    for number in 0..MAX_WEBHOOKS.0 {
        market.added(&buyer, url(number)).await;
    }
    let more = market.by(&buyer, "POST", ALL, url(MAX_WEBHOOKS.0)).await;
    refused(&more, 403, "webhooks-too-many");
    market.added(&supplier, url(0)).await;
    // The share of one party, ten seconds' worth of twenty.
    let mut left = 200;
    let refused_at = loop {
        let again = market.by(&buyer, "POST", ALL, url(0)).await;
        if again.status != StatusCode::OK || left == 0 {
            break again;
        }
        left -= 1;
    };
    refused(&refused_at, 429, "too-fast");
    assert!(left > 0);
    let list = market.by(&buyer, "GET", ALL, Value::Null).await;
    assert_eq!(list.status, StatusCode::OK, "reading changes nothing");
}

#[tokio::test]
async fn half_of_the_places_are_for_who_has_traded() {
    let mut market = Market::open().await;
    let (buyer, supplier) = (Actor::new("buyer"), Actor::new("supplier"));
    let contract = market.begun("supplier", None).await;
    market.handed_in("supplier", contract, "the answer").await;
    let verdict = market.verdict(contract, Says::Pass, "alpha");
    market.send(&verdict).await;
    taken(&market, 0..MAX_FOR_ANYBODY).await;
    let asked = json!({"url": URL});
    for who in [&buyer, &supplier, &Actor::passer_by()] {
        let refusal = market.by(who, "POST", ALL, asked.clone()).await;
        refused(&refusal, 403, "webhooks-full");
    }
    market.act(&buyer, contract, ContractAction::Accept).await;
    // Its warranty is over.
    market.pass(72 * 3_600 + 1);
    market.act(&buyer, contract, ContractAction::Tick).await;
    for who in [&buyer, &supplier] {
        market.added(who, asked.clone()).await;
    }
    let refusal = market.by(&Actor::passer_by(), "POST", ALL, asked).await;
    refused(&refusal, 403, "webhooks-full");
    taken(&market, MAX_FOR_ANYBODY..MAX_WEBHOOKS.1 - 2).await;
    let more = json!({"url": format!("{URL}/more")});
    let refusal = market.by(&buyer, "POST", ALL, more).await;
    refused(&refusal, 403, "webhooks-full");
}

#[tokio::test]
async fn changes_of_the_operator_are_not_counted() {
    let market = Market::open().await;
    let operator = Actor::operator();
    let url = json!({"url": URL});
    market.added(&operator, url.clone()).await;
    for _ in 0..250 {
        let again = market.by(&operator, "POST", ALL, url.clone()).await;
        assert_eq!(again.status, StatusCode::OK, "{}", again.text);
    }
}

#[tokio::test]
async fn the_key_that_signs_is_published() {
    let telling = Telling {
        key: *Actor::new("webhooks").secret().public_key(),
        reach: Reach::Local,
    };
    let market = Market::with(false, Some(telling.clone())).await;
    let shown = market.get("/v1/market").await;
    assert_eq!(shown["webhook_key"], key_text(&telling.key));
    // The operator has said that this machine may be spoken to.
    let local = json!({"url": "http://127.0.0.1:9/events"});
    market.added(&Actor::new("buyer"), local).await;
    let silent = Market::with(false, None).await;
    let shown = silent.get("/v1/market").await;
    assert_eq!(shown["webhook_key"], Value::Null);
    let answer = silent
        .by(&Actor::new("buyer"), "GET", ALL, Value::Null)
        .await;
    refused(&answer, 404, "webhooks-not-offered");
}

//! Who is told of events: webhooks of the sender of the ticket, and of nobody else.

mod shown;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use proofmark_keys::{KeyId, PublicKey};
use proofmark_storage::{Added, Room, Webhook as Kept};
use proofmark_webhooks::{
    AddressError, Listens, ListensError, Reach, check_url, key_text, message_id, webhook_id,
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::Api;
use crate::asked::Named;
use crate::problem::Problem;
use crate::ticket::{self, Access};

use shown::{Message, Owned, Webhook, Webhooks};

/// How many webhooks there may be: of one party ten, of all a thousand, each of which costs a look at every event.
pub const MAX_WEBHOOKS: (u32, u32) = (10, 1_000);

/// While there are so many, only who has traded adds another: keys are free, and a hundred of them would take all places.
pub const MAX_FOR_ANYBODY: u32 = 500;

/// For whoever has a key.
const FOR_ANYBODY: Room = Room {
    of_owner: MAX_WEBHOOKS.0,
    of_all: MAX_FOR_ANYBODY,
};

/// For who has traded.
const ROOM: Room = Room {
    of_owner: MAX_WEBHOOKS.0,
    of_all: MAX_WEBHOOKS.1,
};

/// So many messages of a webhook are shown: the last.
const SHOWN: u32 = 50;

/// What a market tells of events, if it does.
#[derive(Debug, Clone)]
pub struct Telling {
    /// Who signs messages.
    pub key: PublicKey,
    /// Whom it speaks to.
    pub reach: Reach,
}

impl Telling {
    /// As receivers are given it.
    pub(crate) fn key_text(&self) -> String {
        key_text(&self.key)
    }
}

/// A webhook as it is asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// Where messages go: https://HOST/PATH.
    #[schema(max_length = 2048)]
    url: String,
    /// Only these types: `contract.paid`, or `contract.*` for all of one subject. None means all.
    #[serde(default)]
    types: Vec<String>,
    /// Only what happens to this RFQ, with the contracts that follow from it, or to this contract.
    of: Option<String>,
    /// Begin after the event of this number; without it, with what happens from now on.
    after: Option<u64>,
}

/// Adds a webhook. The same URL and the same wish is the same webhook: added twice, it is there once, as it was.
#[utoipa::path(
    post, path = "/v1/webhooks", tag = "webhooks", request_body = Asked,
    params(("Authorization" = String, Header, description = "A ticket for webhooks")),
    responses(
        (status = 200, description = "It was there already", body = Webhook),
        (status = 201, description = "It is there", body = Webhook),
        (status = 400, description = "It is no such request", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "There is no valid ticket", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The ticket is for something else, the sender has as many as allowed, or all places are taken; half of them are for parties with a contract that has ended", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "This market tells nobody of events", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "It did not arrive in time", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "It is too large", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "This address is not spoken to, or nothing can be listened to in this way", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "This party asks for more than one is given", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The record cannot be read", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn add(
    State(api): State<Api>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Webhook>), Problem> {
    let sender = changes(&api, &headers).await?;
    let body = api.intake.read(body).await?;
    let asked: Asked = serde_json::from_slice(&body.bytes)
        .map_err(|error| Problem::malformed(error.to_string()))?;
    check_url(&asked.url, telling(&api)?.reach)?;
    let (types, of) = (asked.types, asked.of);
    let listens = Listens { types, of };
    listens.check()?;
    let listens = serde_json::to_string(&listens).expect("lists of text");
    let events = api.store.position().await?.events;
    let owner = sender.to_string();
    let webhook = Kept {
        id: webhook_id(&owner, &asked.url, &listens),
        owner,
        url: asked.url,
        listens,
        cursor: asked.after.unwrap_or(events).min(events),
        created_at: api.clock.now(),
        delivered_at: None,
        disabled: None,
    };
    let mut added = api.store.webhooks().add(&webhook, FOR_ANYBODY).await?;
    if added == Added::Full && has_traded(&api, sender).await? {
        added = api.store.webhooks().add(&webhook, ROOM).await?;
    }
    let (status, webhook) = match added {
        Added::New => (StatusCode::CREATED, webhook),
        Added::Exists(webhook) => (StatusCode::OK, webhook),
        Added::TooMany => return Err(too_many()),
        Added::Full => return Err(full()),
    };
    Ok((status, Json(webhook.into())))
}

/// Whether a contract of this party has ended, and counts for something: that costs more than a key.
async fn has_traded(api: &Api, party: KeyId) -> Result<bool, Problem> {
    let now = api.clock.now();
    let read = api.recorder.read(|market| {
        market.classes(&party).next().is_some()
            || market.buyer_standing(&party, now).contracts_milli > 0
    });
    Ok(read.await?)
}

/// Lists the webhooks of the sender.
#[utoipa::path(
    get, path = "/v1/webhooks", tag = "webhooks",
    params(("Authorization" = String, Header, description = "A ticket for webhooks")),
    responses(
        (status = 200, description = "All of them", body = Webhooks),
        (status = 401, description = "There is no valid ticket", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The ticket is for something else", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "This market tells nobody of events", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The record cannot be read", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list(
    State(api): State<Api>,
    headers: HeaderMap,
) -> Result<Json<Webhooks>, Problem> {
    let owner = sender(&api, &headers).await?;
    let found = api.store.webhooks().of_owner(&owner.to_string()).await?;
    Ok(Json(found.into_iter().collect()))
}

/// Shows a webhook, its last 50 messages, and what became of each try.
#[utoipa::path(
    get, path = "/v1/webhooks/{webhook}", tag = "webhooks",
    params(
        ("webhook" = String, Path, description = "Its name"),
        ("Authorization" = String, Header, description = "A ticket for webhooks"),
    ),
    responses(
        (status = 200, description = "The webhook", body = Owned),
        (status = 400, description = "That is no name", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "There is no valid ticket", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The ticket is for something else", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "It is not there, or not the sender's", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The record cannot be read", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn show(
    State(api): State<Api>,
    Named(name): Named<String>,
    headers: HeaderMap,
) -> Result<Json<Owned>, Problem> {
    let owner = sender(&api, &headers).await?;
    let webhook = own(&api, &owner, &name).await?;
    let kept = api.store.webhooks();
    let mut messages = Vec::new();
    for message in kept.messages(&webhook.id, SHOWN).await? {
        let tries = kept.tries(&message.id).await?;
        messages.push(Message::of(message, tries));
    }
    let webhook = webhook.into();
    Ok(Json(Owned { webhook, messages }))
}

/// Removes a webhook and all its messages. What is on its way may still arrive.
#[utoipa::path(
    delete, path = "/v1/webhooks/{webhook}", tag = "webhooks",
    params(
        ("webhook" = String, Path, description = "Its name"),
        ("Authorization" = String, Header, description = "A ticket for webhooks"),
    ),
    responses(
        (status = 200, description = "It was there, and is not any more", body = Webhook),
        (status = 400, description = "That is no name", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "There is no valid ticket", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The ticket is for something else", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "It is not there, or not the sender's", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "This party asks for more than one is given", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The record cannot be read", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn remove(
    State(api): State<Api>,
    Named(name): Named<String>,
    headers: HeaderMap,
) -> Result<Json<Webhook>, Problem> {
    let owner = changes(&api, &headers).await?;
    let webhook = own(&api, &owner, &name).await?;
    match api.store.webhooks().remove(&webhook.id).await? {
        true => Ok(Json(webhook.into())),
        false => Err(unknown(name)),
    }
}

/// Sends a test, once, whatever the state of the webhook. If it arrives, a webhook that was disabled is enabled.
#[utoipa::path(
    post, path = "/v1/webhooks/{webhook}/test", tag = "webhooks",
    params(
        ("webhook" = String, Path, description = "Its name"),
        ("Authorization" = String, Header, description = "A ticket for webhooks"),
    ),
    responses(
        (status = 202, description = "It is on its way: what becomes of it is shown with the webhook", body = Message),
        (status = 400, description = "That is no name", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "There is no valid ticket", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The ticket is for something else", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "It is not there, or not the sender's", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "This party asks for more than one is given", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The record cannot be read", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn test(
    State(api): State<Api>,
    Named(name): Named<String>,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<Message>), Problem> {
    let owner = changes(&api, &headers).await?;
    let webhook = own(&api, &owner, &name).await?;
    let now = api.clock.now();
    let id = message_id(&webhook.id, webhook.created_at, 0, now);
    api.store.webhooks().test(&webhook.id, &id, now).await?;
    on_its_way(&api, &webhook.id, id).await
}

/// Sends a message again now, with the same id: one that was given up, one that waits, or one that arrived.
#[utoipa::path(
    post, path = "/v1/webhooks/{webhook}/messages/{message}/redeliver", tag = "webhooks",
    params(
        ("webhook" = String, Path, description = "The name of the webhook"),
        ("message" = String, Path, description = "The name of the message"),
        ("Authorization" = String, Header, description = "A ticket for webhooks"),
    ),
    responses(
        (status = 202, description = "It is on its way", body = Message),
        (status = 400, description = "That is no name", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "There is no valid ticket", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The ticket is for something else", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "One of them is not there, or not the sender's", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "This party asks for more than one is given", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The record cannot be read", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn redeliver(
    State(api): State<Api>,
    Named((name, message)): Named<(String, String)>,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<Message>), Problem> {
    let owner = changes(&api, &headers).await?;
    let webhook = own(&api, &owner, &name).await?;
    if !is_name(&message) {
        return Err(message_unknown(message));
    }
    let now = api.clock.now();
    let again = api.store.webhooks().redeliver(&webhook.id, &message, now);
    match again.await? {
        true => on_its_way(&api, &webhook.id, message).await,
        false => Err(message_unknown(message)),
    }
}

async fn on_its_way(
    api: &Api,
    webhook: &str,
    id: String,
) -> Result<(StatusCode, Json<Message>), Problem> {
    let kept = api.store.webhooks();
    let message = kept.message(webhook, &id).await?;
    let message = message.ok_or_else(|| message_unknown(id))?;
    let tries = kept.tries(&message.id).await?;
    Ok((StatusCode::ACCEPTED, Json(Message::of(message, tries))))
}

fn telling(api: &Api) -> Result<&Telling, Problem> {
    api.telling.as_ref().ok_or_else(|| {
        let title = "this market tells nobody of events";
        let hint = "read /v1/events, or listen to /v1/events/stream";
        let status = StatusCode::NOT_FOUND;
        Problem::new(status, "webhooks-not-offered", title, hint, "")
    })
}

/// Who signed the ticket of a request, which is for webhooks.
async fn sender(api: &Api, headers: &HeaderMap) -> Result<KeyId, Problem> {
    telling(api)?;
    let now = api.clock.now();
    let read = api
        .recorder
        .read(|market| ticket::read(headers, market, now));
    let ticket = read.await??.ok_or_else(ticket::missing)?;
    match ticket.access {
        Access::Webhooks {} => Ok(ticket.sender),
        _ => Err(ticket::for_something_else()),
    }
}

/// The same, of one who changes something: changes count as commands do.
async fn changes(api: &Api, headers: &HeaderMap) -> Result<KeyId, Problem> {
    let sender = sender(api, headers).await?;
    let now = api.clock.now();
    api.rate.may(&sender, now)?;
    api.rate.used(&sender, now);
    Ok(sender)
}

/// What is another's is answered as what is not there.
async fn own(api: &Api, owner: &KeyId, name: &str) -> Result<Kept, Problem> {
    if !is_name(name) {
        return Err(unknown(name.to_owned()));
    }
    let found = api.store.webhooks().webhook(name).await?;
    let owner = owner.to_string();
    found
        .filter(|it| it.owner == owner)
        .ok_or_else(|| unknown(name.to_owned()))
}

/// Databases differ in what else they take for text.
fn is_name(text: &str) -> bool {
    text.bytes()
        .all(|it| it.is_ascii_alphanumeric() || it == b'_')
}

fn unknown(name: String) -> Problem {
    let title = "there is no such webhook, or it is not yours";
    Problem::not_found("webhook-unknown", title, name)
}

fn message_unknown(name: String) -> Problem {
    let title = "this webhook has no such message, or it was forgotten";
    Problem::not_found("message-unknown", title, name)
}

fn too_many() -> Problem {
    let title = "you have as many webhooks as allowed";
    let hint = "remove one, or listen to more with one";
    let detail = format!("{} at most", MAX_WEBHOOKS.0);
    let status = StatusCode::FORBIDDEN;
    Problem::new(status, "webhooks-too-many", title, hint, detail)
}

fn full() -> Problem {
    let title = "all webhooks that this market has room for are taken";
    let hint = "listen to /v1/events/stream; with a contract that has ended you have the places kept for who trades, \
        if not all are taken";
    let (anybody, all) = (MAX_FOR_ANYBODY, MAX_WEBHOOKS.1);
    let detail = format!("{all} at most, {anybody} of them for parties that have not traded");
    let status = StatusCode::FORBIDDEN;
    Problem::new(status, "webhooks-full", title, hint, detail)
}

impl From<AddressError> for Problem {
    fn from(error: AddressError) -> Self {
        let title = "this address is not spoken to";
        let hint = "give an https address of the public internet, at port 443 or 8443";
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Self::new(status, error.code(), title, hint, error.to_string())
    }
}

impl From<ListensError> for Problem {
    fn from(error: ListensError) -> Self {
        let title = "nothing can be listened to in this way";
        let hint = "docs/design/0017-webhooks.md says how types are named";
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Self::new(status, "webhook-listens", title, hint, error.to_string())
    }
}

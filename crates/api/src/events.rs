//! What happened: in pages, and as it happens.

use std::convert::Infallible;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::{Stream, StreamExt as _, stream};
use proofmark_storage::{Event as Kept, Numbered};
use serde::Serialize;
use serde_json::Value;
use tokio::sync::watch;
use utoipa::ToSchema;

use crate::Api;
use crate::asked::Asked;
use crate::page::{Page, Part};
use crate::problem::Problem;

/// So many events are read from the record at a time.
const AT_A_TIME: u32 = 200;

/// Something says that it lives, also when nothing happens.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// An event of the record.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Recorded {
    /// Its number, counted from 1 without gaps.
    number: u64,
    /// The command that it followed from.
    sequence: u64,
    /// To what it happened: an RFQ, a contract, or `market`.
    subject: String,
    /// When, to what, and what.
    #[schema(value_type = Object)]
    body: Value,
}

impl From<Numbered<Kept>> for Recorded {
    fn from(event: Numbered<Kept>) -> Self {
        Self {
            number: event.number,
            sequence: event.sequence,
            subject: event.it.subject,
            body: serde_json::from_str(&event.it.body).unwrap_or_default(),
        }
    }
}

/// What happened, in order.
#[utoipa::path(
    get, path = "/v1/events", tag = "events", params(Part),
    responses(
        (status = 200, description = "A page of events", body = Page<Recorded>),
        (status = 400, description = "No such page", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The record cannot be read", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list(
    State(api): State<Api>,
    Asked(part): Asked<Part>,
) -> Result<Json<Page<Recorded>>, Problem> {
    let (after, limit) = (part.after()?.unwrap_or(0), part.limit()?);
    let found = api.store.events(after, limit + 1).await?;
    let found = found.into_iter().map(Recorded::from).collect();
    Ok(Json(Page::of(found, limit, |it: &Recorded| {
        it.number.to_string()
    })))
}

/// What happens, as it happens, from the first event on, or from after that of `Last-Event-ID`.
#[utoipa::path(
    get, path = "/v1/events/stream", tag = "events",
    params(("Last-Event-ID" = Option<u64>, Header, description = "The last event that was seen")),
    responses(
        (status = 200, description = "Server-sent events; the id is the number, the data is an event of the list", body = String, content_type = "text/event-stream"),
        (status = 400, description = "That is no number", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn stream(
    State(api): State<Api>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let last = headers.get("last-event-id");
    let last = last.map(|value| value.to_str().ok().and_then(|text| text.parse().ok()));
    let after: u64 = match last {
        None => 0,
        Some(Some(number)) => number,
        Some(None) => return Err(Problem::malformed("Last-Event-ID is no number")),
    };
    let reader = Reader {
        durable: api.recorder.durable(),
        api,
        after,
    };
    let pages = stream::unfold(reader, Reader::next);
    let events = pages.map(stream::iter).flatten();
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

/// One who reads events.
struct Reader {
    api: Api,
    durable: watch::Receiver<u64>,
    after: u64,
}

impl Reader {
    /// The next events, when there are some. The stream ends when the market stops or the record cannot be read; whoever
    /// listens comes again with the last number.
    async fn next(mut self) -> Option<(Vec<Result<Event, Infallible>>, Self)> {
        loop {
            // Marked before it is read, so that nothing comes between.
            self.durable.mark_unchanged();
            let found = self.api.store.events(self.after, AT_A_TIME).await.ok()?;
            if let Some(last) = found.last() {
                self.after = last.number;
                let events = found.into_iter().map(|event| Ok(sent(event.into())));
                return Some((events.collect(), self));
            }
            self.durable.changed().await.ok()?;
        }
    }
}

fn sent(event: Recorded) -> Event {
    let kind = event.body["event"]["type"].as_str().unwrap_or("event");
    let sent = Event::default().id(event.number.to_string()).event(kind);
    sent.data(serde_json::to_string(&event).expect("text and integers"))
}

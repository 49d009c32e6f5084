//! What happened: in pages, and as it happens.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::{Stream, StreamExt as _, stream};
use proofmark_storage::{Event as Kept, Numbered, Store};
use serde::Serialize;
use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
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
        (status = 503, description = "As many listen as can", body = Problem, content_type = "application/problem+json"),
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
        stops: api.listeners.stops.subscribe(),
        _seat: api.listeners.seat()?,
        store: Arc::clone(&api.store),
        after,
    };
    let pages = stream::unfold(reader, Reader::next);
    let events = pages.map(stream::iter).flatten();
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

/// Who listens to events as they happen: so many at a time, until the server stops. A stream has no end of its own, and
/// each holds a connection that others may need.
#[derive(Debug, Clone)]
pub struct Listeners {
    seats: Arc<Semaphore>,
    stops: watch::Sender<bool>,
}

impl Listeners {
    /// So many at a time.
    #[must_use]
    pub fn of(most: usize) -> Self {
        Self {
            seats: Arc::new(Semaphore::new(most)),
            stops: watch::Sender::new(false),
        }
    }

    /// Every stream ends, and so does each that begins after this.
    pub fn end(&self) {
        self.stops.send_replace(true);
    }

    fn seat(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let seat = Arc::clone(&self.seats).try_acquire_owned();
        seat.map_err(|_| {
            let title = "as many listen to events as can";
            let hint =
                "read GET /v1/events page by page, or come again after the time in Retry-After";
            let status = StatusCode::SERVICE_UNAVAILABLE;
            Problem::new(status, "listeners-too-many", title, hint, "")
        })
    }
}

/// One who reads events. It holds nothing that the market needs to be rid of when it stops.
struct Reader {
    store: Arc<dyn Store>,
    durable: watch::Receiver<u64>,
    stops: watch::Receiver<bool>,
    after: u64,
    _seat: OwnedSemaphorePermit,
}

impl Reader {
    /// The next events, when there are some. The stream ends when the market stops or the record cannot be read; whoever
    /// listens comes again with the last number.
    async fn next(mut self) -> Option<(Vec<Result<Event, Infallible>>, Self)> {
        while !*self.stops.borrow() {
            // Marked before it is read, so that nothing comes between.
            self.durable.mark_unchanged();
            let found = self.store.events(self.after, AT_A_TIME).await.ok()?;
            if let Some(last) = found.last() {
                self.after = last.number;
                let events = found.into_iter().map(|event| Ok(sent(event.into())));
                return Some((events.collect(), self));
            }
            tokio::select! {
                changed = self.durable.changed() => changed.ok()?,
                _ = self.stops.wait_for(|stops| *stops) => {}
            }
        }
        None
    }
}

fn sent(event: Recorded) -> Event {
    let kind = event.body["event"]["type"].as_str().unwrap_or("event");
    let sent = Event::default().id(event.number.to_string()).event(kind);
    sent.data(serde_json::to_string(&event).expect("text and integers"))
}

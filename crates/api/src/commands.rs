//! Sending a command, and the log of all of them.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proofmark_core::Digest;
use proofmark_market::{Receipt, Status};
use proofmark_storage::Command;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::Api;
use crate::asked::Asked;
use crate::complete;
use crate::page::{Page, Part};
use crate::problem::Problem;
use crate::wire::{Happened, text};

/// A signed command, and what goes beside it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sent {
    /// The DSSE envelope. Kept byte for byte as it is written here.
    #[schema(value_type = Object)]
    envelope: Box<RawValue>,
    /// What the command names by digest (terms, bundle, policy, fraud proof), in base64.
    attachment: Option<String>,
}

/// What became of a command.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Acknowledged {
    /// `obeyed` now, or obeyed before: it `exists`, and nothing has changed.
    #[schema(example = "obeyed")]
    status: &'static str,
    /// Commands in the record.
    sequence: u64,
    /// Head of the chain of commands.
    #[schema(value_type = String)]
    head: Digest,
    /// What happened; nothing for a command that had been obeyed before.
    events: Vec<Happened>,
}

impl From<Receipt> for Acknowledged {
    fn from(receipt: Receipt) -> Self {
        Self {
            status: match receipt.status {
                Status::Obeyed => "obeyed",
                Status::Exists => "exists",
            },
            sequence: receipt.sequence,
            head: receipt.head,
            events: receipt.events.iter().map(Happened::from).collect(),
        }
    }
}

/// Sends a signed command. The answer comes when it is durable; the same command sent again is answered alike and not
/// obeyed twice.
#[utoipa::path(
    post, path = "/v1/commands", tag = "commands", request_body = Sent,
    responses(
        (status = 200, description = "It is obeyed and durable, or was before", body = Acknowledged),
        (status = 400, description = "It is no command", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Nobody is known to have signed it", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "It is not for the sender to do", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "It is about something that is not there", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "It did not arrive in time", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Not in this state, or not now", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "It is too large", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "It cannot be obeyed, or what it hands in is not here", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "This party sends more than the market obeys of one", body = Problem, content_type = "application/problem+json"),
        (status = 500, description = "The market is at fault", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Nothing was done, or it is not known: send the same again", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn send(
    State(api): State<Api>,
    body: Body,
) -> Result<Json<Acknowledged>, Problem> {
    let body = api.intake.read(body).await?;
    let place = api.intake.place()?;
    let sent: Sent = serde_json::from_slice(&body.bytes)
        .map_err(|error| Problem::malformed(error.to_string()))?;
    let decoded = sent
        .attachment
        .map(|text| STANDARD.decode(text))
        .transpose();
    let attachment = decoded.map_err(|_| Problem::malformed("the attachment is no base64"))?;
    let envelope = sent.envelope.get().as_bytes().to_vec();
    let asked = api.clone();
    let answer = to_its_end(async move {
        let obeyed = obey(&asked, envelope, attachment).await;
        drop((body, place));
        obeyed
    });
    let answer = answer.await;
    api.counters.command(match &answer {
        Ok(acknowledged) => acknowledged.status,
        Err(problem) => problem.code(),
    });
    answer.map(Json)
}

async fn obey(
    api: &Api,
    envelope: Vec<u8>,
    attachment: Option<Vec<u8>>,
) -> Result<Acknowledged, Problem> {
    let signed = api.recorder.verify(&envelope).await?;
    let sender = signed.sender();
    api.rate.may(&sender, api.clock.now())?;
    if api.judges {
        let looked = complete::check(api, &signed, attachment.as_deref()).await;
        // Unlike what the market refuses, this takes time: it counts as a command.
        looked.inspect_err(|_| api.rate.used(&sender, api.clock.now()))?;
    }
    let sent = api.recorder.send_verified(signed, envelope, attachment);
    let receipt = sent.await?;
    api.rate.used(&sender, api.clock.now());
    Ok(Acknowledged::from(receipt))
}

/// Goes on when whoever asked has hung up: what waits to be obeyed takes its room and its place until it is.
pub(crate) async fn to_its_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, Problem>> + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::spawn(work).await;
    done.unwrap_or_else(|_| Err(Problem::busy("it ended without a word")))
}

/// A command of the log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Logged {
    /// Its place, counted from 1.
    sequence: u64,
    /// When it was obeyed.
    at: String,
    /// Head of the chain with it.
    #[schema(value_type = String)]
    head: Digest,
    /// The envelope as it was received, in base64.
    envelope: String,
    /// What came beside it, in base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    attachment: Option<String>,
}

impl From<Command> for Logged {
    fn from(command: Command) -> Self {
        Self {
            sequence: command.sequence,
            at: text(&command.at),
            head: command.head,
            envelope: STANDARD.encode(command.envelope),
            attachment: command.attachment.map(|bytes| STANDARD.encode(bytes)),
        }
    }
}

/// The log of commands, from which anybody can recompute everything.
#[utoipa::path(
    get, path = "/v1/commands", tag = "commands", params(Part),
    responses(
        (status = 200, description = "A page of commands, in order", body = Page<Logged>),
        (status = 400, description = "No such page", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The record cannot be read", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn log(
    State(api): State<Api>,
    Asked(part): Asked<Part>,
) -> Result<Json<Page<Logged>>, Problem> {
    let (after, limit) = (part.after()?.unwrap_or(0), part.limit()?);
    let found = api.store.commands(after, limit + 1).await?;
    let found = found.into_iter().map(Logged::from).collect();
    Ok(Json(Page::of(found, limit, |it: &Logged| {
        it.sequence.to_string()
    })))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::sync::{Notify, Semaphore};

    use super::*;

    #[tokio::test]
    async fn whoever_hangs_up_stops_nothing_and_gets_no_place_back() {
        let places = Arc::new(Semaphore::new(1));
        let durable = Arc::new(Notify::new());
        let place = Arc::clone(&places).try_acquire_owned().expect("a place");
        let obeyed = {
            let durable = Arc::clone(&durable);
            async move {
                durable.notified().await;
                drop(place);
                Ok(())
            }
        };
        let asked = tokio::spawn(to_its_end(obeyed));
        tokio::task::yield_now().await;
        asked.abort();
        assert!(asked.await.expect_err("it hung up").is_cancelled());
        assert_eq!(places.available_permits(), 0);

        durable.notify_one();
        let free = tokio::time::timeout(Duration::from_secs(10), places.acquire());
        assert!(free.await.is_ok(), "it was obeyed all the same");
    }
}

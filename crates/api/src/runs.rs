//! Runs that wait for engines elsewhere, and what these say of them.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proofmark_attestation::statement::binding::Binding;
use proofmark_core::Digest;
use proofmark_keys::KeyId;
use proofmark_market::{ContractId, Order};
use proofmark_service::{Answer, Hold, RunsError};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Api;
use crate::commands::to_its_end;
use crate::problem::Problem;
use crate::ticket::{self, Access};
use crate::wire::text;

/// Most runs that are given out in one answer.
const MOST: u32 = 64;

/// How many runs somebody wants.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// At most so many.
    #[schema(minimum = 1, maximum = 64)]
    most: u32,
}

/// Runs that are the caller's now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Given {
    /// None, if nothing waits for this engine.
    items: Vec<Waiting>,
}

/// A run that waits for a verdict.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Waiting {
    /// What to name in the report.
    job: String,
    /// How often it was given out, which the report names too.
    epoch: u64,
    /// Until when it is the caller's.
    held_until: String,
    /// Of which contract: `GET /v1/blobs/{blob}?contract=` gives the bytes.
    #[schema(value_type = String)]
    contract: ContractId,
    /// What the statement must be bound to.
    #[schema(value_type = Object)]
    binding: Binding,
    /// Digest of the manifest that is judged.
    #[schema(value_type = String)]
    submission: Digest,
    /// Digest of the criteria by which it is judged.
    #[schema(value_type = String)]
    criteria: Digest,
    /// For so long it is the engine's, and again for as long whenever it says that it is still at it.
    held_seconds: u64,
    /// Digest of the engine profile that is asked for.
    #[schema(value_type = String)]
    profile: Digest,
}

impl From<(Hold, Order)> for Waiting {
    fn from((hold, order): (Hold, Order)) -> Self {
        Self {
            job: hold.job,
            epoch: hold.epoch,
            held_until: text(&hold.until),
            held_seconds: hold.seconds,
            contract: order.contract,
            binding: order.binding,
            submission: order.submission,
            criteria: order.criteria,
            profile: order.profile,
        }
    }
}

/// What became of a run: a verdict, a time after which another may try, or that it takes longer. One of the three.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Report {
    /// The run, as it was given out.
    job: String,
    /// Its epoch.
    epoch: u64,
    /// The bundle with the signed statement and the documents that it names, in base64. The market obeys it as if any
    /// party had presented it.
    bundle: Option<String>,
    /// There is no verdict now: another may try after so many seconds.
    put_off: Option<PutOff>,
    /// True: the engine is still at it, and holds the run for as long again.
    #[serde(default)]
    extend: bool,
}

/// A run that cannot be judged just now.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PutOff {
    /// For so many seconds; 600 at most, whatever is said.
    seconds: u64,
    /// Why, for the operator.
    #[schema(max_length = 500)]
    why: String,
}

/// What followed from a report.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Reported {
    /// `obeyed`, `refused`, `put_off`, `extended`, or `gone` (the run is another's by now, or nobody's).
    #[schema(example = "obeyed")]
    status: &'static str,
    /// Why the market refused a verdict. If the run is still asked for, it is given out again.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// What exactly.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// Until when a run that was extended is the engine's.
    #[serde(skip_serializing_if = "Option::is_none")]
    held_until: Option<String>,
}

impl Reported {
    const fn plain(status: &'static str) -> Self {
        Self {
            status,
            code: None,
            detail: None,
            held_until: None,
        }
    }
}

/// Gives out runs that wait for an engine. They are its own for five minutes; afterwards, others may have them.
#[utoipa::path(
    post, path = "/v1/runs/claims", tag = "engines", request_body = Wanted,
    params(("Authorization" = String, Header, description = "A ticket for judging, of an engine that counts")),
    responses(
        (status = 200, description = "What is the engine's now", body = Given),
        (status = 400, description = "It is no such request", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "There is no valid ticket", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The ticket is for something else, or not of an engine that counts", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "It did not arrive in time", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "It is too large", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Nothing was done: ask again", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn claim(
    State(api): State<Api>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Given>, Problem> {
    let engine = engine(&api, &headers).await?;
    let wanted: Wanted = read(&api, body).await?;
    let claimed = api.runs.claim(&engine, wanted.most.min(MOST)).await?;
    let items = claimed.into_iter().map(Waiting::from).collect();
    Ok(Json(Given { items }))
}

/// Says what became of a run: hands in a verdict, puts it off, or says that it takes longer. The same verdict twice is obeyed once.
#[utoipa::path(
    post, path = "/v1/runs/reports", tag = "engines", request_body = Report,
    params(("Authorization" = String, Header, description = "A ticket for judging, of an engine that counts")),
    responses(
        (status = 200, description = "It is so", body = Reported),
        (status = 400, description = "It is no such report", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "There is no valid ticket", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The ticket is for something else, or not of an engine that counts", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "That is no run of this engine", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "It did not arrive in time", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The engine has said something else of the same", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "It is too large", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Send the same again", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn report(
    State(api): State<Api>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Reported>, Problem> {
    let engine = engine(&api, &headers).await?;
    let report: Report = read(&api, body).await?;
    let hold = Hold {
        job: report.job,
        epoch: report.epoch,
        until: api.clock.now(),
        seconds: 0,
    };
    let reported = match (report.bundle, report.put_off, report.extend) {
        (Some(bundle), None, false) => {
            let bundle = STANDARD.decode(bundle);
            let bundle = bundle.map_err(|_| Problem::malformed("the bundle is no base64"))?;
            let (place, runs) = (api.intake.place()?, api.runs.clone());
            let presented = to_its_end(async move {
                let presented = runs.present(&engine, &hold, bundle).await;
                drop(place);
                Ok(presented?)
            });
            match presented.await? {
                Answer::Obeyed => Reported::plain("obeyed"),
                Answer::Refused { code, why } => Reported {
                    code: Some(code),
                    detail: Some(why),
                    ..Reported::plain("refused")
                },
            }
        }
        (None, Some(PutOff { seconds, why }), false) => {
            // A database may know no NUL, and a log is read by people.
            let why = why.chars().filter(|it| !it.is_control());
            let why: String = why.take(500).collect();
            api.runs.put_off(&engine, &hold, seconds, &why).await?;
            Reported::plain("put_off")
        }
        (None, None, true) => match api.runs.extend(&engine, &hold).await? {
            Some(hold) => Reported {
                held_until: Some(text(&hold.until)),
                ..Reported::plain("extended")
            },
            None => Reported::plain("gone"),
        },
        _ => {
            let why = "a report has a bundle, a put_off or an extend, and one of them";
            return Err(Problem::malformed(why));
        }
    };
    Ok(Json(reported))
}

/// The engine that asks.
async fn engine(api: &Api, headers: &HeaderMap) -> Result<KeyId, Problem> {
    let now = api.clock.now();
    let read = api.recorder.read(|market| {
        let ticket = ticket::read(headers, market, now)?;
        let ticket = ticket.ok_or_else(ticket::missing)?;
        let counts = ticket::engine(market, &ticket.sender, now).is_some();
        Ok::<_, Problem>((ticket, counts))
    });
    let (ticket, counts) = read.await??;
    match ticket.access {
        Access::Judge {} if counts => Ok(ticket.sender),
        Access::Judge {} => Err(no_engine(&ticket.sender)),
        _ => Err(ticket::for_something_else()),
    }
}

async fn read<T: DeserializeOwned>(api: &Api, body: Body) -> Result<T, Problem> {
    let body = api.intake.read(body).await?;
    serde_json::from_slice(&body.bytes).map_err(|error| Problem::malformed(error.to_string()))
}

fn no_engine(key: &KeyId) -> Problem {
    let title = "no engine that counts here has this key";
    let hint =
        "GET /v1/market names the trust policy; its operator adds engines with `proofmark policy`";
    let status = StatusCode::FORBIDDEN;
    Problem::new(status, "engine-unknown", title, hint, key.to_string())
}

impl From<RunsError> for Problem {
    fn from(error: RunsError) -> Self {
        match error {
            RunsError::NotYours(job) => {
                let title = "that is no run of this engine";
                Self::not_found("run-unknown", title, job)
            }
            RunsError::NoVerdict(why) => {
                let title = "this is no verdict";
                let hint = "a bundle with the signed statement and the record that it names: docs/spec/bundle-v1.md";
                let status = StatusCode::BAD_REQUEST;
                Self::new(status, "verdict-malformed", title, hint, why)
            }
            RunsError::Contradicts => {
                let title = "the engine has said something else of the same work";
                let hint = "the same bytes by the same validators give the same record: find out which of the two machines is broken";
                Self::new(StatusCode::CONFLICT, "record-contradicts", title, hint, "")
            }
            RunsError::Refused(refused) => refused.into(),
            RunsError::Store(error) => (&*error).into(),
        }
    }
}

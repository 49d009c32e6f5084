//! Validators: whether one runs here, and what it says of itself.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use proofmark_core::Digest;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::Semaphore;
use utoipa::ToSchema;

use crate::Api;
use crate::asked::Named;
use crate::blobs::digest;
use crate::blocking::within;
use crate::limits::REQUEST_SECONDS;
use crate::problem::Problem;

/// Whoever looks at validators.
pub trait Inspect: Send + Sync {
    /// Whether this one needs no upload.
    fn is_built_in(&self, validator: &Digest) -> bool;

    /// What was found of a validator before; nothing if it must be looked at. May read a file.
    fn known(&self, validator: &Digest) -> Option<Inspected>;

    /// What a validator is; nothing if it is not there. Blocks while it is compiled.
    ///
    /// # Errors
    /// What the machine could not do.
    fn inspect(&self, validator: &Digest) -> Result<Option<Inspected>, String>;
}

/// What a validator is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Inspected {
    /// Whether it can be published here: engines here run it.
    pub accepted: bool,
    /// Where it is refused, a stable code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "unknown-import")]
    pub code: Option<String>,
    /// Where it is refused, why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Where it is refused, what to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Where it is accepted, what it says of itself: name, version, checks, parameters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub manifest: Option<Value>,
}

/// Who looks at validators here.
#[derive(Clone, Default)]
pub struct Validators(Option<Looking>);

#[derive(Clone)]
struct Looking {
    inspector: Arc<dyn Inspect>,
    waiting: Arc<Semaphore>,
    turn: Arc<Semaphore>,
}

/// Whoever asks is answered before its request is over.
const PATIENCE: Duration = Duration::from_secs(REQUEST_SECONDS - 5);

/// So many may wait while another's validator is compiled.
const WAITING: usize = 16;

impl Validators {
    /// One compilation after the other.
    #[must_use]
    pub fn by(inspector: Arc<dyn Inspect>) -> Self {
        Self(Some(Looking {
            inspector,
            waiting: Arc::new(Semaphore::new(WAITING)),
            turn: Arc::new(Semaphore::new(1)),
        }))
    }
}

/// Whether engines here run a validator that everybody can read, and what it says of itself. The first time it is
/// compiled, so that no delivery has to wait for that.
#[utoipa::path(
    get, path = "/v1/validators/{validator}", tag = "market",
    params(("validator" = String, Path, pattern = "^sha256:[0-9a-f]{64}$", description = "Its digest, sha256: and 64 hexadecimal digits")),
    responses(
        (status = 200, description = "What it is, accepted or refused", body = Inspected),
        (status = 400, description = "That is no digest", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "It is not here for everybody, or nobody looks at validators here", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Others are compiled before it, or it takes longer, or the machine failed: ask again", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn show(
    State(api): State<Api>,
    Named(name): Named<String>,
) -> Result<Json<Inspected>, Problem> {
    let validator = digest(&name)?;
    let looking = api.validators.0.clone().ok_or_else(not_offered)?;
    let inspector = looking.inspector;
    let unknown = || {
        let title =
            "there is no such validator for everybody, or it is longer than a component may be";
        Problem::not_found("validator-unknown", title, name.clone())
    };
    if !inspector.is_built_in(&validator) && api.blobs.find_public(&validator).is_none() {
        return Err(unknown());
    }
    // What others have compiled holds up nobody who only asks again.
    let asked = Arc::clone(&inspector);
    let known = tokio::task::spawn_blocking(move || asked.known(&validator));
    if let Ok(Some(known)) = known.await {
        return Ok(Json(known));
    }
    let place = looking.waiting.try_acquire_owned();
    let place = place.map_err(|_| Problem::busy("too many validators wait to be compiled"))?;
    let looked = within(&looking.turn, move || {
        let found = inspector.inspect(&validator);
        drop(place);
        found
    });
    // It goes on when nobody waits any more, and the answer is there the next time.
    let looked = tokio::time::timeout(PATIENCE, looked).await;
    let looked = looked.map_err(|_| Problem::busy("it is still being compiled"))?;
    match looked {
        Some(Ok(found)) => found.map(Json).ok_or_else(unknown),
        Some(Err(why)) => Err(failed(&why)),
        None => Err(failed("a compilation ended without a word")),
    }
}

fn failed(why: &str) -> Problem {
    tracing::error!(why, "a validator could not be looked at");
    let title = "the validator cannot be looked at just now";
    let hint = "ask again after the time in Retry-After";
    let status = StatusCode::SERVICE_UNAVAILABLE;
    Problem::new(status, "not-inspected", title, hint, "")
}

fn not_offered() -> Problem {
    let title = "nobody looks at validators here";
    let hint = "look at it on your own machine: `proofmark validator inspect`";
    let status = StatusCode::NOT_FOUND;
    Problem::new(status, "validators-not-offered", title, hint, "")
}

//! A witness (C2SP tlog-witness).

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use proofmark_core::Timestamp;
use proofmark_tlog::witness::{MAX_REQUEST_BYTES, SIZE_CONTENT_TYPE};

use crate::witness::{CosignRefusal, Witness};

/// How long the body of a request may take: 132 KiB at 13 KiB/s.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// Of everything that people read.
const TEXT: &str = "text/plain; charset=utf-8";

/// What the time is.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

#[derive(Clone)]
struct Shared {
    witness: Arc<Witness>,
    clock: Clock,
}

/// `POST add-checkpoint`, and `GET <hex SHA-256 of the origin>/checkpoint` for monitors.
pub fn witness_routes(witness: Arc<Witness>, clock: Clock) -> Router {
    Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/{origin}/checkpoint", get(checkpoint))
        .with_state(Shared { witness, clock })
}

async fn add_checkpoint(State(shared): State<Shared>, body: Body) -> Response {
    let body = match read(body).await {
        Ok(body) => body,
        Err(status) => return status.into_response(),
    };
    let decided =
        tokio::task::spawn_blocking(move || shared.witness.add_checkpoint(&body, (shared.clock)()));
    match decided.await {
        Ok(Ok(cosignature)) => ([(CONTENT_TYPE, TEXT)], format!("{cosignature}\n")).into_response(),
        Ok(Err(refusal)) => refused(&refusal),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn read(body: Body) -> Result<Bytes, StatusCode> {
    let body = axum::body::to_bytes(body, MAX_REQUEST_BYTES);
    match tokio::time::timeout(BODY_TIMEOUT, body).await {
        Ok(Ok(body)) => Ok(body),
        // Too long, or cut off: then nobody reads the answer.
        Ok(Err(_)) => Err(StatusCode::PAYLOAD_TOO_LARGE),
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
    }
}

fn refused(refusal: &CosignRefusal) -> Response {
    let status =
        StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let size = match refusal {
        CosignRefusal::Refused(refusal) => refusal.size_body(),
        _ => None,
    };
    match size {
        Some(size) => (status, [(CONTENT_TYPE, SIZE_CONTENT_TYPE)], size).into_response(),
        None => (status, [(CONTENT_TYPE, TEXT)], format!("{refusal}\n")).into_response(),
    }
}

async fn checkpoint(State(shared): State<Shared>, Path(origin): Path<String>) -> Response {
    // It may wait for a decision that is being made durable.
    let last = tokio::task::spawn_blocking(move || shared.witness.last(&origin)).await;
    match last {
        Ok(Some(note)) => {
            let headers = [(CONTENT_TYPE, TEXT), (CACHE_CONTROL, "no-cache")];
            (headers, note.to_string()).into_response()
        }
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

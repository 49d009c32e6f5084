//! The public files of a log.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path as UrlPath, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use proofmark_tlog::tile::Path;

use crate::source::{Folder, Source as _, SourceError};

/// The checkpoint changes with every batch.
const CHANGES: &str = "no-cache";
/// Tiles never do: a year, the longest that caches believe.
const NEVER_CHANGES: &str = "public, max-age=31536000, immutable";

/// `GET checkpoint` and `GET tile/…` of C2SP tlog-tiles, and nothing else. A path is read as the name of a tile,
/// and the file is looked up by that: nothing of what a stranger wrote reaches the file system.
pub fn log_routes(folder: Folder) -> Router {
    Router::new()
        .route("/checkpoint", get(checkpoint))
        .route("/tile/{*path}", get(tile))
        .with_state(Arc::new(folder))
}

async fn checkpoint(State(folder): State<Arc<Folder>>) -> Response {
    let read = blocking(move || folder.checkpoint().map(Some)).await;
    answer(read, "text/plain; charset=utf-8", CHANGES)
}

async fn tile(State(folder): State<Arc<Folder>>, UrlPath(path): UrlPath<String>) -> Response {
    let Ok(path) = format!("tile/{path}").parse::<Path>() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let read = blocking(move || folder.read(path)).await;
    answer(read, "application/octet-stream", NEVER_CHANGES)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<Option<T>, SourceError> + Send + 'static,
) -> Option<Result<Option<T>, SourceError>> {
    tokio::task::spawn_blocking(work).await.ok()
}

fn answer(
    read: Option<Result<Option<Vec<u8>>, SourceError>>,
    content_type: &'static str,
    caching: &'static str,
) -> Response {
    match read {
        Some(Ok(Some(bytes))) => (
            [(CONTENT_TYPE, content_type), (CACHE_CONTROL, caching)],
            bytes,
        )
            .into_response(),
        Some(Ok(None)) => StatusCode::NOT_FOUND.into_response(),
        Some(Err(_)) | None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

//! What one request may cost, and how many there may be at a time.

use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;

use crate::Api;
use crate::problem::Problem;

/// Longest body: a command, and a bundle of 4 MiB beside it in base64.
pub const MAX_BODY_BYTES: usize = 6 << 20;

/// So many commands are obeyed at a time, and bodies that have arrived take as much as so many of the longest; further
/// ones are asked to come again.
pub const MAX_COMMANDS_AT_ONCE: usize = 64;

/// How long an answer may take, but for a stream and for bytes.
pub const REQUEST_SECONDS: u64 = 30;

/// Limits of every route, and what every answer says.
pub(crate) fn around(quick: Router, slow: Router, api: &Api) -> Router {
    let seconds = Duration::from_secs(REQUEST_SECONDS);
    let timeout = TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, seconds);
    let nosniff = SetResponseHeaderLayer::overriding(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    quick
        .layer(timeout)
        .merge(slow)
        .fallback(nothing_here)
        .method_not_allowed_fallback(other_method)
        .layer(nosniff)
        .layer(from_fn_with_state(api.clone(), counted))
}

async fn nothing_here() -> Problem {
    let title = "there is nothing here";
    let hint = "see the published OpenAPI document, /openapi.json";
    Problem::new(StatusCode::NOT_FOUND, "route-unknown", title, hint, "")
}

async fn other_method() -> Problem {
    let title = "this cannot be done with it";
    let hint = "see the published OpenAPI document, /openapi.json";
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method-unknown",
        title,
        hint,
        "",
    )
}

/// Counts answers by route and status. The path itself is never a label: there are as many as somebody likes.
async fn counted(
    State(api): State<Api>,
    path: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    let response = next.run(request).await;
    let route = path.as_ref().map_or("none", MatchedPath::as_str);
    api.counters.answered(route, response.status());
    response
}

//! A running market as pages for people. They are read without a script, by keyboard and by screen reader, in the dark and on
//! a telephone.
//!
//! | file | page |
//! |---|---|
//! | `board` | `/`: RFQs and contracts, the newest first |
//! | `rfq` | an RFQ: terms, bids, award |
//! | `contract` | a contract: what happened, and what may happen next |
//! | `party` | a party: money, and what its record says, drawn as intervals |
//! | `shown` | how digests, times and amounts are written |
//!
//! In scope: reading what everybody may read. Out of scope: signing (a private key has no business on a page), the routes
//! for programs (`proofmark-api`).

mod board;
mod contract;
mod party;
mod rfq;
mod shown;

use askama::Template;
use axum::Router;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use proofmark_service::{Recorder, Refused};
use tower_http::set_header::SetResponseHeaderLayer;

/// Nothing is loaded from elsewhere, nothing runs, nobody frames it, and forms go here only.
const POLICY: &str = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const STYLE: &str = include_str!("../templates/style.css");

/// The pages of a market.
pub fn router(recorder: Recorder) -> Router {
    let header = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
    };
    Router::new()
        .route("/", get(board::show))
        .route("/rfqs/{rfq}", get(rfq::show))
        .route("/contracts/{contract}", get(contract::show))
        .route("/parties/{party}", get(party::show))
        .route("/style.css", get(style))
        .layer(header(header::CONTENT_SECURITY_POLICY, POLICY))
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(header::REFERRER_POLICY, "no-referrer"))
        .with_state(recorder)
}

async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)
}

/// Why there is no page.
#[derive(Template)]
#[template(path = "missing.html")]
struct Missing {
    title: &'static str,
    what: String,
}

/// A page that is not there.
struct NoPage {
    status: StatusCode,
    missing: Missing,
}

impl NoPage {
    fn unknown(what: &str) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            missing: Missing {
                title: "Not here",
                what: format!("There is no {what} of this name in this market."),
            },
        }
    }
}

impl From<Refused> for NoPage {
    fn from(_: Refused) -> Self {
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            missing: Missing {
                title: "Stopped",
                what: "The market has stopped. What it acknowledged is in its record.".to_owned(),
            },
        }
    }
}

impl IntoResponse for NoPage {
    fn into_response(self) -> Response {
        let body = self.missing.render().unwrap_or_default();
        (self.status, Html(body)).into_response()
    }
}

/// A page as it is sent.
fn page(template: &impl Template) -> Html<String> {
    Html(template.render().unwrap_or_default())
}

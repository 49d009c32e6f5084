//! A running market as pages for people. They are read without a script, by keyboard and by screen reader, in the dark and on
//! a telephone.
//!
//! | file | page |
//! |---|---|
//! | `board` | `/`: RFQs and contracts, the newest first |
//! | `rfq`, `terms` | an RFQ: bids, award; what its terms say |
//! | `contract`, `paid` | a contract: what happened, what was paid, and what may happen next |
//! | `verdict` | a verdict with its checks and findings, and the script that verifies it |
//! | `instruments` | what is bought: prices over time |
//! | `log` | `/verdicts`: the log of verdicts, and its checkpoint |
//! | `party` | a party: money, and what its record says, drawn as intervals |
//! | `files` | the script, its wrapper and the module that verifies |
//! | `missing` | what is answered where there is no page |
//! | `shown` | how digests, times and amounts are written |
//!
//! One page runs a script: that of a verdict, so that whoever reads it can have the own browser verify what the server
//! says. It is read without one as well.
//!
//! In scope: reading what everybody may read. Out of scope: signing (a private key has no business on a page), the routes
//! for programs (`proofmark-api`).

#![forbid(unsafe_code)]

mod board;
mod contract;
mod files;
mod instruments;
mod log;
mod missing;
mod paid;
mod party;
mod rfq;
mod shown;
mod terms;
mod verdict;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::FromRef;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::from_fn;
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use proofmark_service::{Logbook, Recorder};
use proofmark_storage::Store;
use tokio::sync::Semaphore;
use tower_http::set_header::SetResponseHeaderLayer;

/// Nothing is loaded from elsewhere, nothing runs, nobody frames it, and forms go here only.
const POLICY: &str = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

pub use files::verifier;
use missing::NoPage;
pub use terms::{Group, told};

/// On the page of a verdict our own script runs, which verifies in the browser what it fetches from here.
const VERIFIES: &str = "default-src 'none'; style-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const STYLE: &str = include_str!("../templates/style.css");

/// So many bundles are read at a time, for all who look at verdicts.
const READERS: usize = 4;

/// What every page can reach.
#[derive(Clone)]
struct Pages {
    recorder: Recorder,
    store: Arc<dyn Store>,
    log: Option<Logbook>,
    /// Places to read bundles, which takes long for a large one.
    readers: Arc<Semaphore>,
}

impl FromRef<Pages> for Option<Logbook> {
    fn from_ref(pages: &Pages) -> Self {
        pages.log.clone()
    }
}

impl FromRef<Pages> for Recorder {
    fn from_ref(pages: &Pages) -> Self {
        pages.recorder.clone()
    }
}

/// Other routes, and the pages of a market beside them. A browser that asks for what is nowhere gets a page that says so.
pub fn around(
    routes: Router,
    recorder: Recorder,
    store: Arc<dyn Store>,
    log: Option<Logbook>,
) -> Router {
    routes
        .merge(router(recorder, store, log))
        .layer(from_fn(missing::told))
}

/// The pages of a market.
pub fn router(recorder: Recorder, store: Arc<dyn Store>, log: Option<Logbook>) -> Router {
    let header = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
    };
    Router::new()
        .route("/", get(board::show))
        .route("/rfqs/{rfq}", get(rfq::show))
        .route("/contracts/{contract}", get(contract::show))
        .route(
            "/contracts/{contract}/verdicts/{bundle}",
            get(verdict::show),
        )
        .route("/parties/{party}", get(party::show))
        .route("/instruments", get(instruments::list))
        .route("/instruments/prices", get(instruments::prices))
        .route("/verdicts", get(log::show))
        .route("/verify/{file}", get(files::send))
        .route("/style.css", get(style))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(POLICY),
        ))
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(header::REFERRER_POLICY, "no-referrer"))
        .with_state(Pages {
            recorder,
            store,
            log,
            readers: Arc::new(Semaphore::new(READERS)),
        })
}

async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)
}

/// A page as it is sent.
fn page(template: &impl Template) -> Html<String> {
    Html(template.render().unwrap_or_default())
}

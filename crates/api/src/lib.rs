//! A running market over HTTP: signed commands go in, and whatever follows from them can be read by anybody.
//!
//! | file | routes |
//! |---|---|
//! | `commands` | sending a command; the log of all of them |
//! | `rfqs`, `contracts`, `parties`, `market` | what there is now |
//! | `events` | what happened, as pages and as a stream |
//! | `operations` | whether it lives, and what it counts |
//!
//! A command is signed by who sends it, so it needs no session, token or cookie: whoever carries it, it is the signer's.
//! What is read here follows from the log, which is public. In scope: routes, wire types, refusals as problem details
//! (RFC 9457), limits. Out of scope: deciding (`proofmark-market`), the order of commands (`proofmark-service`),
//! connections and TLS. The published document is `docs/openapi.json`; a test holds every answer against it.

mod asked;
mod commands;
mod contracts;
mod events;
mod limits;
mod market;
mod operations;
mod page;
mod parties;
mod problem;
mod rfqs;
mod wire;

use std::sync::Arc;

use axum::{Json, Router};
use proofmark_service::Recorder;
use proofmark_storage::Store;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use operations::Counters;

pub use limits::{MAX_BODY_BYTES, MAX_COMMANDS_AT_ONCE, REQUEST_SECONDS};

/// What every route can reach.
#[derive(Clone)]
struct Api {
    recorder: Recorder,
    store: Arc<dyn Store>,
    counters: Arc<Counters>,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Proofmark",
        description = "A market for machine labor that pays on verified outcomes. Commands are signed envelopes; docs/market.md has the rules.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    tags(
        (name = "commands", description = "What parties ask of the market"),
        (name = "market", description = "What there is"),
        (name = "events", description = "What happened"),
        (name = "operations", description = "For whoever runs it"),
    )
)]
struct Document;

/// The routes of a market that runs on this record.
pub fn router(recorder: Recorder, store: Arc<dyn Store>) -> Router {
    let counters = Arc::new(Counters::new());
    let api = Api {
        recorder,
        store,
        counters,
    };
    let (routes, document) = documented().split_for_parts();
    let document = Arc::new(document);
    let own = axum::routing::get(move || async move { Json(Arc::unwrap_or_clone(document)) });
    let routes = routes.route("/openapi.json", own).with_state(api.clone());
    limits::around(routes, &api)
}

/// The published document.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    documented().split_for_parts().1
}

fn documented() -> OpenApiRouter<Api> {
    let commands = OpenApiRouter::new().routes(routes!(commands::send));
    let commands = limits::around_commands(commands);
    OpenApiRouter::with_openapi(Document::openapi())
        .merge(commands)
        .routes(routes!(commands::log))
        .routes(routes!(market::show))
        .routes(routes!(rfqs::list))
        .routes(routes!(rfqs::show))
        .routes(routes!(contracts::list))
        .routes(routes!(contracts::show))
        .routes(routes!(contracts::facts))
        .routes(routes!(parties::show))
        .routes(routes!(parties::standing))
        .routes(routes!(events::list))
        .routes(routes!(events::stream))
        .routes(routes!(operations::live))
        .routes(routes!(operations::ready))
        .routes(routes!(operations::metrics))
}

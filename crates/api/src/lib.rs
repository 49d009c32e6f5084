//! A running market over HTTP: signed commands go in, and whatever follows from them can be read by anybody.
//!
//! | file | routes |
//! |---|---|
//! | `commands` | sending a command; the log of all of them |
//! | `rfqs`, `contracts`, `parties`, `market` | what there is now |
//! | `instruments` | what is bought, and at what prices |
//! | `transfers` | every movement of money |
//! | `papers` | trust policy and bundles of verdicts, byte for byte |
//! | `blobs`, `ticket` | bytes by their digest, and who may send and read them |
//! | `runs` | runs that wait for engines, and their verdicts |
//! | `check` | a verdict without a contract |
//! | `validators` | whether one runs here |
//! | `events` | what happened, as pages and as a stream |
//! | `webhooks` | who is told of it |
//! | `operations` | whether it lives, and what it counts |
//!
//! A command is signed by who sends it, so it needs no session, token or cookie: whoever carries it, it is the signer's.
//! What is read here follows from the log, which is public. In scope: routes, wire types, refusals as problem details
//! (RFC 9457), limits. Out of scope: deciding (`proofmark-market`), the order of commands (`proofmark-service`),
//! connections and TLS. The published document is `docs/openapi.json`; a test holds every answer against it.

mod asked;
mod blobs;
mod blocking;
mod check;
mod commands;
mod complete;
mod contracts;
mod events;
mod instruments;
mod intake;
mod limits;
mod market;
mod operations;
mod page;
mod papers;
mod parties;
mod problem;
mod rate;
mod rfqs;
mod runs;
pub mod ticket;
mod transfers;
mod validators;
mod webhooks;
mod wire;

use std::ops::Deref;
use std::sync::Arc;

use axum::{Json, Router};
use proofmark_blobs::Blobs;
use proofmark_service::{Clock, Logbook, Recorder, Runs};
use proofmark_storage::Store;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use blobs::{Kept, Lists, Seats};
use complete::Looks;
use intake::Intake;
use operations::Counters;
use rate::Rate;

pub use blobs::{MAX_BLOB_BYTES, MAX_PARTY_BYTES};
pub use check::{Check, Checks, Signed, Unchecked};
pub use events::Listeners;
pub use limits::{MAX_BODY_BYTES, MAX_COMMANDS_AT_ONCE, REQUEST_SECONDS};
pub use validators::{Inspect, Inspected, Validators};
pub use webhooks::{MAX_FOR_ANYBODY, MAX_WEBHOOKS, Telling};

/// What every route can reach. Each request has it, so it is shared and not copied.
#[derive(Clone)]
struct Api(Arc<Shared>);

impl Deref for Api {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

struct Shared {
    recorder: Recorder,
    store: Arc<dyn Store>,
    blobs: Blobs,
    clock: Arc<dyn Clock + Sync>,
    intake: Intake,
    looks: Looks,
    seats: Seats,
    kept: Kept,
    lists: Lists,
    listeners: Listeners,
    checks: Checks,
    validators: Validators,
    runs: Runs,
    log: Option<Logbook>,
    judges: bool,
    rate: Rate,
    telling: Option<Telling>,
    counters: Arc<Counters>,
}

/// What the routes stand on.
pub struct Ground {
    /// The market.
    pub recorder: Recorder,
    /// Its record.
    pub store: Arc<dyn Store>,
    /// What parties have uploaded.
    pub blobs: Blobs,
    /// The same clock as the market's.
    pub clock: Arc<dyn Clock + Sync>,
    /// Who judges without a contract, if anybody does.
    pub checks: Checks,
    /// Who looks at validators, if anybody does.
    pub validators: Validators,
    /// Who listens to events as they happen.
    pub listeners: Listeners,
    /// Runs that wait, for engines elsewhere.
    pub runs: Runs,
    /// The log of its verdicts, if it has one.
    pub log: Option<Logbook>,
    /// Whether what is submitted is judged here, and so must be here.
    pub judges: bool,
    /// So many commands of one party are obeyed a second, ten seconds' worth at once; any number where that is 0. The
    /// operator's are not counted; changes of webhooks count as commands.
    pub commands_per_second: u32,
    /// Who signs messages to webhooks, and whom they reach; nothing where nobody is told of events.
    pub telling: Option<Telling>,
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
        (name = "blobs", description = "Bytes by their digest"),
        (name = "engines", description = "Runs that wait for verdicts"),
        (name = "events", description = "What happened"),
        (name = "webhooks", description = "Who is told of it"),
        (name = "operations", description = "For whoever runs it"),
    )
)]
struct Document;

/// The routes of a market.
pub fn router(ground: Ground) -> Router {
    let Ground {
        recorder,
        store,
        blobs,
        clock,
        checks,
        validators,
        listeners,
        runs,
        log,
        judges,
        commands_per_second,
        telling,
    } = ground;
    let rate = Rate::of(commands_per_second, recorder.operator());
    let api = Api(Arc::new(Shared {
        recorder,
        store,
        blobs,
        clock,
        intake: Intake::default(),
        looks: Looks::default(),
        seats: Seats::default(),
        kept: Kept::default(),
        lists: Lists::default(),
        listeners,
        checks,
        validators,
        runs,
        log,
        judges,
        rate,
        telling,
        counters: Arc::new(Counters::new()),
    }));
    let (quick, slow) = (quick().split_for_parts().0, slow().split_for_parts().0);
    let document = Arc::new(openapi());
    let own = axum::routing::get(move || async move { Json(Arc::unwrap_or_clone(document)) });
    let quick = quick.route("/openapi.json", own).with_state(api.clone());
    limits::around(quick, slow.with_state(api.clone()), &api)
}

/// The published document.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut document = quick().split_for_parts().1;
    document.merge(slow().split_for_parts().1);
    document
}

/// Routes with a limit of their own on how long they take.
fn slow() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(blobs::send, blobs::look, blobs::fetch))
}

fn quick() -> OpenApiRouter<Api> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(commands::send))
        .routes(routes!(commands::log))
        .routes(routes!(check::check))
        .routes(routes!(runs::claim))
        .routes(routes!(runs::report))
        .routes(routes!(market::show))
        .routes(routes!(rfqs::list))
        .routes(routes!(rfqs::show))
        .routes(routes!(contracts::list))
        .routes(routes!(contracts::show))
        .routes(routes!(contracts::facts))
        .routes(routes!(papers::policy))
        .routes(routes!(papers::list))
        .routes(routes!(papers::show))
        .routes(routes!(parties::show))
        .routes(routes!(parties::standing))
        .routes(routes!(instruments::list))
        .routes(routes!(instruments::prices))
        .routes(routes!(transfers::list))
        .routes(routes!(validators::show))
        .routes(routes!(events::list))
        .routes(routes!(events::stream))
        .routes(routes!(webhooks::add, webhooks::list))
        .routes(routes!(webhooks::show, webhooks::remove))
        .routes(routes!(webhooks::test))
        .routes(routes!(webhooks::redeliver))
        .routes(routes!(operations::live))
        .routes(routes!(operations::ready))
        .routes(routes!(operations::metrics))
}

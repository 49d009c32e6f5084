//! Whether it lives, whether it can be used, and what it counts.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::Api;
use crate::problem::Problem;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    code: String,
}

/// What is counted.
pub(crate) struct Counters {
    registry: Registry,
    answers: Family<Answer, Counter>,
    commands: Family<Outcome, Counter>,
    received: Counter,
    durable: Gauge,
    waiting: Gauge,
}

impl Counters {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("proofmark");
        let (answers, commands) = (Family::default(), Family::default());
        let (durable, waiting) = (Gauge::default(), Gauge::default());
        let help = "Answers by route and status";
        registry.register("http_answers", help, answers.clone());
        let help = "Commands by what became of them: obeyed, exists, or the code of the refusal";
        registry.register("commands", help, Clone::clone(&commands));
        let received = Counter::default();
        let help = "Bytes of blobs that were received, also of uploads that were broken off";
        registry.register("blob_received_bytes", help, received.clone());
        registry.register(
            "durable_commands",
            "Commands in the record",
            durable.clone(),
        );
        registry.register(
            "waiting_commands",
            "Commands that wait to be obeyed",
            waiting.clone(),
        );
        Self {
            registry,
            answers,
            commands,
            received,
            durable,
            waiting,
        }
    }

    pub(crate) fn answered(&self, route: &str, status: StatusCode) {
        let answer = Answer {
            route: route.to_owned(),
            status: status.as_u16(),
        };
        self.answers.get_or_create(&answer).inc();
    }

    pub(crate) fn received(&self, bytes: u64) {
        self.received.inc_by(bytes);
    }

    pub(crate) fn command(&self, code: &str) {
        let outcome = Outcome {
            code: code.to_owned(),
        };
        self.commands.get_or_create(&outcome).inc();
    }
}

/// Whether the process answers.
#[utoipa::path(
    get, path = "/livez", tag = "operations",
    responses((status = 200, description = "It answers", body = String, content_type = "text/plain"))
)]
pub(crate) async fn live() -> &'static str {
    "ok\n"
}

/// Whether the market obeys commands.
#[utoipa::path(
    get, path = "/readyz", tag = "operations",
    responses(
        (status = 200, description = "It obeys commands", body = String, content_type = "text/plain"),
        (status = 503, description = "It has stopped", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn ready(State(api): State<Api>) -> Result<&'static str, Problem> {
    api.recorder.read(|_| ()).await?;
    Ok("ok\n")
}

/// Counters in the format of Prometheus.
#[utoipa::path(
    get, path = "/metrics", tag = "operations",
    responses((status = 200, description = "OpenMetrics text", body = String, content_type = "application/openmetrics-text"))
)]
pub(crate) async fn metrics(State(api): State<Api>) -> impl IntoResponse {
    let counters = &api.counters;
    let durable = i64::try_from(*api.recorder.durable().borrow()).unwrap_or(i64::MAX);
    counters.durable.set(durable);
    let waiting = i64::try_from(api.recorder.waiting()).unwrap_or(i64::MAX);
    counters.waiting.set(waiting);
    let mut text = String::new();
    encode(&mut text, &counters.registry).expect("text takes text");
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], text)
}

//! The market as a whole.

use axum::Json;
use axum::extract::State;
use proofmark_core::Digest;
use proofmark_market::PartyId;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::Api;
use crate::problem::Problem;
use crate::webhooks::Telling;
use crate::wire::text;

/// The market as a whole.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Overview {
    /// Its rules, fixed when it opened.
    #[schema(value_type = Object)]
    rules: Value,
    /// Commands in the record.
    sequence: u64,
    /// Head of the chain of commands.
    #[schema(value_type = String)]
    head: Digest,
    /// Time of the last command.
    at: String,
    /// Digest of the trust policy that holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    policy: Option<Digest>,
    /// Key of the log of its verdicts, name+id+key, which is read under `/log`; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<String>,
    /// Engines that were struck off.
    #[schema(value_type = Vec<String>)]
    struck: Vec<PartyId>,
    /// The key that signs messages to webhooks, as Standard Webhooks writes it; absent where nobody is told of events.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")]
    webhook_key: Option<String>,
}

/// Rules, head of the log, trust policy.
#[utoipa::path(
    get, path = "/v1/market", tag = "market",
    responses(
        (status = 200, description = "The market", body = Overview),
        (status = 503, description = "It has stopped", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn show(State(api): State<Api>) -> Result<Json<Overview>, Problem> {
    let log = api.log.as_ref().map(|log| log.key().to_string());
    let webhook_key = api.telling.as_ref().map(Telling::key_text);
    let overview = api.recorder.read(|market| Overview {
        rules: json!(market.rules()),
        sequence: market.sequence(),
        head: market.head(),
        at: text(&market.now()),
        policy: market.policy().map(|policy| policy.digest()),
        log,
        struck: market.struck().iter().copied().collect(),
        webhook_key,
    });
    Ok(Json(overview.await?))
}

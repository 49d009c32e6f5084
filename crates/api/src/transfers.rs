//! Every movement of money, in the order in which it was recorded.

use axum::Json;
use axum::extract::State;
use proofmark_storage::{Numbered, Transfer};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::Api;
use crate::asked::Asked;
use crate::page::{Page, Part};
use crate::problem::Problem;

/// A transfer of the record.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Moved {
    /// Its number, counted from 1 without gaps.
    number: u64,
    /// The command that it followed from.
    sequence: u64,
    /// From where, to where, how much, when; `kind` is `single`, or what became of money that was held.
    #[schema(value_type = Object)]
    body: Value,
}

impl From<Numbered<Transfer>> for Moved {
    fn from(transfer: Numbered<Transfer>) -> Self {
        Self {
            number: transfer.number,
            sequence: transfer.sequence,
            body: serde_json::from_str(&transfer.it.body).unwrap_or_default(),
        }
    }
}

/// Every movement of money, in order: whoever adds them up comes to the balances that the market states.
#[utoipa::path(
    get, path = "/v1/transfers", tag = "market", params(Part),
    responses(
        (status = 200, description = "A page of transfers", body = Page<Moved>),
        (status = 400, description = "No such page", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The record cannot be read", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list(
    State(api): State<Api>,
    Asked(part): Asked<Part>,
) -> Result<Json<Page<Moved>>, Problem> {
    let (after, limit) = (part.after()?.unwrap_or(0), part.limit()?);
    let found = api.store.transfers(after, limit + 1).await?;
    let found = found.into_iter().map(Moved::from).collect();
    Ok(Json(Page::of(found, limit, |it: &Moved| {
        it.number.to_string()
    })))
}

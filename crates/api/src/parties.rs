//! Who takes part: what a party has, and what its record says.

use axum::Json;
use axum::extract::State;
use proofmark_ledger::AccountKey as _;
use proofmark_market::reputation::Standing;
use proofmark_market::{Account, Market, PartyId};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::Api;
use crate::asked::Named;
use crate::problem::Problem;

/// A party.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Party {
    /// Its key's name.
    #[schema(value_type = String)]
    id: PartyId,
    /// Its key, as PEM.
    public_key: String,
    /// What it has free to use, by asset, in minor units.
    balances: Vec<Balance>,
    /// What its record as a buyer says.
    #[schema(value_type = Object)]
    as_buyer: Value,
    /// Outcome classes in which it has a record as a supplier; each has its standing.
    as_supplier_of: Vec<String>,
}

/// What a party has free to use.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Balance {
    /// In which asset.
    asset: String,
    /// How much, in minor units.
    available: i64,
}

fn id(text: &str) -> Result<PartyId, Problem> {
    text.parse()
        .map_err(|_| Problem::malformed(format!("this names no party: {text}")))
}

fn party(market: &Market, id: PartyId) -> Option<Party> {
    let key = market.key(&id)?;
    let balance = |asset| {
        let account = Account::Available(id, asset);
        let balance = market.ledger().balance(&account);
        Balance {
            asset: asset.to_string(),
            available: balance.available(account.normal()).minor(),
        }
    };
    Some(Party {
        id,
        public_key: key.to_pem(),
        balances: market.rules().assets.iter().copied().map(balance).collect(),
        as_buyer: json!(market.buyer_standing(&id, market.now())),
        as_supplier_of: market.classes(&id).map(str::to_owned).collect(),
    })
}

/// A party: its key, what it has, its record as a buyer.
#[utoipa::path(
    get, path = "/v1/parties/{party}", tag = "market",
    params(("party" = String, Path, pattern = "^[0-9a-f]{64}$", description = "The name of its key, 64 hexadecimal digits")),
    responses(
        (status = 200, description = "The party", body = Party),
        (status = 400, description = "That is no name", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Nobody has this name", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The market has stopped", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn show(
    State(api): State<Api>,
    Named(name): Named<String>,
) -> Result<Json<Party>, Problem> {
    let id = id(&name)?;
    let found = api.recorder.read(|market| party(market, id)).await?;
    found
        .map(Json)
        .ok_or_else(|| Problem::not_found("party-unknown", "there is no such party", name))
}

/// What the record of a supplier says: bounds with 90 % confidence, never one star.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Record {
    /// Whose.
    #[schema(value_type = String)]
    party: PartyId,
    /// In which outcome class.
    outcome_class: String,
    /// What it says; `docs/market.md` explains each member.
    #[schema(value_type = Object)]
    standing: Standing,
}

/// What the record of a supplier in an outcome class says.
#[utoipa::path(
    get, path = "/v1/parties/{party}/standings/{outcome_class}", tag = "market",
    params(
        ("party" = String, Path, pattern = "^[0-9a-f]{64}$", description = "The name of its key, 64 hexadecimal digits"),
        ("outcome_class" = String, Path, description = "What is bought, for instance support_ticket_resolved"),
    ),
    responses(
        (status = 200, description = "The standing; that of a newcomer where there is no record", body = Record),
        (status = 400, description = "That is no name", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The market has stopped", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn standing(
    State(api): State<Api>,
    Named((name, outcome_class)): Named<(String, String)>,
) -> Result<Json<Record>, Problem> {
    let party = id(&name)?;
    let looked = api
        .recorder
        .read(|market| market.standing(party, &outcome_class, market.now()));
    let standing = looked.await?;
    Ok(Json(Record {
        party,
        outcome_class,
        standing,
    }))
}

//! Requests for quotation.

use axum::Json;
use axum::extract::State;
use proofmark_core::Digest;
use proofmark_market::rfq::{Rfq, RfqState};
use proofmark_market::{ContractId, Market, PartyId, RfqId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::num::NonZeroU8;
use utoipa::{IntoParams, ToSchema};

use crate::Api;
use crate::asked::{Asked, Named, known_state};
use crate::page::{Page, Part};
use crate::problem::Problem;
use crate::wire::text;

/// An RFQ in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RfqSummary {
    /// Its name.
    #[schema(value_type = String)]
    id: RfqId,
    /// Who wants to buy.
    #[schema(value_type = String)]
    buyer: PartyId,
    /// What is bought.
    outcome_class: String,
    /// In which every amount is counted.
    asset: String,
    /// The highest price, in minor units.
    price_ceiling: i64,
    /// Where it stands.
    #[schema(example = "Open")]
    state: &'static str,
    /// The last moment before something happens by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    deadline: Option<String>,
    /// How many bids there are.
    bids: usize,
    /// When bidding began.
    published_at: String,
}

/// An RFQ.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RfqDetails {
    #[serde(flatten)]
    summary: RfqSummary,
    /// What holds, signed by the buyer.
    #[schema(value_type = Object)]
    terms: Value,
    /// Digest of the terms.
    #[schema(value_type = String)]
    terms_digest: Digest,
    /// Every bid; a sealed one shows its commitment only until it is revealed.
    #[schema(value_type = Vec<Object>)]
    offers: Vec<Value>,
    /// What was decided and on what basis, so that anybody can recompute it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    award: Option<Value>,
    /// Contracts that have begun, one for each milestone.
    #[schema(value_type = Vec<String>)]
    contracts: Vec<ContractId>,
}

impl From<&Rfq> for RfqSummary {
    fn from(rfq: &Rfq) -> Self {
        Self {
            id: rfq.id,
            buyer: rfq.buyer,
            outcome_class: rfq.terms.outcome_class.clone(),
            asset: rfq.terms.asset.to_string(),
            price_ceiling: rfq.terms.award.price_ceiling.minor(),
            state: rfq.state.as_str(),
            deadline: rfq.state.deadline().as_ref().map(text),
            bids: rfq.bids.len(),
            published_at: text(&rfq.published_at),
        }
    }
}

impl From<&Rfq> for RfqDetails {
    fn from(rfq: &Rfq) -> Self {
        let offer = |(supplier, entry)| json!({ "supplier": supplier, "entry": entry });
        let begun = match &rfq.state {
            RfqState::Awarded(engagement) => engagement.begun,
            _ => 0,
        };
        let contracts = (1..=begun).filter_map(NonZeroU8::new);
        Self {
            summary: rfq.into(),
            terms: json!(*rfq.terms),
            terms_digest: rfq.terms_digest,
            offers: rfq.bids.iter().map(offer).collect(),
            award: rfq.award.as_ref().map(|award| json!(award)),
            contracts: contracts.map(|number| rfq.id.contract(number)).collect(),
        }
    }
}

/// Which RFQs.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Only those in this state.
    #[param(example = "Open")]
    state: Option<String>,
    /// Only those that buy this.
    outcome_class: Option<String>,
    /// What comes after this one: `next` of the page before. Absent for the first page.
    after: Option<String>,
    /// How many, 1 to 200; 50 unless stated.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

impl Wanted {
    fn fits(&self, rfq: &Rfq) -> bool {
        let state = self.state.as_deref();
        let class = self.outcome_class.as_ref();
        state.is_none_or(|state| state == rfq.state.as_str())
            && class.is_none_or(|class| *class == rfq.terms.outcome_class)
    }
}

fn page(market: &Market, wanted: &Wanted, after: Option<RfqId>, limit: u32) -> Vec<RfqSummary> {
    let found = market.rfqs_after(after.as_ref());
    let found = found.filter(|rfq| wanted.fits(rfq)).map(RfqSummary::from);
    found.take(limit as usize + 1).collect()
}

/// RFQs, in the order of their names.
#[utoipa::path(
    get, path = "/v1/rfqs", tag = "market", params(Wanted),
    responses(
        (status = 200, description = "A page of RFQs", body = Page<RfqSummary>),
        (status = 400, description = "No such page", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The market has stopped", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list(
    State(api): State<Api>,
    Asked(wanted): Asked<Wanted>,
) -> Result<Json<Page<RfqSummary>>, Problem> {
    known_state(wanted.state.as_deref(), &RfqState::NAMES)?;
    let part = Part::new(wanted.after.clone(), wanted.limit);
    let (after, limit) = (part.after()?, part.limit()?);
    let looked = api
        .recorder
        .read(|market| page(market, &wanted, after, limit));
    let found = looked.await?;
    Ok(Json(Page::of(found, limit, |it: &RfqSummary| {
        it.id.to_string()
    })))
}

/// An RFQ with its terms, its bids and its award.
#[utoipa::path(
    get, path = "/v1/rfqs/{rfq}", tag = "market",
    params(("rfq" = String, Path, pattern = "^rfq_[0-9a-f]{32}$", description = "Its name, rfq_ and 32 hexadecimal digits")),
    responses(
        (status = 200, description = "The RFQ", body = RfqDetails),
        (status = 400, description = "That is no name", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The market has stopped", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn show(
    State(api): State<Api>,
    Named(name): Named<String>,
) -> Result<Json<RfqDetails>, Problem> {
    let wrong = |_| Problem::malformed(format!("this names no RFQ: {name}"));
    let id: RfqId = name.parse().map_err(wrong)?;
    let looked = api
        .recorder
        .read(|market| market.rfq(&id).map(RfqDetails::from));
    let found = looked.await?;
    found
        .map(Json)
        .ok_or_else(|| Problem::not_found("rfq-unknown", "there is no such RFQ", name))
}

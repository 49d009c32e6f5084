//! Contracts: where each stands, what happened, and what may happen next.

use std::num::NonZeroU32;

use axum::Json;
use axum::extract::State;
use proofmark_attestation::verify::FactsDocument;
use proofmark_core::Digest;
use proofmark_market::contract::table::StateName;
use proofmark_market::contract::{Contract, Stakes};
use proofmark_market::event::Subject;
use proofmark_market::explain::{Branch, Payments, explain};
use proofmark_market::{ContractId, Market, PartyId, Rejection, RfqId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use crate::Api;
use crate::asked::{Asked, Named, known_state};
use crate::page::{Page, Part};
use crate::problem::Problem;
use crate::wire::{Happened, text};

/// A contract in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ContractSummary {
    /// Its name.
    #[schema(value_type = String)]
    id: ContractId,
    /// The RFQ that it came from.
    #[schema(value_type = String)]
    rfq: RfqId,
    /// Which of its milestones, from 1.
    milestone: u8,
    /// Who pays.
    #[schema(value_type = String)]
    buyer: PartyId,
    /// Who works.
    #[schema(value_type = String)]
    supplier: PartyId,
    /// Where it stands.
    #[schema(example = "Provisional")]
    state: &'static str,
    /// The last moment before something happens by itself; absent when it has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    deadline: Option<String>,
    /// In which every amount is counted.
    asset: String,
    /// What the work costs, in minor units.
    price: i64,
}

impl From<&Contract> for ContractSummary {
    fn from(contract: &Contract) -> Self {
        Self {
            id: contract.id,
            rfq: contract.id.rfq,
            milestone: contract.id.milestone.get(),
            buyer: contract.buyer,
            supplier: contract.supplier,
            state: contract.state.name().as_str(),
            deadline: contract.state.deadline().as_ref().map(text),
            asset: contract.asset().to_string(),
            price: contract.stakes.price.minor(),
        }
    }
}

/// A contract.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ContractDetails {
    #[serde(flatten)]
    summary: ContractSummary,
    /// Digest of its terms, which its RFQ shows.
    #[schema(value_type = String)]
    terms_digest: Digest,
    /// What is locked in it: price with holdback, fee, bond, verification, in minor units.
    #[schema(value_type = Object)]
    stakes: Stakes,
    /// Submissions that were made, but for a cure.
    attempts: u32,
    /// All of its state, as it is hashed.
    #[schema(value_type = Object)]
    condition: Value,
    /// What happened to it, in order.
    story: Vec<Happened>,
    /// What may happen next.
    next: Vec<Next>,
    /// The same in plain words.
    explanation: String,
}

/// Something that may happen next.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Next {
    /// By which command.
    command: &'static str,
    /// By whom.
    by: Vec<&'static str>,
    /// Until when; a tick only after then.
    deadline: String,
    /// What it means.
    meaning: &'static str,
    /// Where it may lead.
    leads_to: Vec<&'static str>,
    /// Who gets what at once, where that does not depend on what others say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pays: Option<Pays>,
}

/// Who gets what, in minor units.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Pays {
    buyer: i64,
    supplier: i64,
    market: i64,
    pool: i64,
    /// What the supplier owes afterwards.
    debt: i64,
}

impl From<&Payments> for Pays {
    fn from(it: &Payments) -> Self {
        Self {
            buyer: it.buyer.minor(),
            supplier: it.supplier.minor(),
            market: it.fees.minor(),
            pool: it.pool.minor(),
            debt: it.debt.minor(),
        }
    }
}

impl From<&Branch> for Next {
    fn from(branch: &Branch) -> Self {
        Self {
            command: branch.verb.as_str(),
            by: branch.by.iter().map(|role| role.as_str()).collect(),
            deadline: text(&branch.deadline),
            meaning: branch.meaning,
            leads_to: branch.to.iter().map(|state| state.as_str()).collect(),
            pays: branch.pays.as_ref().map(Pays::from),
        }
    }
}

fn details(market: &Market, id: &ContractId) -> Option<ContractDetails> {
    let contract = market.contract(id)?;
    let told = explain(market, id).ok()?;
    let story = market.story(&Subject::Contract(*id));
    Some(ContractDetails {
        summary: contract.into(),
        terms_digest: contract.terms_digest,
        stakes: contract.stakes,
        attempts: contract.attempts,
        condition: json!(contract.state),
        story: story.iter().map(Happened::from).collect(),
        next: told.next.iter().map(Next::from).collect(),
        explanation: told.to_string(),
    })
}

/// Which contracts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Only those in this state.
    #[param(example = "Provisional")]
    state: Option<String>,
    /// Only those of this buyer or supplier.
    party: Option<String>,
    /// What comes after this one: `next` of the page before. Absent for the first page.
    after: Option<String>,
    /// How many, 1 to 200; 50 unless stated.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

impl Wanted {
    fn fits(&self, party: Option<PartyId>, contract: &Contract) -> bool {
        let state = self.state.as_deref();
        state.is_none_or(|state| state == contract.state.name().as_str())
            && party.is_none_or(|party| contract.side(party).is_some())
    }
}

/// Contracts, in the order of their names.
#[utoipa::path(
    get, path = "/v1/contracts", tag = "market", params(Wanted),
    responses(
        (status = 200, description = "A page of contracts", body = Page<ContractSummary>),
        (status = 400, description = "No such page", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The market has stopped", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list(
    State(api): State<Api>,
    Asked(wanted): Asked<Wanted>,
) -> Result<Json<Page<ContractSummary>>, Problem> {
    let names: Vec<_> = StateName::ALL.iter().map(|it| it.as_str()).collect();
    known_state(wanted.state.as_deref(), &names)?;
    let part = Part::new(wanted.after.clone(), wanted.limit);
    let (after, limit) = (part.after::<ContractId>()?, part.limit()?);
    let party = wanted.party.as_deref().map(str::parse).transpose();
    let party = party.map_err(|_| Problem::malformed("party names no party"))?;
    let looked = api.recorder.read(|market| {
        let found = market.contracts_after(after.as_ref());
        let found = found
            .filter(|it| wanted.fits(party, it))
            .map(ContractSummary::from);
        found.take(limit as usize + 1).collect()
    });
    let found = looked.await?;
    Ok(Json(Page::of(found, limit, |it: &ContractSummary| {
        it.id.to_string()
    })))
}

pub(crate) fn id(name: &str) -> Result<ContractId, Problem> {
    let wrong = |_| Problem::malformed(format!("this names no contract: {name}"));
    name.parse().map_err(wrong)
}

pub(crate) fn unknown(name: String) -> Problem {
    Problem::not_found("contract-unknown", "there is no such contract", name)
}

/// A contract: where it stands, what happened, what may happen next and what each branch pays.
#[utoipa::path(
    get, path = "/v1/contracts/{contract}", tag = "market",
    params(("contract" = String, Path, pattern = "^con_[0-9a-f]{32}_[1-8]$", description = "Its name, con_, 32 hexadecimal digits, _ and the milestone")),
    responses(
        (status = 200, description = "The contract", body = ContractDetails),
        (status = 400, description = "That is no name", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The market has stopped", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn show(
    State(api): State<Api>,
    Named(name): Named<String>,
) -> Result<Json<ContractDetails>, Problem> {
    let id = id(&name)?;
    let found = api.recorder.read(|market| details(market, &id)).await?;
    found.map(Json).ok_or_else(|| unknown(name))
}

/// Of which run.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OfRun {
    /// The run of this number, counted from 1. Absent for the one that waits for a verdict, or can still be challenged.
    #[param(minimum = 1, value_type = Option<u32>)]
    run: Option<NonZeroU32>,
}

/// What an attestation of a run must be bound to: the facts document of `proofmark verify`.
#[utoipa::path(
    get, path = "/v1/contracts/{contract}/facts", tag = "market",
    params(
        ("contract" = String, Path, pattern = "^con_[0-9a-f]{32}_[1-8]$", description = "Its name, con_, 32 hexadecimal digits, _ and the milestone"),
        OfRun,
    ),
    responses(
        (status = 200, description = "The facts", body = Object),
        (status = 400, description = "That is no name, or no run", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such contract", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Nothing waits for a verdict, or there was no such run", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The market has stopped", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn facts(
    State(api): State<Api>,
    Named(name): Named<String>,
    Asked(OfRun { run }): Asked<OfRun>,
) -> Result<Json<Value>, Problem> {
    let id = id(&name)?;
    let looked = api.recorder.read(|market| {
        let now = market.now();
        let facts = match run {
            Some(run) => market.facts_of(&id, run, now),
            None => market.facts(&id, now),
        }?;
        Ok::<_, Rejection>(json!(FactsDocument::from(&facts)))
    });
    Ok(Json(looked.await?.map_err(Problem::from)?))
}

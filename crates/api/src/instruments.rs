//! Instruments: what is bought, and at what prices.

use axum::Json;
use axum::extract::State;
use proofmark_market::instruments::{Instrument, Known, Print, all, one};
use proofmark_market::{Market, RfqId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Api;
use crate::asked::{Asked, Named};
use crate::page::{Page, Part};
use crate::problem::Problem;
use crate::wire::text;

/// An instrument: an outcome class, with the published grade that terms follow if they follow one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InstrumentSummary {
    /// What is bought.
    outcome_class: String,
    /// In which grade.
    #[serde(skip_serializing_if = "Option::is_none")]
    grade: Option<String>,
    /// How often it was asked for.
    rfqs: usize,
    /// How often it was awarded.
    awards: usize,
    /// Attempts that were made under its contracts.
    attempts: u64,
    /// Attempts that passed.
    passed: u64,
    /// The newest award.
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<Awarded>,
}

/// An award: what is paid for all milestones.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Awarded {
    /// When.
    at: String,
    /// Of which RFQ, which shows on what basis.
    #[schema(value_type = String)]
    rfq: RfqId,
    /// In minor units.
    price: i64,
    /// In which the price is counted.
    asset: String,
    /// How many bids there were.
    bids: usize,
}

impl From<&Print> for Awarded {
    fn from(it: &Print) -> Self {
        Self {
            at: text(&it.at),
            rfq: it.rfq,
            price: it.price.minor(),
            asset: it.asset.to_string(),
            bids: it.bids,
        }
    }
}

impl From<(Instrument, Known)> for InstrumentSummary {
    fn from((instrument, known): (Instrument, Known)) -> Self {
        Self {
            outcome_class: instrument.outcome_class,
            grade: instrument.grade,
            rfqs: known.rfqs,
            awards: known.prints.len(),
            attempts: known.attempts,
            passed: known.passed,
            last: known.prints.last().map(Awarded::from),
        }
    }
}

/// Where a page of instruments begins.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Begins {
    /// What comes after this outcome class: `next` of the page before. Absent for the first page.
    after: Option<String>,
    /// How many outcome classes, 1 to 200; 50 unless stated. Each comes with all of its grades.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// What is bought here, and what was paid last.
#[utoipa::path(
    get, path = "/v1/instruments", tag = "market", params(Begins),
    responses(
        (status = 200, description = "A page of instruments, by outcome class", body = Page<InstrumentSummary>),
        (status = 400, description = "No such page", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The market has stopped", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list(
    State(api): State<Api>,
    Asked(begins): Asked<Begins>,
) -> Result<Json<Page<InstrumentSummary>>, Problem> {
    let limit = Part::new(None, begins.limit).limit()? as usize;
    let found = api.recorder.read(all).await?;
    let after = begins.after.unwrap_or_default();
    let mut classes: Vec<_> = found.keys().map(|it| it.outcome_class.clone()).collect();
    classes.dedup();
    classes.retain(|class| *class > after);
    let last = classes.iter().take(limit).next_back().cloned();
    let is_here = |(it, _): &(Instrument, Known)| {
        it.outcome_class > after && last.as_ref().is_some_and(|last| it.outcome_class <= *last)
    };
    let items = found.into_iter().filter(is_here);
    Ok(Json(Page::whole(
        items.map(InstrumentSummary::from).collect(),
        last.filter(|_| classes.len() > limit),
    )))
}

/// In which grade, and which part.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// In which grade; absent for what follows none.
    grade: Option<String>,
    /// What comes after this RFQ: `next` of the page before. Absent for the first page.
    after: Option<String>,
    /// How many, 1 to 200; 50 unless stated.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// What was paid; nothing if it was never asked for, and a problem if `after` is no award of it.
fn paid(
    market: &Market,
    wanted: &Instrument,
    after: Option<RfqId>,
    limit: u32,
) -> Option<Result<Vec<Awarded>, Problem>> {
    let known = one(market, wanted)?;
    let place = |after| known.prints.iter().position(|it| it.rfq == after);
    let begin = match after.map(|after| (after, place(after))) {
        None => 0,
        Some((_, Some(place))) => place + 1,
        Some((after, None)) => {
            let why = format!("after is no award of this instrument: {after}");
            return Some(Err(Problem::malformed(why)));
        }
    };
    let rest = known.prints.iter().skip(begin);
    Some(Ok(rest
        .take(limit as usize + 1)
        .map(Awarded::from)
        .collect()))
}

/// Every award of an instrument, the oldest first.
#[utoipa::path(
    get, path = "/v1/instruments/{outcome_class}/prices", tag = "market",
    params(
        ("outcome_class" = String, Path, description = "What is bought, for instance support_ticket_resolved"),
        Wanted,
    ),
    responses(
        (status = 200, description = "A page of awards", body = Page<Awarded>),
        (status = 400, description = "No such page", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "It was never asked for", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The market has stopped", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn prices(
    State(api): State<Api>,
    Named(outcome_class): Named<String>,
    Asked(wanted): Asked<Wanted>,
) -> Result<Json<Page<Awarded>>, Problem> {
    let part = Part::new(wanted.after, wanted.limit);
    let (after, limit) = (part.after()?, part.limit()?);
    let instrument = Instrument {
        outcome_class,
        grade: wanted.grade,
    };
    let looked = api
        .recorder
        .read(|market| paid(market, &instrument, after, limit));
    let unknown = || {
        let title = "this was never asked for";
        Problem::not_found(
            "instrument-unknown",
            title,
            instrument.outcome_class.clone(),
        )
    };
    let found = looked.await?.ok_or_else(unknown)??;
    Ok(Json(Page::of(found, limit, |it: &Awarded| {
        it.rfq.to_string()
    })))
}

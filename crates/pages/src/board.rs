//! The board: what is asked for, and what is under way.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Html;
use proofmark_core::Timestamp;
use proofmark_market::Market;
use proofmark_market::contract::Contract;
use proofmark_market::rfq::{Rfq, RfqState};
use proofmark_service::Recorder;
use serde::Deserialize;

use crate::shown::{money, short, time};
use crate::{NoPage, page};

/// So many of each kind are shown, the newest first.
const MOST: usize = 50;

/// What somebody looks for; nothing is everything.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Wanted {
    /// A state of RFQs.
    #[serde(default)]
    state: String,
    /// What is bought.
    #[serde(default)]
    class: String,
}

#[derive(Template)]
#[template(path = "board.html")]
struct Board {
    title: &'static str,
    audience: String,
    sequence: u64,
    head: String,
    wanted: Wanted,
    states: [&'static str; 5],
    rfqs: Vec<RfqRow>,
    contracts: Vec<ContractRow>,
}

struct RfqRow {
    id: String,
    short: String,
    class: String,
    state: &'static str,
    most: String,
    bids: usize,
    until: String,
}

struct ContractRow {
    id: String,
    short: String,
    class: String,
    state: &'static str,
    price: String,
    until: String,
}

pub(crate) async fn show(
    State(recorder): State<Recorder>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Html<String>, NoPage> {
    // What is no such question is answered with everything.
    let wanted = wanted.map(|Query(wanted)| wanted).unwrap_or_default();
    let board = recorder.read(|market| board(market, wanted)).await?;
    Ok(page(&board))
}

fn board(market: &Market, wanted: Wanted) -> Board {
    let asks = |wanted: &str, is: &str| {
        let wanted = wanted.trim();
        wanted.is_empty() || wanted.eq_ignore_ascii_case(is)
    };
    let fits = |rfq: &&Rfq| {
        asks(&wanted.state, rfq.state.as_str()) && asks(&wanted.class, &rfq.terms.outcome_class)
    };
    let rfqs = newest(market.rfqs().filter(fits), |rfq| rfq.published_at);
    let contracts = newest(market.contracts(), |contract| contract.started_at);
    Board {
        title: "Board",
        audience: market.rules().audience.to_string(),
        sequence: market.sequence(),
        head: short(&market.head()),
        wanted,
        states: RfqState::NAMES,
        rfqs: rfqs.into_iter().map(RfqRow::from).collect(),
        contracts: contracts.into_iter().map(ContractRow::from).collect(),
    }
}

/// The newest, without sorting all that there ever were.
fn newest<'m, T>(all: impl Iterator<Item = &'m T>, at: impl Fn(&T) -> Timestamp) -> Vec<&'m T> {
    let mut kept = BTreeMap::new();
    for (number, it) in all.enumerate() {
        kept.insert((at(it), number), it);
        if kept.len() > MOST {
            kept.pop_first();
        }
    }
    kept.into_values().rev().collect()
}

impl From<&Rfq> for RfqRow {
    fn from(rfq: &Rfq) -> Self {
        Self {
            id: rfq.id.to_string(),
            short: short(&rfq.id),
            class: rfq.terms.outcome_class.clone(),
            state: rfq.state.as_str(),
            most: money(rfq.terms.award.price_ceiling, rfq.terms.asset),
            bids: rfq.bids.len(),
            until: rfq.state.deadline().as_ref().map(time).unwrap_or_default(),
        }
    }
}

impl From<&Contract> for ContractRow {
    fn from(contract: &Contract) -> Self {
        Self {
            id: contract.id.to_string(),
            short: short(&contract.id),
            class: contract.terms.outcome_class.clone(),
            state: contract.state.name().as_str(),
            price: money(contract.stakes.price, contract.asset()),
            until: contract
                .state
                .deadline()
                .as_ref()
                .map(time)
                .unwrap_or_default(),
        }
    }
}

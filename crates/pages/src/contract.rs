//! A contract: what happened to it, and what may happen next.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Html;
use proofmark_core::Digest;
use proofmark_market::contract::Contract;
use proofmark_market::contract::table::Verb;
use proofmark_market::event::{Event, Subject};
use proofmark_market::explain::{Branch, explain};
use proofmark_market::{ContractId, Market};
use proofmark_service::Recorder;

use crate::paid::{self, Paid};
use crate::shown::{money, short, time};
use crate::{NoPage, page};

#[derive(Template)]
#[template(path = "contract.html")]
struct ContractPage {
    title: String,
    id: String,
    class: String,
    state: &'static str,
    rfq: String,
    sides: [(&'static str, String, String); 2],
    stakes: Vec<(&'static str, String)>,
    happened: Vec<Step>,
    paid: Vec<Paid>,
    ended: bool,
    next: Vec<Next>,
}

struct Step {
    at: String,
    machine: String,
    what: String,
    /// The bundle of the verdict that it tells of.
    verdict: Option<String>,
}

struct Next {
    when: String,
    verb: &'static str,
    by: String,
    meaning: &'static str,
    to: String,
    pays: String,
}

pub(crate) async fn show(
    State(recorder): State<Recorder>,
    Path(name): Path<String>,
) -> Result<Html<String>, NoPage> {
    let id: ContractId = name.parse().map_err(|_| NoPage::unknown("contract"))?;
    let found = recorder.consult(|market, papers| {
        let verdicts = papers.verdicts_of(&id).map(|it| it.bundle);
        told(market, &id, verdicts)
    });
    let found = found.await?;
    found
        .map(|it| page(&it))
        .ok_or_else(|| NoPage::unknown("contract"))
}

/// `verdicts` are the bundles that were presented, in order: each verdict that is told of has one.
fn told(
    market: &Market,
    id: &ContractId,
    mut verdicts: impl Iterator<Item = Digest>,
) -> Option<ContractPage> {
    let contract = market.contract(id)?;
    let explanation = explain(market, id).ok()?;
    let asset = explanation.asset;
    let begun = market.story(&Subject::Rfq(id.rfq));
    let own = market.story(&Subject::Contract(*id));
    let told = begun.iter().chain(own).zip(&explanation.happened);
    let happened = told.map(|(noted, (at, what))| Step {
        at: time(at),
        machine: at.to_string(),
        what: what.clone(),
        verdict: match noted.event {
            Event::VerdictPresented { .. } => verdicts.next().map(|it| it.to_string()),
            _ => None,
        },
    });
    let happened = happened.collect();
    let next = |branch: &Branch| Next {
        when: match branch.verb {
            Verb::Tick => format!("after {}", time(&branch.deadline)),
            _ => format!("until {}", time(&branch.deadline)),
        },
        verb: branch.verb.as_str(),
        by: branch
            .by
            .iter()
            .map(|role| role.as_str())
            .collect::<Vec<_>>()
            .join(" or "),
        meaning: branch.meaning,
        to: branch
            .to
            .iter()
            .map(|state| state.as_str())
            .collect::<Vec<_>>()
            .join(" or "),
        pays: branch
            .pays
            .as_ref()
            .map(|pays| pays.text(asset))
            .unwrap_or_default(),
    };
    Some(ContractPage {
        title: format!("{} {}", contract.terms.outcome_class, short(id)),
        id: id.to_string(),
        class: contract.terms.outcome_class.clone(),
        state: explanation.state.as_str(),
        rfq: id.rfq.to_string(),
        sides: [("Buyer", contract.buyer), ("Supplier", contract.supplier)]
            .map(|(side, party)| (side, party.to_string(), short(&party))),
        stakes: stakes(contract),
        happened,
        paid: paid::out_of(market, contract),
        ended: paid::is_complete(market, contract),
        next: explanation.next.iter().map(next).collect(),
    })
}

fn stakes(contract: &Contract) -> Vec<(&'static str, String)> {
    let stakes = &contract.stakes;
    [
        ("Price", stakes.price),
        ("Held back of it", stakes.holdback),
        ("Supplier's bond", stakes.bond),
        ("Market fee", stakes.fee),
        ("For verification", stakes.verification),
    ]
    .map(|(what, amount)| (what, money(amount, contract.asset())))
    .to_vec()
}

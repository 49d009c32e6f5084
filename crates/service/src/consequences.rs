//! What followed from a command, as it is kept beside it.

use std::collections::BTreeSet;

use proofmark_core::{Digest, Timestamp};
use proofmark_ledger::{Amount, GroupId, Recorded, RecordedKind};
use proofmark_market::event::{Event as Happened, Noted, Subject};
use proofmark_market::{Account, ContractId, Market, RfqId};
use proofmark_storage::{Consequences, Document, Event, Job, Transfer};
use serde::Serialize;

use crate::runs;

/// What followed from the command with this payload, after the market has obeyed it.
pub(crate) fn of(market: &Market, command: &Digest, events: &[Noted]) -> Consequences {
    let touched = touched(events);
    let transfers = market.ledger().transfers_of(&GroupId(*command));
    Consequences {
        events: events.iter().map(event).collect(),
        transfers: transfers.map(|it| transfer(&it)).collect(),
        documents: touched
            .iter()
            .filter_map(|subject| document(market, subject))
            .collect(),
        jobs: touched
            .iter()
            .flat_map(|subject| jobs(market, subject, events))
            .collect(),
    }
}

/// # Panics
/// Never for what a market holds: text, lists and integers.
fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("text, lists and integers")
}

fn event(noted: &Noted) -> Event {
    Event {
        subject: name(&noted.subject),
        body: json(noted),
    }
}

fn name(subject: &Subject) -> String {
    match subject {
        Subject::Market => "market".to_owned(),
        Subject::Rfq(rfq) => rfq.to_string(),
        Subject::Contract(contract) => contract.to_string(),
    }
}

/// A transfer as it is kept.
#[derive(Serialize)]
struct Kept<'l> {
    debit: &'l Account,
    credit: &'l Account,
    amount: Amount,
    kind: &'static str,
    at: Timestamp,
}

fn transfer(it: &Recorded<'_, Account>) -> Transfer {
    let kind = match it.kind {
        RecordedKind::Single => "single",
        RecordedKind::Pending { .. } => "pending",
        RecordedKind::Post { .. } => "post",
        RecordedKind::Void { .. } => "void",
        RecordedKind::Expire { .. } => "expire",
    };
    Transfer {
        body: json(&Kept {
            debit: it.debit,
            credit: it.credit,
            amount: it.amount,
            kind,
            at: it.at,
        }),
    }
}

/// What something happened to, or began; with each contract its RFQ, which knows of the milestones that have not begun.
fn touched(events: &[Noted]) -> BTreeSet<Subject> {
    let subjects = events.iter().map(|noted| noted.subject);
    // That a contract began is told of its RFQ.
    let begun = events.iter().filter_map(|noted| match noted.event {
        Happened::ContractStarted { contract, .. } => Some(Subject::Contract(contract)),
        _ => None,
    });
    let mut touched: BTreeSet<_> = subjects.chain(begun).collect();
    let rfqs: Vec<RfqId> = touched
        .iter()
        .filter_map(|subject| match subject {
            Subject::Contract(contract) => Some(contract.rfq),
            _ => None,
        })
        .collect();
    touched.extend(rfqs.into_iter().map(Subject::Rfq));
    touched
}

/// The kinds of documents.
pub(crate) const DOCUMENTS: [&str; 2] = ["rfq", "contract"];

/// How something is now.
pub(crate) fn document(market: &Market, subject: &Subject) -> Option<Document> {
    let (kind, body) = match subject {
        Subject::Market => return None,
        Subject::Rfq(id) => ("rfq", json(market.rfq(id)?)),
        Subject::Contract(id) => ("contract", json(market.contract(id)?)),
    };
    Some(Document {
        kind: kind.to_owned(),
        key: name(subject),
        body,
    })
}

/// A tick when the next deadline has passed, and for each engine that is asked a run of the validators. Both are only hints:
/// whoever takes such a job looks at the market first.
fn jobs(market: &Market, subject: &Subject, events: &[Noted]) -> Vec<Job> {
    let deadline = match subject {
        Subject::Market => None,
        Subject::Rfq(id) => market.rfq(id).and_then(|rfq| rfq.state.deadline()),
        Subject::Contract(id) => market.contract(id).and_then(|it| it.state.deadline()),
    };
    // The command before this one has this number, so no other command makes a job of the same name.
    let sequence = market.sequence();
    let subject_name = name(subject);
    let job = |kind: &str, name: &str, due_at: Timestamp| Job {
        id: format!("{kind}/{name}/{sequence}"),
        kind: kind.to_owned(),
        due_at,
        body: json(&name),
    };
    let tick = deadline.and_then(|deadline| {
        let after = Timestamp::from_micros(deadline.micros() + 1).ok()?;
        Some(job("tick", &subject_name, after))
    });
    let ordered = events
        .iter()
        .filter(|noted| noted.subject == *subject)
        .any(|noted| orders_a_run(&noted.event));
    let runs = contracts(market, subject, ordered);
    let runs = runs.filter_map(|contract| market.order(&contract));
    let runs = runs.flat_map(|order| {
        let name = order.contract.to_string();
        let engines = order.engines.into_iter();
        engines.map(move |engine| job(&runs::kind(&engine), &name, market.now()))
    });
    tick.into_iter().chain(runs).collect()
}

/// Whose runs must be looked at: of a contract in which one was ordered; and of all when the trust policy was changed,
/// since other engines may be asked now.
fn contracts<'m>(
    market: &'m Market,
    subject: &Subject,
    ordered: bool,
) -> Box<dyn Iterator<Item = ContractId> + 'm> {
    match *subject {
        Subject::Contract(contract) if ordered => Box::new(std::iter::once(contract)),
        Subject::Market if ordered => Box::new(market.contracts().map(|it| it.id)),
        _ => Box::new(std::iter::empty()),
    }
}

const fn orders_a_run(event: &Happened) -> bool {
    matches!(
        event,
        Happened::Submitted { .. }
            | Happened::EvidenceStated { .. }
            | Happened::HouseEngineCalled { .. }
            | Happened::Challenged { .. }
            | Happened::ConflictFound { .. }
            | Happened::PolicyPublished { .. }
    )
}

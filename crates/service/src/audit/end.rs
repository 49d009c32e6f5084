//! What is there now.

use std::collections::{BTreeMap, BTreeSet};

use proofmark_auditor::Expected;
use proofmark_core::{Digest, chain};
use proofmark_market::award::recompute;
use proofmark_market::books::Books;
use proofmark_market::event::Subject;
use proofmark_storage::{Position, StoreError};

use super::Audit;
use super::follow::{Follower, digest};
use crate::consequences;

/// So many documents or jobs are read at a time.
const PAGE: u32 = 1_000;

/// Compares what is there now with what follows from the commands; returns how far the record went afterwards.
pub(super) async fn look(
    follower: &Follower<'_>,
    audit: &mut Audit,
) -> Result<Position, StoreError> {
    documents(follower, audit).await?;
    jobs(follower, audit).await?;
    surplus(follower, audit).await?;
    awards(follower, audit);
    books(follower, audit);
    if let Some(head) = follower.missing {
        let what = format!("it never had the head {head}: commands were cut off, or it is another");
        audit.find("head-unknown", "the chain", &what);
    }
    let position = follower.store.position().await?;
    let market = &follower.market;
    let is = (position.head, position.events, position.transfers);
    let should = (market.head(), follower.events, follower.transfers);
    if position.sequence <= market.sequence() && is != should {
        let told = |(head, events, transfers)| {
            format!("head {head}, {events} events, {transfers} transfers")
        };
        let what = format!("it is {}, and {} follows", told(is), told(should));
        audit.find("record-differs", "the position", &what);
    }
    if position.sequence < market.sequence() {
        let what = format!("it says {} commands", position.sequence);
        audit.find("record-differs", "the position", &what);
    }
    Ok(position)
}

async fn documents(follower: &Follower<'_>, audit: &mut Audit) -> Result<(), StoreError> {
    let market = &follower.market;
    let rfqs = market.rfqs().map(|rfq| Subject::Rfq(rfq.id));
    let contracts = market.contracts().map(|it| Subject::Contract(it.id));
    let mut due = BTreeMap::new();
    for it in rfqs
        .chain(contracts)
        .filter_map(|subject| consequences::document(market, &subject))
    {
        due.insert((it.kind, it.key), Digest::of(it.body.as_bytes()));
    }
    audit.counts.documents = due.len() as u64;
    for kind in consequences::DOCUMENTS {
        let mut after = String::new();
        loop {
            let page = follower.store.documents(kind, &after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after.clone_from(&last.key);
            for it in page {
                let is = Digest::of(it.body.as_bytes());
                let place = format!("document {} {}", it.kind, it.key);
                let should = due.remove(&(it.kind, it.key));
                audit.hold(&place, &is, should.as_ref());
            }
        }
    }
    for (kind, key) in due.keys() {
        let place = format!("document {kind} {key}");
        audit.find("record-lacks", &place, "it is not there");
    }
    Ok(())
}

async fn jobs(follower: &Follower<'_>, audit: &mut Audit) -> Result<(), StoreError> {
    audit.counts.jobs = follower.jobs.len() as u64;
    let mut seen = BTreeSet::new();
    let mut after = String::new();
    loop {
        let page = follower.store.jobs(&after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.id);
        for job in page {
            let should = follower.jobs.get(&job.id);
            audit.hold(&format!("job {}", job.id), &digest(&job), should);
            seen.insert(job.id);
        }
    }
    for id in follower.jobs.keys().filter(|id| !seen.contains(*id)) {
        audit.find("record-lacks", &format!("job {id}"), "it is not there");
    }
    Ok(())
}

/// Events and transfers after the last that followed.
async fn surplus(follower: &Follower<'_>, audit: &mut Audit) -> Result<(), StoreError> {
    let known = follower.market.sequence();
    let nobody = "nothing that was obeyed says so";
    for it in follower.store.events(follower.events, PAGE).await? {
        if it.sequence <= known {
            audit.find("record-surplus", &format!("event {}", it.number), nobody);
        }
    }
    for it in follower.store.transfers(follower.transfers, PAGE).await? {
        if it.sequence <= known {
            audit.find("record-surplus", &format!("transfer {}", it.number), nobody);
        }
    }
    Ok(())
}

fn awards(follower: &Follower<'_>, audit: &mut Audit) {
    for rfq in follower.market.rfqs() {
        let Some(award) = &rfq.award else { continue };
        audit.counts.awards += 1;
        if let Err(error) = recompute(award) {
            audit.find("award-wrong", &rfq.id.to_string(), &chain(&error));
        }
    }
}

fn books(follower: &Follower<'_>, audit: &mut Audit) {
    let market = &follower.market;
    let books = Books::of(market);
    audit.counts.accounts = books.balances.len() as u64;
    if let Err(error) = market.ledger().audit() {
        audit.find("books-wrong", "the ledger", &chain(&error));
    }
    let Some(auditor) = &follower.auditor else {
        return;
    };
    let found = Expected {
        balances: books.balances,
        rfqs: books.rfqs,
        contracts: books.contracts,
        struck: books.struck,
    };
    for what in auditor.expected().differences(&found) {
        audit.find("auditor-objects", "the books", &what);
    }
}

impl Audit {
    /// Something that is there, against what should be.
    fn hold(&mut self, place: &str, is: &Digest, should: Option<&Digest>) {
        match should {
            None => self.find("record-surplus", place, "nothing that was obeyed says so"),
            Some(should) if should != is => {
                let what = "it is not what follows from the commands";
                self.find("record-differs", place, what);
            }
            Some(_) => {}
        }
    }
}

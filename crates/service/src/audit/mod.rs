//! An audit of a record: everything that can be computed again is, and compared.
//!
//! | file | what |
//! |---|---|
//! | `follow` | commands, one after the other: signatures, attestations, the chain, what followed from each |
//! | `end` | what is there now: documents, jobs, books, awards |
//! | `leaves` | the log: its files, its checkpoint, every leaf against the verdict of its command |
//!
//! The books are computed three times: by the market, by its ledger from the transfers alone, and by
//! `proofmark-auditor`, which shares no code with either. Nothing is written.

mod end;
mod follow;
mod leaves;

use proofmark_core::{Digest, chain};
use proofmark_market::Rules;
use proofmark_storage::{Store, StoreError};
use serde::Serialize;

use follow::Follower;
use leaves::Shown;

pub use leaves::AuditedLog;

/// A market that grows faster than it can be audited is asked to stand still.
const ROUNDS: u32 = 5;

/// What an audit looked at, and what it found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Audit {
    /// How much was looked at.
    pub counts: Counts,
    /// Digest of the state that follows from the commands; none if no market could be started.
    pub root: Option<Digest>,
    /// Head of the chain of commands.
    pub head: Option<Digest>,
    /// What is wrong: nothing, if all is well. After a command that cannot be obeyed again, nothing was looked at.
    pub findings: Vec<Finding>,
}

/// How much an audit looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Commands whose signature and attachment were verified, and which were obeyed again.
    pub commands: u64,
    /// Events that follow from them.
    pub events: u64,
    /// Transfers that follow from them.
    pub transfers: u64,
    /// Documents: one for each RFQ and each contract.
    pub documents: u64,
    /// Jobs that were ordered, whether they are done or not.
    pub jobs: u64,
    /// Awards that were computed again from their published basis.
    pub awards: u64,
    /// Accounts on which something is posted.
    pub accounts: u64,
    /// Verdicts in the log. Fewer than were obeyed is no fault: they are logged afterwards.
    pub leaves: u64,
    /// Verdicts that were obeyed.
    pub verdicts: u64,
}

/// Something that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable code.
    pub code: &'static str,
    /// Where.
    pub place: String,
    /// What.
    pub what: String,
}

/// Audits a record. A market that runs meanwhile is followed to where it is.
///
/// A record whose last commands were cut off with all that followed from them contradicts itself nowhere. Whoever has
/// written down a `head` that the chain once had finds that here, as does whoever has the log of its verdicts.
pub async fn audit(store: &dyn Store, head: Option<Digest>, log: Option<&AuditedLog>) -> Audit {
    let mut audit = Audit::default();
    // Before the record is read, which is never behind the log.
    let shown = log.and_then(|log| leaves::shown(log, &mut audit));
    if let Err(error) = every_part(store, (head, shown.as_ref()), &mut audit).await {
        audit.find(error.code(), "the store", &chain(&error));
    }
    audit
}

async fn every_part(
    store: &dyn Store,
    (head, log): (Option<Digest>, Option<&Shown>),
    audit: &mut Audit,
) -> Result<(), StoreError> {
    for wrong in store.integrity().await? {
        audit.find("database-damaged", "the database", &wrong);
    }
    let incidents = store.incidents().await?;
    if incidents > 0 {
        let what = format!("{incidents} results contradict another of the same run");
        audit.find("results-contradict", "results", &what);
    }
    let rules = store.rules().await?;
    let rules = rules.as_deref().map(serde_json::from_slice::<Rules>);
    let started = match rules {
        None => Err("there is no market in it".to_owned()),
        Some(Err(error)) => Err(error.to_string()),
        Some(Ok(rules)) => Follower::new(store, &rules, head),
    };
    match started {
        Err(why) => audit.find("rules-unusable", "the rules", &why),
        Ok(follower) => whole(follower, log, audit).await?,
    }
    Ok(())
}

/// Follows to the end, and looks at what is there; again, if there is more by then.
async fn whole(
    mut follower: Follower<'_>,
    log: Option<&Shown>,
    audit: &mut Audit,
) -> Result<(), StoreError> {
    for round in 0..ROUNDS {
        let before = follower.market.sequence();
        let goes_on = follower.follow(audit).await?;
        audit.root = Some(follower.market.root());
        audit.head = Some(follower.market.head());
        if !goes_on {
            leaves::compare(&follower.papers, log, audit);
            return Ok(());
        }
        let mut ended = audit.clone();
        let position = end::look(&follower, &mut ended).await?;
        let sequence = follower.market.sequence();
        // There should be more, and there was no more the last time either.
        let cut_off = round > 0 && sequence == before;
        if position.sequence <= sequence || cut_off {
            *audit = ended;
            leaves::compare(&follower.papers, log, audit);
            leaves::surplus(&follower.papers, log, audit);
            if cut_off {
                let place = format!("command {}", sequence + 1);
                audit.find("record-lacks", &place, "it is not there");
            }
            return Ok(());
        }
    }
    let what = "it grows faster than it can be audited: audit a copy, or stop the market";
    audit.find("record-grows", "the record", what);
    Ok(())
}

impl Audit {
    fn find(&mut self, code: &'static str, place: &str, what: &str) {
        self.findings.push(Finding {
            code,
            place: place.to_owned(),
            what: what.to_owned(),
        });
    }
}

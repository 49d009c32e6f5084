//! One contract over one milestone: its states, and what each command makes of them.
//!
//! | file | what |
//! |---|---|
//! | `state` | the states, one struct each |
//! | `table` | which command, by whom, in which state, leads where; the same table is in `docs/market.md` |
//! | `run` | what engines say of one submission |
//! | `work` | submit, cancel, resign |
//! | `judge` | verdicts, and what they lead to |
//! | `settle` | accept, review, silence, finality |
//! | `warranty` | evidence, cure, clawback |
//! | `dispute` | running again |
//! | `arbitration` | offers and rulings |

pub(crate) mod arbitration;
pub(crate) mod dispute;
pub(crate) mod judge;
mod run;
pub(crate) mod settle;
mod state;
pub mod table;
pub(crate) mod warranty;
pub(crate) mod work;

use std::collections::BTreeSet;
use std::sync::Arc;

use proofmark_core::{Digest, Timestamp};
use proofmark_ledger::{Amount, Asset};
use serde::Serialize;

use crate::account::Account;
use crate::command::{Ground, Side};
use crate::ids::{ContractId, PartyId};
use crate::reputation::exposure;
use crate::terms::Terms;

pub(crate) use run::{Order, Quorum};
pub use run::{Run, Vote, Votes};
pub use state::{
    Active, Arbitrating, Confirmed, Curing, Disputed, Ended, Ending, Failed, Passed, Provisional,
    Purpose, Rechecking, State, Verifying, Was,
};

/// A contract over one milestone.
#[derive(Debug, Clone, Serialize)]
pub struct Contract {
    /// Its name.
    pub id: ContractId,
    /// What holds for it.
    #[serde(skip)]
    pub terms: Arc<Terms>,
    /// Their identity.
    pub terms_digest: Digest,
    /// Who pays.
    pub buyer: PartyId,
    /// Who works.
    pub supplier: PartyId,
    /// What is locked.
    pub stakes: Stakes,
    /// When it began.
    pub started_at: Timestamp,
    /// Submissions of the supplier, but for a cure.
    pub attempts: u32,
    /// Pieces of evidence that were stated.
    pub evidence: u32,
    /// Runs of validators that were ordered.
    pub runs: u32,
    /// Attempts that passed, but for verdicts that were overturned.
    pub verdicts_passed: u32,
    /// Submissions that failed and did not pass later.
    pub failed: BTreeSet<Digest>,
    /// Whether the buyer accepted by silence.
    pub silent: bool,
    /// Who lost each arbitration.
    pub lost: Vec<(Ground, Side)>,
    /// What an arbiter was asked about; each only once.
    pub raised: BTreeSet<Ground>,
    /// When the submission that passed came in.
    pub delivered_at: Option<Timestamp>,
    /// Where it stands.
    pub state: State,
}

/// What is locked in a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Stakes {
    /// What the work costs, holdback included.
    pub price: Amount,
    /// The part of the price that is paid at finality.
    pub holdback: Amount,
    /// The market fee on top of the price.
    pub fee: Amount,
    /// What the supplier put up.
    pub bond: Amount,
    /// What engines may be paid.
    pub verification: Amount,
}

impl Stakes {
    /// What the buyer could lose beyond holdback and bond.
    #[must_use]
    pub fn exposure(&self) -> Amount {
        exposure(self.price, self.holdback, self.bond)
    }
}

impl Contract {
    /// In which asset everything is counted.
    #[must_use]
    pub fn asset(&self) -> Asset {
        self.terms.asset
    }

    /// Which of the two a party is.
    #[must_use]
    pub fn side(&self, party: PartyId) -> Option<Side> {
        match party {
            _ if party == self.buyer => Some(Side::Buyer),
            _ if party == self.supplier => Some(Side::Supplier),
            _ => None,
        }
    }

    /// Who a side is.
    #[must_use]
    pub const fn party(&self, side: Side) -> PartyId {
        match side {
            Side::Buyer => self.buyer,
            Side::Supplier => self.supplier,
        }
    }

    /// The deliverable of its milestone.
    #[must_use]
    pub fn deliverable(&self) -> &str {
        let index = usize::from(self.id.milestone.get()) - 1;
        let milestone = self.terms.milestones.get(index);
        milestone.map_or("", |milestone| &milestone.deliverable)
    }

    /// The run whose outcome is wanted or can still be challenged.
    #[must_use]
    pub const fn run(&self) -> Option<&Run> {
        match &self.state {
            State::Verifying(it) => Some(&it.run),
            State::Passed(it) => Some(&it.run),
            State::Failed(it) => Some(&it.run),
            State::Rechecking(it) => Some(&it.run),
            State::Curing(it) => Some(&it.run),
            State::Disputed(it) => Some(&it.run),
            State::Active(_) | State::Provisional(_) | State::Arbitrating(_) | State::Ended(_) => {
                None
            }
        }
    }

    /// The same contract in another state; the old state is not copied.
    pub(crate) fn with(&self, state: State) -> Self {
        Self {
            id: self.id,
            terms: Arc::clone(&self.terms),
            terms_digest: self.terms_digest,
            buyer: self.buyer,
            supplier: self.supplier,
            stakes: self.stakes,
            started_at: self.started_at,
            attempts: self.attempts,
            evidence: self.evidence,
            runs: self.runs,
            verdicts_passed: self.verdicts_passed,
            failed: self.failed.clone(),
            silent: self.silent,
            lost: self.lost.clone(),
            raised: self.raised.clone(),
            delivered_at: self.delivered_at,
            state,
        }
    }

    pub(crate) fn account(&self, of: impl Fn(ContractId, Asset) -> Account) -> Account {
        of(self.id, self.asset())
    }

    pub(crate) fn available(&self, side: Side) -> Account {
        Account::Available(self.party(side), self.asset())
    }
}

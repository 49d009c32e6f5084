//! From the wish to buy to the bid that wins.
//!
//! `Open → Revealing (sealed bids only) → Awarded | Failed | Cancelled`. The award is a function of public data and
//! is made by whoever ticks first after the last window, so there is no state in which it waits.

mod bid;
mod close;
mod publish;

use std::collections::BTreeMap;
use std::sync::Arc;

use proofmark_core::{Digest, Timestamp};
use proofmark_ledger::Amount;
use serde::Serialize;

use crate::award::Award;
use crate::change::Change;
use crate::command::{Action, Attachment, Bid};
use crate::ids::{PartyId, RfqId};
use crate::rejection::{Code, Rejection};
use crate::reputation::Standing;
use crate::terms::Terms;

pub use bid::offer;
pub use close::competes;
pub(crate) use close::{begin_next, over, release_ahead};

/// A request for quotation.
#[derive(Debug, Clone, Serialize)]
pub struct Rfq {
    /// Its name.
    pub id: RfqId,
    /// Who wants to buy.
    pub buyer: PartyId,
    /// What holds.
    #[serde(skip)]
    pub terms: Arc<Terms>,
    /// Their identity.
    pub terms_digest: Digest,
    /// When bidding began.
    pub published_at: Timestamp,
    /// Where it stands.
    pub state: RfqState,
    /// One for each supplier.
    pub bids: BTreeMap<PartyId, BidEntry>,
    /// What was decided, and on what basis, once bidding is over.
    pub award: Option<Award>,
}

/// Where an RFQ stands.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RfqState {
    /// Bids are taken.
    Open {
        /// The last moment to bid.
        bids_until: Timestamp,
    },
    /// Sealed bids are revealed.
    Revealing {
        /// The last moment to reveal.
        reveal_until: Timestamp,
    },
    /// A bid won.
    Awarded(Engagement),
    /// No bid could win.
    Failed {
        /// When.
        at: Timestamp,
    },
    /// The buyer no longer wants to buy.
    Cancelled {
        /// When.
        at: Timestamp,
    },
}

/// What follows from an award.
#[derive(Debug, Clone, Serialize)]
pub struct Engagement {
    /// Who won.
    pub supplier: PartyId,
    /// Price of each milestone.
    pub prices: Vec<Amount>,
    /// Bond for each milestone.
    pub bonds: Vec<Amount>,
    /// Milestones that have begun.
    pub begun: u8,
    /// Whether the milestones that have not begun will.
    pub goes_on: bool,
}

/// A bid, sealed or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct BidEntry {
    /// Of the sealed bid; of an open one, of the payload that placed it.
    pub commitment: Digest,
    /// The offer, once it is known.
    pub bid: Option<Bid>,
    /// Its place in the order of commands; the earlier wins a tie.
    pub sequence: u64,
    /// Whether the whole bond is put up and not only the bid bond, so that it stays.
    pub bonded: bool,
    /// The standing of its supplier when it came, by which it is judged whatever becomes of the record.
    pub standing: Standing,
}

pub(crate) fn act(
    change: &mut Change<'_>,
    action: Action,
    attachment: Attachment,
) -> Result<(), Rejection> {
    match (action, attachment) {
        (Action::PublishRfq { terms: digest }, Attachment::Terms(terms)) => {
            publish::publish(change, *terms, digest)
        }
        (Action::PlaceBid { rfq, bid, bonded }, _) => bid::place(change, &rfq, bid, bonded),
        (Action::CommitBid { rfq, commitment }, _) => bid::commit(change, &rfq, commitment),
        (Action::RevealBid { rfq, bid, salt }, _) => bid::reveal(change, &rfq, bid, &salt),
        (Action::WithdrawBid { rfq }, _) => bid::withdraw(change, &rfq),
        (Action::CancelRfq { rfq }, _) => publish::cancel(change, &rfq),
        (Action::TickRfq { rfq }, _) => close::tick(change, &rfq),
        _ => Err(Code::AttachmentMismatch.because("it is missing")),
    }
}

impl RfqState {
    /// Its name in documents.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Open { .. } => "Open",
            Self::Revealing { .. } => "Revealing",
            Self::Awarded(_) => "Awarded",
            Self::Failed { .. } => "Failed",
            Self::Cancelled { .. } => "Cancelled",
        }
    }

    /// The names of all states.
    pub const NAMES: [&'static str; 5] = ["Open", "Revealing", "Awarded", "Failed", "Cancelled"];

    /// The last moment before something happens by itself.
    #[must_use]
    pub const fn deadline(&self) -> Option<Timestamp> {
        match self {
            Self::Open { bids_until } => Some(*bids_until),
            Self::Revealing { reveal_until } => Some(*reveal_until),
            Self::Awarded(_) | Self::Failed { .. } | Self::Cancelled { .. } => None,
        }
    }
}

impl Rfq {
    pub(crate) fn forbids(&self, what: &str) -> Rejection {
        Code::StateForbids.because(format!("{what} in {}", self.state.as_str()))
    }

    /// The last moment to bid, while there is one.
    pub(crate) fn bids_until(&self, at: Timestamp) -> Result<Timestamp, Rejection> {
        match self.state {
            RfqState::Open { bids_until } if at <= bids_until => Ok(bids_until),
            RfqState::Open { bids_until } => {
                Err(Code::DeadlinePassed.because(format!("bids were taken until {bids_until}")))
            }
            _ => Err(self.forbids("a bid")),
        }
    }
}

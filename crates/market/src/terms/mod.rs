//! The terms of an RFQ: one document, signed by the buyer, which every later decision follows.
//!
//! What is signed is the format, so these types are it (`docs/market.md` explains each member). `check` refuses
//! terms that contradict themselves or the rules of the market.

mod check;
mod schedule;

use proofmark_core::{Digest, Ppm, canonical, uri};
use proofmark_ledger::{Amount, Asset};
use serde::{Deserialize, Serialize};

use crate::award::{AwardRule, Qualification};
use crate::ids::PartyId;

pub use check::{
    MAX_ATTEMPTS, MAX_EVIDENCE, MAX_MILESTONES, MAX_NAMED_KEYS, MAX_WINDOW_SECONDS, TermsError,
};
pub(crate) use check::{agree, is_name};
pub use schedule::{MAX_STEPS, Schedule, Step};

/// Longest terms in bytes: 8 milestones, 64 keys and 16 steps take under 10 KiB.
pub const MAX_TERMS_BYTES: usize = 32 * 1024;

/// What buyer and supplier agree on before any money is locked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// [`proofmark_core::uri::TERMS_V1`].
    pub schema: String,
    /// What is bought, for instance `support_ticket_resolved`; reputation counts within one class.
    pub outcome_class: String,
    /// The published grade of it that this RFQ follows, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instrument: Option<String>,
    /// In which every amount is counted.
    pub asset: Asset,
    /// What is to be delivered, one after the other.
    pub milestones: Vec<Milestone>,
    /// Who judges.
    pub engines: Engines,
    /// How the bid is chosen.
    pub award: Award,
    /// How often the supplier may submit each milestone, from 1.
    pub attempts: u32,
    /// How long everything may take.
    pub windows: Windows,
    /// Share of the price that is paid at finality only.
    pub holdback: Ppm,
    /// Who bonds how much.
    pub bonds: Bonds,
    /// What the market costs.
    pub fees: Fees,
    /// What of a bond is lost, and what leaving costs.
    pub penalties: Penalties,
    /// What the buyer says it loses; priced into the award.
    pub losses: Losses,
    /// People who may withhold a part of the holdback, on declared grounds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub human_review: Option<HumanReview>,
    /// What may undo the outcome after it was paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warranty: Option<Warranty>,
    /// Who rules where running the validators again decides nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arbitration: Option<Arbitration>,
    /// So that two RFQs that ask for the same have different terms; any text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// One thing to be delivered, and by what it is judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Milestone {
    /// Its name, as the binding of its attestations states it.
    pub deliverable: String,
    /// Digest of the criteria document.
    pub criteria: Digest,
    /// Its share of the whole price. The shares sum to 1,000,000.
    pub share: Ppm,
}

/// Who judges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Engines {
    /// Keys that may sign, ascending. The market's own engine counts only when these are silent or challenged.
    pub keys: Vec<PartyId>,
    /// Engines of so many distinct operators must have signed the same outcome.
    pub threshold: u32,
    /// The engine profile that they run, or a newer one of the market's trust policy.
    pub profile: Digest,
}

/// How the bid is chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Award {
    /// Who wins, and what the winner is paid.
    pub rule: AwardRule,
    /// Whether bids are seen while others may still bid.
    pub bids: BidMode,
    /// The highest price, for all milestones.
    pub price_ceiling: Amount,
    /// The highest total price: price, fees and the cost of risk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_ceiling: Option<Amount>,
    /// Who may bid.
    #[serde(default, skip_serializing_if = "asks_nothing")]
    pub qualification: Qualification,
}

fn asks_nothing(qualification: &Qualification) -> bool {
    *qualification == Qualification::default()
}

/// Whether bids are seen while others may still bid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BidMode {
    /// A bid is public at once.
    Open,
    /// A bid is a commitment first, and revealed after bidding has closed.
    Sealed,
}

/// How long everything may take, in seconds. Each window starts when its state is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Windows {
    /// Bids are taken.
    pub bidding_seconds: u64,
    /// Sealed bids are revealed; absent where bids are open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reveal_seconds: Option<u64>,
    /// A bid must stay firm so long after the last of the two.
    pub award_seconds: u64,
    /// From the start of a milestone to its first submission.
    pub delivery_seconds: u64,
    /// From a failed attempt to the next submission, where more of the delivery window is not left anyway.
    pub retry_seconds: u64,
    /// Engines judge a submission; then the market's own has as long again.
    pub verification_seconds: u64,
    /// A verdict may be challenged; silence accepts it.
    pub challenge_seconds: u64,
    /// Engines run a challenged submission again.
    pub rerun_seconds: u64,
}

/// Who bonds how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bonds {
    /// With every bid.
    pub bid: Amount,
    /// What a bid must at least offer as performance bond.
    pub performance: Amount,
    /// With every challenge of a verdict.
    pub challenge: Amount,
}

/// What the market costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fees {
    /// Share of the price, paid by the buyer at finality, rounded up.
    pub market: Ppm,
    /// For every verdict, the same for pass and fail, shared by the engines whose signatures count.
    pub verification: Amount,
}

/// What of a bond is lost, and what leaving costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Penalties {
    /// To all bidders together, if the buyer cancels after bids came in.
    pub cancelled_rfq: Amount,
    /// Share of the price that the supplier gets if the buyer cancels the contract.
    pub cancelled: Ppm,
    /// Share of the bond lost by work that failed to the end.
    pub rejected: Ppm,
    /// Share of the bond lost by a supplier who says that it will not deliver.
    pub resigned: Ppm,
    /// Share of the bond lost by a supplier who does not deliver.
    pub defaulted: Ppm,
    /// Share of what is lost that the buyer gets; the pool takes the rest. Never more than half, so that a buyer
    /// does not gain by making suppliers fail.
    pub to_buyer: Ppm,
}

/// What the buyer says it loses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Losses {
    /// By an attempt that fails.
    pub fail: Amount,
    /// By a defect found later, beyond what is refunded.
    pub defect: Amount,
}

/// People who may withhold a part of the holdback, on declared grounds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HumanReview {
    /// Keys that may review, ascending.
    pub reviewers: Vec<PartyId>,
    /// What they may object to.
    pub grounds: Vec<String>,
    /// Share of the price that they may withhold at most; not more than the holdback.
    pub cap: Ppm,
}

/// What may undo the outcome after it was paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Warranty {
    /// From payment to finality.
    pub warranty_seconds: u64,
    /// From payment, how long evidence is taken; not longer than the warranty.
    pub evidence_seconds: u64,
    /// How often evidence is taken, from 1; each time it is judged, may be mended, and both may be run again.
    pub evidence_max: u32,
    /// The supplier may mend what was found.
    pub cure_seconds: u64,
    /// Keys that may state facts, ascending.
    pub oracles: Vec<PartyId>,
    /// Criteria of the second validator, which judges the facts: a fail undoes the outcome.
    pub criteria: Digest,
    /// Which share of the price is paid back, by the time from payment to the evidence.
    pub clawback: Schedule,
}

/// Who rules where running the validators again decides nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arbitration {
    /// The arbiter's key.
    pub arbiter: PartyId,
    /// What each side puts up; the arbiter gets the loser's.
    pub fee: Amount,
    /// The other side puts up its fee; who does not, loses.
    pub respond_seconds: u64,
    /// Then both make offers.
    pub offer_seconds: u64,
    /// Then the offers are final, and the arbiter rules.
    pub ruling_seconds: u64,
}

impl Terms {
    /// The canonical bytes.
    ///
    /// # Panics
    /// Never: text, lists and integers up to 2^53 − 1 have a canonical form. Windows beyond it are refused when
    /// terms are read; such terms made in memory have no bytes either.
    #[must_use]
    pub fn canonical_bytes(&self) -> Vec<u8> {
        canonical::to_bytes(self).expect("windows and amounts are safe integers")
    }

    /// The identity of the terms.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(&self.canonical_bytes())
    }

    /// When a bid must still be firm, in seconds after the RFQ was published.
    #[must_use]
    pub fn firm_seconds(&self) -> u64 {
        let windows = &self.windows;
        windows
            .bidding_seconds
            .saturating_add(windows.reveal_seconds.unwrap_or(0))
            .saturating_add(windows.award_seconds)
    }

    /// From payment to finality.
    #[must_use]
    pub fn warranty_seconds(&self) -> u64 {
        let warranty = self.warranty.as_ref();
        warranty.map_or(0, |warranty| warranty.warranty_seconds)
    }

    /// What engines may be paid for over one milestone: every attempt, evidence and its cure, and a re-run of each. And
    /// what the buyer may have to put up to answer before an arbiter.
    #[must_use]
    pub fn verification_budget(&self) -> Option<Amount> {
        let evidence = self.warranty.as_ref().map_or(0, |it| it.evidence_max);
        let judged = self.attempts.checked_add(evidence.checked_mul(2)?)?;
        let runs = self.fees.verification.checked_mul(judged.checked_mul(2)?)?;
        let fee = self.arbitration.map_or(Amount::ZERO, |it| it.fee);
        let answers = check::BUYER_ANSWERS.checked_add(evidence.saturating_sub(1))?;
        runs.checked_add(fee.checked_mul(answers)?)
    }

    /// Keys that judge, review, state facts or rule: none of them may bid.
    pub fn offices(&self) -> impl Iterator<Item = &PartyId> {
        let reviewers = self.human_review.iter().flat_map(|it| &it.reviewers);
        let oracles = self.warranty.iter().flat_map(|it| &it.oracles);
        let arbiter = self.arbitration.iter().map(|it| &it.arbiter);
        self.engines
            .keys
            .iter()
            .chain(reviewers)
            .chain(oracles)
            .chain(arbiter)
    }

    /// The schema that terms state.
    pub const SCHEMA: &'static str = uri::TERMS_V1;
}

//! The award: which bid wins, and what it is paid. A pure function of public data, so anybody can recompute it.
//!
//! Bids compete on the total price T = cost of work + cost of risk ([`total_price`]). Under the default rule the
//! winner is paid by what the next best bid would have cost the buyer, so its own price decides only whether it wins,
//! and to bid one's true cost is best whatever the others do (Che, Design Competition Through Multidimensional
//! Auctions, 1993).
//!
//! In scope: qualification, total price, choice, payment, the digest of all of it. Out of scope: taking bids
//! (`crate::rfq`), standings (`crate::reputation`), moving money (`crate::contract`).

mod basis;
mod choice;
mod price;
mod qualification;
#[cfg(test)]
mod tests;

use proofmark_core::{Digest, Ppm};
use proofmark_keys::KeyId;
use proofmark_ledger::Amount;
use serde::{Deserialize, Serialize};

use crate::reputation::{Standing, saturated};

pub use basis::{Assessed, Award, AwardBasis, WrongAward, award, recompute};
pub use choice::{Assessment, Choice, Ineligible, Win, assess, choose, worst};
pub use price::{largest_price, total_price};
pub use qualification::{NEWCOMER_BELOW_MILLI, Qualification, Requirement};

/// Who wins, and what the winner is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AwardRule {
    /// The lowest price wins and is paid.
    FirstPrice,
    /// The lowest total price wins and is paid its own price.
    FirstScore,
    /// The lowest total price wins and is paid as much as leaves its total price not above the next one.
    #[default]
    SecondScore,
}

/// What an award follows, from the terms of the RFQ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AwardTerms {
    /// The highest price (M).
    pub ceiling: Amount,
    /// The market fee, a share of the price (f), rounded up.
    pub fee: Ppm,
    /// Share of the price that is paid at finality only (h), rounded up.
    pub holdback: Ppm,
    /// What the buyer says it loses by a late defect, beyond what is refunded.
    pub loss_defect: Amount,
    /// What the buyer says it loses by an attempt that fails.
    pub loss_fail: Amount,
    /// Who may win.
    #[serde(default)]
    pub qualification: Qualification,
    /// Who wins, and what the winner is paid.
    pub rule: AwardRule,
    /// Share of the bond that the buyer gets if the work fails (σ), rounded down.
    pub slash: Ppm,
    /// The highest total price, if the buyer set one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_ceiling: Option<Amount>,
    /// What one verification costs the buyer (v).
    pub verification: Amount,
}

/// One bid, and what is known of it and its supplier when bidding has closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Candidate {
    /// Digest of the signed bid.
    pub bid: Digest,
    /// The performance bond that is offered (B).
    pub bond: Amount,
    /// Whether the bid is not firm any more.
    pub expired: bool,
    /// What they may expose together.
    pub exposure_limit: Amount,
    /// What the supplier's open contracts expose already.
    pub exposure_open: Amount,
    /// Whether the supplier can put up the rest of the bond now.
    pub funds_bond: bool,
    /// What is asked for the work (p).
    pub price: Amount,
    /// Place of the bid, or of its commitment, in the log.
    #[serde(serialize_with = "saturated")]
    pub sequence: u64,
    /// The supplier's standing in the outcome class when bidding closed.
    pub standing: Standing,
    /// Who bids.
    pub supplier: KeyId,
}
